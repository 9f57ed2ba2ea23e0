"""
Ten of the scenarios through a real Kafka: worker and gateway as processes, each scenario a bank.

The last moment of every story is now, so that what is decided then is still to be sent; what was
decided in the story's past has expired by the time a gateway reads it. All banks share the worker.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from string import ascii_lowercase
from typing import Any, Final

import msgspec
import pytest
import yaml
from confluent_kafka import Producer

from cli.demo.child import Child
from cli.demo.history import rfc3339
from cli.gateway.settings import KEPT_AFTER_EXPIRY_MS
from cli.offer_file import read_offers_of
from cli.policy import published
from cli.policy_file import read_policy
from cli.tenant import ruling
from schemas.codec import decode_decision, decode_envelope, decode_trigger
from schemas.decisions import Decision, Trigger
from schemas.events import DeliveryReceipt, OfferDefined
from schemas.routing import DECISIONS_TOPIC, JOURNAL_TOPIC, ROUTE_BY_TYPE
from streams.clock import wall_clock_ms
from streams.settings import Settings
from streams.topics import create_topics
from tests.checker.log_reader import read_topics
from tests.gateway.stand import Running
from tests.gateway.world import FINAL
from tests.kafka_server import KafkaServer
from tests.proof.workers import await_true
from tests.scenarios.play import OFFERS, Scenario, changed, scenarios, shown


pytestmark = [pytest.mark.kafka, pytest.mark.slow]

TITLES: Final = (
    "activation_nudge: who does not activate is nudged after three days and after seven",
    "activation_nudge: who activates hears nothing",
    "activation_nudge: an open complaint comes first",
    "activation_nudge: a risk flag keeps advertising away until it is down",
    "activation_nudge: the bank has stopped everything",
    "bind_incentive: who activates and binds to no wallet is shown how",
    "first_spend_offer: who activates and buys nothing is offered something",
    "bind_incentive: a card blocked meanwhile has nothing to be bound to",
    "first_spend_offer: an authorisation alone is no purchase",
    "win_back: who falls silent for longer than their own rhythm is called back",
)
HOUR: Final = 3_600_000
CONTROL: Final = "marketing.control.v1"
PROFILE: Final = "customer.profile.v1"
MOVES: Final = "customer.behaviour.v1"
"""Its records are about nobody of the story: they only say that time has gone on."""

TRIGGERS: Final = "marketing.triggers.sms.v1"
RECEIPTS: Final = "gateway.receipt.v1"
SENT_S_MAX: Final = 120


class Told:
    """A scenario as a bank of its own: what its upstream systems write, and when."""

    def __init__(self, number: int, scenario: Scenario, now_ms: int, folder: Path) -> None:
        """Let the story end now."""
        self.tenant = f"bank-{ascii_lowercase[number]}"  # ann is in no control there, as in `play`
        self.scenario = scenario
        self._folder = folder
        last = max(moment.at for moment in scenario.story)
        self.began_at_ms = now_ms - last

    @property
    def contracts(self) -> tuple[str, ...]:
        """Return the topics that this bank's story comes in."""
        events = [moment.event["event_type"] for moment in self.scenario.story if moment.event]
        topics = [ROUTE_BY_TYPE[event_type].topic for event_type in events]
        return tuple(dict.fromkeys((CONTROL, PROFILE, MOVES, *topics)))

    def opening(self) -> Iterator[tuple[str, bytes]]:
        """
        Yield the bank's zone, its offers and campaigns, and the customer's word, hours before.

        All at one moment: what comes later waits until every topic has been heard of.
        """
        zone = {"time_zone": "UTC", "live_from_ms": 0}
        yield CONTROL, self._written("tenant.configured", "zone", -3 * HOUR, zone)
        for offer in read_offers_of(OFFERS).values():
            defined = ruling(OfferDefined(offer=offer), self.tenant, self.began_at_ms - 3 * HOUR)
            yield CONTROL, defined.value or b""
        for campaign_id, changes in self.scenario.campaigns.items():
            file = changed(campaign_id, changes, self._folder)
            record = published(read_policy(file, tenant=self.tenant), self.began_at_ms - 3 * HOUR)
            yield CONTROL, record.value or b""
        for channel in ("sms", "push") if self.scenario.consents else ():
            word = {"purpose": "marketing", "channel": channel, "status": "granted"}
            yield PROFILE, self._written("consent.changed", f"c-{channel}", -3 * HOUR, word)

    def story(self) -> Iterator[tuple[str, bytes]]:
        """Yield every moment, a sign of life just after it, and that each topic is complete."""
        for number, moment in enumerate(self.scenario.story):
            if moment.event is not None:
                fields = dict(moment.event)
                event_type = fields.pop("event_type")
                topic = ROUTE_BY_TYPE[event_type].topic
                yield topic, self._written(event_type, f"e-{number}", moment.at, fields)
            session = {"surface": "app", "action_code": "open"}
            yield MOVES, self._written("app.session", f"m-{number}", moment.at + 1, session, "else")
        for contract in self.contracts:
            after = max(moment.at for moment in self.scenario.story) + 1
            yield contract, self._written("history.ended", f"end-{contract}", after, {}, "")

    def _written(
        self, event_type: str, name: str, at: int, fields: dict[str, Any], who: str = "ann"
    ) -> bytes:
        """Return a plain event."""
        body: dict[str, Any] = {
            "id": name,
            "type": event_type,
            "occurred_at": rfc3339(self.began_at_ms + at),
            "tenant": self.tenant,
            **fields,
        }
        if who and ROUTE_BY_TYPE[event_type].concerns == "customer":
            body["customer_token"] = who
        return json.dumps(body, default=str).encode()


