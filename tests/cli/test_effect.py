"""`cardcue effect`: rows joined, and said in the words of docs/effect.md."""

import math
import re

import pytest

from cli.effect.campaign import campaign_told
from cli.effect.lines import campaign_lines, overview_lines, total_lines
from cli.effect.rows import rows_of
from schemas.insight_rows import ArmState, EffectRow
from tests.cli.effect_rows import bank, campaign, ratio, series, written


TOPIC = "insight.state.v1"
DOUBTED = {0: ratio(1_000, 8_000, p=0.0009)}


def lines_of(row: EffectRow, campaign_id: str = "nudge") -> list[str]:
    """Return what is said of a campaign of which one partition knows."""
    return [line.strip() for line in campaign_lines(campaign_told("acme", campaign_id, [row]))]


def test_rows_of_effects_are_found_among_those_of_insight() -> None:
    """Partitions of a campaign come together; funnels, counts and what was deleted are others."""
    row = campaign()
    rows = written({"1|acme|nudge": row, "0|acme|nudge": row, "0|acme|": bank()})
    rows |= {b"#effect|0|acme|gone": None, b"#funnel|0|acme": b"?", b"#counts|0": b"?"}

    found = rows_of(rows)
    assert {("acme", ""): 1, ("acme", "nudge"): 2} == {key: len(one) for key, one in found.items()}
    assert [row, row] == found["acme", "nudge"]


def test_overview_has_a_line_a_campaign_and_no_sum() -> None:
    """100 of 2,000 is 5 %, 520 of 8,000 6.5 %; the total of 150 of 10,000 is 15 of 1,000."""
    told = [
        campaign_told("acme", "nudge", [campaign()]),
        campaign_told(
            "acme", "amount", [campaign(stage="grow", known=series(e_value=0.5, total=5.0))]
        ),
    ]

    stage, nudge, other, amount = overview_lines(told)
    assert ["activate:", "grow:"] == [stage, other]
    arms = "converted control 100 of 2,000 (5.0 %), default 520 of 8,000 (6.5 %)"
    assert nudge.startswith(f"  nudge: {arms}; default +15.0, from ")
    assert nudge.endswith(" of 1,000 contacted, p .025")
    assert amount.startswith(f"  amount: {arms}; default not known yet, from -")
    assert amount.endswith(" of 1,000 contacted, p 1")


def test_campaign_over_partitions_adds_up() -> None:
    """Two partitions: 200 of 4,000, 1,040 of 16,000; 40 times 40 is an e-value of 1,600."""
    told = campaign_told("acme", "nudge", [campaign(), campaign()])

    (version,) = told.versions
    assert (4_000, 200) == (
        version.effects["default"].conversion.kept_back_count,
        version.effects["default"].conversion.kept_back_did_count,
    )
    assert 16_000 == version.arms["default"]["first_settled_count"]
    assert 15_000 == version.effects["default"].conversion.difference_ppm.estimate
    assert math.log(1_600) == pytest.approx(version.effects["default"].change.log_e)
    assert 626 >= version.effects["default"].change.p_ppm >= 625
    assert told.effects == version.effects


def test_campaign_says_what_contact_caused() -> None:
    """15 of 1,000 converted who would not have; an e-value of 40 is a p-value of .025."""
    lines = lines_of(campaign())

    assert "nudge of acme, stage activate, as of 2026-01-01T00:00:00+00:00" == lines[0]
    sides = "520 of 8,000 (6.5 %), of those kept back 100 of 2,000 (5.0 %)"
    (converted,) = (line for line in lines if line.startswith("converted "))
    caused = "of 1,000 contacted, 15 converted who would not have; it is "
    assert converted.startswith(f"converted {sides}: {caused}")
    assert "contact changes it (e-value 40, p .025)" in lines
    assert "better p .025, worse p 1; at 5 % for both together, ask for .025 of each" in lines
    (active,) = (line for line in lines if line.startswith("active at 30 days "))
    assert ", 15 were active who would not have been; it is " in active


def test_test_that_knows_more_than_the_interval_says_so() -> None:
    """docs/effect.md: believe that there is an effect, and do not yet say how large."""
    lines = lines_of(campaign(known=series(squares=50_000.0)))

    assert "contact changes it, how much is not known yet (e-value 40, p .025)" in lines


def test_money_says_its_cap_and_who_had_more() -> None:
    """15 of 1,000 of a cap of 500,000 are 7,500 a customer; 12 had more than the cap."""
    lines = lines_of(campaign(known=series(cap_minor=500_000)))

    (money,) = (line for line in lines if line.startswith("money "))
    assert money.startswith("money +7,500 minor units of CNY a customer, from +")
    assert money.endswith("; each up to 500,000, 12 had more")


def test_money_that_contact_costs_is_below_zero() -> None:
    """-15 of 1,000 of a cap of 500,000 are -7,500 a customer, and both bounds are below 0."""
    (money,) = (
        line
        for line in lines_of(campaign(known=series(cap_minor=500_000, total=-150.0)))
        if line.startswith("money ")
    )

    assert re.fullmatch(
        r"money -7,500 minor units of CNY a customer, from -1\d,\d{3} to -2,\d{3}; each .*", money
    )


def test_money_without_a_currency_still_has_a_unit() -> None:
    """A bank that declares a cap and no currency counts nothing, in minor units all the same."""
    lines = lines_of(campaign(known=series(cap_minor=500_000), currency=""))

    assert any("+7,500 minor units (currency not known) a customer" in line for line in lines)


