"""Two people sign a policy, and nothing else decides (SEMANTICS P3, docs/core.md 3.7)."""

from base64 import b64decode, b64encode
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from agents.specs import fold_specs
from lifecycle.partition import Given, PartitionState
from schemas.campaign import Campaign
from schemas.codec import encode_json
from schemas.content import content_hash
from schemas.events import PolicyPublished, Signature, SigningKey
from schemas.events.control import Role
from schemas.examples import EVENTS
from schemas.routing import JOURNAL_TOPIC
from streams.replay import replay
from streams.settings import Settings
from tests.lifecycle.builders import HOUR, TENANT, Bank, nudge, push, win_back
from tests.lifecycle.signers import (
    CHEN,
    LI,
    LI_TOO,
    PINNED,
    WANG,
    Signer,
    active,
    approved,
    became,
    configured,
    keyed_bank,
    policy,
)
from tests.lifecycle.told import stored


def test_policy_of_two_people_decides() -> None:
    """P3: author and approver, two people, by keys that are pinned."""
    bank = keyed_bank()

    assert "policy.published" == became(bank, approved(nudge()))
    assert {"nudge": 1} == active(bank)


@pytest.mark.parametrize(
    ("signed_by", "why"),
    [
        ((), "NOT_SIGNED"),
        (((LI, "author"),), "NOT_SIGNED"),
        (((CHEN, "approver"),), "NOT_SIGNED"),
        (((LI, "author"), (CHEN, "author")), "NOT_SIGNED"),
        (((LI, "author"), (WANG, "approver")), "NOT_SIGNED"),
        (((LI, "author"), (LI, "approver")), "SAME_PERSON"),
        (((LI, "author"), (LI_TOO, "approver")), "SAME_PERSON"),
    ],
    ids=["nobody", "author", "approver", "two authors", "a stranger", "one key", "one person"],
)
def test_policy_without_two_people_changes_nothing(
    signed_by: tuple[tuple[Signer, Role], ...], why: str
) -> None:
    """P3: refused, counted by its reason, and the version before goes on deciding."""
    bank = keyed_bank()
    bank.control(approved(nudge()))

    assert why == became(bank, policy(nudge(version=2), *signed_by))
    assert {"nudge": 1} == active(bank)


def test_further_signatures_do_no_harm() -> None:
    """A third person's, and that of a key which nobody has pinned, change nothing."""
    bank = keyed_bank()
    event = policy(nudge(), (WANG, "author"), (LI, "author"), (LI, "approver"), (CHEN, "approver"))

    assert "policy.published" == became(bank, event)


def test_signature_of_another_role_is_bad() -> None:
    """An author's signature cannot be passed off as an approval."""
    bank = keyed_bank()
    event = policy(nudge(), (LI, "author"), (CHEN, "author"))
    as_approver = replace(event.signatures[1], role="approver")

    relabelled = replace(event, signatures=(event.signatures[0], as_approver))
    assert "BAD_SIGNATURE" == became(bank, relabelled)


def test_signature_for_another_tenant_is_bad() -> None:
    """N2: what one bank's people signed is nothing at another bank that knows their keys."""
    bank = keyed_bank()
    event = policy(nudge())
    foreign = LI.policy("author", event, "other"), CHEN.policy("approver", event, "other")
    event = replace(event, signatures=foreign)

    assert "BAD_SIGNATURE" == became(bank, event)


@pytest.mark.parametrize("said", [{"applies_to": "existing"}, {"reschedule": True}])
def test_reach_of_a_policy_is_signed_with_it(said: dict[str, Any]) -> None:
    """P2: what two people approved for new customers is not approved for all on file."""
    bank = keyed_bank()
    signed_by = ((LI, "author"), (CHEN, "approver"))

    assert "BAD_SIGNATURE" == became(bank, replace(approved(nudge()), **said))
    assert "policy.published" == became(bank, policy(nudge(), *signed_by, **said))


def test_policy_that_is_not_its_hash_is_refused() -> None:
    """What was signed is the content: another campaign under a signed hash is none of theirs."""
    bank = keyed_bank()
    signed = approved(nudge())

    other = replace(signed, campaign=nudge(title="Gamble"))
    assert "POLICY_HASH" == became(bank, other)
    assert {} == active(bank)


@pytest.mark.parametrize("campaign", [nudge(), push(), win_back()], ids=lambda one: one.id)
@given(data=st.data())
def test_any_flipped_character_of_a_policy_is_refused(
    campaign: Campaign, data: st.DataObject
) -> None:
    """P3: whatever is changed in content, hash or signatures, the policy does not decide."""
    bank = keyed_bank()
    whole = encode_json(approved(campaign))
    place = data.draw(st.integers(0, len(whole) - 1))
    mask = data.draw(st.integers(1, 127))
    spoilt = whole[:place] + bytes([whole[place] ^ mask]) + whole[place + 1 :]
    try:
        event = msgspec.json.decode(spoilt, type=PolicyPublished)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return  # ingest rejects it
    bank.control(event, HOUR)

    same = replace(event, author="") == approved(campaign)  # who sent it is not content
    assert same == bool(active(bank))


