"""`cardcue policy explain`: what a campaign does, in sentences, with nothing left out."""

import re
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from cli.main import main
from cli.policy_explain import TOLD, explained
from cli.policy_explain_events import EVENT_NAMES
from cli.policy_explain_words import WORDS
from cli.policy_file import read_policy
from cli.policy_sense import CUSTOMER_EVENTS
from cli.policy_words import WRITTEN
from cli.why.language import Language
from schemas.campaign import Arm, Campaign, Clause, Experiment, Guardrails, Treatment
from schemas.rules import Const, Rule
from tests.cli.campaign_text import CAMPAIGNS
from tests.lifecycle.builders import cap, nudge, win_back


def lines(campaign: Campaign, language: Language = "en") -> list[str]:
    """Return the sentences."""
    return list(explained(campaign, language))


def test_reminder_is_explained_as_a_whole() -> None:
    """A servicing campaign, word for word."""
    campaign = read_policy(CAMPAIGNS / "repayment_reminder.yaml", tenant="bank")

    assert [
        (
            "Your bill is due soon (repayment_reminder, version 1): a servicing campaign of "
            "card-servicing for the purpose servicing, stage pay."
        ),
        (
            "Who enters: whoever gets a bill of at least 1 in minor units. Nobody is written to "
            "once it is repaid, or where the card has autopay."
        ),
        "Step first is due 3 days before the due date ends.",
        "Step last is due 1 day before the due date ends.",
        "No further event ends it early.",
        (
            "The message goes by sms in wording repayment-reminder version 1; a gateway sends it "
            "within 12 hours or not at all."
        ),
        (
            "Whether it works is told by: a repayment comes in (repayment.received), within "
            "3 days of the decision, and by its amount_minor."
        ),
        "Before each message these must hold, asked in this order:",
        "- the card is not blocked, lost or closed, and the holder is alive",
        "- neither the bank nor the campaign is stopped",
        "- the customer has not refused servicing by sms",
        "- the wording is approved, and all that it shows is known",
        (
            "- it is not within quiet hours where the customer is; what falls due in them is put "
            "off and decided anew"
        ),
        "- messages of this campaign in any 1 day: 4 at most",
        "- messages of this campaign in any 30 days: 12 at most",
    ] == lines(campaign)


def test_nudge_is_explained_in_chinese() -> None:
    """The same sentences, the events by their names."""
    told = lines(nudge(caps=(cap(2, 86_400_000),)), "zh")

    assert "进入条件：发卡（card.issued）。一旦激活卡片（card.activated），即不再触达。" in told
    assert "步骤 first：3天后到期。" in told
    assert "- 客户已同意就 offers 通过 sms 触达" in told
    assert "- 任意 1天内，本活动至多 2 条" in told


def test_clauses_worth_and_experiment_are_explained() -> None:
    """What an owner adds to a campaign is told with its own names and numbers."""
    wording = Treatment(channel="push", template_id="b", template_version=2)
    told = lines(
        nudge(
            suitability=(Clause(id="calm", rule=Rule(text="1 == 1", tree=Const(value=True))),),
            base_rate_ppm=20_000,
            value_minor=1_500,
            lever_percent=120,
            contact_cost_minor=5,
            experiment=Experiment(
                salt="s", control_bp=500, arms=(Arm(id="b", share_bp=50, treatment=wording),)
            ),
        )
    )

    assert "- suitable (calm): 1 == 1" in told
    assert (
        "- it brings what it costs: 2 % x 1,500 at 120 %, less 5, in minor units, is not below 0"
        in told
    )
    assert "- 5 % of customers are kept back, to measure what it brings" in told
    assert "- 0.5 % of customers get wording b version 2 by push (b)" in told


GUARDED = nudge(
    guardrails=Guardrails(
        opt_out_ppm=10_000, complaint_ppm=2_000, failure_ppm=50_000, harm=True, alpha_ppm=5_000
    ),
    report_by=("age_band", "region"),
)


def test_guardrails_and_what_is_reported_are_explained() -> None:
    """Every bound, how seldom it is wrong, and the features; nothing is left to `Also:`."""
    told = lines(GUARDED)

    assert (
        "The campaign is held, until people let it go on, once one of these is shown: more than "
        "1 % of those contacted opt out, more than 0.2 % of those contacted complain, to more "
        "than 5 % of those contacted a delivery fails, of those contacted fewer convert than of "
        "those kept back. That any of them is found wrongly, ever, has a probability of at most "
        "0.5 %."
    ) in told
    assert "Selection and effect are reported by: age_band, region." in told
    assert not [line for line in told if line.startswith("Also: ")]


