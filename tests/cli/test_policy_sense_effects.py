"""What a campaign's effect could not be measured or held by is refused, at its line."""

from pathlib import Path

import pytest

from cli.policy_file import read_policy
from schemas.campaign import Guardrails
from tests.cli.campaign_text import CONTROL, GOOD, line_of, mistake, text_of


REMINDER = text_of("repayment_reminder")
BOUGHT = "on: txn.posted, window: 7d"


@pytest.mark.parametrize(
    ("new", "place", "said"),
    [
        (f"{BOUGHT}, value_cap_minor: 9, currency: CNY", "value_cap_minor", "wanted a value"),
        (
            f"{BOUGHT}, value: amount_minor, value_cap_minor: 9",
            "value_cap_minor",
            "wanted a currency beside it",
        ),
        (
            f"{BOUGHT}, value: amount_minor, value_cap_minor: 9, currency: XYZ",
            "currency",
            "wanted an ISO 4217 code",
        ),
    ],
)
def test_money_that_nobody_could_add_up_is_refused(
    tmp_path: Path, new: str, place: str, said: str
) -> None:
    """A sum of what, up to how much, in which currency: all three, or none is counted."""
    told = mistake(tmp_path, "on: card.activated, window: 7d", new)

    assert told.startswith(f"{line_of(GOOD, 'conversion:')}: conversion.{place}: {said}")


def test_money_and_guardrails_are_read_as_written(tmp_path: Path) -> None:
    """Bounds in parts per million, as rates are elsewhere in the file."""
    file = tmp_path / "good.yaml"
    money = f"conversion: {{{BOUGHT}, value: amount_minor, value_cap_minor: 9, currency: CNY}}"
    bounds = "guardrails: {opt_out_ppm: 10000, harm: true}"
    text = GOOD.replace("conversion: {on: card.activated, window: 7d}", f"{money}\n{bounds}")
    file.write_text(text, encoding="utf-8")
    campaign = read_policy(file, tenant="bank")

    assert Guardrails(opt_out_ppm=10_000, harm=True, alpha_ppm=10_000) == campaign.guardrails
    assert campaign.conversion is not None
    assert (9, "CNY") == (campaign.conversion.value_cap_minor, campaign.conversion.currency)


def test_guardrails_of_what_is_not_measured_are_refused(tmp_path: Path) -> None:
    """Without a conversion no exposure opens, and nothing would ever be heard."""
    new = "guardrails: {opt_out_ppm: 10000}"
    told = mistake(tmp_path, "conversion: {on: card.activated, window: 7d}", new)

    assert told.startswith(f"{line_of(GOOD, 'conversion:')}: guardrails: wanted a conversion")


@pytest.mark.parametrize(
    ("experiment", "found"),
    [
        ("", "no experiment"),
        ("experiment: {salt: s, control_bp: 0}", "control_bp 0"),
        ("experiment: {salt: s, control_bp: 10000}", "control_bp 10000"),
    ],
)
def test_harm_needs_a_control_to_be_seen(tmp_path: Path, experiment: str, found: str) -> None:
    """Nobody kept back, or everybody: no series, so that `harm` could never be judged."""
    text = GOOD.replace(CONTROL, experiment)
    told = mistake(tmp_path, "priority: 60", "priority: 60\nguardrails: {harm: true}", text=text)

    wanted = "guardrails.harm: wanted a control beside it"
    assert told.startswith(f"{line_of(text, 'priority:') + 1}: {wanted}")
    assert told.endswith(f"found {found}")


def test_bounds_of_objections_need_no_control(tmp_path: Path) -> None:
    """What those contacted say is judged by itself."""
    file = tmp_path / "good.yaml"
    file.write_text(GOOD.replace(CONTROL, "guardrails: {opt_out_ppm: 1}"), encoding="utf-8")

    assert Guardrails(opt_out_ppm=1) == read_policy(file, tenant="bank").guardrails


def test_harm_is_looked_for_in_marketing_alone(tmp_path: Path) -> None:
    """Nobody is kept back from what serves, so there is nobody to compare with."""
    text = f"{REMINDER}\nguardrails: {{harm: true}}\n"
    told = mistake(tmp_path, "harm: true", "harm: true", text=text)

    assert f"{line_of(text, 'guardrails:')}: guardrails.harm: wanted a campaign of class" in told
