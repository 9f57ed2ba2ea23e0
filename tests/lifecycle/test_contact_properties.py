"""Trials change nothing but who is contacted: held out and control are decided alike (E2)."""

from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.records import Effect
from schemas.campaign import Experiment, Step
from schemas.events import TenantConfigured
from tests.lifecycle.builders import DAY, HOUR, Bank, spend
from tests.lifecycle.contacts import any_purchase, apart, bank_policy, night, offer
from tests.lifecycle.told import Told, decisions


def trial(control_bp: int, holdout_bp: int, gaps_ms: list[int]) -> list[Told]:
    """Return what becomes of the same purchases where some share of customers is not contacted."""
    experiment = Experiment(salt="s", control_bp=control_bp)
    steps = (Step(id="offer"), Step(id="more", delay_ms=7 * HOUR))
    bank = Bank(
        offer(cool_down_ms=20 * HOUR, steps=steps, experiment=experiment),
        offer("b", cool_down_ms=5 * HOUR, priority=90, entry=any_purchase(50_000)),
        offer("c", steps=steps, entry=any_purchase(20_000), experiment=experiment),
    )
    bank.control(TenantConfigured(time_zone="UTC", holdout_bp=holdout_bp, holdout_salt="h"))
    rules = apart("a", "b", 9 * HOUR), apart("c", "a", DAY, mutual=True), apart("b", "c", 0)
    bank.control(bank_policy(*rules))
    bank.control(night())
    effects: list[Effect] = []
    at = 0
    for gap_ms in gaps_ms:
        at += gap_ms
        effects += bank.tick(at)
        effects += bank.say(spend(1_000 * (1 + gap_ms // 1_000_000)), at)
    return decisions([*effects, *bank.tick(at + 30 * DAY)])


GAPS_MS = st.lists(
    st.sampled_from([0, 1, HOUR, 5 * HOUR, 7 * HOUR, 20 * HOUR, DAY]) | st.integers(0, DAY),
    max_size=25,
)


@given(GAPS_MS)
@settings(max_examples=100, deadline=None)
def test_who_is_held_out_is_decided_like_who_is_contacted(gaps_ms: list[int]) -> None:
    """
    E2: the same candidates, gates and times; but `held_out` where the other is `sent`.

    Cool-downs, exclusions and deferrals begin with a contact and with one withheld alike.
    """
    contacted, held_out = (trial(0, holdout_bp, gaps_ms) for holdout_bp in (0, 10_000))
    as_if = {"held_out": "sent"}

    assert ends(contacted, as_if) == ends(held_out, as_if)
    assert not any(one.verdict == "sent" for one in held_out)


@given(GAPS_MS)
@settings(max_examples=100, deadline=None)
def test_control_is_decided_like_its_treatment(gaps_ms: list[int]) -> None:
    """E2: two of three campaigns keep everybody back, and the third cannot tell."""
    treated, control = (trial(control_bp, 0, gaps_ms) for control_bp in (0, 10_000))
    as_if = {"control": "sent"}

    assert ends(treated, as_if) == ends(control, as_if)


def ends(told: list[Told], as_if: dict[str, str]) -> list[tuple[object, ...]]:
    """Return what became of each candidate, a withheld contact as if it had been made."""
    return [
        (
            one.record.decided_at_ms,
            one.trigger_id,
            as_if.get(one.verdict, one.verdict),
            *(
                (reading.gate, reading.clause, reading.saw)
                for reading in one.gates
                if reading.gate != "experiment"
            ),
        )
        for one in told
    ]
