"""A walk goes on slice by slice, whoever goes on with it (SEMANTICS P2, T8)."""

import pytest

from lifecycle import scan, walk
from lifecycle.fold import LifecycleFold
from lifecycle.scan import Scan
from schemas.records import Applied, Row
from schemas.routing import JOURNAL_TOPIC
from streams.replay import replay
from tests.lifecycle.builders import (
    DAY,
    HOUR,
    TENANT,
    Bank,
    issued,
    nudge,
)
from tests.lifecycle.on_file import publish
from tests.lifecycle.told import stored


def crowd(bank: Bank, count: int) -> None:
    """Issue a card to each of many customers."""
    for number in range(count):
        bank.say(issued(), 0, who=f"c{number:02}", event_id=f"i{number}")


def entered(bank: Bank, count: int) -> list[str]:
    """Return who of the crowd has entered."""
    return [who for who in (f"c{n:02}" for n in range(count)) if bank.row(who).journeys]


def test_walk_takes_a_slice_at_each_tick_in_the_order_of_tokens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """T8: ten at a tick; who comes behind the cursor meanwhile enters by their own event."""
    monkeypatch.setattr(walk, "WALKED_PER_TICK", 10)
    bank = Bank(consent="")
    crowd(bank, 25)
    publish(bank, nudge(), DAY)
    sizes = []
    for number in range(4):
        bank.tick(DAY + number)
        sizes.append(len(entered(bank, 25)))
        assert [f"c{n:02}" for n in range(sizes[-1])] == entered(bank, 25)

    assert [10, 20, 25, 25] == sizes
    assert [] == bank.state.tenant(TENANT).row.walks


def test_newer_policy_begins_its_walk_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """One walk a campaign; those of two campaigns follow each other."""
    monkeypatch.setattr(walk, "WALKED_PER_TICK", 10)
    bank = Bank(consent="")
    crowd(bank, 12)
    publish(bank, nudge(), DAY)
    publish(bank, nudge(id="other"), DAY)
    bank.tick(DAY)
    publish(bank, nudge(version=2), DAY + 1)

    waiting = [(one.campaign_id, one.cursor) for one in bank.state.tenant(TENANT).row.walks]
    assert [("other", ""), ("nudge", "")] == waiting


@pytest.mark.parametrize("cut", range(1, 6))
def test_successor_goes_on_with_a_walk(cut: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """B4, I2: whoever goes on from rows makes the same bytes, wherever the change was."""
    monkeypatch.setattr(walk, "WALKED_PER_TICK", 10)
    monkeypatch.setattr(scan, "TOKENS_PER_BITE", 7)
    bank = Bank(consent="")
    crowd(bank, 25)
    publish(bank, nudge(message_class="servicing"), 5 * DAY, reschedule=True)
    for number in range(5):
        bank.tick(5 * DAY + number * HOUR)
    records, sources = stored(bank.journal), [(JOURNAL_TOPIC, 0)]
    whole = replay(LifecycleFold(0, 1), records, sources=sources)
    place = len(records) - cut
    half = replay(LifecycleFold(0, 1), records[:place], sources=sources)
    kept = [Row(*row) for row in half.rows.items()]
    rest = replay(LifecycleFold(0, 1), records[place:], sources=sources, rows=kept)

    assert 25 <= sum(output.topic.startswith("marketing.") for output in whole.outputs)
    assert [*half.outputs, *rest.outputs] == list(whole.outputs)
    assert whole.rows == rest.rows


def test_fold_looks_for_the_next_slice_in_bites(monkeypatch: pytest.MonkeyPatch) -> None:
    """T8: very many tokens are looked at over several steps of one tick."""
    monkeypatch.setattr(scan, "TOKENS_PER_BITE", 10)
    bank = Bank(consent="")
    crowd(bank, 25)
    publish(bank, nudge(), DAY)
    bank.tick(DAY)
    fold = LifecycleFold(0, 1)
    fold.open([(JOURNAL_TOPIC, 0)])
    *before, tick = stored(bank.journal)
    for record in before:
        fold.apply(record)

    assert [Applied.AGAIN, Applied.AGAIN, Applied.DONE] == [fold.apply(tick) for _ in range(3)]


def test_scan_finds_the_least_above_the_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the order in which they come, over several bites."""
    monkeypatch.setattr(scan, "TOKENS_PER_BITE", 3)
    search = Scan("hgfedcba", "b", 4)
    more = [search.go_on() for _ in range(3)]

    assert ([True, True, False], ["c", "d", "e", "f"]) == (more, search.found)
