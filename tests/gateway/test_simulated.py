"""The simulated provider: the same seed, the same fate, and a ledger that outlives the gateway."""

from collections import Counter
from pathlib import Path

import pytest

from cli.gateway.provider import Accepted, Busy, DeliveryReport, FateUnknownError, Outbound, Refused
from cli.gateway.settings import Simulated
from cli.gateway.simulated import SimulatedProvider
from streams.settings import SettingsError
from tests.gateway.world import T0


def message(key: str, attempt: int = 1) -> Outbound:
    """Return a message."""
    return Outbound(key, attempt, "bank-a", "marketing", "c-1", "Hello.", T0 + 1)


def outcome(provider: SimulatedProvider, key: str) -> str:
    """Return what became of a submission, in a word."""
    try:
        answer = provider.submit(message(key))
    except FateUnknownError:
        return "unknown"
    return type(answer).__name__


def test_shares_are_those_of_the_table() -> None:
    """Of 20,000 keys a tenth busy, refused, lost each; within four standard deviations (170)."""
    table = Simulated(busy_ppm=100_000, refused_ppm=100_000, lost_ppm=100_000)
    provider = SimulatedProvider(table, lambda: T0)
    counts = Counter(outcome(provider, f"k-{number}") for number in range(20_000))

    for word in (Busy.__name__, Refused.__name__, "unknown"):
        assert abs(counts[word] - 2_000) < 170
    assert 20_000 - sum(counts[w] for w in ("Busy", "Refused")) == len(provider.taken)


def test_fate_follows_from_seed_key_and_attempt() -> None:
    """Another run, the same fates; another seed, others."""
    half = [Simulated(seed=seed, busy_ppm=500_000) for seed in (1, 1, 2)]
    fates = [
        [outcome(SimulatedProvider(table, lambda: T0), f"k-{number}") for number in range(50)]
        for table in half
    ]

    assert fates[0] == fates[1] != fates[2]


def test_busy_key_gets_through_at_another_attempt() -> None:
    """Flow control is no fate for ever."""
    provider = SimulatedProvider(Simulated(busy_ppm=500_000), lambda: T0)
    answers = [provider.submit(message("k", attempt)) for attempt in range(1, 20)]

    assert {Accepted, Busy} == {type(answer) for answer in answers}


def test_ledger_outlives_the_gateway(tmp_path: Path) -> None:
    """What was taken and not confirmed is reported to a successor; a torn line is forgotten."""
    table = Simulated(ledger=str(tmp_path / "ledger"), report_delay_ms=0)
    first = SimulatedProvider(table, lambda: T0)
    first.submit(message("a"))
    first.submit(message("b"))
    first.confirm(first.reports()[:1])
    with Path(table.ledger).open("ab") as ledger:
        ledger.write(b'{"type": "tak')
    second = SimulatedProvider(table, lambda: T0)
    reports = second.reports()
    second.submit(message("c"))

    assert ["a", "b", "c"] == [one.key for one in second.taken]
    assert [second.taken[1].gateway_msg_id] == [one.gateway_msg_id for one in reports]
    assert isinstance(reports[0], DeliveryReport)
    assert 3 == len(SimulatedProvider(table, lambda: T0).taken)


def test_same_key_twice_is_two_messages() -> None:
    """As SMS: there is no idempotency at the last hop (SEMANTICS G2)."""
    provider = SimulatedProvider(Simulated(), lambda: T0)
    first, second = provider.submit(message("k")), provider.submit(message("k", 2))

    assert 2 == len(provider.taken)
    assert first != second


def test_shares_above_the_whole_are_refused() -> None:
    """There would be nobody left for the last of them."""
    with pytest.raises(SettingsError, match="wanted shares up to 1000000 in sum, found 1200000"):
        Simulated(busy_ppm=600_000, lost_ppm=600_000)
