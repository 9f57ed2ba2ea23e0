"""Declare what a rule, a score or a record may read of a customer."""
