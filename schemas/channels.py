"""Name the ways to reach a customer; each has a topic of triggers and a gateway of its own."""

from typing import Literal


Channel = Literal["sms", "push", "email", "voice", "wechat", "in_app"]
"""How a customer can be reached."""
