"""The second opinion on options, by hand: core.md §3.19."""

import pytest

from tests.checker.identity import Facts
from tests.checker.journal_by_hand import decisions, fold, happened, published
from tests.checker.models_by_hand import CONTACT, MODEL, snapshot
from tests.checker.options_by_hand import brought, choosing, decided, folded, option
from tests.checker.oracle import PartitionOracle
from tests.checker.tiny_world import BASE, DECIDED, DUE, tick
from tests.checker.treatments_by_hand import defined, grants, may, nudged, treatment, triggers


NO = happened(BASE, "n", "preference.changed", personalisation_opt_out=True)
RICH = {"value_minor": 20}
EQUAL = {"plain": 333_334, "rich": 333_333, "late": 333_333}


@pytest.mark.parametrize(
    ("salt", "best", "drawn"),
    [
        ("a", "plain", "rich"),
        ("a", "rich", "rich"),
        ("a", "late", "late"),
        ("b", "plain", "plain"),
        ("b", "rich", "rich"),
        ("b", "late", "late"),
    ],
)
def test_oracle_draws_the_first_above_the_draw(salt: str, best: str, drawn: str) -> None:
    """
    By hand: 743,270 by salt a or 408,122 by b, among 600,000 for the best, 200,000 for each other.

    These are the first 8 bytes that `openssl dgst -sha256` gives for tenant, `choice`, campaign,
    salt, customer, occurrence key and step, each behind its length, modulo a million.
    """
    names = ("plain", "rich", "late")
    options = [option(name, **(RICH if name == best else {})) for name in names]
    one = decided(choosing(*options, salt=salt))

    chances = {name: 600_000 if name == best else 200_000 for name in names}
    assert one["options_ppm"] == chances
    assert (one["option"], one["option_ppm"]) == (drawn, chances[drawn])
    assert one["channel"] == {"plain": "sms", "rich": "push", "late": "email"}[drawn]


def test_oracle_gives_the_best_what_is_left() -> None:
    """A third of 100,000 is floored twice; of equals the first is the best."""
    one = decided(choosing(epsilon_ppm=100_000))

    assert one["options_ppm"] == {"plain": 933_334, "rich": 33_333, "late": 33_333}
    assert sum(one["options_ppm"].values()) == 1_000_000


@pytest.mark.parametrize(
    ("words", "allowed", "verdict"),
    [
        ((may("push"), may("email")), ["rich", "late"], "sent"),
        ((may("sms", "revoked"), may("email")), ["late"], "sent"),
        ((), [], "suppressed"),
    ],
)
def test_oracle_allows_what_reaches_the_customer(
    words: tuple[Facts, ...], allowed: list[str], verdict: str
) -> None:
    """Of an option some slot is enough; where nothing reaches, none is drawn."""
    one = decided(choosing(), words=words)

    assert (list(one["options_ppm"]), one["verdict"]) == (allowed, verdict)


def test_oracle_allows_an_option_by_its_fallback() -> None:
    """`plain` reaches by its second slot, which is the one that goes."""
    plain = option("plain", fallbacks=[treatment("email")])
    one = decided(choosing(plain, option("rich")), words=(may("email"),))

    assert one["options_ppm"] == {"plain": 1_000_000}
    assert (one["slot"], one["channel"]) == (1, "email")


def test_oracle_ranks_by_what_options_have_brought() -> None:
    """`counts`: a rate where it has one, else the base rate; worth is rate x value - cost."""
    one = decided(choosing(), brought(plain=50_000, rich=100_001))

    assert one["options_ppm"] == {"plain": 200_000, "rich": 600_000, "late": 200_000}
    assert (one["option"], one["propensity_from"], one["propensity_ppm"]) == (
        "rich",
        "counts",
        100_001,
    )
    # 0.2 x 500,000 + 0.6 x 1,000,010 + 0.2 x 1,000,000
    assert one["worth_micro"] == 900_006

    late = decided(choosing(), brought(plain=50_000, rich=99_999))
    assert (late["option"], late["propensity_from"], late["propensity_ppm"]) == (
        "late",
        "base_rate",
        100_000,
    )


