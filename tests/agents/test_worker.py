"""One real worker on a real Kafka: what goes in, what comes out, and what it shows meanwhile."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from schemas.routing import JOURNAL_TOPIC, REJECTED_TOPIC, STATE_TOPICS, TRIGGER_TOPICS
from tests.agents.house import ALL_TASKS, TENANT, House, LoneWorker
from tests.agents.upstream import BILLS, PROFILE, SPEND, consent, purchase, statement
from tests.checker.identity import occurrence_key, trigger_id
from tests.proof.workers import await_true


pytestmark = [pytest.mark.kafka, pytest.mark.slow]


@pytest.fixture(scope="module")
def worker(house: House) -> Iterator[LoneWorker]:
    """Yield a worker that runs all folds and knows one campaign; it must end well."""
    worker = house.worker("first")
    worker.await_ready()
    worker.await_tasks(*ALL_TASKS)
    house.configure()
    house.define_models()
    house.publish("instalment_push")
    partition_count = house.settings.journal_partition_count
    for event_type in ("tenant.configured", "policy.published"):
        labels = {"fold": "lifecycle", "event_type": event_type}
        await_true(
            lambda labels=labels: published_count(worker, labels) == partition_count,
            f"{event_type} in every partition",
        )
    yield worker
    assert worker.stop() == 0, worker.last_words()


NOTHING_PROMISED: Final = {
    "slot": 0,
    "sender_profile": "marketing",
    "offer_id": "",
    "reservation_id": "",
    "reservation_expires_at_ms": 0,
}
"""What a trigger of the first channel says of sender and offer."""


def published_count(worker: LoneWorker, labels: dict[str, str]) -> int:
    """Return how many control records of these labels were read."""
    page = worker.page()
    return page.total("cardcue_records_control_total", **labels) if page else 0


def total(counts: Mapping[str, int], kind: str, detail: str = "") -> int:
    """Return the sum of the counts of a kind: keys are `kind|tenant|detail`."""
    keys = [key.split("|") for key in counts if key.startswith(f"{kind}|")]
    return sum(counts["|".join(key)] for key in keys if detail in {"", key[2]})


def triggers_of(house: House, customer: str) -> list[dict[str, Any]]:
    """Return every trigger for a customer, of all channels."""
    records = [record for topic in TRIGGER_TOPICS.values() for record in house.records(topic)]
    key = f"{TENANT}|{customer}".encode()
    return [json.loads(record.value or b"") for record in records if record.key == key]


def offer_id(customer: str) -> str:
    """Return the id of the offer for a customer's bill; its source is the topic (plain JSON)."""
    occurrence = occurrence_key(f"s-{customer}", BILLS, f"bill-{customer}")
    return trigger_id(f"{TENANT}|{customer}", "instalment_push", occurrence, "offer")


def test_worker_turns_a_bill_into_one_trigger(house: House, worker: LoneWorker) -> None:
    """O2, B1, B2: policy, consent, statement -> one trigger with the id of its cause; never two."""
    house.send(PROFILE, consent("c-1"))
    house.await_folded(worker)
    bill = statement("c-1")
    sent = house.send(BILLS, bill)
    house.await_folded(worker)
    house.send(BILLS, bill)  # a producer's retry, at a new offset
    house.send(SPEND, purchase("c-1", 1))
    house.await_folded(worker)
    expected_id = offer_id("c-1")
    told = [(one.pop("issued_at_ms"), one) for one in triggers_of(house, "c-1")]
    assert 1 == len(told)
    issued_at_ms, trigger = told[0]
    assert issued_at_ms >= sent.timestamp_ms
    assert (64, 36) == (len(trigger.pop("policy_hash")), len(trigger.pop("decision_id")))
    assert {
        "v": 1,
        "trigger_id": expected_id,
        "idempotency_key": expected_id,
        "tenant": TENANT,
        "customer_token": "c-1",
        "card_token": "k-c-1",
        "trigger_type": "instalment_offer",
        "message_class": "marketing",
        "purpose": "marketing",
        "consent_ref": "consent-c-1",
        "campaign_id": "instalment_push",
        "policy_version": 1,
        "step": "offer",
        "channel": "push",
        "template_id": "instalment-push",
        "template_version": 1,
        "variables": {"amount_minor": 400_000, "currency": "CNY"},
        "not_before_ms": issued_at_ms,
        "expires_at_ms": issued_at_ms + 172_800_000,  # two days
        "priority": 50,
        "on_unknown": "drop",
        "arm": "default",
        **NOTHING_PROMISED,
    } == trigger


def test_worker_writes_triggers_as_cloud_events(house: House, worker: LoneWorker) -> None:
    """B3: a gateway finds id, tenant and type in the headers, on its own channel's topic only."""
    house.send(PROFILE, consent("c-2"))
    house.await_folded(worker)
    house.send(BILLS, statement("c-2"))
    house.await_folded(worker)

    key = f"{TENANT}|c-2".encode()
    records = [record for record in house.records(TRIGGER_TOPICS["push"]) if record.key == key]
    expected_id = offer_id("c-2")
    assert [
        [
            ("ce_specversion", b"1.0"),
            ("ce_id", expected_id.encode()),
            ("ce_source", b"cardcue"),
            ("ce_type", b"trigger.requested.v1"),
            ("ce_subject", b"c-2"),
            ("ce_tenantid", TENANT.encode()),
            ("cardcue.semantics_version", b"1"),
        ]
    ] == [list(record.headers) for record in records]
    assert [] == house.records(TRIGGER_TOPICS["sms"])


