"""
Make up any event of the catalogue, field by field, from pots so small that everything collides.

What a field may say comes from the checker's own catalogue; times lie close to a given now.
"""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from tests.checker.catalogue import Field, forms
from tests.checker.identity import Facts


HOUR: Final = 3_600_000
DAY: Final = 86_400_000
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

CURRENCIES: Final = ("CNY",) * 12 + ("USD", "EUR", "JPY", "GBP", "CHF")
AMOUNTS: Final = (0, 1, 100, 300, 301, 999, 1_000, 10_000, 10_000, 10**15)
LABELS: Final = ("", "", "a", "b", "closed", "granted")
ZONES: Final = ("", "Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Nowhere/At_All")
OWN_LABELS: Final = {
    "scene": ("", "", "dining", "travel", "moon"),
    "mcc": ("", "5411", "5812", "3000", "9402", "541"),
    "time_zone": ZONES,
}
"""Labels that mean something in a field of this name."""

WEIGHTS: Final = {
    "txn.posted": 16,
    "txn.reversed": 2,
    "statement.issued": 8,
    "repayment.received": 8,
    "card.issued": 3,
    "card.activated": 2,
    "card.replaced": 2,
    "consent.changed": 14,
    "partner.observed": 6,
    "survey.answered": 2,
    "autopay.changed": 3,
    "preference.changed": 2,
    "profile.changed": 2,
    "erasure.requested": 0.1,
    "card.lost": 0.3,
    "card.closed": 0.3,
    "card.blocked": 0.5,
    "card.unblocked": 2,
    "risk.flagged": 0.6,
    "service.case_opened": 0.6,
    "repayment.overdue": 1,
    "delivery.receipt": 0,
    "response.recorded": 0.5,
    "offer.result": 0.3,
    "policy.published": 0,
    "calendar.published": 0,
    "contact_policy.published": 0,
    "template.approved": 0,
    "offer.defined": 0,
    "model.defined": 0,
    "model.set": 0,
    "kill_switch.set": 0,
    "tenant.configured": 0,
}
"""How often an event comes, 1 where nothing is said; receipts come by what was sent."""

KINDS: Final = tuple(forms())
UNSPENT: Final = (
    *("application.started", "preapproval.granted", "instalment.created", "limit.prechecked"),
    *("coupon.issued", "benefit.granted", "benefit.progressed", "autopay.changed"),
)
CROWDS: Final[dict[str, dict[str, float]]] = {
    "": {},
    "words": {
        **dict.fromkeys(forms(), 0),
        **dict.fromkeys(UNSPENT, 12),
        **dict.fromkeys(("txn.posted", "statement.issued", "card.issued"), 8),
        **dict.fromkeys(("wallet.bound", "service.case_opened", "consent.changed"), 4),
        **dict.fromkeys(("app.session", "partner.observed", "score.published"), 0.2),
    },
    "contacts": {
        **dict.fromkeys(("consent.changed", "card.issued", "app.session", "txn.posted"), 20),
        **dict.fromkeys(("statement.issued", "txn.declined", "repayment.received"), 20),
        **dict.fromkeys(("risk.flagged", "service.case_opened", "repayment.overdue"), 0.1),
        **dict.fromkeys(("preference.changed", "profile.changed", "erasure.requested"), 0.1),
        **dict.fromkeys(("card.lost", "card.closed", "card.blocked"), 0.05),
    },
    "consents": {"consent.changed": 150, "response.recorded": 8},
    "journeys": {
        **dict.fromkeys(("statement.issued", "card.issued", "txn.posted"), 60),
        **dict.fromkeys(("risk.flagged", "service.case_opened", "repayment.overdue"), 0),
        **dict.fromkeys(("card.lost", "card.closed", "card.blocked", "erasure.requested"), 0),
    },
}
"""What there is very much of in a journal, by the row's list that it fills."""

POTS: Final = {
    "card_token": ("k", 3),
    "new_card_token": ("k", 4),
    "statement_id": ("s", 3),
    "purpose": ("p", 2),
    "flag_id": ("f", 2),
    "case_id": ("c", 2),
}
"""Before the number of a token stands its pot's letter; how many numbers there are."""


