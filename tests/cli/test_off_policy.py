"""What another way of choosing would have brought is told from the log (docs/effect.md)."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from cli.effect.off_policy import Chosen, joined, logged, told
from cli.effect.other_policy import OtherPolicyError, read_other_policy
from lifecycle.effect.off_policy import Logged
from schemas.codec import encode_json
from schemas.examples import EXPOSURE
from schemas.outcomes import ExposureOpened, ExposureSettled
from schemas.records import StoredRecord
from schemas.routing import OUTCOMES_TOPIC


FILE = """choose:
  - {option: app, if: waited_ms > 1000}
  - {option: text}
epsilon_ppm: 200000
"""
HALF = {"text": 500_000, "app": 500_000}


def chooser(tmp_path: Path, text: str = FILE) -> Any:  # noqa: ANN401 (a chooser)
    """Return the way of choosing in a text."""
    file = tmp_path / "other.yaml"
    file.write_text(text, encoding="utf-8")
    return read_other_policy(file)


def opened(number: int, option: str, waited_ms: int = 0, **changed: Any) -> ExposureOpened:  # noqa: ANN401
    """Return a contact for which an option was drawn, half and half."""
    return replace(
        EXPOSURE,
        exposure_id=f"e{number}",
        campaign_id="lift",
        option=option,
        option_ppm=500_000,
        options_ppm=HALF,
        features={"waited_ms": waited_ms},
        **changed,
    )


def settled(exposure: ExposureOpened, label: Any, value_minor: int = 0) -> ExposureSettled:  # noqa: ANN401
    """Return what a contact has come to."""
    return ExposureSettled(
        settled_id=f"s-{exposure.exposure_id}",
        exposure_id=exposure.exposure_id,
        tenant=exposure.tenant,
        customer_token=exposure.customer_token,
        trigger_id=exposure.trigger_id,
        campaign_id=exposure.campaign_id,
        policy_version=1,
        arm="default",
        arm_ppm=1_000_000,
        is_first=True,
        pools=False,
        holdout_ppm=0,
        label=label,
        delivery="delivered",
        value_minor=value_minor,
        currency="CNY" if value_minor else "",
        decided_at_ms=1,
        closes_at_ms=2,
        settled_at_ms=3,
    )


def test_file_chooses_the_first_line_that_is_true(tmp_path: Path) -> None:
    """
    Of 20 % by chance each of two has a tenth; the chosen one the other eight as well.

        waited 2,000: app    waited 0: text    nothing known: text
    """
    rule = chooser(tmp_path)

    assert 900_000 == rule.target_ppm({"waited_ms": 2_000}, HALF, "app")
    assert 100_000 == rule.target_ppm({"waited_ms": 2_000}, HALF, "text")
    assert 900_000 == rule.target_ppm({"waited_ms": 0}, HALF, "text")
    assert 900_000 == rule.target_ppm({}, HALF, "text")


def test_file_chooses_among_what_was_allowed(tmp_path: Path) -> None:
    """App was not: text, with all of the chance; where no line fits, as was done."""
    rule = chooser(tmp_path)
    assert 1_000_000 == rule.target_ppm({"waited_ms": 2_000}, {"text": 1_000_000}, "text")

    only = chooser(tmp_path, "choose: [{option: app}]")
    assert 300_000 == only.target_ppm({}, {"text": 300_000, "mail": 700_000}, "text")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("waited_ms > 1000", "waited > 1000", "choose[0].if: column 1: wanted"),
        ("waited_ms > 1000", "waited_ms + 1000", "wanted a rule that gives bool"),
        ("option: text", "opt: text", "choose[1]"),
        ("epsilon_ppm: 200000", "epsilon_ppm: 2000000", "epsilon_ppm: wanted"),
    ],
)
def test_mistake_in_the_file_is_told_at_its_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """File, line, path, what was wanted and what was found."""
    with pytest.raises(OtherPolicyError, match=r"other\.yaml:[0-9]+: ") as caught:
        chooser(tmp_path, FILE.replace(old, new))
    assert said in str(caught.value)


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

    tenant = mine.tenant
    assert [("e1", 1), ("e2", None)] == [
        (one.exposure.exposure_id, one.settled and one.settled.label)
        for one in joined(tenant, "lift", records)
    ]


def test_examples_say_what_was_likely_and_what_would_be(tmp_path: Path) -> None:
    """One that had to make room says nothing; one whose window is open is not matured."""
    text, app, gone, open_ = (
        opened(1, "text"),
        opened(2, "app", 2_000),
        opened(3, "app"),
        opened(4, "app"),
    )
    contacts = [
        Chosen(text, settled(text, 1, 700)),
        Chosen(app, settled(app, 0)),
        Chosen(gone, settled(gone, None)),
        Chosen(open_, None),
    ]
    rule = chooser(tmp_path)

    assert [
        Logged(1, 500_000, 900_000, matured=True),
        Logged(0, 500_000, 900_000, matured=True),
        Logged(0, 500_000, 100_000, matured=False),
    ] == logged(contacts, rule, money=False)
    assert [700, 0, 0] == [one.reward for one in logged(contacts, rule, money=True)]


def test_words_say_both_estimates_and_what_to_doubt(tmp_path: Path) -> None:
    """
    Text converted, app did not, half and half; always text weighs 2 and 0.

        IPS (2 x 1 + 0) / 2 = 1, SNIPS 2 / 2 = 1; mean weight 1, but two contacts say little
    """
    text, app = opened(1, "text"), opened(2, "app")
    contacts = [Chosen(text, settled(text, 1)), Chosen(app, settled(app, 0))]
    lines = list(told(contacts, chooser(tmp_path, "choose: [{option: text}]")))

    assert "2 contacts whose window is over, 0 not yet; of the first 50.00% converted" == lines[0]
    assert lines[1].startswith("as the file says (IPS) 100.00%, standard error 100.00%")
    assert lines[2].startswith("the same, steadier (SNIPS) 100.00%, standard error 0.00%")
    assert "this says as much as 1 contacts: too few" in lines
