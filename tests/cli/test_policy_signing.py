"""`cardcue policy key | configure | sign | approve | publish`: two people, or nothing (P3)."""

import json
import stat
from pathlib import Path

import pytest

from cli.policy_file import read_policy
from cli.policy_keys import KeyFileError, create_key, read_key
from cli.policy_signatures import SignatureFileError, beside, signed_event
from tests.cli.control_plane import BANK, control_plane, keyed


def test_policy_that_two_people_signed_is_published(tmp_path: Path) -> None:
    """P3: pinned, signed, approved, published, and active by their names."""
    with keyed(tmp_path) as bank:
        file = bank.campaign()
        bank.sign(file)
        published = bank.told("publish", file, "--tenant", BANK)
        active = bank.told("ls", "--tenant", BANK)

    assert published.startswith("published bank-a activation_nudge version 1 ")
    assert "author li, approver chen" in active.splitlines()[0]
    assert "bank-a: contacts run; keys pinned by configuration 1: li " in active


def test_unsigned_policy_is_not_published_in_production(tmp_path: Path) -> None:
    """P3: neither with no signature nor with one."""
    with keyed(tmp_path) as bank:
        file = bank.campaign()
        unsigned = bank.refused("publish", file, "--tenant", BANK)
        bank.told("sign", file, "--key", bank.key("li"), "--role", "author", "--tenant", BANK)
        alone = bank.refused("publish", file, "--tenant", BANK)
        active = bank.told("ls", "--tenant", BANK)

    assert "wanted signed policies in profile production, found unsigned ones" in unsigned
    assert "activation_nudge version 1: wanted an author's and an approver's signature" in alone
    assert "NOT_SIGNED" in alone
    assert not active.startswith("activation_nudge")


def test_changed_file_has_lost_its_signatures(tmp_path: Path) -> None:
    """What was signed is the content, so a change after the approval is not approved."""
    with keyed(tmp_path) as bank:
        file = bank.campaign()
        bank.sign(file)
        bank.campaign("delay: 72h", "delay: 1h")
        refused = bank.refused("publish", file, "--tenant", BANK)

    assert "found unsigned ones" in refused


def test_author_does_not_approve_alone(tmp_path: Path) -> None:
    """P3: nor by another key of the same person, nor before an author has signed."""
    with control_plane(tmp_path) as bank:
        second = ("key", "new", str(tmp_path / "li2.pem"), "--person", "li")
        (tmp_path / "li2.yaml").write_text(bank.told(*second), encoding="utf-8")
        bank.told(*bank.pin("li", "chen", "li2"))
        file = bank.campaign()
        words = ("approve", file, "--yes", "--tenant", BANK, "--key")
        early = bank.refused(*words, bank.key("chen"))
        bank.told("sign", file, "--key", bank.key("li"), "--role", "author", "--tenant", BANK)
        same = bank.refused(*words, bank.key("li"))
        other_key = bank.refused(*words, str(tmp_path / "li2.pem"))
        stranger = bank.refused(*words, bank.key("wang"))

    assert "wanted the author's signature of this content first" in early
    assert "wanted another person than the author, found the same" in same
    assert "wanted another person than the author, found the same" in other_key
    assert "wanted a key that is pinned" in stranger


def test_approver_sees_the_change_and_may_say_no(tmp_path: Path) -> None:
    """The diff against what is active is shown before the question; no is the default."""
    with keyed(tmp_path) as bank:
        file = bank.campaign()
        bank.sign(file)
        bank.told("publish", file, "--tenant", BANK)
        bank.campaign("version: 1\ntitle", "version: 2\ntitle")
        bank.campaign("delay: 72h", "delay: 48h")
        bank.told("sign", file, "--key", bank.key("li"), "--role", "author", "--tenant", BANK)
        words = ("approve", file, "--key", bank.key("chen"), "--tenant", BANK)
        said_no = bank.run(*words, answer="\n")
        said_yes = bank.told(*words, answer="y\n")
        bank.told("publish", file, "--tenant", BANK)
        active = bank.told("ls", "--tenant", BANK)

    shown = (
        "activation_nudge version 2, active is version 1\n"
        "  version: 1 -> 2\n"
        "  steps[0].delay: 3d -> 2d\n"
        "Approve activation_nudge version 2? [y/N]:"
    )
    assert said_no.stdout.startswith(shown)
    assert (1, "Error: not approved, nothing was signed\n") == (said_no.exit_code, said_no.stderr)
    assert said_yes.startswith(shown)
    assert active.startswith("activation_nudge version 2 ")


