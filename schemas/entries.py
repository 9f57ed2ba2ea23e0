"""
Define what begins a journey, and the conditions on events that begin or end one.

Part of `schemas.campaign`, whose YAML files decode into these structs. A rule reads the event as
`event.<field>` and the customer's features, after the event has been taken (docs/core.md 3.11).
"""

from typing import Annotated, Final, Literal, TypeAlias

from msgspec import Meta, Struct, field

from schemas.rules import Rule


Ppm = Annotated[int, Meta(ge=0, le=1_000_000)]
"""A probability or ratio in parts per million: floats never enter a decision (SEMANTICS B6)."""

SpanMs = Annotated[int, Meta(ge=1, le=315_576_000_000)]
"""How long a window is, a millisecond to ten years."""

CountMin = Annotated[int, Meta(ge=0, le=1_000_000_000)]
"""A threshold in whole units."""

AmountMinorMin = Annotated[int, Meta(ge=0, le=10**15)]
"""A threshold in minor units, in whatever currency the event has."""

PositiveReal = Annotated[float, Meta(ge=1e-6, le=1e6)]
"""A positive parameter of a distribution, so bounded that BG/NBD never divides by nothing."""

COUNT_MIN_MAX: Final = 16
"""How many events a count may ask for, and how many times of events it remembers."""


class Policy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A closed shape: what is not declared is a mistake in the YAML."""


class EventCondition(Policy, frozen=True, kw_only=True):
    """An event of this type, of which the rule is true where there is one."""

    on: str
    rule: Rule | None = field(default=None, name="if")


class AbsenceEntry(Policy, tag_field="kind", tag="absence", frozen=True, kw_only=True):
    """
    Enter on `after`; each step waits for its delay and fires only if `without` did not come.

    The rule is about `after`.
    """

    after: str
    without: str
    rule: Rule | None = field(default=None, name="if")


class StatementCondition(Policy, tag_field="on", tag="statement.issued", frozen=True, kw_only=True):
    """A bill that may be paid in instalments and is at least this large."""

    total_due_minor_min: AmountMinorMin = 0
    instalment_eligible: bool = True


class LargePurchaseCondition(Policy, tag_field="on", tag="txn.posted", frozen=True, kw_only=True):
    """
    A purchase that is large in itself and against the customer's own mean purchase.

    `own_mean_percent_min` 300 means at least three times the mean of the purchases known before
    this one, of which there must be `spend_count_min`.
    """

    amount_minor_min: AmountMinorMin = 0
    own_mean_percent_min: CountMin = 100
    spend_count_min: CountMin = 1


class EventEntry(Policy, tag_field="kind", tag="event", frozen=True, kw_only=True):
    """
    Enter on any event that meets one of the conditions.

    `any_of` are the house's own, at most one an event type; `when` those with a rule, on any event
    that a customer can have.
    """

    any_of: tuple[StatementCondition | LargePurchaseCondition, ...] = ()
    when: Annotated[tuple[EventCondition, ...], Meta(max_length=8)] = ()


class CountEntry(Policy, tag_field="kind", tag="count", frozen=True, kw_only=True):
    """Enter when `count_min` events that meet the condition lie within less than `window_ms`."""

    on: str
    count_min: Annotated[int, Meta(ge=2, le=COUNT_MIN_MAX)]
    window_ms: SpanMs
    rule: Rule | None = field(default=None, name="if")


class SequenceEntry(Policy, tag_field="kind", tag="sequence", frozen=True, kw_only=True):
    """Enter when each condition was met after the one before, all in less than `within_ms`."""

    of: Annotated[tuple[EventCondition, ...], Meta(min_length=2, max_length=4)]
    within_ms: SpanMs


class DriftEntry(Policy, tag_field="kind", tag="drift", frozen=True, kw_only=True):
    """
    Enter on a purchase after which the customer's habit has declined by so much (docs/core.md 3.9).

    `either` is the greater decline of both.
    """

    of: Literal["frequency", "amount", "either"]
    decline_ppm_min: Annotated[int, Meta(ge=1, le=1_000_000_000)]
    rule: Rule | None = field(default=None, name="if")


class SilenceEntry(Policy, tag_field="kind", tag="silence", frozen=True, kw_only=True):
    """
    Enter on every purchase; fire when the customer has been silent too long for their own rhythm.

    BG/NBD (Fader, Hardie, Lee 2005): the timer is due at the silence at which P(alive) falls to
    `alive_ppm`; the step goes out only if P(alive) x expected purchases per `unit_ms` is at least
    `rate_ppm_min`. `r`, `alpha`, `a`, `b` are the population's parameters, estimated offline and
    given as policy, with time in units of `unit_ms`.
    """

    r: PositiveReal
    alpha: PositiveReal
    a: PositiveReal
    b: PositiveReal
    unit_ms: SpanMs
    alive_ppm: Ppm
    rate_ppm_min: CountMin
    repeat_count_min: Annotated[int, Meta(ge=1, le=1_000_000_000)] = 1


class DueDateEntry(Policy, tag_field="kind", tag="due_date", frozen=True, kw_only=True):
    """
    Enter on a bill of at least this much; each step is due so long before its due date ends.

    It goes out only if the bill is not repaid by then and the card has no autopay.
    """

    total_due_minor_min: AmountMinorMin = 1


Entry: TypeAlias = (
    AbsenceEntry
    | EventEntry
    | SilenceEntry
    | DueDateEntry
    | CountEntry
    | SequenceEntry
    | DriftEntry
)
"""Every kind of entry; `kind` says which."""
