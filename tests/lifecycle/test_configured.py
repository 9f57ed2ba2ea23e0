"""A configuration is the bank's word once its keys are pinned (SEMANTICS P3, ADR 13)."""

from msgspec.structs import replace

from schemas.codec import decode_tenant_row, encode_row
from schemas.events import SigningKey
from tests.lifecycle.builders import TENANT, Bank, nudge
from tests.lifecycle.signers import (
    CHEN,
    LI,
    LI_TOO,
    PINNED,
    WANG,
    approved,
    became,
    configured,
    keyed_bank,
    policy,
)


def keys_of(bank: Bank) -> tuple[SigningKey, ...]:
    """Return the pinned keys."""
    return bank.state.tenant(TENANT).row.signing_keys


def test_first_keys_are_pinned_and_outlive_a_restart() -> None:
    """P3: the row remembers them, so that a successor refuses what its predecessor would."""
    bank = keyed_bank()
    row = bank.state.tenant(TENANT).row

    assert PINNED == decode_tenant_row(encode_row(row)).signing_keys
    assert 1 == row.configured_version


def test_unsigned_configuration_changes_nothing_once_keys_are_pinned() -> None:
    """P3: neither when it is live, nor who is held out, nor whose keys count."""
    bank = keyed_bank()
    unsigned = configured(holdout_bp=10_000, signing_keys=(WANG.public,), version=2)

    assert "NOT_SIGNED" == became(bank, unsigned)
    assert (0, PINNED) == (bank.state.tenant(TENANT).row.holdout_bp, keys_of(bank))


def test_configuration_by_one_person_leaves_the_keys() -> None:
    """P3: one pinned key is enough for the rest; empty keys, or the same, are no change."""
    bank = keyed_bank()

    assert "tenant.configured" == became(bank, configured((LI, "author"), holdout_bp=7, version=2))
    again = configured((CHEN, "approver"), holdout_bp=8, version=3, signing_keys=PINNED)
    assert "tenant.configured" == became(bank, again)
    assert (8, PINNED) == (bank.state.tenant(TENANT).row.holdout_bp, keys_of(bank))


def test_keys_are_changed_by_two_people() -> None:
    """ADR 13: who could change the keys alone could approve everything alone."""
    bank = keyed_bank()
    new = {"signing_keys": (LI.public, WANG.public), "version": 2}

    assert "NOT_SIGNED" == became(bank, configured((LI, "author"), **new))
    alone = configured((LI, "author"), (LI_TOO, "approver"), **new)
    assert "SAME_PERSON" == became(bank, alone)
    both = configured((LI, "author"), (CHEN, "approver"), **new)
    assert "tenant.configured" == became(bank, both)
    assert "NOT_SIGNED" == became(bank, approved(nudge()))
    now = policy(nudge(), (LI, "author"), (WANG, "approver"))
    assert "policy.published" == became(bank, now)


def test_old_configuration_does_not_bring_old_keys_back() -> None:
    """A signed record, sent again under another id, is stale."""
    bank = keyed_bank()
    old = configured((LI, "author"), (CHEN, "approver"), signing_keys=PINNED, version=2)
    bank.control(old)
    newer = {"signing_keys": (LI.public, CHEN.public), "version": 3}
    bank.control(configured((LI, "author"), (CHEN, "approver"), **newer))

    assert "STALE_VERSION" == became(bank, old)
    assert (LI.public, CHEN.public) == keys_of(bank)


def test_configuration_with_a_signature_of_other_content_is_bad() -> None:
    """The signature is over every field but the signatures."""
    bank = keyed_bank()
    signed = configured((LI, "author"), version=2)

    assert "BAD_SIGNATURE" == became(bank, replace(signed, holdout_bp=1))
    assert "BAD_SIGNATURE" == became(bank, replace(signed, version=3))
