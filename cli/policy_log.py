"""
Read the control topic to its end, and know what it has come to for one bank.

The records are folded by the workers' own code, so what is active, refused or paused here is so
there. Records of several partitions are taken in the order of their timestamps, as the journal
has them but for records of one moment.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from cli.log import TopicLog, on_kafka, whole_topic
from cli.policy_content import Known
from cli.policy_held import trips
from lifecycle import guardrails
from lifecycle.control import take_control
from lifecycle.partition import Given, PartitionState
from schemas.events import (
    ModelDefined,
    ModelSet,
    OfferDefined,
    PolicyPublished,
    TemplateApproved,
)
from schemas.incoming import Incoming, SourceReader
from schemas.insight import GuardrailTripped
from schemas.journal import JournalEnvelope, SourceCoordinates
from schemas.model import Model
from schemas.offer import Offer
from schemas.records import OutputRecord, SourceRecord, StoredRecord
from schemas.rejects import RejectedError
from schemas.routing import ROUTE_BY_TYPE, SourceBinding
from schemas.template import Template
from streams.settings import Settings


CONTROL_TOPIC: Final = ROUTE_BY_TYPE["policy.published"].topic

REFUSALS: Final[Mapping[str, str]] = {
    "NOT_SIGNED": "wanted an author's and an approver's signature by pinned keys, found fewer",
    "BAD_SIGNATURE": "wanted signatures of this content, found one of another",
    "SAME_PERSON": "wanted two people, found one in both roles",
    "POLICY_HASH": "wanted the hash of the content, found another",
    "STALE_VERSION": "wanted a version above that in the log, found none",
    "STATE_FULL": "wanted room for one more, found as many as workers know",
    "OTHER_KIND": "wanted the kind of entry that the active version has, found another",
    "BAD_RULE": "wanted rules that workers can compile, found another",
}
"""Why workers would refuse a control record, as a command says it."""


APPROVED_BEFORE: Final = "wanted a version that was not approved before, found other words of it"


class Published(NamedTuple):
    """A version that became active, and who signed it: (role, person), as pinned at that time."""

    event: PolicyPublished
    signers: tuple[tuple[str, str], ...]


class ControlView:
    """
    What one bank's control records have come to.

    `state` is what a worker has; `versions` are those that ever became active, oldest first,
    `refused` policies with the reason, `templates` what was approved, by id and version, `offers`
    and `models` what is defined, by id, `frozen` which of these are held, `held` the kinds of
    guardrail that hold a campaign, by its id.
    """

    def __init__(self, tenant: str, *, unsigned_allowed: bool) -> None:
        """Begin before the first record."""
        self.state = PartitionState(0, Given(unsigned_allowed=unsigned_allowed)).tenant(tenant)
        self.versions: dict[str, list[Published]] = {}
        self.refused: list[tuple[PolicyPublished, str]] = []
        self.templates: dict[tuple[str, int], Template] = {}
        self.offers: dict[str, Offer] = {}
        self.models: dict[str, Model] = {}
        self.frozen: set[str] = set()
        self.held: dict[str, set[str]] = {}

    def take(self, incoming: Incoming, record: SourceRecord) -> str:
        """Take the next record; return what became of it: its type, or why it changed nothing."""
        event = incoming.record
        people = {key.key_id: key.person for key in self.state.row.signing_keys}
        became = take_control(self.state, envelope_of(incoming, record), event)
        still = self.state.row.campaigns_tripped
        self.held = {one: kinds for one, kinds in self.held.items() if one in still}
        if isinstance(event, PolicyPublished):
            if became == "policy.published":
                signers = tuple(
                    (one.role, people[one.key_id])
                    for one in event.signatures
                    if one.key_id in people
                )
                self.versions.setdefault(event.campaign.id, []).append(Published(event, signers))
            elif became != "DUPLICATE":
                self.refused.append((event, became))
        elif isinstance(event, TemplateApproved) and became == "template.approved":
            self.templates[event.template.id, event.template.version] = event.template
        elif isinstance(event, OfferDefined) and became == "offer.defined":
            self.offers[event.offer.id] = event.offer
        elif isinstance(event, ModelDefined | ModelSet) and became != "DUPLICATE":
            self._learn(event, became)
        return became

    def trip(self, tripped: GuardrailTripped) -> None:
        """Take that a guardrail broke, as a worker takes it."""
        if guardrails.trip(self.state, tripped):
            self.held.setdefault(tripped.campaign_id, set()).add(tripped.kind)

    def _learn(self, event: ModelDefined | ModelSet, became: str) -> None:
        """Take what learning is told, as learning takes it."""
        if isinstance(event, ModelSet):
            if event.model_id in self.models:
                self.frozen -= {event.model_id}
                self.frozen |= {event.model_id} if event.frozen else set()
            return
        known = self.models.get(event.model.id)
        if became == "model.defined" and (known is None or known.version < event.model.version):
            self.models[event.model.id] = event.model

    def active(self, campaign_id: str) -> Published | None:
        """Return the version that decides now, None where there is none."""
        versions = self.versions.get(campaign_id)
        return versions[-1] if versions else None

    def knows(self, rules: object) -> bool:
        """Return whether a template or an offer is in force word by word."""
        return rules in self.templates.values() or rules in self.offers.values()

    def known(self) -> Known:
        """Return what a campaign may name (docs/core.md 3.14 to 3.16)."""
        templates = self.templates if self.state.approves_templates else None
        return Known(templates, self.offers, self.models)

    def person(self, key_id: str) -> str:
        """Return whose pinned key this is, "" where it is not pinned."""
        keys = self.state.row.signing_keys
        return next((key.person for key in keys if key.key_id == key_id), "")


def control_view(tenant: str, settings: Settings, *, with_trips: bool = False) -> ControlView:
    """
    Return what the control topic says of a bank, and with trips which guardrails hold campaigns.

    Raises:
        click.ClickException: the log cannot be read.

    """

    async def work(log: TopicLog, _: Settings) -> ControlView:
        found: list[tuple[SourceRecord, Incoming | GuardrailTripped]] = []
        if with_trips:
            found += await trips(log, tenant)
        for binding in settings.bindings:
            if (binding.contract or binding.topic) == CONTROL_TOPIC:
                reader = SourceReader(binding, {*settings.tenants, tenant})
                found += [
                    (record, incoming)
                    async for record in whole_topic(log, binding.topic)
                    if (incoming := _read(reader, record)) is not None
                ]
        return _viewed(tenant, found, settings)

    return on_kafka(work, settings)


def envelope_of(incoming: Incoming, record: SourceRecord) -> JournalEnvelope:
    """Return a control record as the journal would have it."""
    return JournalEnvelope(
        tenant=incoming.tenant,
        customer_token="",
        journal_at_ms=record.timestamp,
        occurred_at_ms=incoming.occurred_at_ms,
        event_id=incoming.event_id,
        event_source=incoming.event_source,
        source=SourceCoordinates(record.topic, record.partition, record.offset),
        record=incoming.record,
    )


def _viewed(
    tenant: str,
    found: Iterable[tuple[SourceRecord, Incoming | GuardrailTripped]],
    settings: Settings,
) -> ControlView:
    """Return what these records have come to."""
    view = ControlView(tenant, unsigned_allowed=settings.profile == "development")
    in_order = sorted(found, key=lambda one: (one[0].timestamp, one[0].partition, one[0].offset))
    for record, said in in_order:
        if isinstance(said, GuardrailTripped):
            view.trip(said)
        elif said.tenant == tenant and said.kind.concerns == "tenant":
            view.take(said, record)
    return view


def _read(reader: SourceReader, record: SourceRecord) -> Incoming | None:
    """Return a record as ingest understands it, None where ingest rejects it."""
    try:
        return reader.read(record)
    except RejectedError:
        return None


def refusal(view: ControlView, output: OutputRecord, at_ms: int) -> str:
    """
    Return why ingest or a worker would refuse a record that is about to be appended, "" if neither.

    The view then has taken it. A record that is in the log already is refused by nobody.
    """
    place = StoredRecord(CONTROL_TOPIC, 0, 0, at_ms, output.key, output.value, output.headers)
    reader = SourceReader(SourceBinding(topic=CONTROL_TOPIC), [view.state.name])
    try:
        incoming = reader.read(place)
    except RejectedError as error:
        return f"{error} ({error.reason})"
    became = view.take(incoming, place)
    if became not in REFUSALS:
        return ""
    again = became == "STALE_VERSION" and isinstance(incoming.record, TemplateApproved)
    return f"{APPROVED_BEFORE if again else REFUSALS[became]} ({became})"