def test_whom_a_policy_concerns_is_signed_by_both(tmp_path: Path) -> None:
    """P2: the approver sees and signs the reach that the author has signed, and it is published."""
    with keyed(tmp_path) as bank:
        file = bank.campaign()
        author = ("sign", file, "--key", bank.key("li"), "--role", "author", "--tenant", BANK)
        bank.told(*author)
        bank.told(*author, "--applies-to", "existing", "--reschedule")
        approved = bank.told("approve", file, "--key", bank.key("chen"), "--yes", "--tenant", BANK)
        other = bank.refused("publish", file, "--tenant", BANK, "--reschedule")
        bank.told("publish", file, "--tenant", BANK)
        active = bank.told("ls", "--tenant", BANK)
    event = signed_event(Path(file), read_policy(Path(file), tenant=BANK))

    assert "wanted the options that were signed, found others" in other
    assert "  customers on file enter too\n  what waits is moved to the new due times\n" in approved
    assert "author li, approver chen, existing customers too, rescheduled" in active
    assert event is not None
    assert ("existing", True) == (event.applies_to, event.reschedule)
    assert ["author", "approver"] == [one.role for one in event.signatures]


def test_nothing_is_published_where_one_file_would_be_refused(tmp_path: Path) -> None:
    """All or none: a stale version beside a good one."""
    with keyed(tmp_path) as bank:
        old, new = bank.campaign(), bank.campaign(name="win_back")
        bank.sign(old)
        bank.told("publish", old, "--tenant", BANK)
        bank.campaign("delay: 72h", "delay: 48h")
        bank.sign(old)
        bank.sign(new)
        refused = bank.refused("publish", old, new, "--tenant", BANK)
        active = bank.told("ls", "--tenant", BANK)

    assert "activation_nudge version 1: wanted a version above that in the log" in refused
    campaigns = [line.split()[0] for line in active.splitlines()]
    assert "activation_nudge" in campaigns
    assert "win_back" not in campaigns


def test_republished_file_changes_nothing(tmp_path: Path) -> None:
    """B2: the very same file once more is a repeat, and no mistake."""
    with keyed(tmp_path) as bank:
        file = bank.campaign()
        bank.sign(file)
        first = bank.told("publish", file, "--tenant", BANK)
        second = bank.told("publish", file, "--tenant", BANK)
        active = bank.told("ls", "--tenant", BANK)

    assert first.replace("published", "active already") == second
    assert 1 == active.count("activation_nudge version 1 ")


def test_keys_are_changed_by_two_pinned_people(tmp_path: Path) -> None:
    """ADR 13: unsigned and by one person it is refused, by both it takes effect."""
    with keyed(tmp_path) as bank:
        li, chen = bank.key("li"), bank.key("chen")
        unsigned = bank.refused(*bank.pin("li", "wang", version=2))
        alone = bank.refused(*bank.pin("li", "wang", version=2, signed_by=(li,)))
        both = bank.told(*bank.pin("li", "wang", version=2, signed_by=(li, chen)))

    assert "NOT_SIGNED" in unsigned
    assert "NOT_SIGNED" in alone
    assert both.startswith("configured bank-a version 2, keys: li ")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("live_from_ms: -1", "wanted a configuration, found: Expected `int` >= 0"),
        ("live_from: 0", "wanted some of live_from_ms, time_zone"),
        ("- 1", "found something else"),
        ("currency: XYZ", "wanted an ISO 4217 code, found XYZ"),
        ("value_cap_minor: 9", "wanted a currency beside value_cap_minor"),
        ("a: [", "wanted YAML"),
    ],
)
def test_configuration_that_cannot_be_read_is_refused(tmp_path: Path, said: str, why: str) -> None:
    """Before anything is sent, with the file's name."""
    with control_plane(tmp_path) as bank:
        file = tmp_path / "tenant.yaml"
        file.write_text(said, encoding="utf-8")
        refused = bank.refused("configure", str(file), "--tenant", BANK)

    assert str(file) in refused
    assert why in refused