class Events:
    """Draws events; in a crowd there are many of everything, so that rows fill up."""

    def __init__(self, random: Random, crowd: str) -> None:
        """Draw from `random`; `crowd` is one of `CROWDS`."""
        self._random, self._is_crowd = random, crowd not in ("", "contacts")
        self._is_open = crowd == "contacts"
        weights = WEIGHTS | CROWDS[crowd]
        self._weights = [weights.get(kind, 1) for kind in KINDS]

    def any_kind(self) -> str:
        """Return the type of what happens next."""
        return self._random.choices(KINDS, self._weights)[0]

    def event(self, kind: str, now: int, **said: Any) -> Facts:  # noqa: ANN401 (any JSON)
        """Return an event's record; fields that may be missing are at times."""
        record: Facts = {"event_type": kind}
        for field in forms()[kind].fields:
            if not field.may_be_missing or self._random.random() < 0.8:
                record[field.name] = self._value(field, now)
        if self._is_open or self._random.random() < 0.5:
            record |= self._likely(kind)
        return record | said

    def _likely(self, kind: str) -> Facts:
        """Return what banks say most of the time, so that something comes of it."""
        random = self._random
        if kind == "consent.changed":
            channel = random.choice(("sms", "sms", "push", "push", "push", "email", "data"))
            if channel == "data" and random.random() < 0.5:
                return {"status": "revoked", "channel": channel}
            said = {"status": "granted", "channel": channel}
            return said if self._is_crowd or channel == "data" else said | {"purpose": "marketing"}
        if kind == "repayment.received":
            return {"amount_minor": 10_000, "currency": "CNY"}
        if kind == "profile.changed":
            return {"time_zone": random.choice(("Asia/Shanghai", "Australia/Lord_Howe", ""))}
        return {}

    def _value(self, field: Field, now: int) -> Any:  # noqa: ANN401 (any JSON)
        random = self._random
        if field.may_be_null and random.random() < 0.3:
            return None
        if field.name in OWN_LABELS:
            return random.choice(OWN_LABELS[field.name])
        if field.kind == "token":
            return self._token(field.name)
        if field.kind == "date":
            return str((EPOCH + timedelta(milliseconds=self._about(now))).date())
        if field.kind == "instant":
            return (
                EPOCH
                + timedelta(milliseconds=self._about(now), microseconds=random.choice((0, 999)))
            ).isoformat()
        made = MAKERS.get(field.kind)
        return made(random) if made else random.choice(field.kind.split("/"))

    def _about(self, now: int) -> int:
        """Return a moment close to now, or one before 1970."""
        days = self._random.choice((-2, -1, 0, 0, 1, 1, 2, 3, 5, 40))
        if self._is_crowd and self._random.random() < 0.8:
            days = 400  # so that nothing runs out, and rows stay full
        return -5 * DAY if self._random.random() < 0.03 else now + days * DAY

    def _token(self, name: str) -> str:
        random = self._random
        letter, count = POTS.get(name, (name[0], 3))
        if self._is_crowd and random.random() < 0.5:
            count *= 30
        elif random.random() < 0.02:
            count *= 8
        if name == "purpose" and random.random() < 0.7:
            return random.choice(
                ("marketing", "marketing", "marketing", "*", "profiling")
                if not self._is_crowd
                else ("marketing",)
            )
        if name == "statement_id" and random.random() < 0.05:
            return "s|0"
        return f"{letter}{random.randrange(count)}"


def _label(random: Random) -> str:
    return random.choice(LABELS)


def _list(words: tuple[str, ...]) -> Any:  # noqa: ANN401 (a function)
    return lambda random: random.sample(words, random.randrange(len(words)))


MAKERS: Final[dict[str, Any]] = {
    "label": _label,
    "text": _label,
    "text32": _label,
    "text35": _label,
    "text64": _label,
    "amount": lambda random: random.choice(AMOUNTS),
    "count": lambda random: random.choice((0, 1, 30)),
    "million": lambda random: random.choice((0, 1, 999_999)),
    "trillion": lambda random: random.choice((0, 1, 10**12)),
    "code": lambda random: random.choice(("", "CNY", "XXX")),
    "thousand": lambda random: random.choice((0, 1, 3)),
    "currency": lambda random: random.choice(CURRENCIES),
    "bool": lambda random: random.random() < 0.7,
    "confirmed": lambda _: True,
    "quiet_hours": lambda random: random.choice(("", "21:00-08:00", "22:30-07:00")),
    "channels": _list(("sms", "push", "email")),
    "segments": _list(("young", "old", "rich")),
    "attributes": lambda random: {
        name: random.choice(("", "a", "b")) for name in ("city_code", "wealth_band", "age_band")
    },
}
"""How a value of each kind is drawn; kinds that list their words are drawn from these."""
