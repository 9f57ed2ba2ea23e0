"""What another way of choosing would have brought is told from the log (docs/effect.md)."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from cli.effect import contacts as contacts_module
from cli.effect.contacts import LoggedContact, contacts_by_campaign, logged
from cli.effect.off_policy import OffPolicyReport, off_policy_report, report_lines
from cli.log import TopicLog
from cli.main import main
from lifecycle.effect.off_policy import Logged
from schemas.codec import encode_json
from schemas.examples import EXPOSURE
from schemas.outcomes import ExposureOpened
from schemas.records import OutputRecord, StoredRecord
from schemas.routing import OUTCOMES_TOPIC
from streams.memory_broker import MemoryBroker
from streams.settings import Settings
from tests.cli.memory_log import MemoryTopicLog
from tests.cli.off_policy_contacts import FILE, chooser, opened, settled


def record(kind: bytes, said: object, offset: int) -> StoredRecord:
    """Return a record of the outcomes log."""
    headers = (("ce_type", kind),)
    return StoredRecord(OUTCOMES_TOPIC, 0, offset, 0, b"k", encode_json(said), headers)


def test_contacts_meet_what_they_came_to() -> None:
    """Of this bank and campaign, drawn and sent; the second's window is not over."""
    mine, open_, other, kept = (
        opened(1, "text"),
        opened(2, "app"),
        opened(3, "app", tenant="hill"),
        opened(4, "app", verdict="control"),
    )
    records = [
        record(b"exposure.opened.v1", one, at) for at, one in enumerate([mine, open_, other, kept])
    ]
    records += [record(b"exposure.settled.v1", settled(one, 1), 9) for one in (mine, other, kept)]

    assert {"lift": [("e1", 1), ("e2", None)]} == {
        campaign_id: [(one.exposure.exposure_id, one.label) for one in contacts]
        for campaign_id, contacts in contacts_by_campaign(mine.tenant, records).items()
    }


def test_examples_say_what_was_likely_and_what_would_be(tmp_path: Path) -> None:
    """One that had to make room says nothing; one whose window is open is not matured."""
    text, app, gone, open_ = (
        opened(1, "text", value_cap_minor=1_000),
        opened(2, "app", 2_000),
        opened(3, "app"),
        opened(4, "app"),
    )
    contacts = [
        LoggedContact(text, settled(text, 1, 700)),
        LoggedContact(app, settled(app, 0)),
        LoggedContact(gone, settled(gone, None)),
        LoggedContact(open_, None),
    ]
    rule = chooser(tmp_path)

    assert [
        Logged(1, 500_000, 900_000, matured=True),
        Logged(0, 500_000, 900_000, matured=True),
        Logged(0, 500_000, 100_000, matured=False),
    ] == logged(contacts, rule, money=False)
    assert [700, 0, 0] == [one.reward for one in logged(contacts, rule, money=True)]


def test_money_of_a_contact_counts_up_to_the_cap() -> None:
    """900 brought, 500 declared beforehand: the effect counts it so as well."""
    text = opened(1, "text", value_cap_minor=500, currency="CNY")

    assert 500 == LoggedContact(text, settled(text, 1, 900)).value_minor


def report(tmp_path: Path, contacts: list[LoggedContact], text: str) -> OffPolicyReport:
    """Return what the way of choosing in a text would have brought."""
    return off_policy_report("acme", "lift", contacts, chooser(tmp_path, text))


def two_contacts() -> list[LoggedContact]:
    """Return one by text that brought 700, one by app that brought nothing; one is open."""
    money = {"value_cap_minor": 10_000, "currency": "CNY"}
    text, app, open_ = (
        opened(1, "text", **money),
        opened(2, "app", **money),
        opened(3, "app", **money),
    )
    return [
        LoggedContact(text, settled(text, 1, 700)),
        LoggedContact(app, settled(app, 0)),
        LoggedContact(open_, None),
    ]