class Stage:
    """A broker with every bank's topics, settings and texts."""

    def __init__(self, bootstrap: str, folder: Path, banks: list[Told], now_ms: int) -> None:
        """Create the topics, and write the settings of worker and gateway."""
        self.bootstrap, self.folder, self.banks, self.now_ms = bootstrap, folder, banks, now_ms
        bindings = [
            {
                "topic": f"{bank.tenant}.{contract}",
                "contract": contract,
                "tenant": bank.tenant,
                "time_source": "records",
            }
            for bank in banks
            for contract in bank.contracts
        ]
        # no part of any history: the gateway's answers, and switches, which it reads itself
        bindings += [{"topic": topic, "holds_watermark": False} for topic in (RECEIPTS, CONTROL)]
        chosen = {
            "bootstrap": bootstrap,
            "tenants": [bank.tenant for bank in banks],
            "bindings": bindings,
            "source_partition_count": 1,
            "output_partition_count": 1,
            "journal_partition_count": 2,
            "ingest_task_count": 1,
            "lifecycle_task_count": 1,
            "linger_idle_ms": 0,
            "linger_busy_ms": 0,
            "http_port": 0,
        }
        self.settings = folder / "settings.yaml"
        self.settings.write_text(yaml.safe_dump(chosen))
        create_topics(msgspec.convert(chosen, Settings))
        (folder / "texts").mkdir()
        for name in ("activation-nudge", "bind-incentive", "first-spend-offer", "win-back"):
            text = {"id": name, "version": 1, "channel": "sms", "text": "Your card waits."}
            (folder / f"texts/{name}.yaml").write_text(yaml.safe_dump(text))
        self._producer = Producer({"bootstrap.servers": bootstrap, "log_level": 0})

    def send(self, bank: Told, records: Iterator[tuple[str, bytes]]) -> None:
        """Write what a bank's systems say."""
        for contract, value in records:
            self._producer.produce(f"{bank.tenant}.{contract}", value, partition=0)
        assert 0 == self._producer.flush(SENT_S_MAX)

    def values(self, topic: str) -> list[bytes]:
        """Return every committed record of a topic."""
        partitions = read_topics(self.bootstrap, [topic])[topic]
        return [one.value or b"" for partition in partitions for one in partition]

    def journal_count(self, event_type: str) -> int:
        """Return how many events of a type the journal has."""
        envelopes = map(decode_envelope, self.values(JOURNAL_TOPIC))
        return sum(one.record.__struct_config__.tag == event_type for one in envelopes)

    def decided(self) -> dict[str, list[str]]:
        """Return what was decided of each bank's customer, as scenarios write it."""
        records = list(map(decode_decision, self.values(DECISIONS_TOPIC)))
        return {
            bank.tenant: [
                line for one in records if one.tenant == bank.tenant for line in lines(bank, one)
            ]
            for bank in self.banks
        }

    def triggers(self) -> list[Trigger]:
        """Return every trigger for the gateway."""
        return [decode_trigger(value) for value in self.values(TRIGGERS)]

    def answers(self) -> dict[str, str]:
        """Return the last thing that was told of each trigger, by the journal."""
        told = {}
        for envelope in map(decode_envelope, self.values(JOURNAL_TOPIC)):
            if isinstance(envelope.record, DeliveryReceipt):
                told[envelope.record.trigger_id] = envelope.record.status
        return told


