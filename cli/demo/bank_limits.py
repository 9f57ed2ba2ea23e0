"""
Make up what becomes of a card's limit: purchases that it does not cover, and what would help.

The risk system has looked at some customers before and would allow them more for a while.
"""

from collections.abc import Iterator
from random import Random
from typing import Final

from cli.demo.bank_bills import CURRENCY, Happening, Holder
from cli.demo.bank_forms import moment
from cli.demo.history import DAY_MS


REFUSED_RATIO: Final = 0.30
"""Of the cards in use: once a purchase is refused, mostly for want of limit."""

OTHER_CLASS_RATIO: Final = 0.20
PRECHECKED_RATIO: Final = 0.70
"""Of those refused: whom the risk system would have allowed more, mostly enough."""

VALID_MS: Final = 30 * DAY_MS


def limits(holder: Holder, lived: tuple[int, int]) -> Iterator[Happening]:
    """
    Yield a refusal, and the pre-check before it, for a few cards.

    Args:
        holder: of the card.
        lived: from the activation to the end of what is looked at, epoch milliseconds UTC; with
            the card it decides everything, so that the rest of the bank stays as it is.
    """
    activated_at, end_at = lived
    random = Random(f"limits|{holder.card}|{activated_at}")  # noqa: S311 (a made-up bank)
    if activated_at >= end_at or random.random() >= REFUSED_RATIO:
        return
    refused_at = activated_at + int((0.2 + 0.8 * random.random()) * (end_at - activated_at))
    amount_minor = int(random.lognormvariate(12, 0.5))
    why = "technical" if random.random() < OTHER_CLASS_RATIO else "insufficient_limit"
    card = f'"card_token":"{holder.card}","currency":"{CURRENCY}"'
    if random.random() < PRECHECKED_RATIO:
        checked_at = max(activated_at, refused_at - int(random.random() * VALID_MS))
        fields = (
            f'"precheck_id":"p-{holder.card}",{card},'
            f'"max_temp_limit_minor":{int(amount_minor * (0.8 + random.random()))},'
            f'"valid_until":"{moment(checked_at + VALID_MS)}"'
        )
        name = f"precheck-{holder.card}"
        yield Happening(checked_at, "limit.prechecked", name, holder.token, fields)
    fields = (
        f'"auth_id":"a-{holder.card}",{card},"amount_minor":{amount_minor},"decline_class":"{why}"'
    )
    yield Happening(refused_at, "txn.declined", f"refusal-{holder.card}", holder.token, fields)
