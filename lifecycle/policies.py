"""
Keep a tenant's active policies ready to decide: rules compiled, campaigns by event type.

A record meets only the campaigns that it concerns.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from lifecycle import clauses, entry_rules, wordings
from lifecycle.choice_shape import check_choice
from lifecycle.features.declared import FEATURES
from lifecycle.rules import RuleError
from schemas.campaign import (
    AbsenceEntry,
    Campaign,
    DriftEntry,
    DueDateEntry,
    EventCondition,
    EventEntry,
    LargePurchaseCondition,
    SilenceEntry,
)
from schemas.events import EventData
from schemas.routing import ROUTES


SPENDING: Final = "txn."
"""What the types of events about spending begin with."""

PURCHASE: Final = "txn.posted"
BILL: Final = "statement.issued"
REPAYMENT: Final = "repayment.received"


class ActivePolicy(NamedTuple):
    """
    A campaign's active version: its stages of clauses compiled, the features that they read.

    `behavioural`: something of it looks at what the customer did (SEMANTICS O3, O4). `begins` are
    the entry's conditions on events in their order, `ends` the exits that have a rule.
    """

    campaign: Campaign
    policy_hash: str
    eligibility: tuple[clauses.Condition, ...]
    applicability: tuple[clauses.Condition, ...]
    suitability: tuple[clauses.Condition, ...]
    reads: tuple[str, ...]
    behavioural: bool
    begins: tuple[entry_rules.Asked, ...] = ()
    ends: tuple[entry_rules.Asked, ...] = ()


def active(campaign: Campaign, policy_hash: str) -> ActivePolicy:
    """
    Return a policy ready to decide.

    Raises:
        RuleError: one of its rules cannot be compiled, a wording or a report asks for what is no
            feature, or nothing can be chosen from its options.

    """
    check_choice(campaign)
    read = {*clauses.names_read(campaign), *wordings.names_shown(campaign)}
    looked_at = {*read, *entry_rules.features_read(campaign)}
    return ActivePolicy(
        campaign,
        policy_hash,
        eligibility=clauses.conditions(campaign.eligibility),
        applicability=clauses.conditions(campaign.applicability),
        suitability=clauses.conditions(campaign.suitability),
        reads=tuple(sorted({*read, *_reported(campaign)})),
        begins=entry_rules.asked(campaign.id, entry_rules.begin_conditions(campaign.entry)),
        ends=entry_rules.asked(campaign.id, entry_rules.end_conditions(campaign)),
        behavioural=_behavioural(campaign) or any(FEATURES[name].behavioural for name in looked_at),
    )


def running(campaign: Campaign, now_ms: int) -> bool:
    """Return whether journeys are entered at `now_ms`: at or after the start, before the end."""
    return campaign.start_at_ms <= now_ms and not over(campaign, now_ms)


def over(campaign: Campaign, now_ms: int) -> bool:
    """Return whether the campaign's end has come."""
    return 0 < campaign.end_at_ms <= now_ms


class Plan(NamedTuple):
    """
    What the active policies have to do with one event type.

    `entries` are those that it may enter, in ascending campaign id; `exits` those whose journeys
    it may end; `truths` those whose earlier contacts it may prove wrong.
    """

    entries: tuple[ActivePolicy, ...]
    exits: Mapping[str, ActivePolicy]
    truths: Mapping[str, ActivePolicy]


NO_PLAN: Final = Plan((), {}, {})
"""Of an event type that concerns no policy."""


def plans(policies: Mapping[str, ActivePolicy]) -> dict[type[EventData], Plan]:
    """Return the plan of every event type that concerns some policy."""
    found: dict[type[EventData], Plan] = {}
    rows = [policies[campaign_id] for campaign_id in sorted(policies)]
    for route in ROUTES:
        plan = Plan(
            entries=tuple(row for row in rows if enters(row.campaign, route.event_type)),
            exits={row.campaign.id: row for row in rows if _exits(row.campaign, route.event_type)},
            truths={
                row.campaign.id: row for row in rows if _corrects(row.campaign, route.event_type)
            },
        )
        if any(plan):
            found[route.shape] = plan
    return found


def enters(campaign: Campaign, event_type: str) -> bool:
    """Return whether an event of this type may begin a journey of the campaign."""
    entry = campaign.entry
    if isinstance(entry, SilenceEntry):
        return event_type == PURCHASE
    if isinstance(entry, DueDateEntry):
        return event_type == BILL
    if isinstance(entry, EventEntry) and any(
        condition.__struct_config__.tag == event_type for condition in entry.any_of
    ):
        return True
    return any(condition.on == event_type for condition in entry_rules.begin_conditions(entry))


def _exits(campaign: Campaign, event_type: str) -> bool:
    """Return whether an event of this type may end a journey of the campaign."""
    entry = campaign.entry
    if isinstance(entry, AbsenceEntry) and entry.without == event_type:
        return True
    if isinstance(entry, DueDateEntry) and event_type == REPAYMENT:
        return True
    replaces = isinstance(entry, SilenceEntry) and event_type == PURCHASE
    return event_type in exit_types(campaign) and not replaces


def exit_types(campaign: Campaign) -> tuple[str, ...]:
    """Return the types of events that end a journey, or do where a rule of theirs is true."""
    return tuple(one.on if isinstance(one, EventCondition) else one for one in campaign.exit_on)


def _corrects(campaign: Campaign, event_type: str) -> bool:
    """Return whether an event of this type may show that a contact should not have been made."""
    entry = campaign.entry
    if isinstance(entry, AbsenceEntry):
        return entry.without == event_type
    if isinstance(entry, DueDateEntry):
        return event_type == REPAYMENT
    return isinstance(entry, SilenceEntry) and event_type == PURCHASE


def _reported(campaign: Campaign) -> tuple[str, ...]:
    """
    Return the features by which the campaign is reported: told, never decided by.

    Raises:
        RuleError: one that nobody has declared, or that tells of behaviour.

    """
    for name in campaign.report_by:
        if name not in FEATURES or FEATURES[name].behavioural:
            raise RuleError(f"wanted a feature that is no behaviour to report by, found {name}")
    return campaign.report_by


def _behavioural(campaign: Campaign) -> bool:
    """Return whether the entry looks at how a customer spends; a missing milestone does not."""
    entry = campaign.entry
    if isinstance(entry, SilenceEntry | DriftEntry):
        return True
    if isinstance(entry, AbsenceEntry):
        return False
    if isinstance(entry, EventEntry) and any(
        isinstance(condition, LargePurchaseCondition) for condition in entry.any_of
    ):
        return True
    conditions = entry_rules.begin_conditions(entry)
    return any(condition.on.startswith(SPENDING) for condition in conditions)
