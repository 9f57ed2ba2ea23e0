"""The AsyncAPI document names every topic and message, and the real parser accepts it."""

import copy
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft7Validator
from referencing import Registry
from referencing.jsonschema import DRAFT7

from schemas.routing import (
    DECISIONS_TOPIC,
    INSIGHT_TOPIC,
    JOURNAL_TOPIC,
    OFFERS_TOPIC,
    OUTCOMES_TOPIC,
    PROGRESS_TOPIC,
    REJECTED_TOPIC,
    ROUTES,
    SOURCE_TOPICS,
    TRIGGER_TOPICS,
    Route,
)
from streams.settings import Settings
from streams.topic_table import topic_table
from tests.kafka_server import ROOT
from tests.schemas.golden import golden_binary, golden_lines


PARSER = ROOT / "build" / "asyncapi" / "node_modules"
DOCUMENT: dict[str, Any] = json.loads((ROOT / "docs" / "asyncapi.json").read_bytes())
MESSAGES = DOCUMENT["components"]["messages"]
OUTGOING = {
    JOURNAL_TOPIC: ("journal.recorded",),
    PROGRESS_TOPIC: ("progress.recorded",),
    REJECTED_TOPIC: ("record.rejected",),
    DECISIONS_TOPIC: ("decision.recorded",),
    OFFERS_TOPIC: ("offer.grant_requested",),
    INSIGHT_TOPIC: ("effect.reported", "funnel.reported", "guardrail.tripped"),
    OUTCOMES_TOPIC: (
        *("exposure.opened", "outcome.recorded", "model.told", "customer.observed"),
        *("exposure.settled", "exposure.followed", "exposure.objected", "card.moved"),
    ),
    **dict.fromkeys(TRIGGER_TOPICS.values(), ("trigger.requested", "trigger.cancelled")),
}


def judge(schema: dict[str, Any]) -> Draft7Validator:
    """Return a validator of one schema of the document, whose references lead back into it."""
    registry = Registry().with_resource("urn:it", DRAFT7.create_resource(DOCUMENT))
    absolute = json.loads(json.dumps(schema).replace('"#/', '"urn:it#/'))
    return Draft7Validator(absolute, registry=registry)


@pytest.fixture(scope="module")
def parse(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., list[dict[str, Any]]]:
    """Return a function that gives documents to the real parser: accepted, errors of each."""
    node = shutil.which("node")
    if node is None or not PARSER.is_dir():
        pytest.skip("node or build/asyncapi is missing: make tools")
    folder: Path = tmp_path_factory.mktemp("asyncapi")

    def parsed(*documents: dict[str, Any]) -> list[dict[str, Any]]:
        paths = [folder / f"{number}.json" for number in range(len(documents))]
        for path, document in zip(paths, documents, strict=True):
            path.write_text(json.dumps(document), encoding="utf-8")
        run = subprocess.run(
            [node, ROOT / "tests/schemas/parse_asyncapi.cjs", *paths],
            env=os.environ | {"NODE_PATH": str(PARSER)},
            capture_output=True,
            check=True,
            timeout=300,  # takes four seconds of a core
        )
        return list(json.loads(run.stdout))

    return parsed


def named_schemas(*parts: dict[str, Any]) -> set[str]:
    """Return the schemas that are referred to."""
    return set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(parts)))


def few() -> dict[str, Any]:
    """Return the document with two of its topics only: the parser is slow."""
    topics = ("card.spend.v1", "lifecycle.decisions.v1")
    channels = {topic: DOCUMENT["channels"][topic] for topic in topics}
    names = [name for channel in channels.values() for name in channel["messages"]]
    operations = {
        name: operation
        for name, operation in DOCUMENT["operations"].items()
        if operation["channel"]["$ref"].removeprefix("#/channels/") in topics
    }
    messages = {name: MESSAGES[name] for name in names}
    schemas: dict[str, Any] = {}
    while missing := named_schemas(messages, schemas) - set(schemas):
        schemas |= {name: DOCUMENT["components"]["schemas"][name] for name in missing}
    components = {"messages": messages, "schemas": schemas}
    left = {"channels": channels, "operations": operations, "components": components}
    return copy.deepcopy(DOCUMENT | left)


def altered(*path: str, **changed: object) -> dict[str, Any]:
    """Return the document of a few topics with some members of the object at `path` replaced."""
    document = few()
    place = document
    for name in path:
        place = place[name]
    place.update(changed)
    return document


def test_parser_accepts_the_document_without_an_error(
    parse: Callable[..., list[dict[str, Any]]],
) -> None:
    """The real AsyncAPI parser reads the checked-in document and finds no error in it."""
    assert parse(DOCUMENT) == [{"accepted": True, "errors": []}]


def test_parser_refuses_what_is_wrong(parse: Callable[..., list[dict[str, Any]]]) -> None:
    """A wrong Kafka binding of a topic or message, and a reference into nowhere, are refused."""
    channel = ("channels", "card.spend.v1")
    message = ("components", "messages", "txn.posted.plain")
    whole, *verdicts = parse(
        few(),
        altered(*channel, "bindings", "kafka", partitions=0),
        altered(*channel, "bindings", "kafka", retention=7),
        altered(*message, "bindings", "kafka", schemaIdLocation="nowhere"),
        altered(*message, payload={"$ref": "#/components/schemas/nothing"}),
        altered("operations", "send.lifecycle.decisions.v1", action="shout"),
    )
    wrong = ("partitions", "retention", "schemaIdLocation", "$ref", "action")

    assert {"accepted": True, "errors": []} == whole
    assert [False] * len(wrong) == [verdict["accepted"] for verdict in verdicts]
    for verdict, name in zip(verdicts, wrong, strict=True):
        assert any(f"/{name}: " in error for error in verdict["errors"])


