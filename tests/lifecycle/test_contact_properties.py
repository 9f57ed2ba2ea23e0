"""What holds for every contact, deferred ones too: consent, and trials that change nothing else."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from lifecycle.records import Effect
from schemas.campaign import Experiment, Step
from schemas.events import ResponseRecorded, TenantConfigured
from tests.lifecycle.builders import DAY, HOUR, Bank, spend, word
from tests.lifecycle.contacts import any_purchase, apart, bank_policy, night, offer
from tests.lifecycle.told import Told, decisions


BEGINNING = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
OPT_OUT = ResponseRecorded(response_id="r", trigger_id="nobody's", channel="sms", kind="optout")
STATUSES = ("granted", "granted", "granted", "denied", "revoked")
REFUSED = {"NO_CONSENT", "OPTED_OUT"}


class Words:
    """A customer who buys, agrees, refuses and opts out, day and night; and who said what when."""

    def __init__(self, random: Random) -> None:
        """Begin with no word."""
        self.random = random
        self.bank = Bank(offer(), offer("s", message_class="servicing"), consent="")
        self.bank.control(night())
        self.at = 0
        self.said: list[tuple[int, str, str, int]] = []
        self.opted_out: list[tuple[int, str]] = []

    def live(self, step_count: int) -> list[Told]:
        """Let one thing happen after another; return what was decided against the newest word."""
        wrong = []
        for number in range(step_count):
            self.at += self.random.choice((0, 1, HOUR, 5 * HOUR))
            told = decisions(self._happen(f"w{number:03}"))
            wrong += [one for one in told if not self.follows(one)]
        return wrong

    def _happen(self, event_id: str) -> list[Effect]:
        at = max(0, self.at - self.random.choice((0, 0, HOUR, DAY)))
        match self.random.choice(("buy", "buy", "tick", "tick", "word", "word", "opt out")):
            case "buy":
                return self.bank.say(spend(), self.at, event_id=event_id)
            case "tick":
                return self.bank.tick(self.at)
            case "word":
                status, later = self.random.choice(STATUSES), self.random.choice((0, 9 * HOUR))
                effective_at = BEGINNING + timedelta(milliseconds=at + later) if later else None
                self.said.append((at, event_id, status, at + later if later else 0))
                changed = replace(word(status), effective_at=effective_at)
                return self.bank.say(changed, at, arrived=self.at, event_id=event_id)
            case _:
                self.opted_out.append((at, event_id))
                return self.bank.say(OPT_OUT, at, arrived=self.at, event_id=event_id)

    def follows(self, told: Told) -> bool:
        """Return whether the newest word leads to what was decided, and is the evidence."""
        at, event_id, status, effective_at = max(self.said, default=(0, "", "none", 0))
        if max(self.opted_out, default=(0, "")) > (at, event_id):
            status = "revoked"
        refused = status in {"denied", "revoked"}
        if told.message_class == "marketing":
            refused = refused or status == "none" or effective_at > self.at
        evidence = "" if status == "none" or refused else event_id
        return refused == (told.reason_code in REFUSED) and told.consent_ref == evidence


@given(st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_no_offer_is_made_outside_consent_whatever_was_deferred(seed: int) -> None:
    """
    I3, O5: at the moment of each decision the newest word allows it, and is its evidence.

    What is refused is refused for that: words come late, take effect later, opt-outs come between
    what fell due at night and its morning.
    """
    assert [] == Words(Random(seed)).live(80)  # noqa: S311 (a seeded world)


def test_words_are_heard_deferred_and_refused() -> None:
    """Drawn as above, they come to every end that the property speaks of."""
    ends = set()
    for seed in range(20):
        words = Words(Random(seed))  # noqa: S311 (a seeded world)
        words.live(80)
        keys = words.bank.state.counts.by_key
        ends |= {key.rpartition("|a|")[2] for key in keys if key.startswith("decision|bank|a|")}

    assert {
        "sent|",
        "deferred|QUIET_HOURS",
        "suppressed|NO_CONSENT",
        "suppressed|OPTED_OUT",
    } <= ends


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
