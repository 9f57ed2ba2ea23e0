"""`cardcue tenant calendar | contact-policy`: what holds for every campaign, by two people."""

from pathlib import Path

import pytest

from cli.contact_policy_file import ContactPolicyFileError, read_contact_policy
from schemas.contact_policy import ContactCap, Exclusion
from tests.cli.control_plane import BANK, control_plane, keyed
from tests.kafka_server import ROOT


CALENDAR = str(ROOT / "deploy" / "calendars" / "cn-2026.yaml")
CAUTIOUS = ROOT / "deploy" / "contact-policies" / "cautious.yaml"
DAY = 86_400_000


@pytest.mark.parametrize(
    ("command", "file", "what"),
    [
        ("calendar", CALENDAR, "cn_mainland version 1"),
        ("contact-policy", str(CAUTIOUS), "cautious version 1"),
    ],
)
def test_rules_take_two_people_once_keys_are_pinned(
    tmp_path: Path, command: str, file: str, what: str
) -> None:
    """P3: neither unsigned, nor by one person; signed by both; the same again is a repeat."""
    with keyed(tmp_path) as bank:
        words = (command, file, "--tenant", BANK)
        unsigned = bank.refused(*words)
        alone = bank.refused(*words, "--author-key", bank.key("li"))
        published = bank.told(*words, *bank.signers())
        again = bank.told(*words, *bank.signers())

    assert "NOT_SIGNED" in unsigned
    assert "NOT_SIGNED" in alone
    assert f"published bank-a {what}\n" == published == again


def test_development_takes_unsigned_rules(tmp_path: Path) -> None:
    """Before keys are pinned, and in that profile only."""
    with control_plane(tmp_path, "development") as bank:
        published = bank.told("calendar", CALENDAR, "--tenant", BANK)
    with control_plane(tmp_path, "production") as bank:
        refused = bank.refused("calendar", CALENDAR, "--tenant", BANK)

    assert "published bank-a cn_mainland version 1\n" == published
    assert "NOT_SIGNED" in refused


def test_check_publishes_nothing(tmp_path: Path) -> None:
    """The file is read, and that is all: it can be published afterwards."""
    with control_plane(tmp_path, "development") as bank:
        checked = bank.told("contact-policy", str(CAUTIOUS), "--tenant", BANK, "--check")
        published = bank.told("contact-policy", str(CAUTIOUS), "--tenant", BANK)

    assert "cautious version 1: good\n" == checked
    assert published.startswith("published")


def test_contact_policy_file_says_what_the_struct_has() -> None:
    """Durations as text; what is not said has its default."""
    policy = read_contact_policy(CAUTIOUS)

    assert ContactCap(scope="channel", count=1, window_ms=DAY) in policy.caps
    senior = ContactCap(scope="class", count=1, window_ms=7 * DAY, segment="senior")
    assert senior in policy.caps
    assert policy.exclusions[1] == Exclusion(
        campaign="win_back", other="first_spend_offer", within_ms=14 * DAY, mutual=True
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a list\n", "1: contact policy: wanted the fields of a contact policy"),
        ("id: a\nversion: 1\ncaps: [{scope: bank, count: 1, window: 1d}]\n", "3: caps[0].scope"),
        ("id: a\nversion: 1\ncaps: [{scope: all, count: 33, window: 1d}]\n", "3: caps[0].count"),
        ("id: a\nversion: 1\ncaps: [{scope: all, count: 1, window: soon}]\n", "3: caps[0].window"),
        (
            "id: a\nversion: 1\nexclusions: [{campaign: x, other: x, within: 1d}]\n",
            "3: exclusions[0].other: wanted another campaign (a campaign's own is its cool_down)",
        ),
        ("id: a\nversion: 1\ncolour: red\n", "3: colour: wanted one of id, version, caps"),
    ],
)
def test_contact_policy_file_that_cannot_work_is_refused_at_its_line(
    tmp_path: Path, text: str, said: str
) -> None:
    """File, line, place, what was wanted and what was found."""
    file = tmp_path / "bank.yaml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ContactPolicyFileError) as caught:
        read_contact_policy(file)
    assert str(caught.value).removeprefix(f"{file}:").startswith(said)
