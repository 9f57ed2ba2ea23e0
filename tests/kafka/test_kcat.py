"""The README's lines for kcat do what they say: look, publish a plain event, consume triggers."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from schemas.codec import decode_trigger
from tests.kafka_server import ROOT, KafkaServer
from tests.proof.workers import Worker, await_true


pytestmark = [pytest.mark.kafka, pytest.mark.slow]

PAGE = ROOT / "README.md"
CONTROLS = (1 + 1 + 7 + 7 + 10) * 32
"""Configuration, offer, seven models and the first snapshot of each, ten campaigns: everywhere."""

CONTROLLING = ("tenant configure", "tenant offer", "model define", "policy publish")
EXPLAINING = ("cardcue why c-1", "cardcue why-not", "cardcue audit")
EXPLAINED = (
    "We sent a message by push for instalment_push (step offer).",
    "我们就instalment_push（步骤 offer）通过 push 发送了消息。",
    "1 records, 0 that do not follow from what they say",
)


@pytest.fixture
def lines() -> list[str]:
    """Return the commands of the README's section about one's own Kafka, each whole."""
    if shutil.which("kcat") is None:
        pytest.skip("kcat is not on the path")
    section = PAGE.read_text().split("\n## Try it on your own Kafka\n")[1].split("\n## ")[0]
    blocks = [part.split("\n```")[0] for part in section.split("```sh\n")[1:]]
    joined = "\n".join(blocks).replace("\\\n", "")
    return [line.split("  #")[0].strip() for line in joined.splitlines() if line.strip()]


def said(line: str, bootstrap: str) -> str:
    """Return what a shell says when it runs the line, which must succeed."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line],
        cwd=ROOT,
        env={**os.environ, "CARDCUE_BOOTSTRAP": bootstrap},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=True,
        timeout=60,
        text=True,
    )
    return done.stdout


def only(lines: list[str], *words: str) -> str:
    """Return the one line that has all these words."""
    (found,) = [line for line in lines if all(word in line for word in words)]
    return found


def test_readme_takes_an_event_from_kcat_to_a_trigger(
    own_kafka: KafkaServer, tmp_path: Path, lines: list[str]
) -> None:
    """`kcat -L`, `-P` of plain JSON events, `-C` of a trigger, and why it came, by the README."""
    bootstrap = own_kafka.bootstrap
    settings = tmp_path / "settings.yaml"
    settings.write_text(f"bootstrap: {bootstrap}\n")
    assert ".venv/bin/cardcue worker &" == only(lines, "cardcue worker")
    said(only(lines, "topics create"), bootstrap)
    worker = Worker("worker-1", settings)
    worker.start()
    try:
        for command in CONTROLLING:
            said(only(lines, command), bootstrap)
        await_counted(worker, "cardcue_records_control_total", fold="lifecycle", count=CONTROLS)
        listed = said(only(lines, "kcat -L"), bootstrap)
        said(only(lines, "-P", "customer.profile.v1"), bootstrap)
        await_counted(worker, "cardcue_records_applied_total", count=1)
        said(only(lines, "-P", "card.repayment.v1"), bootstrap)
        await_counted(worker, "cardcue_decisions_total", verdict="sent", count=1)
        consumed = said(only(lines, "-C", "triggers.push"), bootstrap)
        explained = [said(only(lines, command), bootstrap) for command in EXPLAINING]
    finally:
        worker.close()

    assert 'topic "lifecycle.journal.v1" with 32 partitions' in listed
    key, _, value = consumed.strip().partition(" ")
    trigger = decode_trigger(value.encode())
    assert "demo|c-1" == key
    assert ("instalment_push", "push") == (trigger.campaign_id, trigger.channel)
    assert {"amount_minor": 900_000, "currency": "CNY"} == json.loads(value)["variables"]
    assert all(words in text for words, text in zip(EXPLAINED, explained, strict=True))


def await_counted(worker: Worker, name: str, *, count: int, **labels: str) -> None:
    """Wait until a counter of the worker has come to `count`."""

    def counted() -> bool:
        page = worker.page()
        return page is not None and page.total(name, **labels) >= count

    await_true(counted, f"{name} {count}")
