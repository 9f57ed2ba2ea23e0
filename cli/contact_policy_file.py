"""
Read a contact policy's YAML file into the struct that is published, or say exactly what is wrong.

Fields are those of `schemas.contact_policy.ContactPolicy`, except that durations are text without
the unit in the name: `window: 7d` becomes `window_ms`.
"""

from pathlib import Path

from cli.marked_struct import MarkedFileError, convert, in_numbers, read_fields, telling
from cli.marked_yaml import MarkedYamlError
from schemas.contact_policy import ContactPolicy
from schemas.state import CONTACTS_MAX


class ContactPolicyFileError(MarkedFileError):
    """A file cannot be used; the text is `file:line: path: wanted ..., found ...`."""


def read_contact_policy(file: Path) -> ContactPolicy:
    """
    Return the contact policy in a file.

    Raises:
        ContactPolicyFileError: the first mistake in the file.

    """
    with telling(file, "contact policy", ContactPolicyFileError):
        return _read(file)


def _read(file: Path) -> ContactPolicy:
    """Return the contact policy, or raise a mistake with its line."""
    written, lines = read_fields(file, "a contact policy")
    policy = convert(in_numbers(written, (), lines), lines, ContactPolicy)
    for index, cap in enumerate(policy.caps):
        if cap.count > CONTACTS_MAX:
            here = ("caps", index, "count")
            wanted = f"wanted {CONTACTS_MAX} at most, the contacts that are remembered"
            raise MarkedYamlError(lines[here], here, f"{wanted}, found {cap.count}")
    for index, exclusion in enumerate(policy.exclusions):
        if exclusion.campaign == exclusion.other:
            here = ("exclusions", index, "other")
            wanted = "wanted another campaign (a campaign's own is its cool_down)"
            raise MarkedYamlError(lines[here], here, f"{wanted}, found {exclusion.other}")
    return policy
