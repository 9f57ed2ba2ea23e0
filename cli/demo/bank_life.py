"""
Make up the life of a bank's customers: issue, consent, activation, binding, purchases.

What becomes of their bills is `bank_bills`, of their limits `bank_limits`.

Everything random comes from the generator that is given, so a seed is a bank. What a customer
does depends on nobody else. Nothing here knows how an event is written down (`bank_forms`).
"""

import math
from collections.abc import Iterable, Iterator
from random import Random
from typing import Final, NamedTuple

from cli.demo.bank_bills import AUTOPAY_RATIO, CURRENCY, HOUR_MS, Happening, Holder, bills
from cli.demo.bank_limits import limits
from cli.demo.history import DAY_MS


ABROAD: Final = "USD"

SECOND_CARD_RATIO: Final = 0.12
GOLD_RATIO: Final = 0.30
NEVER_ACTIVATED_RATIO: Final = 0.18
LATE_ACTIVATED_RATIO: Final = 0.20
"""Of those who activate: only after the first nudge is due."""

BOUND_RATIO: Final = 0.70
NEVER_USED_RATIO: Final = 0.06
"""Of those who activate: nothing is ever bought, bound to a wallet or not."""

GRANTED_RATIO: Final = 0.82
DENIED_RATIO: Final = 0.08
REVOKED_RATIO: Final = 0.04
LARGE_RATIO: Final = 0.03
ABROAD_RATIO: Final = 0.05
REVERSED_RATIO: Final = 0.03
WHOLE_RATIO: Final = 0.50
"""Of the reversals: of the whole amount; the others of half of it."""


class Span(NamedTuple):
    """From when to when a bank is looked at, epoch milliseconds UTC."""

    start_at_ms: int
    end_at_ms: int


def life(random: Random, number: int, span: Span, purpose: str) -> Iterator[Happening]:
    """
    Yield all that happens to one customer, in no order of time.

    Args:
        random: whose state decides everything.
        number: of the customer; tokens are made of it, the same in every bank.
        span: what happens outside of it is left out.
        purpose: what the customer is asked consent for.
    """
    token = f"c{number:06}"
    # cards are issued over the first two thirds, so that most lives can unfold
    joined_at = span.start_at_ms + int(random.random() * (span.end_at_ms - span.start_at_ms) / 1.5)
    happenings = list(_consents(random, token, joined_at, purpose))
    happenings += _card_life(random, token, f"k{number:06}a", joined_at, span.end_at_ms)
    if random.random() < SECOND_CARD_RATIO:
        later = joined_at + int(random.expovariate(1 / (30 * DAY_MS)))
        happenings += _card_life(random, token, f"k{number:06}b", later, span.end_at_ms)
    return (happening for happening in happenings if happening.at_ms < span.end_at_ms)


