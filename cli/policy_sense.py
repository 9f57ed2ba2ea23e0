"""Refuse a campaign that has the right shape and cannot work: at its line, with what was wanted."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from cli.marked_yaml import YamlPath
from cli.policy_mistakes import Lines, check_once, check_one_of, mistake
from cli.policy_sense_choice import check_choice
from cli.policy_sense_effects import check_guardrails, check_money
from cli.policy_sense_report import check_report
from cli.policy_sense_treatments import check_treatments
from lifecycle.experiment import BUCKET_COUNT, KEPT_BACK
from lifecycle.policies import exit_types
from schemas.campaign import (
    AbsenceEntry,
    Campaign,
    CountEntry,
    DueDateEntry,
    EventCondition,
    EventEntry,
    SequenceEntry,
    SilenceEntry,
)
from schemas.routing import ROUTES
from schemas.state import CONTACTS_MAX


NO_EXITS: Final = frozenset({"identity.merged", "erasure.requested"})
"""The first changes nothing yet; after the second there is no journey left."""

UNUSABLE: Final = frozenset({"card.blocked", "card.lost", "card.closed"})
"""After these a card is not eligible for any contact."""

FIRST: Final = "card.issued"
"""What a card has come past before anything else happens to it."""

EARLIER: Final[Mapping[str, frozenset[str]]] = {
    "wallet.bound": frozenset({"card.activated"}),
    "wallet.unbound": frozenset({"card.activated", "wallet.bound"}),
    "txn.authorised": frozenset({"card.activated"}),
    "txn.posted": frozenset({"card.activated", "txn.authorised"}),
    "txn.reversed": frozenset({"card.activated", "txn.authorised", "txn.posted"}),
}
"""What a card has always come past as well; nobody waits for it any more."""

GATEWAY_EVENTS: Final = frozenset({"delivery.receipt", "response.recorded", "offer.result"})
"""Only who was contacted can have these: control could never convert."""

HOUSE_CLAUSES: Final = frozenset({"card", "holder", "due", "rate", "dates"})
"""What the house's own conditions are called in records."""

HOUSE_ARMS: Final = frozenset({"default", *KEPT_BACK})

_OF_CUSTOMER: Final = {
    route.event_type: {field.name: field.required for field in msgspec.structs.fields(route.shape)}
    for route in ROUTES
    if route.concerns == "customer"
}
"""The fields of every event that a customer can have, and whether each must be there."""

CUSTOMER_EVENTS: Final = tuple(_OF_CUSTOMER)
BEGINNINGS: Final = tuple(one for one in CUSTOMER_EVENTS if one not in NO_EXITS)
"""Events that a journey may begin with."""

CARD_EVENTS: Final = tuple(
    event_type
    for event_type, fields in _OF_CUSTOMER.items()
    if ("card_token", True) in fields.items()
)
"""Events that always name a card."""


def check_sense(campaign: Campaign, lines: Lines) -> None:
    """
    Refuse what has the right shape and cannot work.

    Args:
        campaign: as read.
        lines: the line of every value in the file, by its path, in the file's own names.

    Raises:
        MarkedYamlError: at the first thing that cannot work.

    """
    _check_entry(campaign, lines)
    _check_exits(campaign, lines)
    check_once([step.id for step in campaign.steps], ("steps",), "id", lines)
    _check_times(campaign, lines)
    _check_clauses(campaign, lines)
    _check_experiment(campaign, lines)
    check_choice(campaign, lines)
    check_report(campaign, lines)
    check_treatments(campaign, lines)
    _check_conversion(campaign, lines)
    check_money(campaign, lines)
    check_guardrails(campaign, lines)
    for index, cap in enumerate(campaign.caps):
        if cap.count > CONTACTS_MAX:
            wanted = f"{CONTACTS_MAX} at most, the contacts that are remembered"
            raise mistake(("caps", index, "count"), wanted, cap.count, lines)


def _check_entry(campaign: Campaign, lines: Lines) -> None:
    """Refuse an entry that nothing can meet."""
    entry = campaign.entry
    match entry:
        case AbsenceEntry():
            _check_absence(entry, lines)
        case EventEntry():
            _check_events(entry, lines)
        case CountEntry():
            check_one_of(entry.on, BEGINNINGS, ("entry", "on"), lines)
        case SequenceEntry():
            _check_conditions(entry.of, "of", lines)
        case DueDateEntry() if campaign.occurrence != "statement":
            wanted = "statement, whose due date it is"
            raise mistake(("occurrence",), wanted, campaign.occurrence, lines)
        case _:
            pass


def _check_events(entry: EventEntry, lines: Lines) -> None:
    """Refuse an entry without conditions, or with two of the house's own on one event."""
    kinds = [condition.__struct_config__.tag for condition in entry.any_of]
    check_once(kinds, ("entry", "any_of"), "on", lines)
    _check_conditions(entry.when, "when", lines)
    if not kinds and not entry.when:
        here = next(p for p in (("entry", "any_of"), ("entry", "when"), ("entry",)) if p in lines)
        raise mistake(here, "one condition or more", "none", lines)


