"""Keep the newest word of a customer about each purpose on each channel, opt-outs among them."""

from typing import Final, NamedTuple

from lifecycle.instants import epoch_ms
from schemas.events import ConsentChanged
from schemas.reasons import ReasonCode
from schemas.rejects import IgnoreReason
from schemas.state import CONSENTS_MAX, ConsentState, CustomerRow


EVERY_PURPOSE: Final = "*"
"""Under which a gateway's opt-out from a whole channel is kept."""

DATA: Final = "data"
"""The channel of consents to the use of partners' and surveys' data, not to contact."""


class Answer(NamedTuple):
    """Why the customer must not be contacted, "" for none; the event id of a consent."""

    reason: ReasonCode
    evidence: str = ""


def take(
    row: CustomerRow, event: ConsentChanged, occurred_at_ms: int, event_id: str
) -> IgnoreReason | None:
    """
    Remember what was said unless something newer is known; STATE_FULL: no room for the pair.

    A word about `data` takes the partners' and surveys' words with it that were said before the
    newest refusal.
    """
    known = find(row, event.purpose, event.channel)
    if known is None:
        if len(row.consents) >= CONSENTS_MAX:
            return "STATE_FULL"
        known = _begin(row, event.purpose, event.channel)
    said = ConsentState(
        purpose=event.purpose,
        channel=event.channel,
        status=event.status,
        occurred_at_ms=occurred_at_ms,
        event_id=event_id,
        effective_at_ms=epoch_ms(event.effective_at),
        evidence_ref=event.evidence_ref,
    )
    _keep_newer(known, said)
    if event.channel == DATA and known.withdrawn_at_ms:
        _forget_observed(row, known)
    return None


def opt_out(
    row: CustomerRow, channel: str, occurred_at_ms: int, event_id: str
) -> IgnoreReason | None:
    """
    Remember that the customer wants nothing on a channel, whatever the purpose (SEMANTICS G1).

    Where all pairs are taken, the oldest consent makes room; STATE_FULL: all are refusals.
    """
    known = find(row, EVERY_PURPOSE, channel)
    if known is None:
        if len(row.consents) >= CONSENTS_MAX and not _make_room(row):
            return "STATE_FULL"
        known = _begin(row, EVERY_PURPOSE, channel)
    _keep_newer(known, ConsentState(EVERY_PURPOSE, channel, "revoked", occurred_at_ms, event_id))
    return None


def find(row: CustomerRow, purpose: str, channel: str) -> ConsentState | None:
    """Return the newest word about this purpose on this channel."""
    for consent in row.consents:
        if consent.purpose == purpose and consent.channel == channel:
            return consent
    return None


def word(row: CustomerRow, purpose: str, channel: str) -> ConsentState | None:
    """Return the word that binds: an opt-out from the channel where that is newer (3.4 gate 4)."""
    own, general = find(row, purpose, channel), find(row, EVERY_PURPOSE, channel)
    if general is None or general.status != "revoked":
        return own
    return general if own is None or _order(general) > _order(own) else own


def answer(
    row: CustomerRow, purpose: str, channel: str, now_ms: int, *, must_be_granted: bool
) -> Answer:
    """Return what the customer's word says of a contact now (docs/core.md 3.4 gate 5)."""
    said = word(row, purpose, channel)
    if said is None:
        return Answer("NO_CONSENT" if must_be_granted else "")
    if said.status == "granted":
        if must_be_granted and said.effective_at_ms > now_ms:
            return Answer("NO_CONSENT")
        return Answer("", said.event_id)
    return Answer("OPTED_OUT" if said.status == "revoked" else "NO_CONSENT")


def use_refused(row: CustomerRow, purpose: str, at_ms: int) -> bool:
    """Return whether the customer refused, then or later, that data be used for a purpose."""
    known = find(row, purpose, DATA)
    return known is not None and known.withdrawn_at_ms >= at_ms


def _begin(row: CustomerRow, purpose: str, channel: str) -> ConsentState:
    """Return a pair of which nothing is known yet; whatever is said first is newer."""
    known = ConsentState(purpose, channel, "", -1, "")
    row.consents.append(known)
    return known


def _keep_newer(known: ConsentState, said: ConsentState) -> None:
    """Let the newer word stand, and the newest refusal beside it."""
    if said.status != "granted":
        known.withdrawn_at_ms = max(known.withdrawn_at_ms, said.occurred_at_ms)
    if _order(said) > _order(known):
        known.status = said.status
        known.occurred_at_ms = said.occurred_at_ms
        known.event_id = said.event_id
        known.effective_at_ms = said.effective_at_ms
        known.evidence_ref = said.evidence_ref


def _order(consent: ConsentState) -> tuple[int, str]:
    """Return what makes one word newer than another."""
    return consent.occurred_at_ms, consent.event_id


def _make_room(row: CustomerRow) -> bool:
    """Forget the oldest consent, never a refusal; return False where there is none."""
    granted = [consent for consent in row.consents if consent.status == "granted"]
    if not granted:
        return False
    row.consents.remove(
        min(granted, key=lambda one: (one.occurred_at_ms, one.purpose, one.channel))
    )
    return True


def _forget_observed(row: CustomerRow, refused: ConsentState) -> None:
    """Remove what partners and surveys said for a purpose before it was refused."""
    row.words = [
        word
        for word in row.words
        if word.kind not in {"partner", "survey"}
        or word.detail != refused.purpose
        or word.at_ms > refused.withdrawn_at_ms
    ]