def in_batches(happenings: Iterable[Happening], each_ms: int) -> Iterable[Happening]:
    """
    Return one customer's happenings at the times of booking, at most one in each batch.

    Args:
        happenings: of one customer, in no order of time.
        each_ms: from one batch to the next; 1 leaves every time as it is.
    """
    if each_ms == 1:
        return happenings
    booked: list[Happening] = []
    batch = -1
    for happening in sorted(happenings):
        batch = max(batch + 1, happening.at_ms // each_ms)
        booked.append(happening._replace(at_ms=batch * each_ms))
    return booked


def _consents(random: Random, token: str, joined_at: int, purpose: str) -> Iterator[Happening]:
    """Yield what the customer said to contacts by sms and by push; some change their mind."""
    for channel in ("sms", "push"):
        place = random.random()
        if place > GRANTED_RATIO + DENIED_RATIO:
            continue  # never asked
        words = ["granted" if place < GRANTED_RATIO else "denied"]
        if random.random() < REVOKED_RATIO:
            words.append("revoked")
        at = joined_at + int(random.random() * HOUR_MS)
        for word in words:
            fields = f'"purpose":"{purpose}","channel":"{channel}","status":"{word}"'
            event_id = f"consent-{token}-{channel}-{word}"
            yield Happening(at, "consent.changed", event_id, token, fields)
            at += int(random.expovariate(1 / (40 * DAY_MS)))


def _card_life(
    random: Random, token: str, card: str, issued_at: int, end_at: int
) -> list[Happening]:
    """Return all that happens to one card."""
    named = f'"card_token":"{card}"'
    fields = f'{named},"product_code":"gold"' if random.random() < GOLD_RATIO else named
    happenings = [Happening(issued_at, "card.issued", f"issue-{card}", token, fields)]
    if random.random() < NEVER_ACTIVATED_RATIO:
        return happenings
    if random.random() < LATE_ACTIVATED_RATIO:
        activated_at = issued_at + int((3 + random.random() * 11) * DAY_MS)
    else:
        activated_at = issued_at + int(random.expovariate(1 / DAY_MS))
    happenings.append(Happening(activated_at, "card.activated", f"activation-{card}", token, named))
    if random.random() < BOUND_RATIO:
        bound_at = activated_at + int(random.expovariate(1 / (2 * DAY_MS)))
        fields = f'{named},"wallet":"alipay"'
        happenings.append(Happening(bound_at, "wallet.bound", f"bind-{card}", token, fields))
    bought: list[tuple[int, int, str]] = []
    if random.random() >= NEVER_USED_RATIO:
        bought = list(_purchases(random, activated_at, end_at))
    happenings += _spends(random, token, card, bought)
    holder = Holder(token, card, random.random() < AUTOPAY_RATIO)
    if holder.autopay:
        agreed_at = activated_at + int(random.expovariate(1 / (2 * DAY_MS)))
        fields = f'{named},"status":"active"'
        happenings.append(Happening(agreed_at, "autopay.changed", f"autopay-{card}", token, fields))
    happenings += bills(random, holder, (activated_at, end_at), bought)
    happenings += limits(holder, (activated_at, end_at))
    return happenings


def _purchases(random: Random, activated_at: int, end_at: int) -> Iterator[tuple[int, int, str]]:
    """
    Yield time, amount and currency of a card's purchases, each customer with a rhythm of their own.

    After any purchase the customer may fall silent for good, some sooner than others: the world
    that BG/NBD assumes (Fader, Hardie, Lee 2005).
    """
    gap_ms = random.lognormvariate(math.log(4), 0.7) * DAY_MS
    silent_ratio = random.betavariate(0.8, 14)
    mean = random.normalvariate(math.log(8_000), 0.6)
    at = activated_at + random.expovariate(1 / gap_ms)
    while at < end_at:
        amount = random.lognormvariate(mean, 0.5)
        if random.random() < LARGE_RATIO:
            amount *= 15
        currency = ABROAD if random.random() < ABROAD_RATIO else CURRENCY
        yield int(at), int(amount), currency
        if random.random() < silent_ratio:
            return
        at += random.expovariate(1 / gap_ms) + 1


def _spends(
    random: Random, token: str, card: str, bought: list[tuple[int, int, str]]
) -> Iterator[Happening]:
    """Yield the purchases, and the reversals of a few of them."""
    for number, (at, amount, currency) in enumerate(bought):
        txn = f"t-{card}-{number}"
        money = f'"card_token":"{card}","txn_id":"{txn}","currency":"{currency}","amount_minor":'
        yield Happening(at, "txn.posted", txn, token, f"{money}{amount}")
        if random.random() < REVERSED_RATIO:
            taken_back = amount if random.random() < WHOLE_RATIO else amount // 2
            reversed_at = at + int((0.1 + random.random() * 5) * DAY_MS)
            fields = f'{money}{taken_back},"reason":"refund"'
            yield Happening(reversed_at, "txn.reversed", f"reversal-{txn}", token, fields)