def test_oracle_adopts_counts_that_are_above_what_it_has() -> None:
    """L1: an equal and a lower sequence are stale; the row is the newest as it was published."""
    records = brought(3, plain=1), brought(3, plain=2), brought(2, plain=3), brought(4, rich=4)
    oracle = fold(*records)

    assert oracle.published["choice", "acme", "activation_nudge"] == records[3]["record"]
    assert oracle.counts == {
        "control|acme|choice.published": 2,
        "control|acme|STALE_VERSION": 2,
    }


def test_oracle_ranks_by_the_models_of_options() -> None:
    """An option's own model, else the campaign's; each score is that option's."""
    other = snapshot(model=MODEL | {"id": "other"}, contact=CONTACT | {"intercept": -9.0})
    rich = option("rich", model="other")
    one = decided(choosing(option("plain"), rich, model="ranker"), snapshot(), other)
    assert (one["option"], one["model"], one["score_ppm"]) == ("plain", "ranker|1|1", 499_999)
    assert one["options_ppm"] == {"plain": 700_000, "rich": 300_000}

    own = choosing(option("plain"), rich, model="ranker", salt="a")
    drawn = decided(own, snapshot(), other)
    assert (drawn["option"], drawn["model"]) == ("rich", "other|1|1")
    assert drawn["score_ppm"] == drawn["propensity_ppm"] < 1_000  # exp(-8)
    assert (
        drawn["worth_micro"] == (700_000 * 4_999_990 + 300_000 * 10 * drawn["score_ppm"]) // 10**6
    )


def test_oracle_looks_at_nothing_of_who_opted_out() -> None:
    """No option is worth more, epsilon is everything, and the base rate ranks."""
    one = decided(
        choosing(option("plain"), option("rich", **RICH), option("late")), NO, brought(plain=9)
    )

    assert (one["options_ppm"], one["option"]) == (EQUAL, "rich")
    assert (one["propensity_from"], one["propensity_ppm"]) == ("base_rate", 100_000)


def test_oracle_ranks_who_has_not_passed_by_the_base_rate() -> None:
    """3.16: a candidate that did not come so far has an option, but no rate."""
    one = decided(choosing(), brought(plain=900_000), words=())

    assert (one["option"], one["propensity_from"]) == ("plain", "base_rate")


@pytest.mark.parametrize(
    ("control_bp", "share_bp", "arm", "drawn"),
    [(10_000, 0, "control", "plain"), (0, 10_000, "a", ""), (0, 0, "default", "plain")],
)
def test_oracle_chooses_in_two_arms(control_bp: int, share_bp: int, arm: str, drawn: str) -> None:
    """For the control as for the default; another arm has treatments of its own."""
    arms = [{"id": "a", "share_bp": share_bp, "treatment": treatment("push")}]
    experiment = {"salt": "s", "control_bp": control_bp, "arms": arms}
    one = decided(choosing(experiment=experiment))

    assert (one["arm"], one["option"]) == (arm, drawn)
    assert bool(one["options_ppm"]) == bool(drawn)
    assert one["channel"] == ("sms" if drawn else "push")


@pytest.mark.parametrize("message_class", ["servicing", "mandatory"])
def test_oracle_chooses_for_marketing_only(message_class: str) -> None:
    """Others have the campaign's treatment."""
    one = decided(choosing(option("rich"), option("late"), message_class=message_class))

    assert (one["option"], one["option_ppm"], one["options_ppm"]) == ("", 0, {})
    assert one["channel"] == "sms"


