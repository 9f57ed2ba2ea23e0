"""`cardcue policy diff | ls | rollback`: what the log has, what a file would change, and back."""

from pathlib import Path

import pytest
from confluent_kafka import Producer

from cli.policy_file import policy_hash, read_policy
from lifecycle.insight import reports
from lifecycle.insight.effects import Effect
from schemas.insight import GuardrailKind, GuardrailTripped
from schemas.insight_rows import EffectRow
from tests.cli.control_plane import BANK, ControlPlane, control_plane, keyed


def published_twice(bank: ControlPlane) -> str:
    """Publish a nudge after 72 hours, then one after 48; return the file."""
    file = bank.campaign()
    for old, new in (("", ""), ("version: 1\ntitle", "version: 2\ntitle")):
        bank.campaign(old, new)
        if new:
            bank.campaign("delay: 72h", "delay: 48h")
        bank.sign(file)
        bank.told("publish", file, "--tenant", BANK)
    return file


def test_diff_names_fields_as_the_file_does(tmp_path: Path) -> None:
    """Changed, new and gone fields, what is new as a whole, and what only the log has."""
    with control_plane(tmp_path, "development") as bank:
        bank.define_models()
        file, other = bank.campaign(), bank.campaign(name="win_back")
        bank.told("publish", file, other, "--tenant", BANK)
        same = bank.told("diff", file, "--tenant", BANK)
        bank.campaign("version: 1\ntitle", "version: 2\ntitle")
        bank.campaign("  - {id: second, delay: 7d}", "  - {id: second, delay: 8d}")
        bank.campaign(
            "  - {scope: all, count: 3, window: 7d} # over every campaign of the bank", ""
        )
        bank.campaign("priority: 60", "priority: 61\nvalue_minor: 900")
        bank.campaign("exit_on: [card.activated]", "exit_on: [card.activated, card.closed]")
        changed = bank.told("diff", file, bank.campaign(name="bind_incentive"), "--tenant", BANK)

    assert (
        "activation_nudge version 1: as it is active\nwin_back version 1: only in the log\n" == same
    )
    assert [
        "activation_nudge version 2, active is version 1",
        "  version: 1 -> 2",
        "  steps[1].delay: 7d -> 8d",
        "  exit_on: [card.activated] -> [card.activated, card.closed]",
        "  priority: 60 -> 61",
        "  value_minor: 0 -> 900",
        "  caps[1].scope: only in the log: all",
        "  caps[1].count: only in the log: 3",
        "  caps[1].window: only in the log: 7d",
        "bind_incentive version 1: new",
        "win_back version 1: only in the log",
    ] == changed.splitlines()


def test_ls_tells_what_is_paused_and_what_was_refused(tmp_path: Path) -> None:
    """A campaign's stop, the bank's, and a policy that workers did not take."""
    with control_plane(tmp_path, "development") as bank:
        bank.define_models()
        file = bank.campaign()
        bank.told("publish", file, "--tenant", BANK)
        bank.told("pause", "activation_nudge", "--tenant", BANK)
        paused = bank.told("ls", "--tenant", BANK)
        bank.told("resume", "activation_nudge", "--tenant", BANK)
        bank.told("pause", "--all", "--tenant", BANK)
        stopped = bank.told("ls", "--tenant", BANK)
        production = bank._replace(profile="production").told("ls", "--tenant", BANK)

    shown = policy_hash(read_policy(Path(file), tenant=BANK))[:12]
    models = (
        "models defined: activation 1, amount 1, bind 1, first_spend 1, frequency 1, instalment 1,"
        " win_back 1"
    )
    assert [
        f"activation_nudge version 1 {shown} unsigned, paused",
        models,
        "bank-a: contacts run; no keys are pinned",
    ] == paused.splitlines()
    assert [
        f"activation_nudge version 1 {shown} unsigned",
        models,
        "bank-a: every contact is paused; no keys are pinned",
    ] == stopped.splitlines()
    assert [
        f"refused activation_nudge version 1 {shown} NOT_SIGNED",
        "bank-a: every contact is paused; no keys are pinned",
    ] == production.splitlines()


def tripped(bank: ControlPlane, kind: GuardrailKind, tenant: str = BANK, sequence: int = 1) -> None:
    """Let insight say that a guardrail of version 1 of the nudge broke."""
    known = Effect(0, tenant, "activation_nudge", EffectRow())
    broken = GuardrailTripped(
        campaign_id=known.campaign_id, policy_version=1, kind=kind, sequence=sequence
    )
    said = reports.guardrail(known, broken)
    producer = Producer({"bootstrap.servers": bank.bootstrap})
    for value in (b"{}", None, said.value):  # what is no trip, or a tombstone, is passed over
        headers = [("ce_type", b"effect.reported.v1")] if value == b"{}" else list(said.headers)
        producer.produce(said.topic, value, said.key, headers=headers)
    assert 0 == producer.flush(30)


