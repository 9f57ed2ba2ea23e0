"""Two clocks per tenant, shadow before going live, ticks that span bites (T1, T2, T7, T8)."""

from msgspec.structs import replace

from lifecycle.step import FIRED_COUNT_MAX, LOOKED_COUNT_MAX, step
from schemas.campaign import Step
from schemas.events import TenantConfigured
from schemas.journal import JournalEnvelope, SourceCoordinates, Tick
from tests.lifecycle.builders import (
    DAY,
    HOUR,
    T0,
    TENANT,
    Bank,
    activated,
    bill,
    cap,
    issued,
    nudge,
    push,
    word,
)
from tests.lifecycle.told import decisions, story, triggers


def clocks(bank: Bank) -> tuple[int, int]:
    """Return now and watermark, in milliseconds after T0."""
    row = bank.state.tenant(TENANT).row
    return row.now_at_ms - T0, row.watermark_at_ms - T0


def test_now_is_the_newest_journal_time_and_never_runs_back() -> None:
    """T2: every record moves it, a repeat too; an older one does not."""
    bank = Bank()
    bank.say(issued(), 0, arrived=DAY, event_id="x")
    bank.say(issued("k2"), HOUR, arrived=5 * HOUR)
    assert DAY == clocks(bank)[0]
    bank.say(issued(), 0, arrived=2 * DAY, event_id="x")

    assert 2 * DAY == clocks(bank)[0]


def test_watermark_moves_by_ticks_only_and_never_runs_back() -> None:
    """T2: a tick that was overtaken changes nothing."""
    bank = Bank()
    bank.tick(5 * DAY, 4 * DAY)
    bank.say(issued(), 6 * DAY)
    bank.tick(5 * DAY, 3 * DAY)

    assert (6 * DAY, 4 * DAY) == clocks(bank)


def test_history_moves_no_clock() -> None:
    """T7: while a history is loaded, only ticks say how late it is."""
    bank = Bank()
    bank.say(issued(), 9 * DAY, backfill=True)
    assert 0 == clocks(bank)[0]
    bank.tick(2 * DAY, backfill=True)

    assert (2 * DAY, 2 * DAY) == clocks(bank)


def test_shadow_is_recorded_and_reserves_nothing() -> None:
    """T7: before `live_from` no trigger, no contact, no cap; only the record."""
    bank = Bank(push(caps=(cap(1, 90 * DAY),)))
    bank.control(TenantConfigured(live_from_ms=T0 + DAY, time_zone="UTC"))
    said = [story(bank.say(bill(300_000), at)) for at in (HOUR, DAY - 1, DAY)]

    assert [["push offer shadow"]] * 2 + [["-> ann offer", "push offer sent"]] == said
    assert 1 == len(bank.row().contacts)


def test_shadow_still_arbitrates_and_says_why_not() -> None:
    """T7: losers and refusals are what they would be live."""
    bank = Bank(push(id="a"), push(id="b"), push(id="c", purpose="other"))
    bank.control(TenantConfigured(live_from_ms=T0 + DAY, time_zone="UTC"))

    wanted = [
        "a offer shadow",
        "b offer suppressed LOST_ARBITRATION",
        "c offer suppressed NO_CONSENT",
    ]
    assert wanted == story(bank.say(bill(300_000), HOUR))


def test_history_is_shadow_until_the_bank_says_when_it_goes_live() -> None:
    """T7: loading without `live_from` sends nothing, whether the tick or the record says so."""
    bank = Bank(push())
    by_envelope = bank.say(bill(300_000), HOUR, backfill=True)
    bank.tick(2 * HOUR, backfill=True)
    by_tick = bank.say(bill(300_000), 3 * HOUR)
    bank.tick(4 * HOUR)
    after = bank.say(bill(300_000), 5 * HOUR)

    shadow = ["push offer shadow"]
    assert [shadow, shadow] == [story(by_envelope), story(by_tick)]
    assert ["-> ann offer", "push offer sent"] == story(after)


def test_live_from_wins_over_history() -> None:
    """T7: a history that reaches into the live time is decided live from there on."""
    bank = Bank(push())
    bank.control(TenantConfigured(live_from_ms=T0 + DAY, time_zone="UTC"))
    bank.tick(DAY, backfill=True)

    assert 1 == len(triggers(bank.say(bill(300_000), DAY, backfill=True)))