def test_worker_asks_nobody_without_consent(house: House, worker: LoneWorker) -> None:
    """O3: the same bill of a customer who said nothing gives a decision, and no trigger."""
    house.send(BILLS, statement("c-3"))
    house.await_folded(worker)

    assert [] == triggers_of(house, "c-3")
    key = f"{TENANT}|c-3".encode()
    decisions = [
        json.loads(record.value or b"")
        for record in house.records("lifecycle.decisions.v1")
        if record.key == key
    ]
    assert [("suppressed", "NO_CONSENT")] == [
        (candidate["verdict"], candidate["reason_code"])
        for decision in decisions
        for candidate in decision["candidates"]
    ]


def test_worker_rejects_a_bad_record_and_goes_on(house: House, worker: LoneWorker) -> None:
    """A bad record goes to the rejected topic with its bytes and a reason, and blocks nobody."""
    bad = b'{"id": "e-1", "type": "txn.posted", \xff half of it'
    sent = house.send(SPEND, bad, key="same partition")
    after = house.send(SPEND, purchase("c-4", 1), key="same partition")
    assert (sent.partition, sent.offset + 1) == (after.partition, after.offset)
    house.await_folded(worker)

    found = [record for record in house.records(REJECTED_TOPIC) if record.value == bad]
    assert [b"same partition"] == [record.key for record in found]
    headers = dict(found[0].headers)
    assert TENANT.encode() == headers["ce_tenantid"]
    assert b"NOT_JSON" == headers["cardcue.reason"]
    coordinates = [headers[f"__streams.errors.{name}"] for name in ("topic", "partition", "offset")]
    assert [SPEND, str(sent.partition), str(sent.offset)] == [name.decode() for name in coordinates]
    rows = {record.key for record in house.records(STATE_TOPICS["lifecycle"])}
    assert f"{TENANT}|c-4".encode() in rows


def test_worker_accounts_for_every_record(house: House, worker: LoneWorker) -> None:
    """I1: in = applied + ignored + rejected, from the rows alone, and equal to what was sent."""
    house.send(SPEND, b"{}")
    repeated = purchase("c-5", 1)
    for value in (repeated, repeated, purchase("c-5", 2)):
        house.send(SPEND, value)
    house.await_folded(worker)
    ingest, lifecycle = house.counts("ingest"), house.counts("lifecycle")

    applied, ignored = total(lifecycle, "applied"), total(lifecycle, "ignored")
    rejected, control = total(ingest, "rejected"), total(ingest, "control")
    assert house.sent_count - control == applied + ignored + rejected
    assert total(ingest, "forwarded") == applied + ignored
    assert rejected == len(house.records(REJECTED_TOPIC))
    assert 1 <= total(ingest, "rejected", "SCHEMA")
    assert 1 <= total(lifecycle, "ignored", "DUPLICATE")


def test_worker_puts_every_source_record_into_one_place_once(
    house: House, worker: LoneWorker
) -> None:
    """I1: journal and rejected topic together hold each source coordinate exactly once."""
    for number in range(50):
        house.send(SPEND, purchase(f"c-6-{number % 7}", number), key=f"upstream-{number}")
    house.await_folded(worker)

    journal = [json.loads(record.value or b"") for record in house.records(JOURNAL_TOPIC)]
    spent = [tuple(line["source"][1:]) for line in journal if line["source"][0] == SPEND]
    rejected = [
        (int(headers["__streams.errors.partition"]), int(headers["__streams.errors.offset"]))
        for headers in (dict(record.headers) for record in house.records(REJECTED_TOPIC))
        if headers["__streams.errors.topic"] == SPEND.encode()
    ]
    source = [(record.partition, record.offset) for record in house.records(SPEND)]
    assert sorted(source) == sorted(spent + rejected)


def test_worker_is_ready_and_says_of_what(worker: LoneWorker) -> None:
    """/readyz is 200 once every task that is ours is restored, and names them; /livez is too."""
    status, body = worker.answer("/readyz")
    told = json.loads(body)

    assert (200, True, []) == (status, told["ready"], told["reasons"])
    restored = {
        (fold, task) for fold, report in told["folds"].items() for task in report["tasks_restored"]
    }
    assert ALL_TASKS == restored
    assert (200, "alive\n") == worker.answer("/livez")


def test_worker_metrics_are_accepted_by_promtool(house: House, worker: LoneWorker) -> None:
    """Prometheus' own tool finds no fault with the page of a worker at work."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool (Debian: prometheus) is not on the path")
    house.send(SPEND, purchase("c-7", 1))
    house.await_folded(worker)
    status, page = worker.answer("/metrics")
    done = subprocess.run(
        [promtool, "check", "metrics"],
        input=page.encode(),
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert (200, 0, b"") == (status, done.returncode, done.stdout + done.stderr)
    assert "cardcue_commits_total" in page


def test_worker_listens_on_its_metrics_port_only(worker: LoneWorker) -> None:
    """Faust would open a web server on 6066, on all addresses: here is one port, on loopback."""
    assert [("127.0.0.1", worker.port)] == worker.listening()