def test_document_names_every_topic_once() -> None:
    """Source topics are received, others sent; what folds say to each other is both."""
    operations = {
        (operation["action"], operation["channel"]["$ref"].removeprefix("#/channels/"))
        for operation in DOCUMENT["operations"].values()
    }
    received = {*SOURCE_TOPICS, JOURNAL_TOPIC, PROGRESS_TOPIC, DECISIONS_TOPIC, OUTCOMES_TOPIC}

    assert {*SOURCE_TOPICS, *OUTGOING} == set(DOCUMENT["channels"])
    assert {("receive", t) for t in received} | {("send", t) for t in OUTGOING} == operations
    assert all(topic == each["address"] for topic, each in DOCUMENT["channels"].items())


def test_channel_carries_the_events_of_its_topic() -> None:
    """A source topic has each of its events and the end of history, each in three forms."""
    for topic in SOURCE_TOPICS:
        carried = [r.event_type for r in ROUTES if r.topic in {topic, "*"}]
        expected = {
            f"{name}.{form}" for name in carried for form in ("plain", "binary", "structured")
        }

        assert expected == set(DOCUMENT["channels"][topic]["messages"])
    for topic, messages in OUTGOING.items():
        assert set(messages) == set(DOCUMENT["channels"][topic]["messages"])


def test_bindings_agree_with_the_topic_table() -> None:
    """Partitions are given exactly where no setting changes them; no topic is compacted."""
    small = {topic.name: topic for topic in topic_table(Settings())}
    large = {
        topic.name: topic
        for topic in topic_table(Settings(journal_partition_count=64, output_partition_count=16))
    }
    for name, channel in DOCUMENT["channels"].items():
        kafka = channel["bindings"]["kafka"]
        counts = {small[name].partition_count, large[name].partition_count}
        fixed = counts.pop() if len(counts) == 1 and small[name].partition_count_fixed else None

        assert name == kafka["topic"]
        assert fixed == kafka.get("partitions")
        assert [small[name].must["cleanup.policy"]] == kafka["topicConfiguration"]["cleanup.policy"]
        assert kafka["bindingVersion"] == "0.5.0"


@pytest.mark.parametrize("name", MESSAGES)
def test_message_has_a_key_and_a_valid_example(name: str) -> None:
    """Every message says its content type and Kafka key, and its examples obey its schemas."""
    message = MESSAGES[name]
    kafka = message["bindings"]["kafka"]

    assert message["contentType"].startswith("application/")
    assert (kafka["key"]["type"], kafka["bindingVersion"]) == ("string", "0.5.0")
    assert message["examples"]
    for example in message["examples"]:
        assert judge(message["payload"]).is_valid(example["payload"])
        assert judge(message.get("headers", {})).is_valid(example.get("headers", {}))


def test_examples_are_the_golden_bytes() -> None:
    """What the document shows of an event is what the golden files pin, in all three forms."""
    binary = golden_binary()
    lines = zip(golden_lines("plain.jsonl"), golden_lines("structured.jsonl"), strict=True)
    for route, (plain, structured), (headers, value) in zip(ROUTES, lines, binary, strict=True):
        shown = {
            form: MESSAGES[f"{route.event_type}.{form}"]["examples"][0]
            for form in ("plain", "binary", "structured")
        }

        assert json.loads(plain) == shown["plain"]["payload"]
        assert json.loads(structured) == shown["structured"]["payload"]
        assert json.loads(value) == shown["binary"]["payload"]
        assert headers == shown["binary"]["headers"]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.event_type)
def test_cloudevent_without_an_attribute_is_invalid(route: Route) -> None:
    """In CloudEvents, too, id, source, type, time and a customer's token are required."""
    required = ["id", "source", "type", "time"]
    required += ["subject"] if route.concerns == "customer" else []
    binary = MESSAGES[f"{route.event_type}.binary"]
    structured = MESSAGES[f"{route.event_type}.structured"]
    for name in required:
        headers = dict(binary["examples"][0]["headers"])
        del headers[f"ce_{name}"]
        event = dict(structured["examples"][0]["payload"])
        del event[name]

        assert not judge(binary["headers"]).is_valid(headers)
        assert not judge(structured["payload"]).is_valid(event)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.event_type)
def test_cloudevent_without_an_own_field_is_invalid(route: Route) -> None:
    """The own fields of an event are required alike in all three forms."""
    for field in msgspec.structs.fields(route.shape):
        for form in ("plain", "binary"):
            message = MESSAGES[f"{route.event_type}.{form}"]
            payload = {
                k: v for k, v in message["examples"][0]["payload"].items() if k != field.name
            }

            assert field.required != judge(message["payload"]).is_valid(payload)
        message = MESSAGES[f"{route.event_type}.structured"]
        event = copy.deepcopy(message["examples"][0]["payload"])
        del event["data"][field.name]

        assert field.required != judge(message["payload"]).is_valid(event)
