"""
Read a campaign's YAML file into the struct that is published, or say exactly what is wrong.

Fields are those of `schemas.campaign.Campaign`, except that durations, times of day and moments
are text without the unit in the name: `delay: 72h` becomes `delay_ms` (`cli.policy_words`).
Nothing is half read: a file gives a whole campaign or one error with its line.
"""

from pathlib import Path

from cli.marked_struct import MarkedFileError, convert, in_numbers, read_fields, telling
from cli.marked_yaml import MarkedYamlError
from cli.policy_content import Known, check_content
from cli.policy_rules import with_rules
from cli.policy_sense import check_sense
from schemas.campaign import Campaign
from schemas.content import content_hash


class PolicyFileError(MarkedFileError):
    """A campaign file cannot be used; the text is `file:line: path: wanted ..., found ...`."""


def policy_hash(campaign: Campaign) -> str:
    """Return a campaign's content hash, which two people sign (SEMANTICS P3)."""
    return content_hash(campaign)


def read_policy(file: Path, *, tenant: str = "", known: Known | None = None) -> Campaign:
    """
    Return the campaign in a file, for the tenant that the file names or, where it names none, this.

    What is `known` of templates and offers, if anything is, its treatments must be among.

    Raises:
        PolicyFileError: the first mistake in the file.

    """
    with telling(file, "campaign", PolicyFileError):
        return _read(file, tenant, known)


def _read(file: Path, tenant: str, known: Known | None) -> Campaign:
    """Return the campaign, or raise a mistake with its line."""
    written, lines = read_fields(file, "a campaign")
    named = written.setdefault("tenant", tenant)
    if tenant and named != tenant:
        line = lines["tenant",]
        raise MarkedYamlError(line, ("tenant",), f"wanted {tenant} as asked, found {named}")
    if not named:
        raise MarkedYamlError(1, ("tenant",), "wanted a tenant, here or as --tenant, found none")
    campaign = convert(with_rules(in_numbers(written, (), lines), lines), lines, Campaign)
    check_sense(campaign, lines)
    if known is not None:
        check_content(campaign, known, lines)
    return campaign
