"""What follows an option, by hand: its fallbacks, and what its exposure keeps (core.md §3.19)."""

import json

import pytest

from tests.checker.identity import Facts
from tests.checker.journal_by_hand import decisions, fold, happened, published
from tests.checker.options_by_hand import choosing, folded, option
from tests.checker.oracle import PartitionOracle
from tests.checker.tiny_world import DECIDED
from tests.checker.treatments_by_hand import FAILED, defined, nudged, treatment, triggers


PLAIN = option("plain", fallbacks=[treatment("voice"), treatment("email")], value_minor=30)
BEGUN = choosing(PLAIN, option("rich"))
"""`plain` is drawn: by sms, then by email, for nobody may call c0."""


def after(policy: Facts, *then: Facts) -> PartitionOracle:
    """Return c0 after a nudge by `plain`, this policy in its next version, and that it failed."""
    return fold(*nudged(BEGUN), published(policy | {"version": 2}, "p2"), *then, FAILED)


def test_oracle_falls_back_within_the_option() -> None:
    """Its record says the option without a chance; the contacts keep it."""
    oracle = fold(*nudged(BEGUN), FAILED)
    first, second = decisions(oracle)

    assert [one["channel"] for one in triggers(oracle)] == ["sms", "email"]
    assert (first["option"], first["option_ppm"]) == ("plain", 700_000)
    assert (second["option"], second["option_ppm"], second["options_ppm"]) == ("plain", 0, {})
    assert (second["value_minor"], second["slot"]) == (30, 2)
    assert [one["option"] for one in oracle.customers["acme|c0"]["contacts"]] == ["plain"] * 2


@pytest.mark.parametrize(
    "policy",
    [
        choosing(option("late"), option("rich")),
        BEGUN | {"choice": None, "fallbacks": [treatment("push"), treatment("email")]},
        choosing(option("plain"), option("rich")),
    ],
)
def test_oracle_falls_back_nowhere_where_the_option_is_gone(policy: Facts) -> None:
    """No option of that id, no choice any more, or no slots behind its first: no record either."""
    oracle = after(policy)

    assert len(decisions(oracle)) == 1
    assert oracle.customers["acme|c0"]["contacts"][0]["untried"] is None


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"message_class": "servicing"},
        {
            "experiment": {
                "salt": "s",
                "control_bp": 0,
                "arms": [{"id": "a", "share_bp": 10_000, "treatment": treatment("push")}],
            }
        },
    ],
)
def test_oracle_goes_on_with_the_option_as_it_is_now(changed: Facts) -> None:
    """Whatever class and arm are by now: `plain` has push behind sms in the next version."""
    plain = option("plain", fallbacks=[treatment("push")])
    oracle = after(choosing(option("rich"), plain, **changed))

    assert [one["channel"] for one in triggers(oracle)] == ["sms", "push"]
    assert decisions(oracle)[-1]["option"] == "plain"


def test_oracle_goes_on_without_an_option_where_there_was_none() -> None:
    """A contact from before there was a choice has the campaign's treatments."""
    before = BEGUN | {"choice": None, "fallbacks": [treatment("push")]}
    now = BEGUN | {"version": 2, "fallbacks": [treatment("email")]}
    oracle = fold(*nudged(before), published(now, "p2"), FAILED)

    assert [one["channel"] for one in triggers(oracle)] == ["sms", "email"]
    assert [one["option"] for one in decisions(oracle)] == ["", ""]


def test_oracle_lets_a_fallback_take_the_options_reservation_over() -> None:
    """The offer of `plain`, though the campaign promises another; one unit, one grant."""
    gift = option("plain", offer="gift", fallbacks=[treatment("email")])
    oracle = fold(*nudged(choosing(gift, option("rich"), offer="car"), defined()), FAILED)

    assert [one["offer_id"] for one in triggers(oracle)] == ["gift", "gift"]
    assert oracle.published["offer", "acme", "gift"][1] == 1
    assert decisions(oracle)[1]["offer_id"] == "gift"


def test_oracle_keeps_the_option_until_the_outcome() -> None:
    """Exposure and outcome say option and chance, the exposure all that were allowed."""
    opened_app = happened(DECIDED + 5, "a", "app.session", surface="app")
    oracle = fold(*nudged(BEGUN), opened_app)
    told = [
        json.loads(one.output.value)
        for one in oracle.expected
        if one.output.ce_type in ("exposure.opened.v1", "outcome.recorded.v1")
    ]

    assert [(one["option"], one["option_ppm"]) for one in told] == [("plain", 700_000)] * 2
    assert told[0]["options_ppm"] == {"plain": 700_000, "rich": 300_000}
    assert "options_ppm" not in told[1]


@pytest.mark.parametrize("control_bp", [10_000, 0])
def test_oracle_exposes_the_control_and_the_holdout_to_an_option(control_bp: int) -> None:
    """E2: who is kept back has the option that they would have had, and no contact."""
    held = happened(DECIDED, "t", "tenant.configured", holdout_bp=10_000, holdout_salt="h")
    held |= {"customer_token": ""}
    held["record"] |= {"time_zone": "UTC"}
    policy = BEGUN | {"experiment": {"salt": "s", "control_bp": control_bp, "arms": []}}
    oracle = folded(policy, *([] if control_bp else [held]))
    (one,) = decisions(oracle)

    assert one["verdict"] == ("control" if control_bp else "held_out")
    kept = oracle.customers["acme|c0"]["exposures"]
    (exposure,) = (one for one in kept if one["campaign_id"] == "activation_nudge")
    assert (exposure["option"], exposure["option_ppm"]) == ("plain", 700_000)
