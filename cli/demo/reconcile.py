"""
Hold what the worker has counted against what was sent, to the record.

Nothing is rounded and nothing is estimated: every source record must be found as applied, ignored
or rejected, control records apart, and every decision to send as one trigger at the gateway.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from cli.demo.control import campaigns
from cli.demo.gateway import Gateway
from cli.demo.history import History
from cli.demo.ledger import Ledger, by_last, total
from cli.demo.loader import Kind
from cli.demo.offers import OfferSystem
from cli.demo.setting import BANK, CDNOW
from schemas.routing import DECISIONS_TOPIC, REJECTED_TOPIC
from streams.port import SourcePartition


MUST_FIRE: Final = (
    (BANK, "activation_nudge"),
    (BANK, "bind_incentive"),
    (BANK, "first_spend_offer"),
    (BANK, "instalment_push"),
    (BANK, "repayment_reminder"),
    (BANK, "frequency_lift"),
    (BANK, "amount_lift"),
    (BANK, "win_back_decline"),
    (BANK, "temporary_limit"),
    (CDNOW, "win_back"),
)
"""Where each campaign must send something."""

WITHOUT_CAUSE: Final = {
    # No bills, wallets and limits, every card in use from its first day, and hardly a purchase
    # that is large enough for instalments.
    CDNOW: frozenset(
        {
            *("activation_nudge", "amount_lift", "first_spend_offer", "frequency_lift"),
            *("instalment_push", "repayment_reminder", "temporary_limit"),
        }
    )
}
"""The campaigns that a bank publishes and that its history gives no cause for."""


class MismatchError(RuntimeError):
    """The counts of the worker are not those of what was sent."""


class Summary(NamedTuple):
    """What came in and what became of it, over both tenants."""

    in_count: int
    applied: Mapping[str, int]
    ignored: Mapping[str, int]
    rejected: Mapping[str, int]
    triggers: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """Return it under the names that `cardcue demo --json` promises."""
        named = self._asdict()
        return {"in": named.pop("in_count"), **named}


class Difference(NamedTuple):
    """What was wanted and what was found."""

    of: str
    wanted: object
    found: object


class Evidence(NamedTuple):
    """
    What is held against each other.

    `sent` are the records sent to each source partition, by kind; `outputs` those found in each
    output topic.
    """

    sent: Mapping[tuple[SourcePartition, Kind], int]
    ledger: Ledger
    gateway: Gateway
    offers: OfferSystem
    outputs: Mapping[str, int]


def summarise(evidence: Evidence) -> Summary:
    """Return what came in, and what became of it."""
    decided = evidence.ledger.decided()
    triggers: Counter[str] = Counter()
    for (_, campaign), count in evidence.gateway.received.items():
        triggers[campaign] += count
    return Summary(
        in_count=sum(count for (_, kind), count in evidence.sent.items() if kind == "events"),
        applied=by_last(decided, "applied"),
        ignored=by_last(decided, "ignored"),
        rejected=by_last(evidence.ledger.ingested(), "rejected"),
        triggers=dict(sorted(triggers.items())),
    )


def differences(evidence: Evidence, histories: Sequence[History]) -> list[Difference]:
    """Return everything that does not add up; nothing if the demonstration is what it says."""
    compared = [
        *_of_sources(evidence),
        *_of_summary(evidence),
        *_of_histories(evidence, histories),
        *_of_outputs(evidence),
        *_of_offers(evidence),
        *_of_campaigns(evidence, histories),
    ]
    return [difference for difference in compared if difference.wanted != difference.found]


def refuse(found: Sequence[Difference]) -> None:
    """
    Say in one line each what does not add up.

    Raises:
        MismatchError: there is something.

    """
    if found:
        said = "\n".join(f"  {of}: wanted {wanted}, found {seen}" for of, wanted, seen in found)
        raise MismatchError(f"what came out is not what went in:\n{said}")


def _of_sources(evidence: Evidence) -> Iterator[Difference]:
    """Compare each source partition with what was sent to it."""
    sent, ledger = evidence.sent, evidence.ledger
    wanted: Counter[SourcePartition] = Counter()
    for (source, _), count in sent.items():
        wanted[source] += count
    for source, count in sorted(wanted.items()):
        where = f"records of {source.topic}/{source.partition}"
        yield Difference(where, count, ledger.read_count(source))
    for kind, counted in (("control", "control"), ("markers", "marker")):
        asked = sum(count for (_, of), count in sent.items() if of == kind)
        yield Difference(f"records of kind {kind}", asked, total(ledger.ingested(), counted))


def _of_summary(evidence: Evidence) -> Iterator[Difference]:
    """Compare in with applied + ignored + rejected, and ingest with lifecycle by tenant."""
    summary = summarise(evidence)
    parts = (summary.applied, summary.ignored, summary.rejected)
    ended = sum(sum(part.values()) for part in parts)
    yield Difference("applied + ignored + rejected", summary.in_count, ended)
    ingested, decided = evidence.ledger.ingested(), evidence.ledger.decided()
    for tenant in sorted({key[1] for key in ingested if key[0] == "forwarded"}):
        found = total(decided, "applied", tenant) + total(decided, "ignored", tenant)
        forwarded = total(ingested, "forwarded", tenant)
        yield Difference(f"applied + ignored of {tenant}", forwarded, found)


def _of_histories(evidence: Evidence, histories: Sequence[History]) -> Iterator[Difference]:
    """Compare with what the makers of the histories know must come out of them."""
    decided = evidence.ledger.decided()
    rejected: Counter[str] = Counter()
    for history in histories:
        tenant = history.tenant
        rejected.update(history.rejected_counts)
        cards = decided["milestone", tenant, "issued"]
        yield Difference(f"cards issued by {tenant}", history.issued_count, cards)
        repeats = decided["ignored", tenant, "DUPLICATE"]
        yield Difference(f"duplicates of {tenant}", history.duplicate_count, repeats)
    found = by_last(evidence.ledger.ingested(), "rejected")
    yield Difference("rejected", dict(sorted(rejected.items())), found)


def _of_outputs(evidence: Evidence) -> Iterator[Difference]:
    """Compare what lifecycle and ingest say they wrote with what others have read."""
    gateway, outputs = evidence.gateway, evidence.outputs
    decided = evidence.ledger.decided()
    sent: Counter[str] = Counter()
    for key, count in decided.items():
        if key[0] == "decision" and key[3] == "sent":
            sent[f"{key[1]} {key[2]}"] += count
    received = {" ".join(of): count for of, count in sorted(gateway.received.items())}
    yield Difference("triggers", dict(sorted(sent.items())), received)
    yield Difference("triggers with an id seen before", 0, gateway.repeated_count)
    yield Difference("records of decisions", total(decided, "occasion"), outputs[DECISIONS_TOPIC])
    rejected = total(evidence.ledger.ingested(), "rejected")
    yield Difference("records in the rejected topic", rejected, outputs[REJECTED_TOPIC])


def _of_offers(evidence: Evidence) -> Iterator[Difference]:
    """Compare the units that lifecycle has taken with those that the offer system has granted."""
    granted = {" ".join(of): count for of, count in sorted(evidence.offers.granted.items())}
    taken = {" ".join(of): count for of, count in sorted(evidence.ledger.taken().items()) if count}
    yield Difference("units of offers taken", granted, taken)
    yield Difference("grants asked for twice", 0, evidence.offers.repeated_count)


def _of_campaigns(evidence: Evidence, histories: Sequence[History]) -> Iterator[Difference]:
    """See whether each campaign was decided on at each bank, and sent something where it must."""
    shown: Counter[tuple[str, str]] = Counter()
    for key, count in evidence.ledger.decided().items():
        if key[0] == "decision" and key[3] in {"sent", "suppressed"}:
            shown[key[1], key[2]] += count
    for tenant in (history.tenant for history in histories):
        for campaign_id in (campaign.id for campaign in campaigns(tenant)):
            if campaign_id in WITHOUT_CAUSE.get(tenant, ()) or shown[tenant, campaign_id]:
                continue
            yield Difference(f"decisions on {campaign_id} for {tenant}", "one or more", 0)
    for tenant, campaign in MUST_FIRE:
        if not evidence.gateway.received[tenant, campaign]:
            yield Difference(f"triggers of {campaign} for {tenant}", "one or more", 0)
