"""Index a tenant's active policies by event type, so that a record meets only those it concerns."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from schemas.campaign import AbsenceEntry, Campaign, DueDateEntry, SilenceEntry
from schemas.events import EventData
from schemas.routing import ROUTES
from schemas.state import PolicyRow


PURCHASE: Final = "txn.posted"
BILL: Final = "statement.issued"
REPAYMENT: Final = "repayment.received"


class Plan(NamedTuple):
    """
    What the active policies have to do with one event type.

    `entries` are those that it may enter, in ascending campaign id; `exits` those whose journeys
    it may end; `truths` those whose earlier contacts it may prove wrong.
    """

    entries: tuple[PolicyRow, ...]
    exits: Mapping[str, PolicyRow]
    truths: Mapping[str, PolicyRow]


def plans(policies: Mapping[str, PolicyRow]) -> dict[type[EventData], Plan]:
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
    if isinstance(entry, AbsenceEntry):
        return entry.after == event_type
    if isinstance(entry, SilenceEntry):
        return event_type == PURCHASE
    if isinstance(entry, DueDateEntry):
        return event_type == BILL
    return any(condition.__struct_config__.tag == event_type for condition in entry.any_of)


def _exits(campaign: Campaign, event_type: str) -> bool:
    """Return whether an event of this type may end a journey of the campaign."""
    entry = campaign.entry
    if isinstance(entry, AbsenceEntry) and entry.without == event_type:
        return True
    if isinstance(entry, DueDateEntry) and event_type == REPAYMENT:
        return True
    replaces = isinstance(entry, SilenceEntry) and event_type == PURCHASE
    return event_type in campaign.exit_on and not replaces


def _corrects(campaign: Campaign, event_type: str) -> bool:
    """Return whether an event of this type may show that a contact should not have been made."""
    entry = campaign.entry
    if isinstance(entry, AbsenceEntry):
        return entry.without == event_type
    if isinstance(entry, DueDateEntry):
        return event_type == REPAYMENT
    return isinstance(entry, SilenceEntry) and event_type == PURCHASE
