"""Which options gates leave, and with what the campaign competes, by hand: core.md §3.19."""

from typing import Any

import pytest

from tests.checker.identity import Facts
from tests.checker.journal_by_hand import DAY, decisions, fold, published
from tests.checker.options_by_hand import choosing, decided, option
from tests.checker.tiny_world import ISSUED, tick
from tests.checker.treatments_by_hand import approved, defined, may, nudged, shows


PLAIN, RICH, LATE = option("plain"), option("rich", value_minor=20), option("late")
GIFT = option("plain", offer="gift")
ALL_BUT_PLAIN = {"rich": 700_000, "late": 300_000}
"""Of 600,000 by chance each of two has half; `rich`, worth 2 to 1, has the rest as well."""

NO_GIFT = ("plain", "NO_INVENTORY", "offer")
APPROVED = [approved(channel, channel, id=channel) for channel in ("push", "email")]
WORDED = [RICH | {"template_id": "push"}, LATE | {"template_id": "email"}]


@pytest.mark.parametrize(
    ("plain", "before", "other"),
    [
        (GIFT, [], {}),
        (GIFT, [defined(inventory_count=0)], {}),
        (GIFT, [defined(unit_cost_minor=30)], {"budget_minor": 20}),
        (option("plain", contact_cost_minor=2), [], {}),
    ],
)
def test_oracle_leaves_the_share_of_an_option_to_the_others(
    plain: Facts, before: list[Facts], other: dict[str, Any]
) -> None:
    """No offer, none left, no budget for it; 0.1 x 10 - 2 is less than nothing."""
    one = decided(choosing(plain, RICH, LATE, **other), *before)

    assert (one["verdict"], one["options_ppm"]) == ("sent", ALL_BUT_PLAIN)


@pytest.mark.parametrize(
    "worded", [[], [approved("sms", "w1", variables=shows("x:int"))], [approved("voice", "w1")]]
)
def test_oracle_draws_no_option_without_its_words(worded: list[Facts]) -> None:
    """Not approved, with nothing to show, approved for another channel."""
    one = decided(choosing(PLAIN, *WORDED), *APPROVED, *worded)

    assert (one["verdict"], one["options_ppm"]) == ("sent", ALL_BUT_PLAIN)


def test_oracle_draws_no_option_whose_channel_is_full() -> None:
    """The first step went by sms; of the second the caps are those of the option drawn."""
    caps = [{"scope": "channel", "count": 1, "window_ms": 7 * DAY}]
    week = tick(ISSUED + 7 * DAY + 5_000, ISSUED + 7 * DAY)
    first, second = decisions(fold(*nudged(choosing(caps=caps)), week))

    assert (first["channel"], first["options_ppm"]["plain"]) == ("sms", 600_000)
    assert second["options_ppm"] == ALL_BUT_PLAIN
    assert [cap["count_before"] for cap in second["caps"]] == [0]


@pytest.mark.parametrize(
    ("options", "words", "told"),
    [
        ([LATE, GIFT], [may("sms")], NO_GIFT),
        ([GIFT, RICH | {"offer": "car"}], [may("sms"), may("push")], NO_GIFT),
        ([LATE, RICH], [may("sms")], ("late", "NO_CONSENT", "")),
        ([RICH, PLAIN | {"contact_cost_minor": 2}], [may("sms")], ("plain", "NOT_WORTH", "")),
    ],
)
def test_oracle_tells_of_the_first_option_at_the_gate_that_leaves_none(
    options: list[Facts], words: list[Facts], told: tuple[str, str, str]
) -> None:
    """Whoever comes further tells; of equals the first. Nothing is drawn."""
    one = decided(choosing(*options), words=tuple(words))

    assert (one["option"], one["reason_code"], one["clause"]) == told
    assert (one["option_ppm"], one["options_ppm"], one["arm"]) == (0, {}, "")


@pytest.mark.parametrize(("salt", "drawn"), [("a", "plain"), ("b", "rich")])
@pytest.mark.parametrize(("value", "winner"), [(17, "activation_nudge"), (18, "other")])
def test_oracle_lets_a_campaign_win_whatever_it_draws(
    value: int, winner: str, salt: str, drawn: str
) -> None:
    """`rich` is worth 2, `plain` 1.2: on average 0.7 x 2 + 0.3 x 1.2 = 1.76, beside 1.7 and 1.8."""
    policy = choosing(RICH, option("plain", value_minor=12), salt=salt)
    beside = policy | {"id": "other", "choice": None, "value_minor": value}
    oracle = fold(*nudged(policy, published(beside, "p2")))
    told = {one["campaign_id"]: one for one in decisions(oracle)}

    one = told["activation_nudge"]
    assert (one["worth_micro"], one["option"]) == (1_760_000, drawn)
    (weighed,) = (reading["saw"] for reading in one["gates"] if reading["gate"] == "worth")
    own = {"rich_worth_micro": 2_000_000, "plain_worth_micro": 1_200_000}
    assert weighed == {"worth_micro": 1_760_000} | own
    assert [name for name, each in told.items() if each["verdict"] == "sent"] == [winner]
