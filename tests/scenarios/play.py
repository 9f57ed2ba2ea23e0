"""
Play scenarios: what a customer does, and what must be decided, as data.

Each file in this folder holds scenarios, one a YAML document:

    title: what it shows
    campaigns: {activation_nudge: {}}    # file in campaigns/ -> fields that differ, null for none
    zone: Asia/Shanghai                  # the bank's, if not UTC; "" for none
    gate: consent                        # the one gate that fails; without it the outcome differs
    story:                               # `say` a customer's event, `control` one of the tenant,
                                         # guardrail.tripped among them, as insight says it
      - {at: 0h, say: card.issued, card_token: k1}
      - {at: 3d}                         # nothing happens, and everything was read up to here
      - {at: 4d, publish: activation_nudge, changes: {version: 2}, reschedule: true}  # unsigned
      - {at: 5d, snapshot: {model: {...}, contact: {intercept: 0.0, weights: [1.0]}}}  # learnt
    expect:                              # every candidate decided, in order
      - 3d activation_nudge first sent

The customer has agreed to marketing by sms and push, or the `channels` that the scenario lists,
unless it says `consent: none`; by their buckets they are in no control of campaigns/ as it is. The
bank has defined the offers of deploy/offers, and approves no
wordings; of what it has in stock this is partition 0 of `partitions`, 1 if not said. `arrived` is
when an event came, where that is later than it happened; `trigger: CAMPAIGN STEP` stands for the id
of the trigger that was sent last, `reservation: CAMPAIGN STEP` for what it promised. After the
verdict an expectation has the reason code and the clause, and `by CHANNEL` where that is not the
campaign's first; a trigger that is taken back is `CAMPAIGN cancelled REASON`. The story begins on
2023-11-14 at 22:13:20 UTC. In what is published by `control`, `window` and `within` are durations
as `7d`, and times of day such as 21:00 are minutes, for so YAML reads them.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import yaml

from cli.offer_file import read_offers_of
from cli.policy_file import policy_hash, read_policy
from lifecycle.records import Effect
from schemas.decisions import Decision, Trigger, TriggerCancelled
from schemas.durations import read_duration
from schemas.events import ConsentChanged, OfferDefined, PolicyPublished
from schemas.insight import GuardrailTripped
from schemas.routing import ROUTE_BY_TYPE
from tests.lifecycle.builders import T0, TENANT, Bank
from tests.lifecycle.snapshots import publish
from tests.scenarios.snapshots import snapshot_of


FOLDER: Final = Path(__file__).resolve().parent
CAMPAIGNS: Final = FOLDER.parent.parent / "campaigns"
OFFERS: Final = FOLDER.parent.parent / "deploy" / "offers"
CHANNELS: Final = ("sms", "push")
DURATIONS: Final = ("window", "within")
SNAPSHOT: Final = "model.published"
TRIP: Final = "guardrail.tripped"
FIELDS: Final = {
    *("title", "campaigns", "story", "expect", "gate", "consent", "zone", "channels", "partitions"),
}


class Moment(NamedTuple):
    """
    One line of a story.

    `at` and `arrived` are milliseconds from the beginning; `event` None: time goes on. `published`
    is a campaign, published with the event's fields, `changes` to its file among them.
    """

    at: int
    arrived: int
    event: dict[str, Any] | None
    is_control: bool
    published: str = ""


class Scenario(NamedTuple):
    """A scenario as its file has it."""

    name: str
    campaigns: dict[str, dict[str, Any]]
    story: tuple[Moment, ...]
    expect: tuple[str, ...]
    gate: str
    consents: bool
    zone: str
    channels: tuple[str, ...] = CHANNELS
    partition_count: int = 1


def scenarios() -> list[Scenario]:
    """Return every scenario, in the order of files and of documents."""
    return [
        _scenario(f"{file.stem}: {document['title']}", document)
        for file in sorted(FOLDER.glob("*.yaml"))
        for document in yaml.safe_load_all(file.read_text(encoding="utf-8"))
    ]


def played(scenario: Scenario, folder: Path) -> list[str]:
    """Return what was decided, line by line; campaigns that differ are written to `folder`."""
    bank = Bank(consent="", zone=scenario.zone, partition_count=scenario.partition_count)
    for offer in read_offers_of(OFFERS).values():
        bank.control(OfferDefined(offer=offer))
    for campaign_id, changes in scenario.campaigns.items():
        campaign = read_policy(changed(campaign_id, changes, folder), tenant=TENANT)
        published = PolicyPublished(campaign=campaign, policy_hash=policy_hash(campaign))
        bank.control(published)
    for channel in scenario.channels if scenario.consents else ():
        granted = {"event_type": "consent.changed", "purpose": "marketing", "channel": channel}
        consent = msgspec.convert({**granted, "status": "granted"}, ConsentChanged)
        bank.say(consent, 0, event_id=f"consent-{channel}")
    sent: dict[str, Trigger] = {}
    lines: list[str] = []
    for moment in scenario.story:
        if moment.published:
            moment = _as_control(moment, folder)  # noqa: PLW2901 (a file becomes a record)
        effects = list(_effects(bank, moment, sent))
        sent |= _triggers(effects)
        lines += _lines(effects)
    return lines


def _scenario(name: str, document: dict[str, Any]) -> Scenario:
    """Return a document as a scenario; a field that nobody knows is a mistake."""
    unknown = document.keys() - FIELDS
    if unknown:
        raise ValueError(f"wanted the fields of a scenario in {name}, found {sorted(unknown)}")
    return Scenario(
        name=name,
        campaigns={key: changes or {} for key, changes in document["campaigns"].items()},
        story=tuple(map(_moment, document["story"])),
        expect=tuple(document["expect"]),
        gate=document.get("gate", ""),
        consents=document.get("consent") != "none",
        zone=document.get("zone", "UTC"),
        channels=tuple(document.get("channels", CHANNELS)),
        partition_count=document.get("partitions", 1),
    )


def _moment(line: dict[str, Any]) -> Moment:
    """Return one line of a story."""
    fields = _in_milliseconds(line)
    at = read_duration(fields.pop("at"))
    arrived = read_duration(fields.pop("arrived", f"{at}ms"))
    if snapshot := fields.pop("snapshot", None):
        return Moment(at, arrived, {"event_type": SNAPSHOT, **snapshot}, is_control=True)
    if published := fields.pop("publish", ""):
        return Moment(at, arrived, fields, is_control=True, published=published)
    control = fields.pop("control", "")
    event_type = control or fields.pop("say", "")
    if not event_type:
        return Moment(at, arrived, None, is_control=False)
    return Moment(at, arrived, {"event_type": event_type, **fields}, is_control=bool(control))


def _in_milliseconds(value: Any) -> Any:  # noqa: ANN401 (YAML)
    """Return what is published with its durations as the structs have them."""
    if isinstance(value, list):
        return [_in_milliseconds(part) for part in value]
    if not isinstance(value, dict):
        return value
    return {
        f"{key}_ms" if key in DURATIONS else key: (
            read_duration(part) if key in DURATIONS else _in_milliseconds(part)
        )
        for key, part in value.items()
    }


def _as_control(moment: Moment, folder: Path) -> Moment:
    """Return the line of a story that publishes a campaign as one with the record."""
    fields = dict(moment.event or {})
    file = changed(moment.published, fields.pop("changes", {}), folder)
    campaign = read_policy(file, tenant=TENANT)
    event = {
        "event_type": "policy.published",
        "campaign": msgspec.to_builtins(campaign),
        "policy_hash": policy_hash(campaign),
        **fields,
    }
    return moment._replace(event=event)


def changed(campaign_id: str, changes: dict[str, Any], folder: Path) -> Path:
    """Return the campaign's file, or a copy that differs in some fields; null leaves one out."""
    file = CAMPAIGNS / f"{campaign_id}.yaml"
    if not changes:
        return file
    written = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506 (texts only)
    copy = folder / file.name
    said = {**_plain(written), **changes}
    kept = {name: value for name, value in said.items() if value is not None}
    copy.write_text(yaml.safe_dump(kept), encoding="utf-8")
    return copy


