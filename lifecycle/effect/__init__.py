"""
Say what a campaign caused, in numbers that may be looked at whenever one likes.

Pure mathematics over outcomes that are handed in; docs/effect.md says how to read it.
"""
