"""Refuse the name of a campaign that nobody knows."""

from collections.abc import Collection

import click


def unknown_campaign(which: str, known: Collection[str], found: str) -> click.ClickException:
    """
    Return that a campaign is not one of those that are known, by their names.

    >>> unknown_campaign("campaigns of acme", {"win_back", "nudge"}, "nugde").message
    'wanted one of the campaigns of acme, nudge, win_back; found nugde'
    """
    listed = ", ".join(sorted(known)) or "none"
    return click.ClickException(f"wanted one of the {which}, {listed}; found {found}")