def _plain(value: Any) -> Any:  # noqa: ANN401 (YAML)
    """Return texts that are whole numbers or truth values as what they are."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if value in {"true", "false"}:
        return value == "true"
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value


def _effects(bank: Bank, moment: Moment, sent: dict[str, Trigger]) -> Iterable[Effect]:
    """Fold one line of a story: the event, and a tick that says that all was read by then."""
    if moment.event is not None and moment.event["event_type"] == SNAPSHOT:
        yield from publish(bank, snapshot_of(moment.event), moment.arrived)
    elif moment.event is not None:
        fields = dict(moment.event)
        if (name := fields.pop("trigger", None)) is not None:
            fields["trigger_id"] = sent[name].trigger_id
        if (name := fields.pop("reservation", None)) is not None:
            fields["reservation_id"] = sent[name].reservation_id
        event = _read(fields)
        if moment.is_control:
            yield from bank.control(event, moment.arrived)
        else:
            yield from bank.say(event, moment.at, arrived=moment.arrived)
    yield from bank.tick(moment.arrived)


def _read(fields: dict[str, Any]) -> Any:  # noqa: ANN401 (any event)
    """Return an event, or that a guardrail was broken, as the journal has it."""
    kind = fields["event_type"]
    return msgspec.convert(fields, GuardrailTripped if kind == TRIP else ROUTE_BY_TYPE[kind].shape)


def _triggers(effects: Iterable[Effect]) -> dict[str, Trigger]:
    """Return triggers by `campaign step`."""
    return {f"{one.campaign_id} {one.step}": one for one in effects if isinstance(one, Trigger)}


def _lines(effects: Iterable[Effect]) -> Iterator[str]:
    """Yield a line for every candidate, and for what is taken back."""
    for record in effects:
        if isinstance(record, Decision):
            for one in record.candidates:
                at = shown(record.decided_at_ms - T0)
                what = f"{at} {one.campaign_id} {one.step} {one.verdict}"
                line = f"{what} {one.reason_code} {one.clause}".rstrip()
                yield f"{line} by {one.channel}" if one.slot else line
        elif isinstance(record, TriggerCancelled):
            at = shown(record.cancelled_at_ms - T0)
            yield f"{at} {record.campaign_id} cancelled {record.reason_code}"


def shown(at_ms: int) -> str:
    """Return a time as a story has it: days and hours, `0h` for the beginning."""
    days, rest_ms = divmod(at_ms, read_duration("1d"))
    hours, rest_ms = divmod(rest_ms, read_duration("1h"))
    parts = [f"{days}d" if days else "", f"{hours}h" if hours or not days else ""]
    return "".join(parts) + (f"{rest_ms}ms" if rest_ms else "")
