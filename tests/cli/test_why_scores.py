"""An agent reads out what a score rested on, by what the inputs are called (core.md 3.16)."""

import asyncio
import json
from typing import Any

import pytest
from msgspec.structs import replace

from cli.policy_log import CONTROL_TOPIC
from cli.why.language import Language
from cli.why.sentences import told
from cli.why.titles import titles_of
from schemas.decisions import Decision
from schemas.examples import DECISION
from schemas.forms import plain
from schemas.records import OutputRecord
from streams.memory_broker import MemoryBroker
from streams.settings import Settings
from tests.cli.memory_log import MemoryTopicLog
from tests.cli.test_why_find import filled
from tests.lifecycle.builders import HOUR, spend
from tests.lifecycle.choosing import counted, reachable
from tests.lifecycle.told import decisions


SAID = {
    "propensity_ppm": 222_700,
    "propensity_from": "model",
    "model": "activation|1|7",
    "score_ppm": 222_700,
    "control_score_ppm": 50_000,
    "contributions": {"tenure": 500_000, "wealth": -250_000},
}
LATER_MS = 1_800_000_000_000
TITLES = {"activation|1": {"tenure": "Days with the bank", "wealth": ""}}


def scored(**changed: Any) -> Decision:  # noqa: ANN401 (any field)
    """Return the example's occasion with a score, and nothing that is told beside it."""
    plain = replace(DECISION.candidates[0], features={}, caps=(), consent_ref="", arm="")
    return replace(DECISION, candidates=(replace(plain, **{**SAID, **changed}),))


def sentences(record: Decision, language: Language = "en") -> str:
    """Return what is said after what became of the candidate."""
    (_, said) = told(record, language, titles=TITLES)
    return said.partition("。" if language == "zh" else "). ")[2]


@pytest.mark.parametrize(
    ("origin", "language", "wanted"),
    [
        (
            {},
            "en",
            (
                "By the model activation (version 1, snapshot 7) the customer "
                "responds with 22.27 %. "
                "What moved that most: Days with the bank (up), wealth (down)."
            ),
        ),
        (
            {"propensity_from": "uplift", "propensity_ppm": 172_700},
            "en",
            (
                "By the model activation (version 1, snapshot 7) the customer "
                "responds with 22.27 %, "
                "and without a contact with 5 %; the difference counted. "
                "What moved that most: Days with the bank (up), wealth (down)."
            ),
        ),
        (
            {"propensity_from": "evidence", "propensity_ppm": 20_000, "contributions": {}},
            "en",
            (
                "The model activation (version 1, snapshot 7) says 22.27 %, but must not decide as "
                "yet; the base rate of 2 % counted."
            ),
        ),
        (
            {},
            "zh",
            (
                "模型 activation（版本 1，快照 7）预计客户响应概率为 22.27 %。"
                "影响最大的因素：Days with the bank（提高）、wealth（降低）。"
            ),
        ),
        (
            {"propensity_from": "uplift", "contributions": {}},
            "zh",
            (
                "模型 activation（版本 1，快照 7）预计触达后响应概率为 22.27 %，"
                "不触达为 5 %；以二者之差计。"
            ),
        ),
        (
            {"propensity_from": "evidence", "propensity_ppm": 20_000, "contributions": {}},
            "zh",
            (
                "模型 activation（版本 1，快照 7）预计为 22.27 %，但目前不得用于决策；"
                "以基准响应率 2 % 计。"
            ),
        ),
    ],
)
def test_score_is_told_with_what_moved_it(
    origin: dict[str, Any], language: Language, wanted: str
) -> None:
    """By title where there is one, else by id; the sign in words, never the weight."""
    assert wanted == sentences(scored(**origin), language)


def test_without_a_model_nothing_is_said_of_scores() -> None:
    """A campaign by its base rate alone."""
    record = scored(model="", propensity_from="base_rate", contributions={})

    assert "model" not in sentences(record)


def test_no_title_is_looked_for_where_nothing_was_scored() -> None:
    """The control topic, which is not there, is not missed."""
    found = asyncio.run(titles_of(filled(DECISION), Settings(tenants=("demo",)), [DECISION]))

    assert {} == found


def test_ids_speak_where_the_control_topic_cannot_be_read() -> None:
    """The sentences go on."""
    found = asyncio.run(titles_of(filled(scored()), Settings(tenants=("demo",)), [scored()]))

    assert {} == found


def test_titles_are_those_of_the_version_that_scored() -> None:
    """Of the tenant's own model; another version and what ingest would reject say nothing."""
    broker = MemoryBroker(lambda: LATER_MS)
    broker.create_topic(CONTROL_TOPIC, 1)
    other = plain("model.defined")
    other["model"] = {**other["model"], "version": 2}
    for event in (plain("model.defined"), other, {"id": "x"}, plain("offer.defined")):
        broker.append(OutputRecord(CONTROL_TOPIC, None, json.dumps(event).encode()))
    log = MemoryTopicLog(broker)
    found = asyncio.run(titles_of(log, Settings(tenants=("demo",)), [scored()]))

    assert TITLES == found


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        (
            "en",
            (
                "It was expected to bring 30.00 in minor units: 3 % x 1,000, weighed at 100 %, "
                "less 0. text was chosen among text (90 %), app (10 %). So far 3 % responded to "
                "that. Against other campaigns the mean over all that might have been drawn "
                "counted, 28.00."
            ),
        ),
        (
            "zh",
            (
                "预期收益 30.00（最小货币单位）：3 % × 1,000，权重 100 %，减去成本 0。"
                "在 text（90 %）、app（10 %） 中选用了 text。该方式迄今的响应率为 3 %。"
                "与其他活动比较时，以各可选方式的期望值 28.00 计。"
            ),
        ),
    ],
)
def test_option_is_told_with_its_own_worth_and_the_mean(language: Language, wanted: str) -> None:
    """Text is worth 30, app 10: 28 counted, and the factors that are told give 30."""
    bank = reachable()
    counted(bank, {"text": 30_000, "app": 10_000})
    [one] = decisions(bank.say(spend(), HOUR, event_id="bought"))
    (_, said) = told(one.record, language)

    assert wanted in said