def test_guardrails_are_explained_in_chinese() -> None:
    """The same bounds and features."""
    told = lines(GUARDED, "zh")

    assert (
        "一旦证实下列任一情形，活动即停发，直至人工恢复：被触达客户中退订者超过 1 %，"
        "被触达客户中投诉者超过 0.2 %，被触达客户中发送失败者超过 5 %，"
        "被触达客户的转化少于未触达的对照客户。无论何时查看，误判其中任一情形的概率合计至多 0.5 %。"
    ) in told
    assert "入选情况与效果按以下特征报告：age_band，region。" in told


def test_only_bounds_that_there_are_are_explained() -> None:
    """0 is no bound; where nothing holds the campaign nothing is said."""
    one = "\n".join(lines(nudge(guardrails=Guardrails(complaint_ppm=2_000))))
    none = "\n".join(lines(nudge(guardrails=Guardrails())))

    assert (
        "once one of these is shown: more than 0.2 % of those contacted complain. That any" in one
    )
    assert "at most 1 %." in one
    assert "is held" not in none


def test_only_offers_that_look_at_behaviour_ask_for_personalisation() -> None:
    """O4: as the gate does; a missing milestone is not behavioural."""
    asked = [line for line in lines(win_back()) if "personal offers" in line]

    assert 1 == len(asked)
    assert not [line for line in lines(nudge()) if "personal offers" in line]


@pytest.mark.parametrize("message_class", ["marketing", "servicing", "mandatory"])
def test_only_the_gates_that_bind_the_class_are_told(message_class: str) -> None:
    """O3: consent, caps and the bank's holdout, class by class."""
    told = "\n".join(lines(nudge(message_class=message_class, caps=(cap(1, 1_000),))))
    wanted = {
        "marketing": ("has agreed to", "messages of this campaign", "holdout"),
        "servicing": ("has not refused", "messages of this campaign"),
        "mandatory": (),
    }
    every = ("has agreed to", "has not refused", "messages of this campaign", "holdout")

    assert wanted[message_class] == tuple(words for words in every if words in told)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "what the model activation says (2 % as long as it has seen too little, and for"),
        ("zh", "模型 activation 给出的概率（样本不足时，或客户关闭个性化推荐时，按 2 %）"),
    ],
)
def test_model_is_named_where_one_ranks(language: Language, said: str) -> None:
    """3.16: with what counts instead of it; without a model the base rate alone."""
    campaign = nudge(value_minor=100, base_rate_ppm=20_000)
    scored = msgspec.structs.replace(campaign, model="activation")

    assert said in "\n".join(lines(scored, language))
    assert "activation " not in "\n".join(lines(campaign, language))


def test_every_event_has_a_name() -> None:
    """In both languages, each its own."""
    assert set(EVENT_NAMES) == set(CUSTOMER_EVENTS)
    for place in (0, 1):
        assert len(EVENT_NAMES) == len({names[place] for names in EVENT_NAMES.values()})


def test_every_field_of_a_campaign_is_told_or_named() -> None:
    """The sentences know fields that are there; what is new is said as `Also:` until it has one."""
    of_files = {written.field: name for name, written in WRITTEN.items()}
    fields = {of_files.get(name, name) for name in Campaign.__struct_fields__}

    assert fields >= TOLD

    class Grown(Campaign, frozen=True, kw_only=True):  # type: ignore[misc] # one release later
        """A campaign with a field that the sentences do not know."""

        tempo: str = "largo"

    said = msgspec.convert({**msgspec.to_builtins(nudge()), "tempo": "presto"}, Grown)
    assert "Also: tempo: presto." == lines(said)[-1]


def test_languages_say_the_same() -> None:
    """Every sentence has the same places to fill in English and in Chinese."""

    def places(language: Language) -> dict[str, list[list[str]]]:
        found = {}
        for name, said in WORDS[language]._asdict().items():
            texts = said.values() if isinstance(said, dict) else [said]
            found[name] = [sorted(set(re.findall(r"{(\w+)}", str(text)))) for text in texts]
        return found

    assert places("en") == places("zh")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_campaign_of_the_house_is_explained(language: str) -> None:
    """The command reads files as `check` does, and parts campaigns by a blank line."""
    files = [str(file) for file in sorted(Path(CAMPAIGNS).glob("*.yaml"))]
    done = CliRunner().invoke(main, ["policy", "explain", *files, "--language", language])

    assert 0 == done.exit_code
    assert len(files) == len(done.stdout.split("\n\n"))
    assert "{" not in done.stdout