def flipped(text: str, bit: int) -> str:
    """Return base64 of the same bytes but for one bit."""
    raw = bytearray(b64decode(text))
    raw[bit // 8] ^= 1 << bit % 8
    return b64encode(raw).decode()


@given(which=st.integers(0, 1), bit=st.integers(0, 511))
def test_any_flipped_bit_of_a_signature_is_bad(which: int, bit: int) -> None:
    """P3: Ed25519 takes no other 64 bytes for the same content."""
    bank = keyed_bank()
    event = approved(nudge())
    signed = list(event.signatures)
    signed[which] = replace(signed[which], signature=flipped(signed[which].signature, bit))

    assert "BAD_SIGNATURE" == became(bank, replace(event, signatures=tuple(signed)))


@given(which=st.integers(0, 1), bit=st.integers(0, 255))
def test_any_flipped_bit_of_a_pinned_key_refuses(which: int, bit: int) -> None:
    """P3: another key has signed nothing."""
    keys = [LI.public, CHEN.public]
    keys[which] = replace(keys[which], public_key=flipped(keys[which].public_key, bit))
    bank = Bank()
    bank.control(configured(signing_keys=tuple(keys)))

    assert "BAD_SIGNATURE" == became(bank, approved(nudge()))


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        (Signature, {"key_id": "k", "role": "author", "signature": "A" * 85 + "B=="}),
        (Signature, {"key_id": "k", "role": "author", "signature": "A" * 86 + "==\n"}),
        (Signature, {"key_id": "k", "role": "author", "signature": "A" * 84 + "===="}),
        (Signature, {"key_id": "k", "role": "reader", "signature": "A" * 86 + "=="}),
        (SigningKey, {"key_id": "k", "person": "p", "public_key": "A" * 42 + "B="}),
        (SigningKey, {"key_id": "k", "person": "p", "public_key": "A" * 43 + "=\n"}),
        (SigningKey, {"key_id": "k", "person": "", "public_key": "A" * 43 + "="}),
    ],
)
def test_base64_has_one_form(shape: type[Any], said: dict[str, str]) -> None:
    """Unused bits, a line end, or another padding would be other bytes for the same signature."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(said, shape)


def test_unsigned_policy_decides_in_development_until_keys_are_pinned() -> None:
    """P3: whoever pins keys means them."""
    bank = Bank(nudge())
    assert {"nudge": 1} == active(bank)
    bank.control(configured(signing_keys=PINNED))

    assert "NOT_SIGNED" == became(bank, policy(nudge(version=2)))
    assert {"nudge": 1} == active(bank)


def test_production_takes_nothing_unsigned() -> None:
    """P3: without pinned keys nobody can have signed, so nothing decides, signed or not."""
    bank = Bank()
    bank.state = PartitionState(0, Given(unsigned_allowed=False))

    assert "NOT_SIGNED" == became(bank, policy(nudge()))
    assert "NOT_SIGNED" == became(bank, approved(nudge(version=2)))
    bank.control(configured(signing_keys=PINNED))
    assert "policy.published" == became(bank, approved(nudge(version=3)))


@pytest.mark.parametrize(("profile", "count"), [("development", 1), ("production", 0)])
def test_profile_of_the_settings_reaches_the_fold(profile: Any, count: int) -> None:  # noqa: ANN401
    """P3: the worker's own profile says whether unsigned policies decide."""
    bank = Bank(nudge(), consent="")
    spec = fold_specs(Settings(tenants=(TENANT,), profile=profile))["lifecycle"]
    found = replay(spec.make(0, 4), stored(bank.journal), sources=[(JOURNAL_TOPIC, 0)])

    assert count == sum(key.startswith(b"#policy|") for key in found.rows)


def test_kill_switch_needs_no_signature() -> None:
    """Who stops contacts waits for nobody, pinned keys or not."""
    bank = keyed_bank()
    kill = EVENTS["kill_switch.set"].content
    bank.control(kill, HOUR)

    assert 1 == bank.count("control|{}|kill_switch.set")


def test_policy_of_the_documents_is_signed_by_the_keys_of_the_documents() -> None:
    """The worked example of `policy.published` holds under that of `tenant.configured`."""
    bank = Bank()
    tenant = bank.state.tenant("demo")
    tenant.row.signing_keys = EVENTS["tenant.configured"].content.signing_keys
    bank.add(EVENTS["policy.published"].content, "", 0, 0, "", tenant="demo")

    assert ["activation_nudge"] == list(tenant.policies)


def test_default_that_is_spelled_out_changes_no_hash() -> None:
    """A later release's new field, at its default, leaves what was signed before as it was."""

    class Grown(Campaign, frozen=True, kw_only=True):  # type: ignore[misc] # one release later
        """A campaign with a field that nobody had when it was signed."""

        tempo: str = "allegro"
        tags: tuple[str, ...] = ()

    said = msgspec.to_builtins(nudge())
    assert content_hash(nudge()) == content_hash(msgspec.convert(said, Grown))
    assert content_hash(nudge()) != content_hash(msgspec.convert({**said, "tempo": "x"}, Grown))
