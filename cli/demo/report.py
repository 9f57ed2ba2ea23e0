"""Print the reckoning: what came in, what became of it, and what is real and what is made up."""

from collections.abc import Iterator, Mapping
from typing import Final

from cli.demo.cdnow_history import DENIED_PERCENT, GRANTED_PERCENT
from cli.demo.gateway import FAILED_PERCENT
from cli.demo.histories import BANK_DAY_COUNT, UPSTREAM
from cli.demo.ledger import Counts
from cli.demo.offers import REFUSED_PERCENT, OfferSystem
from cli.demo.play import Played
from cli.demo.reconcile import summarise
from cli.demo.setting import BANK, CDNOW


HOUR_MS: Final = 3_600_000


def report(played: Played, total_s: float) -> Iterator[str]:
    """Yield the lines of the reckoning."""
    summary = summarise(played.evidence)
    parts = {"applied": summary.applied, "ignored": summary.ignored, "rejected": summary.rejected}
    yield ""
    sums = " + ".join(f"{name} {sum(part.values()):,}" for name, part in parts.items())
    yield f"in {summary.in_count:,} = {sums}"
    for name, part in parts.items():
        yield f"  {name:<9} {_listed(part)}"
    yield f"triggers {sum(summary.triggers.values()):,}: {_listed(summary.triggers)}"
    for past in played.histories:
        yield f"decisions of {past.tenant}:"
        yield from _decisions(played.evidence.ledger.decided(), past.tenant)
    yield f"tried instead of what failed: {_listed(dict(sorted(played.fallbacks.items())))}"
    yield from _offers(played.evidence.offers)
    yield from played.lessons
    yield from played.effects
    yield from played.story
    yield from _made_up()
    spent = ", ".join(f"{part} {seconds:.1f}" for part, seconds in played.seconds.items())
    yield f"{total_s:.1f} s: {spent}, taking down and reckoning the rest"


def _decisions(decided: Counts, tenant: str) -> Iterator[str]:
    """Yield a line for each campaign: what was decided how often."""
    campaigns = {key[2] for key in decided if key[0] == "decision" and key[1] == tenant}
    for campaign in sorted(campaigns):
        found = {
            (f"{key[3]} {key[4]}").strip(): count
            for key, count in decided.items()
            if key[:3] == ("decision", tenant, campaign)
        }
        yield f"  {campaign}: {_listed(dict(sorted(found.items())))}"


def _offers(offers: OfferSystem) -> Iterator[str]:
    """Yield a line for each offer: units granted, and requests refused, whose units came back."""
    for tenant, offer_id in sorted(offers.granted | offers.refused):
        granted, refused = offers.granted[tenant, offer_id], offers.refused[tenant, offer_id]
        given_back = f"refused and given back {refused:,}"
        yield f"offer {offer_id} of {tenant}: granted {granted:,}, {given_back}"


def _made_up() -> Iterator[str]:
    """Yield what a reader must know about the two banks."""
    hours = UPSTREAM.booked_each_ms // HOUR_MS
    yield f"{CDNOW}: real customers, days and amounts; first purchase = issue and activation."
    yield "  The file knows days only, so all of a day is at its midnight. Consent is generated:"
    yield f"  {GRANTED_PERCENT} % granted, {DENIED_PERCENT} % denied, the rest were not asked."
    yield f"{BANK}: made up from the seed, {BANK_DAY_COUNT} days, booked each {hours} hours."
    yield "what contact brings: nobody in either history hears from us, so nothing; an interval of"
    yield "  an effect that leaves 0 out would be chance, or a mistake of ours."
    fail = ", ".join(f"{percent} of 100 by {name}" for name, percent in FAILED_PERCENT.items())
    yield f"gateways: made up; {fail} fail, reported when all is over; what has not expired by"
    yield "  then is tried another way."
    yield f"offer system: made up; {REFUSED_PERCENT} of 100 are refused, told when all is over."


def _listed(counts: Mapping[str, int]) -> str:
    """Return counts by name in one line."""
    return ", ".join(f"{name} {count:,}" for name, count in counts.items()) or "none"