def test_overview_says_the_unit_of_what_is_not_known_yet() -> None:
    """An interval without its unit says nothing: it is of 1,000 contacted."""
    row = campaign(known=series(e_value=0.5, total=5.0))
    _, line = overview_lines([campaign_told("acme", "nudge", [row])])

    assert re.search(
        r"default not known yet, from -[\d.]+ to [\d.]+ of 1,000 contacted, p 1$", line
    )


def test_shares_that_are_not_as_declared_warn() -> None:
    """At .001 or less no effect is to be believed: of 9,000, 1,800 should have been in control."""
    lines = lines_of(campaign(ratios=DOUBTED))
    numbers = "control 1,000 of 1,800 expected, default 8,000 of 7,200 expected (p .0009"
    until = "until somebody has found out who is missing, and from which arm"

    assert lines[2].startswith(f"WARNING: believe no effect of nudge {until}: {numbers}")
    _, line = overview_lines([campaign_told("acme", "nudge", [campaign(ratios=DOUBTED)])])
    assert line.endswith("; believe no effect of it: its arms are not as large as declared")


def test_shares_a_little_above_the_bound_do_not_warn() -> None:
    """At .0011 the shares are believed."""
    lines = lines_of(campaign(ratios={0: ratio(p=0.0011)}))

    assert not [line for line in lines if "WARNING" in line]


def test_objections_stand_against_their_bounds() -> None:
    """40 of 8,000 are .5 %, the bound 1 %; it was 4 to 1 against the bound once."""
    lines = lines_of(campaign())

    assert "opted out 40 of 8,000 (0.5 %), bound 1 % (p .25, breaks at p .01 or less)" in lines
    assert "complained 0 of 8,000 (0.0 %), no bound" in lines
    assert "delivery failed 80 of 8,000 (1.0 %), no bound" in lines


def test_objections_are_told_without_a_bound_where_no_guardrail_is_declared() -> None:
    """A campaign without guardrails has counts, and nothing that they could break."""
    row = campaign()
    row.versions[3].guardrails = None
    row.versions[3].evidence.clear()
    (objections,) = (one.objections for one in campaign_told("acme", "nudge", [row]).versions)

    assert "opted out 40 of 8,000 (0.5 %), no bound" in lines_of(row)
    assert {(0, 0)} == {(one.bound_ppm, one.alpha_ppm) for one in objections.values()}


def test_guardrail_that_broke_says_how_to_go_on() -> None:
    """It holds but where a newer version is active or people let it go on (docs/core.md 3.17)."""
    (line,) = (one for one in lines_of(campaign(tripped=("opt_out",))) if "guardrail" in one)

    holds = "it holds the campaign unless a newer version is active, or people have let it go on"
    resume = "`cardcue policy resume nudge --tenant acme`"
    anew = "after which it is counted anew"
    assert line.startswith(f"guardrail opt_out broke; {holds} since: {resume}, {anew}; ")
    assert line.endswith("; `cardcue policy ls --tenant acme` says what is held")


def test_options_are_told_with_their_counts() -> None:
    """An option has the counts that an arm has."""
    row = campaign()
    row.versions[3].options["gift"] = ArmState(7, 6, 0, 5, 2, 4, 5, 2)

    said = "exposed 7, settled 5, converted 2, delivered 4; customers 6, converted 2 of 5 (40.0 %)"
    assert f"option gift: {said}" in lines_of(row)


def test_effect_is_not_known_before_a_window_has_closed() -> None:
    """Where some are kept back it will be known: that is another thing than never."""
    row = campaign()
    row.versions[3].series.clear()

    assert "not known yet: no window has closed" in lines_of(row)
    _, line = overview_lines([campaign_told("acme", "nudge", [row])])
    assert line.endswith("; not known yet: no window has closed")


def test_total_is_of_the_holdout_and_times_customers() -> None:
    """7,500 a customer times 8,000 not held out are 60,000,000; it is no sum of campaigns."""
    lines = [*total_lines(campaign_told("acme", "", [bank()]))]

    assert "no sum of campaigns" in lines[0]
    shares = "holdout 2,000 of 2,000 expected, default 8,000 of 8,000 expected"
    assert f"shares as declared: {shares} (p 1)" == lines[1]
    assert "of 1,000 contacted, 15 bought who would not have; it is " in lines[2]
    (whole,) = (line for line in lines if "for the bank" in line)
    assert whole.startswith("  for the bank +60,000,000 minor units of CNY, from +")
    assert whole.endswith(": times 8,000 customers not held out whose window has closed")


def test_money_of_campaigns_is_not_multiplied_for_the_bank() -> None:
    """Nobody is to sum what campaigns brought."""
    told = campaign_told("acme", "nudge", [campaign(known=series(cap_minor=500_000))])

    assert [None] == [one.everybody_minor for one in told.effects["default"].money]


def test_arms_are_told_apart_in_the_overview() -> None:
    """Both were compared with the same control, so nothing is joined over arms."""
    row = campaign()
    row.versions[3].series["gift|200000|0"] = series(e_value=100.0, total=300.0)

    _, line = overview_lines([campaign_told("acme", "nudge", [row])])
    assert "; default +15.0, from " in line
    assert "; gift +30.0, from " in line
    assert line.endswith(", p .01")