def test_report_has_rates_and_money_in_the_units_of_their_names(tmp_path: Path) -> None:
    """
    Text converted, app did not, half and half; always text weighs 2 and 0.

        IPS (2 x 1 + 0) / 2 = 1, its standard error sqrt((1 + 1) / (2 - 1) / 2) = 1
        SNIPS 2 / 2 = 1, its standard error |2 (1 - 1)| / 2 = 0; money is 700 times that
    """
    found = json.loads(encode_json(report(tmp_path, two_contacts(), "choose: [{option: text}]")))

    assert (2, 1, 20) == (found["closed_count"], found["open_count"], found["weight_max"])
    assert (1.0, 1.0) == (found["weight_mean_ratio"], found["effective_count"])
    assert {
        "logged_ppm": 500_000,
        "ips_ppm": 1_000_000,
        "ips_se_ppm": 1_000_000,
        "snips_ppm": 1_000_000,
        "snips_se_ppm": 0,
    } == found["conversion"]
    assert [
        {
            "currency": "CNY",
            "contact_count": 2,
            "logged_minor": 350,
            "ips_minor": 700,
            "ips_se_minor": 700,
            "snips_minor": 700,
            "snips_se_minor": 0,
        }
    ] == found["money"]


def test_words_say_what_was_chosen_and_what_the_file_chooses(tmp_path: Path) -> None:
    """The steadier estimate comes first; money has its currency."""
    lines = [*report_lines(report(tmp_path, two_contacts(), "choose: [{option: text}]"))]

    assert [
        "an option was drawn for 2 contacts whose window has closed, 1 whose has not",
        "as was chosen: 500 of 1,000 contacts converted",
        "as the file chooses: 1,000 of 1,000 (SNIPS, the steadier; standard error 0)",
        "  or 1,000 of 1,000 (IPS, right on average, but it strays; standard error 1,000)",
        "money as was chosen: 350 minor units of CNY a contact",
        "money as the file chooses: 700 (SNIPS; standard error 0), 700 (IPS; standard error 700)",
    ] == [line.replace("), or ", "), ") for line in lines[:6]]


def test_mean_weight_far_from_one_is_doubted_with_what_was_found(tmp_path: Path) -> None:
    """Of three drawn half and half by app, app, text, always text weighs 0, 0, 2: 2 / 3."""
    contacts = [
        LoggedContact(one, settled(one, 1))
        for one in (opened(1, "app"), opened(2, "app"), opened(3, "text"))
    ]
    doubts = report(tmp_path, contacts, "choose: [{option: text}]").doubts

    why = "the file chooses what was hardly ever tried"
    wanted = "wanted a mean weight within 0.1 of 1, found 0.67"
    assert f"do not trust the estimates: {wanted} ({why})" == doubts[0]


def test_mean_weight_near_one_is_not_doubted(tmp_path: Path) -> None:
    """200 by text weigh 2, 200 by app 0: the mean is 1, and they say as much as 200."""
    contacts = [
        LoggedContact(one, settled(one, 1))
        for one in (opened(number, ("text", "app")[number % 2]) for number in range(400))
    ]

    assert [] == list(report(tmp_path, contacts, "choose: [{option: text}]").doubts)


def test_few_contacts_are_doubted_with_what_they_say_as_much_as(tmp_path: Path) -> None:
    """One of two has all the weight: that is as much as one contact."""
    doubts = report(tmp_path, two_contacts(), "choose: [{option: text}]").doubts

    wanted = "wanted weights that say as much as 200 contacts or more, found 1"
    assert [f"do not trust the estimates: {wanted}"] == list(doubts)


def test_weights_that_were_cut_are_told(tmp_path: Path) -> None:
    """Always text weighs 2, which is held to 1."""
    doubts = report(tmp_path, two_contacts(), "choose: [{option: text}]\nweight_max: 1").doubts

    cut = "contacts would weigh more than weight_max and were held to it: IPS is too low"
    assert f"1 {cut}" == doubts[-1]


def test_one_contact_is_too_few_and_is_told(tmp_path: Path) -> None:
    """Of one there is no standard error."""
    wanted = "wanted 2 contacts whose window has closed, or more; found 1"
    with pytest.raises(ValueError, match=wanted):
        report(tmp_path, two_contacts()[:1], "choose: [{option: text}]")


