"""Wordings and offers as files: what they say, and what is wrong with them, by line."""

from pathlib import Path

import pytest

from cli.offer_file import OfferFileError, read_offer, read_offers_of
from cli.policy_file import read_policy
from cli.policy_treatments import treatments_of
from cli.template_file import TemplateFileError, read_template, read_templates_of
from schemas.offer import Offer
from schemas.template import Template, TemplateVariable
from tests.cli.campaign_text import CAMPAIGNS
from tests.kafka_server import ROOT


BILL = """\
id: bill
version: 2
channel: sms
text: "{amount} {currency} is due {due_date}."
variables:
  - {name: amount_minor, kind: int}
  - {name: currency, kind: string}
  - {name: due_date, kind: string}
"""
GIFT = "id: gift\nversion: 1\ninventory_count: 10\nvalid: 14d\n"


def template(folder: Path, text: str) -> Template:
    """Return the wording in a text."""
    file = folder / "bill.yaml"
    file.write_text(text, encoding="utf-8")
    return read_template(file)


def test_file_says_what_the_struct_has(tmp_path: Path) -> None:
    """The text as it stands, and the list of what it may show."""
    assert template(tmp_path, BILL) == Template(
        id="bill",
        version=2,
        channel="sms",
        text="{amount} {currency} is due {due_date}.",
        variables=(
            TemplateVariable(name="amount_minor", kind="int"),
            TemplateVariable(name="currency", kind="string"),
            TemplateVariable(name="due_date", kind="string"),
        ),
    )


def test_amount_may_be_a_variable_of_its_own(tmp_path: Path) -> None:
    """Then it is shown as it is, and needs no currency."""
    text = BILL.replace("amount_minor, kind: int", "amount, kind: string")

    assert "amount" == template(tmp_path, text).variables[0].name


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{due_date}.", "{day}.", "4: text: wanted day among the variables, as the text shows it"),
        ("  - {name: amount_minor, kind: int}\n", "", "4: text: wanted amount_minor of kind int"),
        ("amount_minor, kind: int", "amount_minor, kind: string", "4: text: wanted amount_minor"),
        ("is due", "is { due", "4: text: wanted {variables} and no other brace, found another"),
        ("is due", "is\\ndue", "4: text: wanted printable text on one line, found another"),
        ('"{amount} {currency} is due {due_date}."', '" "', "4: text: wanted a text, found none"),
        ("name: due_date", "name: currency", "8: variables[2].name: wanted currency once, found"),
        ("kind: int", "kind: float", "6: variables[0].kind: wanted one of int, string, found"),
        ("channel: sms", "channel: fax", "3: channel: wanted one of email, in_app, push, sms"),
        ("version: 2", "version: 0", "2: version: wanted int >= 1, found 0"),
        ("version: 2\n", "", "1: template: wanted the field version, found none"),
        ("version: 2", "colour: red", "2: colour: wanted one of id, version, channel, text, var"),
    ],
)
def test_template_that_cannot_be_shown_is_refused_at_its_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """File, line, place, what was wanted and what was found."""
    assert 1 == BILL.count(old)
    with pytest.raises(TemplateFileError) as caught:
        template(tmp_path, BILL.replace(old, new))

    assert str(caught.value).removeprefix(f"{tmp_path / 'bill.yaml'}:").startswith(said)


def test_file_that_is_no_template_is_refused(tmp_path: Path) -> None:
    """A list, and nothing at all."""
    with pytest.raises(TemplateFileError, match="1: template: wanted the fields of a template"):
        template(tmp_path, "- a list\n")
    with pytest.raises(TemplateFileError, match="wanted a folder of templates, found none"):
        read_templates_of(tmp_path / "none")


def test_every_treatment_of_the_house_has_its_template() -> None:
    """`policy check` of all ten with both folders, and no wording is left over."""
    templates = read_templates_of(ROOT / "deploy/templates")
    campaigns = [read_policy(file, tenant="bank") for file in sorted(CAMPAIGNS.glob("*.yaml"))]
    treatments = [one for campaign in campaigns for _, one in treatments_of(campaign)]
    asked = {(one.template_id, one.template_version) for one in treatments}

    assert asked == templates.keys()


def test_advertising_by_sms_says_how_to_refuse_it() -> None:
    """A reply is enough; a bill is no advertisement."""
    templates = read_templates_of(ROOT / "deploy/templates")
    for file in sorted(CAMPAIGNS.glob("*.yaml")):
        campaign = read_policy(file, tenant="bank")
        for _, treatment in treatments_of(campaign):
            text = templates[treatment.template_id, treatment.template_version].text
            by_sms = (campaign.message_class, treatment.channel) == ("marketing", "sms")

            assert by_sms == text.endswith("拒收请回复R")


def test_offer_file_says_what_the_struct_has(tmp_path: Path) -> None:
    """The duration as text; of two versions in a folder the higher counts."""
    (tmp_path / "a.yaml").write_text(GIFT.replace("version: 1", "version: 2"), encoding="utf-8")
    (tmp_path / "b.yaml").write_text(GIFT, encoding="utf-8")
    gift = Offer(id="gift", version=1, inventory_count=10, valid_ms=14 * 86_400_000)

    assert gift == read_offer(tmp_path / "b.yaml")
    assert 2 == read_offers_of(tmp_path)["gift"].version
    assert {"first_spend_gift"} == read_offers_of(ROOT / "deploy/offers").keys()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a list\n", "1: offer: wanted the fields of an offer"),
        (GIFT.replace("14d", "soon"), "4: valid: wanted a duration such as 72h, 7d or 1w, found"),
        (GIFT.replace("valid: 14d", "valid_ms: 5"), "4: valid_ms: wanted it without _ms, as 72h"),
        (GIFT.replace("count: 10", "count: -1"), "3: inventory_count: wanted int >= 0, found -1"),
        (GIFT + "colour: red\n", "5: colour: wanted one of id, version, inventory_count, valid"),
    ],
)
def test_offer_that_cannot_be_is_refused_at_its_line(tmp_path: Path, text: str, said: str) -> None:
    """File, line, place, what was wanted and what was found."""
    file = tmp_path / "gift.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(OfferFileError) as caught:
        read_offer(file)

    assert str(caught.value).removeprefix(f"{file}:").startswith(said)