def test_oracle_promises_and_spends_what_the_option_does() -> None:
    """Offer, value and cost of `plain` are its own; its unit and its cost are of the budget."""
    plain = option("plain", offer="gift", value_minor=90, contact_cost_minor=2)
    oracle = folded(
        choosing(plain, option("rich"), budget_minor=50, contact_cost_minor=1),
        defined(unit_cost_minor=7),
    )
    (one,) = decisions(oracle)

    found = [one[name] for name in ("offer_id", "value_minor", "contact_cost_minor", "worth_micro")]
    # 0.1 x 90 - 2 = 7 of a chance of 0.7, 0.1 x 10 - 1 = 0 of 0.3
    assert found == ["gift", 90, 2, 4_900_000]
    assert oracle.spent == {("acme", "activation_nudge"): 9}
    assert [ask["offer_id"] for ask in grants(oracle)] == ["gift"]


def test_oracle_takes_an_option_that_says_nothing_for_the_campaign() -> None:
    """An empty text and null are the campaign's; 0 is the option's own."""
    said = {"offer": "", "model": "", "value_minor": None, "contact_cost_minor": 0}
    policy = choosing(option("plain", **said), option("rich"), offer="gift", contact_cost_minor=1)
    one = decided(policy, defined())

    assert (one["offer_id"], one["value_minor"], one["contact_cost_minor"]) == ("gift", 10, 0)


@pytest.mark.parametrize(
    ("policy", "counted"),
    [
        (choosing(option("plain"), option("plain")), "BAD_RULE"),
        (choosing(option("plain", model="m"), option("rich")), "BAD_RULE"),
        (choosing(option("plain", model="m"), option("rich"), model="n"), "policy.published"),
        (choosing(option("plain", model="m"), option("rich", model="n")), "policy.published"),
        (choosing(option("plain", variables={"x": "moon"}), option("rich")), "BAD_RULE"),
    ],
)
def test_oracle_refuses_options_that_cannot_be_compared(policy: Facts, counted: str) -> None:
    """An id twice, a model for some only, a wording that shows what is no feature."""
    oracle: PartitionOracle = fold(published(policy))

    assert oracle.counts == {f"control|acme|{counted}": 1}


def test_oracle_reads_what_every_option_shows() -> None:
    """3.6: the features of all treatments, drawn or not; a habit in one of them is personal."""
    late = option("late", fallbacks=[treatment("sms", variables={"x": "top_scene"})])
    policy = choosing(option("plain"), late, treatment=treatment("sms", variables={"x": "region"}))
    one = decided(policy)
    assert list(one["features"]) == ["waited_ms", "region", "top_scene"]

    (off,) = decisions(fold(*nudged(policy, NO)))
    assert off["reason_code"] == "PERSONALISATION_OFF"


def test_oracle_draws_the_same_when_a_step_is_put_off() -> None:
    """Deferred into the morning it is drawn alike, from what is known by then."""
    quiet = happened(BASE, "q", "preference.changed", quiet_hours="00:00-23:59")
    deferred, sent = decisions(fold(*nudged(choosing(), quiet), *_morning()))

    assert (deferred["verdict"], sent["verdict"]) == ("deferred", "sent")
    assert (deferred["option"], deferred["option_ppm"], deferred["options_ppm"]) == ("plain", 0, {})
    assert (sent["option"], sent["options_ppm"]["rich"]) == ("rich", 600_000)


def _morning() -> tuple[Facts, Facts]:
    """Return what `rich` has brought meanwhile, and the tick in the minute that is not quiet."""
    open_at = DECIDED - DECIDED % 86_400_000 + 86_340_000
    return brought(rich=500_000), tick(open_at, DUE)


def test_oracle_sends_in_the_channel_of_the_option() -> None:
    """One trigger, of `rich` by push, in the slot 0 of its own."""
    (one,) = triggers(folded(choosing(option("late"), option("rich", **RICH), salt="a")))

    assert (one["channel"], one["slot"], one["arm"]) == ("push", 0, "default")