def test_file_that_chooses_what_was_never_drawn_is_told(tmp_path: Path) -> None:
    """Both were by app where text was allowed: of always text nothing is known."""
    contacts = [LoggedContact(one, settled(one, 1)) for one in (opened(1, "app"), opened(2, "app"))]
    wanted = "wanted a contact for which the file may choose the option that was drawn; found none"
    with pytest.raises(ValueError, match=f"{wanted} among 2"):
        report(tmp_path, contacts, "choose: [{option: text}]")


def of_region(number: int, region: str, option: str) -> ExposureOpened:
    """Return a contact of a customer of a region."""
    return replace(opened(number, option), features={"region": region})


def page_blocks() -> list[str]:
    """Return the blocks of what docs/effect.md says of another policy: a file, what it brings."""
    page = Path("docs/effect.md").read_text(encoding="utf-8")
    section = page.split("\n## Another policy on the same log\n")[1]
    return re.findall(r"\n```\w*\n(.*?)```\n", section, re.DOTALL)


def test_file_on_the_page_brings_what_the_page_says(tmp_path: Path) -> None:
    """
    Coast by app and inland by text converted, the others did not, all drawn half and half.

    5 % by chance over two: what the file chooses has .975, which weighs 1.95, the rest .025, .05.

        logged 2 / 4; IPS (1.95 + 1.95) / 4 = .975, SNIPS the same over a mean weight of 1
        IPS: every term is .975 from the mean, sqrt(4 x .975^2 / 3 / 4) = .5629
        SNIPS: 1.95 x .025 = .05 x .975 = .04875, sqrt(4 x .04875^2) / 4 = .0244
        as much as (4 x 1)^2 / (2 x 1.95^2 + 2 x .05^2) = 2.1 contacts
    """
    drawn = [
        (of_region(1, "coast", "app"), 1),
        (of_region(2, "coast", "text"), 0),
        (of_region(3, "inland", "text"), 1),
        (of_region(4, "inland", "app"), 0),
    ]
    contacts = [LoggedContact(one, settled(one, label)) for one, label in drawn]
    contacts.append(LoggedContact(of_region(5, "coast", "app"), None))
    file, told = page_blocks()

    assert told.splitlines() == [*report_lines(report(tmp_path, contacts, file))]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """Return the command over a log of two contacts of `lift`, by app and by text."""
    broker = MemoryBroker(lambda: 0)
    broker.create_topic(OUTCOMES_TOPIC, 1)
    for one in (opened(1, "text"), opened(2, "app")):
        for kind, said in ((b"exposure.opened.v1", one), (b"exposure.settled.v1", settled(one, 1))):
            headers = (("ce_type", kind),)
            broker.append(OutputRecord(OUTCOMES_TOPIC, b"k", encode_json(said), headers, 0))
    file = tmp_path / "other.yaml"
    file.write_text(FILE, encoding="utf-8")

    def run(work: Callable[[TopicLog, Settings], Awaitable[object]], _: Settings) -> object:
        return asyncio.run(work(MemoryTopicLog(broker), Settings(tenants=("demo",))))

    monkeypatch.setattr(contacts_module, "on_kafka", run)

    def invoke(campaign: str, *words: str) -> Result:
        where = ("--tenant", EXPOSURE.tenant, "--policy", str(file))
        return CliRunner().invoke(main, ["effect", campaign, *where, *words])

    return invoke


def test_command_tells_one_json_object(ask: Callable[..., Result]) -> None:
    """For programs: whose it is, and the same numbers."""
    found = json.loads(ask("lift", "--json").stdout)

    assert (EXPOSURE.tenant, "lift", 2) == (
        found["tenant"],
        found["campaign_id"],
        found["closed_count"],
    )


def test_campaign_that_has_drawn_no_option_is_refused(ask: Callable[..., Result]) -> None:
    """With those that have, and exit code 1."""
    refused = ask("left")
    which = f"campaigns of {EXPOSURE.tenant} that have drawn options"

    assert 1 == refused.exit_code
    assert f"Error: wanted one of the {which}, lift; found left\n" == refused.stderr