def lines(bank: Told, record: Decision) -> Iterator[str]:
    """Yield a line for every candidate of a record."""
    at = shown(record.decided_at_ms - bank.began_at_ms)
    for one in record.candidates:
        what = f"{at} {one.campaign_id} {one.step} {one.verdict}"
        yield f"{what} {one.reason_code} {one.clause}".rstrip()


def due_end(trigger: Trigger, now_ms: int) -> str:
    """Return how a trigger has to end at a gateway that reads it now."""
    if trigger.expires_at_ms > now_ms:
        return "delivered"
    return "expired" if trigger.expires_at_ms > now_ms - KEPT_AFTER_EXPIRY_MS else "unknown"


@pytest.fixture
def stage(own_kafka: KafkaServer, tmp_path: Path) -> Stage:
    """Return ten banks on a broker of their own."""
    known = {one.name: one for one in scenarios()}
    now_ms = wall_clock_ms()
    banks = [Told(number, known[title], now_ms, tmp_path) for number, title in enumerate(TITLES)]
    return Stage(own_kafka.bootstrap, tmp_path, banks, now_ms)


def test_scenarios_are_decided_on_kafka_as_they_say_and_sent_once(stage: Stage) -> None:
    """
    The same verdicts at the same moments, and every trigger ends once at the gateway.

    Delivered where its time has not run out, else expired; or unknown, where that was so long ago
    that a gateway no longer keeps its key. The receipts come back into the journal.
    """
    wanted = {bank.tenant: list(bank.scenario.expect) for bank in stage.banks}
    sent_count = sum(line.endswith(" sent") for said in wanted.values() for line in said)
    consent_count = 2 * sum(bank.scenario.consents for bank in stage.banks)
    for bank in stage.banks:
        stage.send(bank, bank.opening())
    with Child(stage.settings) as worker, Running(stage) as gateway:  # type: ignore[arg-type]

        def begun() -> bool:
            worker.check()
            consents = stage.journal_count("consent.changed")
            controls = stage.journal_count("tenant.configured")
            return consents == consent_count and controls == 2 * len(stage.banks)

        await_true(begun, "every configuration and every consent")
        for bank in stage.banks:
            stage.send(bank, bank.story())

        def ended() -> bool:
            worker.check()
            done = {key for key, status in stage.answers().items() if status in FINAL}
            return sent_count == len(done) == len(stage.triggers()) and stage.decided() == wanted

        await_true(ended, "every trigger ended", within_s=SENT_S_MAX)
        taken = {one.key for one in gateway.taken()}
    answers, triggers = stage.answers(), stage.triggers()

    assert wanted == stage.decided()
    assert sent_count == len(triggers) == len({one.trigger_id for one in triggers})
    assert {one.trigger_id: due_end(one, stage.now_ms) for one in triggers} == answers
    assert taken == {key for key, status in answers.items() if status == "delivered"}
    assert {"delivered", "expired", "unknown"} == set(answers.values())
