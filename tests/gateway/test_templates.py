"""Approved texts: all of one or nothing, and nothing that is no template is taken for one."""

from pathlib import Path

import pytest

from cli.gateway.templates import TemplateError, Templates, read_templates
from schemas.template import Template
from streams.settings import SettingsError
from tests.gateway.world import TEXTS, World, trigger
from tests.kafka_server import ROOT


BILL = {"template_id": "bill"}


def filled(amount_minor: int, currency: str) -> str:
    """Return the text of a bill."""
    variables = {"amount_minor": amount_minor, "currency": currency, "due_date": "2026-03-09"}
    return TEXTS.fill(trigger(**BILL, variables=variables))


@pytest.mark.parametrize(
    ("amount_minor", "currency", "text"),
    [
        (120_050, "CNY", "1,200.50 CNY is due 2026-03-09."),
        (5, "USD", "0.05 USD is due 2026-03-09."),
        (1_200, "JPY", "1,200 JPY is due 2026-03-09."),
        (1_234_567, "KWD", "1,234.567 KWD is due 2026-03-09."),
    ],
)
def test_amount_is_shown_in_the_major_unit(amount_minor: int, currency: str, text: str) -> None:
    """By the digits of its currency (ISO 4217), without a float on the way."""
    assert text == filled(amount_minor, currency)


@pytest.mark.parametrize(
    ("chosen", "problem"),
    [
        ({"template_id": "none"}, "TEMPLATE_UNKNOWN"),
        ({"template_version": 2}, "TEMPLATE_UNKNOWN"),
        ({"template_id": "banner"}, "TEMPLATE_CHANNEL"),
        (BILL, "VARIABLE_MISSING"),
        ({**BILL, "variables": {"amount_minor": 1, "currency": "CNY"}}, "VARIABLE_MISSING"),
        ({**BILL, "variables": {"amount": 1, "currency": "CNY", "due_date": ""}}, "VARIABLE_UNFIT"),
        (
            {**BILL, "variables": {"amount": "\n", "currency": "C", "due_date": "d"}},
            "VARIABLE_UNFIT",
        ),
        (
            {**BILL, "variables": {"amount_minor": -1, "currency": "CNY", "due_date": "d"}},
            "VARIABLE_UNFIT",
        ),
    ],
)
def test_text_that_cannot_be_filled_is_rejected(
    world: World, chosen: dict[str, object], problem: str
) -> None:
    """When it comes, with the reason, and nothing is sent."""
    world.send(trigger(**chosen))
    world.run()

    assert ["rejected"] == world.told()
    assert problem == world.receipts()[0]["raw_status"]
    assert not world.sent()


def test_text_that_was_withdrawn_meanwhile_is_not_sent(world: World) -> None:
    """The folder that counts is that of the moment of sending."""
    world.send(trigger())
    world.store.close()
    world.texts = Templates({})
    world.start()
    world.run()

    assert ["accepted", "rejected"] == world.told()
    assert not world.sent()


def test_variable_is_not_filled_again() -> None:
    """What a variable holds is no template."""
    texts = Templates({("t", 1): Template(id="t", version=1, channel="sms", text="{a}{b}")})
    one = trigger(template_id="t", variables={"a": "{b}", "b": "x"})

    assert "{b}x" == texts.fill(one)


def write(folder: Path, name: str, text: str) -> None:
    """Write a template's file."""
    variables = "variables: [{name: card_name, kind: string}]"
    (folder / name).write_text(f"id: a\nversion: 1\nchannel: sms\ntext: '{text}'\n{variables}\n")


def test_folder_is_read(tmp_path: Path) -> None:
    """One file a version."""
    write(tmp_path, "a.yaml", "Card {card_name} waits.")
    text = read_templates(tmp_path).fill(trigger(template_id="a", variables={"card_name": "Gold"}))

    assert "Card Gold waits." == text


@pytest.mark.parametrize("text", ["", "  ", "Hello {", "Hello {Name}", "Hello {a.b}", "Hello {}"])
def test_text_with_another_brace_is_refused_at_the_start(tmp_path: Path, text: str) -> None:
    """It would be sent as it stands."""
    write(tmp_path, "a.yaml", text)

    with pytest.raises(SettingsError, match=r"a\.yaml:4: text: wanted"):
        read_templates(tmp_path)


def test_house_s_own_templates_are_the_gateway_s() -> None:
    """One file serves approval and gateway: what was signed is what is filled."""
    variables = {"amount_minor": 120_050, "currency": "CNY", "due_date": "2026-03-09"}
    bill = trigger(template_id="repayment-reminder", variables=variables)
    text = read_templates(ROOT / "deploy/templates").fill(bill)

    assert "尚有1,200.50 CNY未还，最后还款日为2026-03-09。" in text


def test_two_files_of_one_version_are_refused(tmp_path: Path) -> None:
    """Which of them was approved?"""
    write(tmp_path, "a.yaml", "one")
    write(tmp_path, "b.yaml", "two")

    with pytest.raises(
        SettingsError, match=r"b\.yaml:1: template: wanted a version 1 once, found it twice"
    ):
        read_templates(tmp_path)


def test_missing_folder_and_unknown_field_are_refused(tmp_path: Path) -> None:
    """At the start, not at the first customer."""
    (tmp_path / "a.yaml").write_text("id: a\nversion: 1\nchannel: sms\ntext: x\nlocale: zh\n")

    with pytest.raises(SettingsError, match="wanted a folder of templates, found none"):
        read_templates(tmp_path / "none")
    with pytest.raises(
        SettingsError,
        match=r"a\.yaml:5: locale: wanted one of id, version, channel, text, variables",
    ):
        read_templates(tmp_path)


def test_problem_is_the_error_s_reason() -> None:
    """And its text says nothing of the customer."""
    error = TemplateError("VARIABLE_MISSING")

    assert "VARIABLE_MISSING" == error.problem
    assert "wanted a text that can be filled, found VARIABLE_MISSING" == str(error)