def test_tick_of_one_tenant_moves_no_clock_of_another() -> None:
    """T2, N2: one bank's outage or backfill is its own."""
    bank = Bank(nudge())
    bank.say(issued(), 0)
    tick = Tick(now_at_ms=T0 + 9 * DAY, watermark_at_ms=T0 + 9 * DAY)
    source = SourceCoordinates("lifecycle.progress.v1", 0, 0)
    other = JournalEnvelope(
        tenant="other",
        customer_token="",
        journal_at_ms=T0 + 9 * DAY,
        occurred_at_ms=T0 + 9 * DAY,
        event_id="tick",
        event_source="cardcue/clock",
        source=source,
        record=tick,
    )

    assert [] == bank.fold(other)
    assert 0 == clocks(bank)[0]


def test_customers_fire_in_the_order_of_their_earliest_timer() -> None:
    """
    T8: by due time, then by name; all of a customer's due timers at once.

        day   3      3+1 h  3+2 h         7       8
        zoe   due                         again
        ann          due                          again (8 less 23 h)
        bob          due
    """
    bank = Bank(nudge(message_class="servicing"))
    for who, at in (("zoe", 0), ("bob", HOUR), ("ann", HOUR)):
        bank.say(issued(), at, who=who)

    wanted = ["zoe first", "ann first", "bob first"]
    assert wanted == [
        f"{one.customer_token} {one.step}" for one in triggers(bank.tick(3 * DAY + HOUR))
    ]
    wanted = ["zoe second", "ann second", "bob second"]
    assert wanted == [f"{one.customer_token} {one.step}" for one in triggers(bank.tick(9 * DAY))]


def test_due_steps_on_both_clocks_are_one_occasion() -> None:
    """T8: what waits on now and what waits on the watermark meet in one arbitration."""
    bank = Bank(nudge(), push(steps=(Step(id="later", delay_ms=3 * DAY),)))
    bank.say(issued(), 0)
    bank.say(bill(300_000), HOUR)

    wanted = [
        "-> ann first",
        "nudge first sent",
        "push later suppressed LOST_ARBITRATION",
    ]
    assert wanted == story(bank.tick(3 * DAY + HOUR))


def test_timer_on_now_does_not_wait_for_one_on_the_watermark() -> None:
    """T4: a customer whose earlier timer is held by a lagging source still gets the later one."""
    bank = Bank(nudge(), push(steps=(Step(id="later", delay_ms=4 * DAY),)))
    bank.say(issued(), 0)
    bank.say(bill(300_000), 0)

    assert ["-> ann later", "push later sent"] == story(bank.tick(5 * DAY, watermark=0))
    assert ["-> ann first", "nudge first sent"] == story(bank.tick(5 * DAY, watermark=3 * DAY))


def many_issued(count: int) -> Bank:
    """Return a bank with so many customers whose nudge is due on day 3, in reverse order."""
    bank = Bank(nudge(steps=nudge().steps[:1]))
    for number in range(count):
        who = f"c{number:04}"
        bank.say(word("granted"), 0, who=who)
        bank.say(issued(), count - number, who=who)
    return bank


def test_tick_fires_a_bounded_number_of_customers_in_one_bite() -> None:
    """T8: 600 customers take three steps of the same record, each once, in order of due time."""
    bank = many_issued(600)
    due = Tick(now_at_ms=T0 + 9 * DAY, watermark_at_ms=T0 + 9 * DAY)
    tick = replace(bank.journal[-1], record=due, customer_token="")
    bites = [step(bank.state, tick) for _ in range(3)]

    assert [256, 256, 88] == [len(triggers(bite.records)) for bite in bites]
    assert FIRED_COUNT_MAX == 256
    assert [True, True, False] == [bite.more for bite in bites]
    fired = [one.customer_token for bite in bites for one in triggers(bite.records)]
    assert [f"c{number:04}" for number in reversed(range(600))] == fired
    assert ((), False) == (tuple(step(bank.state, tick).records), step(bank.state, tick).more)


def test_tick_looks_at_a_bounded_number_of_customers_in_one_bite() -> None:
    """T8: those whose timer has gone are looked at too, so their number is bounded as well."""
    bank = many_issued(LOOKED_COUNT_MAX + 1)
    for number in range(LOOKED_COUNT_MAX + 1):
        bank.say(activated(), DAY, who=f"c{number:04}")
    due = Tick(now_at_ms=T0 + 9 * DAY, watermark_at_ms=T0 + 9 * DAY)
    tick = replace(bank.journal[-1], record=due, customer_token="")

    assert [(0, True), (0, False)] == [
        (len(bite.records), bite.more) for bite in (step(bank.state, tick), step(bank.state, tick))
    ]


def test_tick_decides_as_of_its_own_now() -> None:
    """T1: decisions are made at the tenant's now, not at the time a timer was due."""
    bank = Bank(nudge())
    bank.say(issued(), 0)
    decided = decisions(bank.tick(5 * DAY))

    assert T0 + 5 * DAY == decided[0].decided_at_ms
    assert {"waited_ms": 5 * DAY} == decided[0].features
