"""Clauses: a stage's first that is not met is named; what they read is recorded (3.4, 3.11)."""

import pytest
from msgspec.structs import replace

from cli.cel import check
from lifecycle.features.declared import FEATURES
from schemas.campaign import Campaign, Clause
from schemas.events import PolicyPublished, PreferenceChanged, ProfileChanged
from schemas.rules import Call, Const, Name, Node, Rule
from tests.lifecycle.builders import DAY, HOUR, WEEK, Bank, issued, nudge, spend, win_back
from tests.lifecycle.told import decisions, story


STAGES = {
    "eligibility": "NOT_ELIGIBLE",
    "applicability": "NOT_APPLICABLE",
    "suitability": "NOT_SUITABLE",
}
KINDS = {name: feature.kind for name, feature in FEATURES.items()}


def clause(name: str, text: str) -> Clause:
    """Return a clause as `cardcue policy check` makes it."""
    return Clause(id=name, rule=check(text, KINDS, "bool"))


def asked(stage: str, *clauses: Clause) -> Campaign:
    """Return a nudge with clauses in one stage."""
    return replace(nudge(), **{stage: clauses})


def nudged(campaign: Campaign) -> Bank:
    """Return a bank whose customer holds a new card and has bought once, with another one."""
    bank = Bank(campaign)
    bank.say(issued(), 0)
    bank.say(spend(card="k2"), HOUR)
    return bank


@pytest.mark.parametrize("stage", STAGES)
def test_first_clause_that_is_not_met_is_named(stage: str) -> None:
    """In the policy's order, whatever follows."""
    campaign = asked(
        stage,
        clause("once", "spend_count >= 1"),
        clause("twice", "spend_count >= 2"),
        clause("thrice", "spend_count >= 3"),
    )
    told = decisions(nudged(campaign).tick(3 * DAY))[0]

    assert (STAGES[stage], "twice") == (told.reason_code, told.clause)
    assert (stage, "twice") == (told.gates[-1].gate, told.gates[-1].clause)


@pytest.mark.parametrize("stage", STAGES)
def test_clauses_that_are_met_let_pass(stage: str) -> None:
    """All of them."""
    campaign = asked(stage, clause("some", "spend_count >= 1"), clause("few", "spend_count < 9"))

    assert ["-> ann first", "nudge first sent"] == story(nudged(campaign).tick(3 * DAY))


@pytest.mark.parametrize("stage", STAGES)
def test_clause_that_cannot_be_computed_counts_as_not_met(stage: str) -> None:
    """100 / (1 - 1)."""
    campaign = asked(stage, clause("ratio", "100 / (spend_count - 1) > 5"))
    told = decisions(nudged(campaign).tick(3 * DAY))[0]

    assert ("RULE_ERROR", "ratio") == (told.reason_code, told.clause)


def test_features_that_clauses_read_are_recorded_as_of_the_decision() -> None:
    """Beside those of the campaign's kind."""
    campaign = asked("suitability", clause("few", "spend_count < 9"))
    told = decisions(nudged(campaign).tick(3 * DAY))[0]

    assert {"waited_ms": 3 * DAY, "spend_count": 1} == told.features


def test_clause_on_behaviour_makes_the_campaign_personal() -> None:
    """O3: an opt-out from personal offers binds once a clause reads what the customer did."""
    bank = nudged(asked("suitability", clause("few", "spend_count < 9")))
    bank.say(PreferenceChanged(personalisation_opt_out=True), 2 * HOUR)

    assert ["nudge first suppressed PERSONALISATION_OFF"] == story(bank.tick(3 * DAY))


TRUE: Node = Const(value=True)
BAD_TREES: dict[str, Node] = {
    "no condition": Const(1),
    "unknown feature": Call("_>_", (Name("shoe_size"), Const(40))),
    "unknown function": Call("launch", (TRUE,)),
    "ill-typed": Call("_>_", (Name("spend_count"), Const("many"))),
}


@pytest.mark.parametrize("fault", BAD_TREES)
def test_policy_with_a_bad_rule_changes_nothing(fault: str) -> None:
    """P3: refused whole, the version before stays active, and it is counted."""
    bank = nudged(asked("suitability", clause("few", "spend_count < 9")))
    bad = Clause(id="bad", rule=Rule(text="anything", tree=BAD_TREES[fault]))
    newer = replace(asked("suitability", bad), version=2)
    bank.control(PolicyPublished(campaign=newer, policy_hash="newer"), 2 * HOUR)

    assert 1 == bank.count("control|{}|BAD_RULE")
    assert [1] == [told.policy_version for told in decisions(bank.tick(3 * DAY))]


def test_silence_says_the_rate_that_it_saw_whatever_a_clause_says() -> None:
    """3.4.2: where the clause has no value as well."""
    bank = Bank(win_back(applicability=(clause("ratio", "1 / plan_count > 0"),)))
    for number in range(5):
        bank.say(spend(), number * WEEK)
    told = decisions(bank.tick(9 * WEEK))[0].gates[-1]

    assert ("RULE_ERROR", "ratio") == (told.reason_code, told.clause)
    assert {"rate_ppm", "rate_ppm_min"} == told.saw.keys()


def test_features_to_report_by_are_told_and_decide_nothing() -> None:
    """3.6: they stand in the record; who wants no personal offers gets the contact all the same."""
    bank = Bank(nudge(report_by=("region", "staff")))
    bank.say(ProfileChanged(region_code="zj"), 0)
    bank.say(PreferenceChanged(personalisation_opt_out=True), 0)
    bank.say(issued(), 0)
    [told] = decisions(bank.tick(3 * DAY))

    assert ("sent", "zj", False) == (
        told.verdict,
        told.features["region"],
        told.features["staff"],
    )


def test_policy_is_no_policy_that_is_reported_by_behaviour() -> None:
    """3.11: `BAD_RULE`, as for a feature that nobody has declared."""
    for name in ("spend_count", "nothing"):
        bank = Bank(nudge(report_by=(name,)))
        assert 1 == bank.state.counts.by_key["control|bank|BAD_RULE"]