def _check_conditions(conditions: Sequence[EventCondition], field: str, lines: Lines) -> None:
    """Refuse a condition on what no journey can begin with."""
    for index, condition in enumerate(conditions):
        check_one_of(condition.on, BEGINNINGS, ("entry", field, index, "on"), lines)


def _check_absence(entry: AbsenceEntry, lines: Lines) -> None:
    """Refuse what cannot be missed: both events are of one card, the second after the first."""
    after, without = ("entry", "after"), ("entry", "without")
    check_one_of(entry.after, CARD_EVENTS, after, lines)
    check_one_of(entry.without, CARD_EVENTS, without, lines)
    if entry.after in UNUSABLE:
        wanted = "an event after which the card may be written about"
        raise mistake(after, wanted, entry.after, lines)
    past = EARLIER.get(entry.after, frozenset())
    if entry.without in {FIRST, entry.after} | past:
        wanted = f"an event that can come after {entry.after}"
        raise mistake(without, wanted, entry.without, lines)


def _check_exits(campaign: Campaign, lines: Lines) -> None:
    """Refuse an event that can end no journey of the campaign."""
    subjects = {"card": ("card_token",), "statement": ("statement_id", "card_token")}
    about = subjects.get(campaign.occurrence)
    known = [
        event_type
        for event_type, fields in _OF_CUSTOMER.items()
        if event_type not in NO_EXITS and (about is None or any(field in fields for field in about))
    ]
    for index, event_type in enumerate(exit_types(campaign)):
        condition = isinstance(campaign.exit_on[index], EventCondition)
        here: YamlPath = ("exit_on", index, "on") if condition else ("exit_on", index)
        check_one_of(event_type, known, here, lines)
        if isinstance(campaign.entry, SilenceEntry) and event_type == "txn.posted":
            wanted = "an event that ends a silence"
            raise mistake(here, wanted, "txn.posted, which begins the next by itself", lines)


def _check_times(campaign: Campaign, lines: Lines) -> None:
    """Refuse a time that the kind of entry does not have, and an end before the start."""
    if 0 < campaign.end_at_ms <= campaign.start_at_ms:
        raise mistake(("end",), "an end after the start", "an earlier one", lines)
    due_date = isinstance(campaign.entry, DueDateEntry)
    wanted, unwanted = ("lead", "delay") if due_date else ("delay", "lead")
    for index, step in enumerate(campaign.steps):
        here = ("steps", index, unwanted)
        if here in lines:
            kind = campaign.entry.__struct_config__.tag
            raise mistake(here, f"{wanted} in a campaign of kind {kind}", unwanted, lines)
        if due_date and (*here[:-1], "at") in lines:
            raise mistake(
                (*here[:-1], "at"), "a lead alone, in a campaign of kind due_date", "at", lines
            )
        if due_date and step.lead_ms == 0:
            here = ("steps", index, "lead")
            place = here if here in lines else here[:-1]
            raise mistake(place, "a lead, how long before the due date ends", "none", lines)


def _check_clauses(campaign: Campaign, lines: Lines) -> None:
    """Refuse a clause whose name would not tell it from another's in the records."""
    for stage in ("eligibility", "applicability", "suitability"):
        clauses = getattr(campaign, stage)
        check_once([clause.id for clause in clauses], (stage,), "id", lines)
        for index, clause in enumerate(clauses):
            if clause.id in HOUSE_CLAUSES:
                wanted = "a name that the house's own clauses do not have"
                raise mistake((stage, index, "id"), wanted, clause.id, lines)


def _check_experiment(campaign: Campaign, lines: Lines) -> None:
    """Refuse an experiment that no customer could be assigned by."""
    experiment = campaign.experiment
    if experiment is None:
        return
    here: YamlPath = ("experiment",)
    if campaign.message_class != "marketing":
        raise mistake(here, "an experiment in marketing only", campaign.message_class, lines)
    arms = [arm.id for arm in experiment.arms]
    check_once(arms, (*here, "arms"), "id", lines)
    for index, arm in enumerate(arms):
        if arm in HOUSE_ARMS:
            wanted = "a name other than control, default, holdout"
            raise mistake((*here, "arms", index, "id"), wanted, arm, lines)
    shared_bp = experiment.control_bp + sum(arm.share_bp for arm in experiment.arms)
    if shared_bp > BUCKET_COUNT:
        raise mistake(here, f"shares of {BUCKET_COUNT} in all at most", shared_bp, lines)


def _check_conversion(campaign: Campaign, lines: Lines) -> None:
    """Refuse a conversion that no customer can have, or a value that its event does not say."""
    conversion = campaign.conversion
    if conversion is None:
        return
    here: YamlPath = ("conversion",)
    known = [event_type for event_type in CUSTOMER_EVENTS if event_type not in NO_EXITS]
    check_one_of(conversion.on, known, (*here, "on"), lines)
    if conversion.on in GATEWAY_EVENTS:
        wanted = "what the customer does with the bank, not with a message"
        raise mistake((*here, "on"), wanted, conversion.on, lines)
    money = [name for name in _OF_CUSTOMER[conversion.on] if name.endswith("_minor")]
    if conversion.value and conversion.value not in money:
        wanted = f"one of {', '.join(money)}" if money else f"no value, {conversion.on} has none"
        raise mistake((*here, "value"), wanted, conversion.value, lines)