def test_ls_tells_what_a_guardrail_holds(tmp_path: Path) -> None:
    """Until it is resumed, or another version published; not by what broke before that."""
    with control_plane(tmp_path, "development") as bank:
        bank.define_models()
        file = bank.campaign()
        bank.told("publish", file, "--tenant", BANK)
        told = [bank.told("ls", "--tenant", BANK)]
        tripped(bank, "harm", tenant="other")
        for kinds in (("harm",), ("opt_out", "harm")):
            for kind in kinds:
                tripped(bank, kind)
            told.append(bank.told("ls", "--tenant", BANK))
        bank.told("resume", "--all", "--tenant", BANK)
        bank.told("pause", "activation_nudge", "--tenant", BANK)
        told.append(bank.told("ls", "--tenant", BANK))
        bank.told("resume", "activation_nudge", "--tenant", BANK)
        told.append(bank.told("ls", "--tenant", BANK))
        tripped(bank, "harm")
        tripped(bank, "opt_out", sequence=2)
        told.append(bank.told("ls", "--tenant", BANK))
        bank.told("resume", "activation_nudge", "--tenant", BANK)
        tripped(bank, "complaint")
        told.append(bank.told("ls", "--tenant", BANK))
        bank.campaign("version: 1\ntitle", "version: 2\ntitle")
        bank.told("publish", file, "--tenant", BANK)
        tripped(bank, "failure")
        told.append(bank.told("ls", "--tenant", BANK))

    assert [
        "unsigned",
        "unsigned, held by a guardrail (harm)",
        "unsigned, held by a guardrail (harm, opt_out)",
        "unsigned, paused, held by a guardrail (harm, opt_out)",
        "unsigned",
        "unsigned, held by a guardrail (opt_out)",
        "unsigned, held by a guardrail (complaint)",
        "unsigned",
    ] == [one.splitlines()[0].split(" ", 4)[-1] for one in told]


def test_rollback_with_both_keys_is_published(tmp_path: Path) -> None:
    """The old content decides again, under the next version, signed by two."""
    with keyed(tmp_path) as bank:
        file = published_twice(bank)
        words = ("--author-key", bank.key("li"), "--approver-key", bank.key("chen"))
        back = bank.told("rollback", "activation_nudge", "--to", "1", "--tenant", BANK, *words)
        active = bank.told("ls", "--tenant", BANK)
        change = bank.told("diff", file, "--tenant", BANK)

    assert back.startswith("published bank-a activation_nudge version 3 ")
    assert active.startswith("activation_nudge version 3 ")
    assert "  steps[0].delay: 3d -> 2d" in change.splitlines()


def test_rollback_without_keys_writes_the_file_to_be_signed(tmp_path: Path) -> None:
    """The file says what the old version said, under the next number; both then sign it."""
    with keyed(tmp_path) as bank:
        published_twice(bank)
        out = tmp_path / "back.yaml"
        words = ("rollback", "activation_nudge", "--to", "1", "--tenant", BANK, "--out", str(out))
        said = bank.told(*words, "--author-key", bank.key("li"))
        again = bank.refused(*words)
        bank.told("approve", str(out), "--key", bank.key("chen"), "--yes", "--tenant", BANK)
        published = bank.told("publish", str(out), "--tenant", BANK)

    assert f"wrote {out}: version 1 as version 3, to be signed" in said
    assert "wanted a new file (--out), found File exists" in again
    assert published.startswith("published bank-a activation_nudge version 3 ")


@pytest.mark.parametrize(
    ("campaign", "version", "why"),
    [
        ("activation_nudge", "7", "wanted one of the versions 1, 2, found 7"),
        ("activation_nudge", "2", "wanted an older version than 2, which is active"),
        ("win_back", "1", "wanted one of the versions none, found 1"),
    ],
)
def test_rollback_wants_a_version_that_was_active(
    tmp_path: Path, campaign: str, version: str, why: str
) -> None:
    """What never decided cannot decide again."""
    with keyed(tmp_path) as bank:
        published_twice(bank)

        assert why in bank.refused("rollback", campaign, "--to", version, "--tenant", BANK)


def test_log_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A command that reads the log does not take a missing topic for an empty one."""
    with control_plane(tmp_path) as bank:
        elsewhere = bank._replace(bootstrap="127.0.0.1:1")

        assert "wanted" in elsewhere.refused("ls", "--tenant", BANK)
