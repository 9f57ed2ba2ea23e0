"""Say what the control plane of each bank says: what holds, its campaigns, when it goes live."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from cli.calendar_file import read_calendar
from cli.contact_policy_file import read_contact_policy
from cli.demo.cdnow import REPOSITORY
from cli.demo.history import DAY_MS, History, rfc3339
from cli.demo.loader import Outgoing, by_key
from cli.demo.setting import (
    BANK,
    CDNOW,
    CONTROL_TOPIC,
    HISTORIES,
    SOURCE_PARTITION_COUNT,
    TIME_ZONES,
)
from cli.model_file import read_models_of
from cli.offer_file import read_offers_of
from cli.policy import published, switched
from cli.policy_file import read_policy
from cli.template_file import read_templates_of
from cli.tenant import Rules, ruling
from schemas.campaign import AbsenceEntry, Campaign
from schemas.events import (
    CalendarPublished,
    ContactPolicyPublished,
    ModelDefined,
    OfferDefined,
    TemplateApproved,
)
from schemas.records import OutputRecord
from schemas.routing import ROUTE_BY_TYPE


CAMPAIGNS: Final = REPOSITORY / "campaigns"
CALENDAR: Final = REPOSITORY / "deploy" / "calendars" / "cn-2026.yaml"
CONTACT_POLICY: Final = REPOSITORY / "deploy" / "contact-policies" / "cautious.yaml"
TEMPLATES: Final = REPOSITORY / "deploy" / "templates"
OFFERS: Final = REPOSITORY / "deploy" / "offers"
MODELS: Final = REPOSITORY / "deploy" / "models"

PUBLISH_EVERY_MS: Final = 7 * DAY_MS
"""A model's minute is over with every exposure of a history: a snapshot each would be as many."""

HELD_OUT: Final[Mapping[str, Any]] = {"holdout_bp": 1_000, "holdout_salt": "demo"}
"""A tenth of each bank's customers has no marketing, to tell what all of it brings."""

MONEY: Final[Mapping[str, Mapping[str, Any]]] = {
    BANK: {"currency": "CNY", "value_cap_minor": 2_000_000},
    CDNOW: {"currency": "USD", "value_cap_minor": 50_000},
}
"""What each bank counts in, and what a customer counts for at most."""


def campaigns(tenant: str, folder: Path = CAMPAIGNS) -> Sequence[Campaign]:
    """
    Return the campaigns of the house that this bank publishes, in order of the file names.

    Where a bank's history does not say what a campaign would miss, nothing can be concluded from
    its absence: CDNOW knows of no wallets, so nobody there is asked to bind a card.

    Raises:
        PolicyFileError: a file cannot be used.

    """
    found = [read_policy(file, tenant=tenant) for file in sorted(folder.glob("*.yaml"))]
    return [campaign for campaign in found if _can_be_missed(campaign, tenant)]


def opening(history: History) -> Iterator[Outgoing]:
    """
    Yield what must be in the journal before the history: it is live from its first moment (T7).

    Unsigned: the demonstration runs under development settings.
    """
    body = {
        "id": f"live-{history.tenant}",
        "type": "tenant.configured",
        "occurred_at": rfc3339(history.started_at_ms),
        "tenant": history.tenant,
        "live_from_ms": history.started_at_ms,
        "time_zone": TIME_ZONES[history.tenant],
        **HELD_OUT,
        **MONEY[history.tenant],
    }
    yield _outgoing(OutputRecord(CONTROL_TOPIC, history.tenant.encode(), msgspec.json.encode(body)))
    for event in rules() if history.tenant == BANK else ():
        yield _outgoing(ruling(event, BANK, history.started_at_ms))
    published_by = campaigns(history.tenant)
    for event in models({campaign.model for campaign in published_by}):
        yield _outgoing(ruling(event, history.tenant, history.started_at_ms))
    for campaign in published_by:
        yield _outgoing(published(campaign, history.started_at_ms))


def rules(templates: Path = TEMPLATES, offers: Path = OFFERS) -> Iterator[Rules]:
    """
    Yield what holds for every campaign of the bank: quiet hours, caps, wordings, offers.

    CDNOW lays down nothing, so it is not asked for approved wordings either.

    Raises:
        CalendarFileError, ContactPolicyFileError, TemplateFileError, OfferFileError: a file cannot
            be used.

    """
    yield CalendarPublished(calendar=read_calendar(CALENDAR))
    yield ContactPolicyPublished(contact_policy=read_contact_policy(CONTACT_POLICY))
    for template in read_templates_of(templates).values():
        yield TemplateApproved(template=template)
    for offer in read_offers_of(offers).values():
        yield OfferDefined(offer=offer)


def models(named: Collection[str], folder: Path = MODELS) -> Iterator[ModelDefined]:
    """
    Yield the models of the house that a bank's campaigns name.

    Raises:
        ModelFileError: a file cannot be used.

    """
    for model in read_models_of(folder).values():
        if model.id in named:
            yield ModelDefined(model=replace(model, publish_every_ms=PUBLISH_EVERY_MS))


def closing(history: History) -> Outgoing:
    """Return that the bank's kill switch is off: nothing changes, and it is behind everything."""
    return _outgoing(switched(history.tenant, "", history.ended_at_ms, engaged=False))


def _can_be_missed(campaign: Campaign, tenant: str) -> bool:
    """Return whether the tenant's history has a topic for what an absence campaign waits for."""
    entry = campaign.entry
    if not isinstance(entry, AbsenceEntry):
        return True
    return ROUTE_BY_TYPE[entry.without].topic in HISTORIES[tenant]


def _outgoing(record: OutputRecord) -> Outgoing:
    """Return a control record with its partition."""
    key = record.key or b""
    source = by_key(CONTROL_TOPIC, key, SOURCE_PARTITION_COUNT)
    return Outgoing(source, "control", key, record.value, tuple(record.headers))