def test_keys_of_one_person_are_not_pinned(tmp_path: Path) -> None:
    """Nobody could ever approve."""
    with control_plane(tmp_path) as bank:
        assert "wanted keys of 2 people or more" in bank.refused(*bank.pin("li"))


def test_unsigned_policy_is_published_in_development_until_keys_are_pinned(tmp_path: Path) -> None:
    """P3: loudly; and who pins keys means them."""
    with control_plane(tmp_path, "development") as bank:
        bank.define_models()
        file = bank.campaign()
        done = bank.run("publish", file, "--tenant", BANK)
        bank.told(*bank.pin("li", "chen"))
        bank.campaign("version: 1\ntitle", "version: 2\ntitle")
        refused = bank.refused("publish", file, "--tenant", BANK)
        active = bank.told("ls", "--tenant", BANK)

    assert done.stderr.startswith("UNSIGNED: nobody has approved these policies.")
    assert "NOT_SIGNED" in refused
    assert active.startswith("activation_nudge version 1 ")
    assert "unsigned" in active.splitlines()[0]


def test_new_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Mode 0600, its public half beside it, and no file is ever overwritten."""
    file = tmp_path / "li.pem"
    made = create_key(file, "li")

    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert "PUBLIC KEY" in (tmp_path / "li.pem.pub").read_text(encoding="utf-8")
    assert "PRIVATE" not in (tmp_path / "li.pem.pub").read_text(encoding="utf-8")
    assert made.public_key != create_key(tmp_path / "other.pem", "li").public_key
    with pytest.raises(KeyFileError, match="wanted a new file, found File exists"):
        create_key(file, "li")


def test_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """As ssh does: it is nobody's signature if anybody can make it."""
    file = tmp_path / "li.pem"
    create_key(file, "li")
    file.chmod(0o640)

    with pytest.raises(KeyFileError, match="wanted a file that only you may read, found mode 0640"):
        read_key(file)


@pytest.mark.parametrize("content", ["canary", "-----BEGIN PRIVATE KEY-----\ncanary\n"])
def test_key_file_is_never_quoted(tmp_path: Path, content: str) -> None:
    """What a broken key file holds may be most of a key."""
    file = tmp_path / "key.pem"
    file.write_text(content, encoding="utf-8")
    file.chmod(0o600)

    with pytest.raises(KeyFileError, match="wanted an Ed25519 key in PEM") as caught:
        read_key(file)
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None
    with pytest.raises(KeyFileError, match="wanted a key file, found No such file"):
        read_key(tmp_path / "none.pem")


def test_signatures_beside_a_file_are_of_its_content_for_each_bank(tmp_path: Path) -> None:
    """Signed for one bank is not signed for another; signing again replaces one's own."""
    with control_plane(tmp_path) as bank:
        file = bank.campaign()
        for tenant in (BANK, "bank-b", BANK):
            words = ("--key", bank.key("li"), "--role", "author", "--tenant", tenant)
            bank.told("sign", file, *words)
    path = Path(file)

    found = [signed_event(path, read_policy(path, tenant=one)) for one in (BANK, "bank-b")]
    assert [1, 1] == [len(event.signatures) for event in found if event is not None]
    assert None is signed_event(path, read_policy(path, tenant="bank-c"))
    assert ["bank-b", BANK] == [one["tenant"] for one in json.loads(beside(path).read_bytes())]


def test_broken_file_of_signatures_is_told(tmp_path: Path) -> None:
    """It is not taken for no signatures."""
    with keyed(tmp_path) as bank:
        file = bank.campaign()
        beside(Path(file)).write_text("{}", encoding="utf-8")
        refused = bank.refused("publish", file, "--tenant", BANK)

    assert "activation_nudge.yaml.signatures.json: wanted signatures, found other text" in refused
    with pytest.raises(SignatureFileError):
        signed_event(Path(file), read_policy(Path(file), tenant=BANK))
