"""
Define a campaign: policy as data, published into the log and pinned by every journey.

The YAML files in `campaigns/` decode into these structs; an unknown field is an error there, so
`forbid_unknown_fields` is on. Durations are integers in milliseconds here and text such as `72h`
or `7d` in YAML (`schemas.durations`).
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from schemas.rules import Rule


Ppm = Annotated[int, Meta(ge=0, le=1_000_000)]
"""A probability or ratio in parts per million: floats never enter a decision (SEMANTICS B6)."""

DurationMs = Annotated[int, Meta(ge=0, le=315_576_000_000)]
"""A duration up to ten years: every number of a policy has a bound, so that none breaks a row."""

CountMin = Annotated[int, Meta(ge=0, le=1_000_000_000)]
"""A threshold in whole units."""

AmountMinorMin = Annotated[int, Meta(ge=0, le=10**15)]
"""A threshold in minor units, in whatever currency the event has."""

PositiveReal = Annotated[float, Meta(ge=1e-6, le=1e6)]
"""A positive parameter of a distribution, so bounded that BG/NBD never divides by nothing."""

ValueMinor = Annotated[int, Meta(ge=0, le=10**12)]
"""Money that a contact may bring or cost, in minor units of the tenant's currency."""

BasisPoints = Annotated[int, Meta(ge=0, le=10_000)]
"""Hundredths of a percent: how many of ten thousand customers."""

CampaignId = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""A campaign's name, unique within its tenant."""

Stage = Literal[
    "acquire", "activate", "bind", "pay", "frequency_lift", "amount_lift", "instalment", "win_back"
]
"""The lifecycle stage a campaign serves."""


class _Policy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A closed shape: what is not declared is a mistake in the YAML."""


class AbsenceEntry(_Policy, tag_field="kind", tag="absence", frozen=True, kw_only=True):
    """Enter on `after`; each step waits for its delay and fires only if `without` did not come."""

    after: str
    without: str


class StatementCondition(
    _Policy, tag_field="on", tag="statement.issued", frozen=True, kw_only=True
):
    """A bill that may be paid in instalments and is at least this large."""

    total_due_minor_min: AmountMinorMin = 0
    instalment_eligible: bool = True


class LargePurchaseCondition(_Policy, tag_field="on", tag="txn.posted", frozen=True, kw_only=True):
    """
    A purchase that is large in itself and against the customer's own mean purchase.

    `own_mean_percent_min` 300 means at least three times the mean of the purchases known before
    this one, of which there must be `spend_count_min`.
    """

    amount_minor_min: AmountMinorMin = 0
    own_mean_percent_min: CountMin = 100
    spend_count_min: CountMin = 1


class EventEntry(_Policy, tag_field="kind", tag="event", frozen=True, kw_only=True):
    """Enter on any event that meets one of the conditions, at most one condition an event type."""

    any_of: tuple[StatementCondition | LargePurchaseCondition, ...]


class SilenceEntry(_Policy, tag_field="kind", tag="silence", frozen=True, kw_only=True):
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
    unit_ms: Annotated[int, Meta(ge=1, le=315_576_000_000)]
    alive_ppm: Ppm
    rate_ppm_min: CountMin
    repeat_count_min: Annotated[int, Meta(ge=1, le=1_000_000_000)] = 1


class DueDateEntry(_Policy, tag_field="kind", tag="due_date", frozen=True, kw_only=True):
    """
    Enter on a bill of at least this much; each step is due so long before its due date ends.

    It goes out only if the bill is not repaid by then and the card has no autopay.
    """

    total_due_minor_min: AmountMinorMin = 1


class Step(_Policy, frozen=True, kw_only=True):
    """
    One contact of a campaign, `delay_ms` after entry (after the due time, for silence).

    For a due date, `lead_ms` before its end instead.
    """

    id: CampaignId
    delay_ms: DurationMs = 0
    lead_ms: DurationMs = 0


class Treatment(_Policy, frozen=True, kw_only=True):
    """An approved wording in a channel."""

    channel: Literal["sms", "push"]
    template_id: str
    template_version: CountMin


class Cap(_Policy, frozen=True, kw_only=True):
    """
    At most `count` contacts of one customer in any window of `window_ms` (SEMANTICS C1).

    Scope `campaign` counts this campaign's contacts, `all` those of every campaign of the tenant.
    """

    scope: Literal["campaign", "all"]
    count: Annotated[int, Meta(ge=1, le=100)]
    window_ms: Annotated[int, Meta(ge=1, le=315_576_000_000)]


class Clause(_Policy, frozen=True, kw_only=True):
    """A condition that must hold; its id stands in the record where it does not."""

    id: CampaignId
    rule: Rule = field(name="if")


class Arm(_Policy, frozen=True, kw_only=True):
    """One wording of an experiment, for `share_bp` of ten thousand customers."""

    id: CampaignId
    share_bp: BasisPoints
    treatment: Treatment


class Experiment(_Policy, frozen=True, kw_only=True):
    """
    Who is contacted and how, by a bucket of 0 to 9,999 that a customer keeps (SEMANTICS E1).

    Buckets below `control_bp` are the control group, arms take theirs from the top, in their
    order; who is between has the campaign's own treatment. A new salt is another experiment.
    """

    salt: Annotated[str, Meta(min_length=1, max_length=64)]
    control_bp: BasisPoints = 0
    arms: Annotated[tuple[Arm, ...], Meta(max_length=8)] = ()


class Conversion(_Policy, frozen=True, kw_only=True):
    """
    What the campaign is to bring about: an event of type `on` within `window_ms` of the decision.

    `value` names the whole-number field of that event that says what it brought, "" for none.
    """

    on: str
    window_ms: Annotated[int, Meta(ge=1, le=315_576_000_000)]
    value: str = ""


class Campaign(_Policy, frozen=True, kw_only=True):
    """
    One campaign of one tenant in one version.

    `exit_on` names the event types that end a journey at once; `occurrence` says what makes a
    journey distinct beside its entry event; `expires_after_ms` bounds how long a gateway may
    still send after the decision. What a contact is worth is `base_rate_ppm` x `value_minor` x
    `lever_percent` - `contact_cost_minor` (SEMANTICS O2).
    """

    id: CampaignId
    version: Annotated[int, Meta(ge=1, le=2**53)]
    tenant: str
    title: str
    owner: str
    stage: Stage
    trigger_type: str
    message_class: Literal["marketing", "servicing", "mandatory"]
    purpose: str
    entry: AbsenceEntry | EventEntry | SilenceEntry | DueDateEntry
    occurrence: Literal["card", "statement", "txn"]
    steps: Annotated[tuple[Step, ...], Meta(min_length=1, max_length=8)]
    treatment: Treatment
    exit_on: tuple[str, ...] = ()
    caps: tuple[Cap, ...] = ()
    priority: Annotated[int, Meta(ge=0, le=100)] = 50
    expires_after_ms: Annotated[int, Meta(ge=1, le=315_576_000_000)] = 86_400_000
    eligibility: Annotated[tuple[Clause, ...], Meta(max_length=16)] = ()
    applicability: Annotated[tuple[Clause, ...], Meta(max_length=16)] = ()
    suitability: Annotated[tuple[Clause, ...], Meta(max_length=16)] = ()
    base_rate_ppm: Ppm = 0
    value_minor: ValueMinor = 0
    lever_percent: Annotated[int, Meta(ge=0, le=1_000)] = 100
    contact_cost_minor: ValueMinor = 0
    experiment: Experiment | None = None
    conversion: Conversion | None = None
