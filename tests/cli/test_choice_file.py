"""A choice in a campaign's file: what is read, refused, explained (docs/core.md 3.19)."""

from pathlib import Path
from typing import Final

from cli.policy_content import Known, lacks
from cli.policy_explain import explained
from cli.policy_form import file_text
from cli.why.language import Language
from tests.cli.campaign_text import CONTROL, GOOD, line_of, mistake
from tests.cli.treatment_text import read


CHOICE = """choice:
  salt: first
  epsilon_ppm: 100000
  options:
    - {id: text, channel: sms, template_id: activation-nudge, template_version: 1}
    - id: app
      channel: push
      template_id: activation-push
      template_version: 2
      value_minor: 300
      offer: gift
      fallbacks:
        - {channel: sms, template_id: activation-nudge, template_version: 1}
"""
LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh")
MODELS = "model: activation # deploy/models/activation.yaml\n"
TEXT = GOOD.replace(MODELS, "") + CHOICE


def test_file_says_its_options(tmp_path: Path) -> None:
    """What an option has of its own, and what it leaves to the campaign."""
    assert MODELS in GOOD
    choice = read(tmp_path, TEXT).choice
    assert choice is not None
    text, app = choice.options

    assert ("first", 100_000) == (choice.salt, choice.epsilon_ppm)
    assert ("sms", None, "", ()) == (text.channel, text.value_minor, text.offer, text.fallbacks)
    assert ("push", 300, "gift", ["sms"]) == (
        app.channel,
        app.value_minor,
        app.offer,
        [one.channel for one in app.fallbacks],
    )


def test_file_of_a_choice_reads_as_that_campaign(tmp_path: Path) -> None:
    """Written in the words of a file, it is read as it was."""
    campaign = read(tmp_path, TEXT)

    assert campaign == read(tmp_path, file_text(campaign))


def test_choices_that_cannot_work_are_refused_at_their_line(tmp_path: Path) -> None:
    """Two of one id; one with a model and one without; outside of marketing; too small a part."""
    told = mistake(tmp_path, "id: app", "id: text", text=TEXT)
    assert "choice.options[1].id: " in told

    told = mistake(tmp_path, "value_minor: 300", "model: activation", text=TEXT)
    at = line_of(TEXT, "- id: app")
    said = "choice.options[1]: wanted a model for every option or for none, found a model"
    assert told == f"{at}: {said}"

    served = TEXT.replace(CONTROL, "")
    told = mistake(tmp_path, "message_class: marketing", "message_class: servicing", text=served)
    assert "choice: wanted a choice in marketing only, found servicing" in told

    told = mistake(tmp_path, "epsilon_ppm: 100000", "epsilon_ppm: 7", text=TEXT)
    assert told.startswith(f"{line_of(TEXT, 'epsilon_ppm')}: choice.epsilon_ppm: wanted ")


def test_option_that_shows_what_nobody_knows_is_refused(tmp_path: Path) -> None:
    """Options are treatments: channels once each, features that are declared."""
    told = mistake(
        tmp_path,
        "channel: sms, template_id: activation-nudge, template_version: 1}\n    - id: app",
        "channel: sms, template_id: activation-nudge, "
        "template_version: 1, variables: {a: nothing}}\n    - id: app",
        text=TEXT,
    )
    assert "choice.options[0].variables.a: wanted one of " in told


def test_offers_of_options_must_be_there(tmp_path: Path) -> None:
    """The second option's gift, at its place in the file."""
    [lack] = lacks(read(tmp_path, TEXT), Known(offers=["other"]))

    assert ("choice", "options", 1, "offer") == lack.path
    assert "wanted one of the offers other, found gift" == lack.said


def test_choice_is_explained(tmp_path: Path) -> None:
    """Every way, and how it is chosen."""
    told = list(explained(read(tmp_path, TEXT), "en"))

    assert "- one of several ways is chosen: app, wording activation-push version 2 by push" in told
    assert "- app: it promises the offer gift" in told
    assert "- app: it brings 300 in minor units where it works" in told
    assert not [line for line in told if line.startswith(("- text: ", "Also: "))]
    [how] = [line for line in told if "10 % of contacts by chance, to go on learning" in line]
    assert how.startswith("- of the ways that pass every check, the one that is worth most")
    assert how.endswith("against other offers their mean worth counts")


def test_model_and_cost_of_an_option_are_explained(tmp_path: Path) -> None:
    """In both languages; a cost of 0 is one too."""
    own = TEXT.replace("value_minor: 300", "model: app\n      contact_cost_minor: 0").replace(
        "- {id: text,", "- {id: text, model: text,"
    )
    campaign = read(tmp_path, own)
    english, chinese = (list(explained(campaign, language)) for language in LANGUAGES)

    assert "- text: the model text says how likely it works" in english
    assert "- app: the model app says how likely it works" in english
    assert "- app: it costs 0 in minor units" in english
    assert "- app: 由模型 app 给出其奏效的概率" in chinese
    assert "- app: 成本为 0（最小货币单位）" in chinese
