"""
Define a campaign: policy as data, published into the log and pinned by every journey.

The YAML files in `campaigns/` decode into these structs; an unknown field is an error there, so
`forbid_unknown_fields` is on. Durations are integers in milliseconds here and text such as `72h`
or `7d` in YAML (`schemas.durations`).
"""

from typing import Annotated, Literal

from msgspec import Meta, field

from schemas.channels import Channel
from schemas.entries import (
    AbsenceEntry,
    CountEntry,
    CountMin,
    DriftEntry,
    DueDateEntry,
    Entry,
    EventCondition,
    EventEntry,
    LargePurchaseCondition,
    Ppm,
    SequenceEntry,
    SilenceEntry,
    StatementCondition,
)
from schemas.entries import Policy as _Policy
from schemas.rules import Rule
from schemas.template import TemplateId, VariableName


__all__ = [
    "AbsenceEntry",
    "Campaign",
    "CountEntry",
    "DriftEntry",
    "DueDateEntry",
    "EventCondition",
    "EventEntry",
    "LargePurchaseCondition",
    "SequenceEntry",
    "SilenceEntry",
    "StatementCondition",
]

DurationMs = Annotated[int, Meta(ge=0, le=315_576_000_000)]
"""A duration up to ten years: every number of a policy has a bound, so that none breaks a row."""

MomentMs = Annotated[int, Meta(ge=0, le=7_289_654_400_000)]
"""A moment up to the year 2200, epoch milliseconds UTC; 0 for none."""

ValueMinor = Annotated[int, Meta(ge=0, le=10**12)]
"""Money that a contact may bring or cost, in minor units of the tenant's currency."""

BasisPoints = Annotated[int, Meta(ge=0, le=10_000)]
"""Hundredths of a percent: how many of ten thousand customers."""

CampaignId = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""A campaign's name, unique within its tenant."""

CapScope = Literal["all", "class", "channel", "purpose", "campaign"]
"""What a contact must share with another to be counted beside it."""

Stage = Literal[
    "acquire", "activate", "bind", "pay", "frequency_lift", "amount_lift", "instalment", "win_back"
]
"""The lifecycle stage a campaign serves."""


class Step(_Policy, frozen=True, kw_only=True):
    """
    One contact of a campaign, `delay_ms` after entry (after the due time, for silence).

    For a due date, `lead_ms` before its end instead. `at_minute` of the day, by the customer's
    clock, is then waited for; None for the delay alone.
    """

    id: CampaignId
    delay_ms: DurationMs = 0
    lead_ms: DurationMs = 0
    at_minute: Annotated[int, Meta(ge=0, le=1_439)] | None = None


class Treatment(_Policy, frozen=True, kw_only=True):
    """
    An approved wording in a channel.

    `variables` are names of the wording's, each with the feature that it shows; what nobody knows
    is not shown, and then nothing is sent. `sender_profile` is by which signature and port the
    gateway sends; "" means that of the message's class.
    """

    channel: Channel
    template_id: TemplateId
    template_version: CountMin
    sender_profile: Annotated[str, Meta(max_length=64)] = ""
    variables: Annotated[dict[VariableName, str], Meta(max_length=16)] = field(default_factory=dict)


class Fallback(Treatment, frozen=True, kw_only=True):
    """
    What is tried in place of the treatments before it (SEMANTICS C2).

    At a decision where the customer cannot be reached on their channels, and after one of them
    came back with a receipt `after`.
    """

    after: Annotated[
        tuple[Literal["failed", "rejected", "blocked_optout"], ...], Meta(max_length=3)
    ] = ("failed", "rejected")


Fallbacks = Annotated[tuple[Fallback, ...], Meta(max_length=5)]
"""One for each further channel at most, in the order in which they are tried."""


class Cap(_Policy, frozen=True, kw_only=True):
    """
    At most `count` contacts of one customer in any window of `window_ms` (SEMANTICS C1).

    Of the customer's contacts it counts those of the same campaign, channel, purpose or class of
    message as the one to be made, or all.
    """

    scope: CapScope
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
    fallbacks: Fallbacks = ()


class Experiment(_Policy, frozen=True, kw_only=True):
    """
    Who is contacted and how, by a bucket of 0 to 9,999 that a customer keeps (SEMANTICS E1).

    Buckets below `control_bp` are the control group, arms take theirs from the top, in their
    order; who is between has the campaign's own treatment. A new salt is another experiment.
    """

    salt: Annotated[str, Meta(min_length=1, max_length=64)]
    control_bp: BasisPoints = 0
    arms: Annotated[tuple[Arm, ...], Meta(max_length=8)] = ()


