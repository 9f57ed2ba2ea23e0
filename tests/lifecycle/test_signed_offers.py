"""Two people sign a wording, an offer, a model as they sign a policy (P3; docs/core.md 3.7)."""

from base64 import b64encode

import pytest
from msgspec.structs import replace

from lifecycle.partition import Given, PartitionState
from schemas.content import content_hash
from schemas.events import ModelDefined, OfferDefined, Signature, TemplateApproved
from schemas.events.control import Role
from tests.lifecycle.builders import TENANT, Bank
from tests.lifecycle.by_hand import prefixed
from tests.lifecycle.channels import stock_of, wording
from tests.lifecycle.signers import CHEN, LI, LI_TOO, WANG, Signer, became, keyed_bank
from tests.lifecycle.snapshots import head, model


Signed = TemplateApproved | OfferDefined | ModelDefined
DOMAINS = {
    TemplateApproved: "cardcue/template/1",
    OfferDefined: "cardcue/offer/1",
    ModelDefined: "cardcue/model/1",
}
EVENTS: dict[str, Signed] = {
    "template.approved": wording(),
    "offer.defined": stock_of(3),
    "model.defined": ModelDefined(model=model(), contact=head(-1.0, 0.1)),
}
OTHERS: dict[str, Signed] = {
    "template.approved": wording(version=2),
    "offer.defined": stock_of(4),
    "model.defined": ModelDefined(model=model(), contact=head(-1.0, 0.2)),
}
BOTH: tuple[tuple[Signer, Role], ...] = ((LI, "author"), (CHEN, "approver"))


def signed(event: Signed, *signed_by: tuple[Signer, Role], domain: str = "") -> Signed:
    """Return it as 3.7 says it is signed: domain, tenant, role and content hash, each prefixed."""
    spoken = domain or DOMAINS[type(event)]
    made = [
        Signature(
            key_id=one.public.key_id,
            role=role,
            signature=b64encode(
                one.key.sign(prefixed(spoken, TENANT, role, content_hash(event)))
            ).decode(),
        )
        for one, role in signed_by
    ]
    return replace(event, signatures=tuple(made))


@pytest.mark.parametrize("kind", EVENTS)
def test_what_two_people_signed_takes_effect(kind: str) -> None:
    """3.7: hash of the record with `signatures` empty, under its own domain."""
    assert kind == became(keyed_bank(), signed(EVENTS[kind], *BOTH))


@pytest.mark.parametrize("kind", EVENTS)
@pytest.mark.parametrize(
    ("signed_by", "why"),
    [
        ((), "NOT_SIGNED"),
        (((LI, "author"),), "NOT_SIGNED"),
        (((LI, "author"), (WANG, "approver")), "NOT_SIGNED"),
        (((LI, "author"), (LI_TOO, "approver")), "SAME_PERSON"),
    ],
)
def test_fewer_than_two_people_change_nothing(
    kind: str, signed_by: tuple[tuple[Signer, Role], ...], why: str
) -> None:
    """P3: nobody, one, a stranger, one person with two keys."""
    bank = keyed_bank()

    assert why == became(bank, signed(EVENTS[kind], *signed_by))
    assert ({}, {}) == known(bank)


@pytest.mark.parametrize("kind", EVENTS)
def test_signature_is_of_this_record_and_no_other(kind: str) -> None:
    """3.7: neither of another domain, nor of another content."""
    borrowed = replace(OTHERS[kind], signatures=signed(EVENTS[kind], *BOTH).signatures)
    bank = keyed_bank()

    assert "BAD_SIGNATURE" == became(bank, borrowed)
    misplaced = signed(EVENTS[kind], *BOTH, domain="cardcue/calendar/1")
    assert "BAD_SIGNATURE" == became(bank, misplaced)
    assert ({}, {}) == known(bank)


@pytest.mark.parametrize("kind", EVENTS)
def test_without_keys_only_development_takes_it(kind: str) -> None:
    """P3: elsewhere who pins no keys can approve nothing."""
    bank = Bank(consent="")
    taken = became(bank, EVENTS[kind])
    bank.state = PartitionState(0, Given(unsigned_allowed=False))

    assert [kind, "NOT_SIGNED"] == [taken, became(bank, EVENTS[kind])]


def known(bank: Bank) -> tuple[dict[object, object], dict[object, object]]:
    """Return the wordings and the offers that are known."""
    tenant = bank.state.tenant(TENANT)
    return {**tenant.templates}, {**tenant.stock.offers}