class Guardrails(_Policy, frozen=True, kw_only=True):
    """
    What a campaign must not bring about: where it does, it is held (docs/insight.md 4).

    Bounds are shares of those contacted, in parts per million, 0 for no bound. `harm`: contact
    makes fewer convert, by the campaign's own control, without which it is never asked. A version
    is held wrongly, ever, by any of them, with a probability of at most `alpha_ppm`.
    """

    opt_out_ppm: Ppm = 0
    complaint_ppm: Ppm = 0
    failure_ppm: Ppm = 0
    harm: bool = False
    alpha_ppm: Annotated[int, Meta(ge=1, le=500_000)] = 10_000


class Conversion(_Policy, frozen=True, kw_only=True):
    """
    What the campaign is to bring about: an event of type `on` within `window_ms` of the decision.

    `value` names the whole-number field of that event that says what it brought, "" for none. Its
    sum over the window is the money that an effect is measured in, where it is in `currency`, up
    to `value_cap_minor` a customer; 0: no money is counted.
    """

    on: str
    window_ms: Annotated[int, Meta(ge=1, le=315_576_000_000)]
    value: str = ""
    value_cap_minor: ValueMinor = 0
    currency: Annotated[str, Meta(pattern=r"^([A-Z]{3})?$")] = ""


class Option(Treatment, frozen=True, kw_only=True):
    """
    One way of contacting, among others that a campaign chooses from (docs/core.md 3.19).

    Where it names no `offer`, `model`, value or cost of its own, the campaign's counts.
    """

    id: CampaignId
    fallbacks: Fallbacks = ()
    offer: Annotated[str, Meta(pattern=r"^([a-z][a-z0-9_]{0,63})?$")] = ""
    model: Annotated[str, Meta(pattern=r"^([a-z][a-z0-9_]{0,63})?$")] = ""
    value_minor: ValueMinor | None = None
    contact_cost_minor: ValueMinor | None = None


class Choice(_Policy, frozen=True, kw_only=True):
    """
    Choose an option for each contact: the one worth most, but by chance for `epsilon_ppm` of them.

    By the options' models, or where none has one by counts of what each has brought.
    """

    salt: Annotated[str, Meta(min_length=1, max_length=64)]
    epsilon_ppm: Annotated[int, Meta(ge=8, le=1_000_000)]
    options: Annotated[tuple[Option, ...], Meta(min_length=2, max_length=8)]


class Campaign(_Policy, frozen=True, kw_only=True):
    """
    One campaign of one tenant in one version.

    `exit_on` names the event types that end a journey at once, or only where a rule is true;
    `occurrence` says what makes a journey distinct beside its entry event; `expires_after_ms`
    bounds how long a gateway may still send after the decision. No journey is entered before
    `start_at_ms`, nothing is entered or sent from `end_at_ms` on (0: no such date). What a
    contact is worth is `base_rate_ppm` x `value_minor` x `lever_percent` - `contact_cost_minor`
    (SEMANTICS O2). For `cool_down_ms` after a contact nobody is contacted about another
    occurrence. `offer` is what a contact promises, "" for nothing; `budget_minor` what contacts
    and offers may cost in all, 0 where nobody said. `model` ranks by what it has learnt, "" by the
    base rate alone. `guardrails` hold it, `choice` has several ways of contacting.
    `report_by` are features by which it is told whom it reaches; they decide nothing.
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
    entry: Entry
    occurrence: Literal["card", "statement", "txn"]
    steps: Annotated[tuple[Step, ...], Meta(min_length=1, max_length=8)]
    treatment: Treatment
    exit_on: Annotated[tuple[str | EventCondition, ...], Meta(max_length=64)] = ()
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
    cool_down_ms: DurationMs = 0
    start_at_ms: MomentMs = 0
    end_at_ms: MomentMs = 0
    conversion: Conversion | None = None
    fallbacks: Fallbacks = ()
    offer: Annotated[str, Meta(pattern=r"^([a-z][a-z0-9_]{0,63})?$")] = ""
    budget_minor: ValueMinor = 0
    model: Annotated[str, Meta(pattern=r"^([a-z][a-z0-9_]{0,63})?$")] = ""
    guardrails: Guardrails | None = None
    choice: Choice | None = None
    report_by: Annotated[tuple[Annotated[str, Meta(max_length=64)], ...], Meta(max_length=8)] = ()
