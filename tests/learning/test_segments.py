"""How much is much, and what kinds of spending there are, is learnt (docs/learning.md 7)."""

import random
from collections.abc import Iterable, Sequence

from lifecycle.learning.fold import LearningFold
from lifecycle.models.spend_clusters import CENTRE_COUNT, SpendClusters, shares_of
from lifecycle.models.spend_tiers import SpendTiers, bin_of
from schemas.codec import decode_row
from schemas.learning_rows import SegmentsRow
from schemas.records import Row
from schemas.scenes import SCENES
from schemas.segments import CustomerObserved, SegmentsPublished
from tests.learning.outcome_log import DAY, T0, OutcomeLog, envelopes, replayed


MIXES = (
    {"dining": 0.7, "groceries": 0.3},
    {"travel": 0.6, "fuel": 0.4},
    {"shopping": 0.5, "digital": 0.5},
    {"health": 0.5, "education": 0.5},
)
"""Four kinds of customers, as far from each other as people are."""


def customer(lots: random.Random) -> tuple[int, dict[str, int]]:
    """Return a customer's kind, and their shares of sixteen purchases in ppm."""
    kind = lots.randrange(len(MIXES))
    mix = MIXES[kind]
    drawn = lots.choices([*mix], [*mix.values()], k=16)
    return kind, {scene: drawn.count(scene) * 62_500 for scene in sorted({*drawn})}


def observe(
    log: OutcomeLog,
    spend_minor: int,
    shares: dict[str, int] | None = None,
    at: int = 0,
    currency: str = "CNY",
) -> None:
    """Tell how a customer spends."""
    said = CustomerObserved(
        observed_id="o",
        tenant="bank",
        customer_token="c",
        currency=currency,
        spend_minor=spend_minor,
        scene_share_ppm=shares or {"dining": 1_000_000},
        observed_at_ms=T0 + at,
    )
    log.add(b"customer.observed.v1", said, "bank|")


def published(log: OutcomeLog) -> list[SegmentsPublished]:
    """Return what is published for the journal."""
    records = [one.record for one in envelopes(replayed(log.records).outputs)]
    return [record for record in records if isinstance(record, SegmentsPublished)]


def seeded(shares: Iterable[dict[str, int]]) -> SpendClusters:
    """Return what customers of these shares have taught."""
    model = SpendClusters("bank")
    for one in shares:
        model.learn(shares_of(one))
    return model


def taught(amounts: Iterable[int]) -> SpendTiers:
    """Return what customers who spent so much have taught."""
    model = SpendTiers()
    for amount in amounts:
        model.learn(amount)
    return model


def test_bins_are_an_eighth_of_a_doubling_apart() -> None:
    """0 by itself; 1,024 = 2^10 is in bin 81, 2^10.125 = 1,116.7 begins bin 82."""
    assert [0, 1, 81, 81, 82] == [bin_of(one) for one in (0, 1, 1_024, 1_116, 1_117)]
    assert 399 == bin_of(2**60)


def test_edges_are_the_quantiles_of_those_observed() -> None:
    """
    1 to 1,000, shuffled: .5 -> 500, .8 -> 800, .95 -> 950, each at most nine per cent above.

    The greatest of its bin: bins end at 511, 861 (2^9.75 = 861.1), 1,023.
    """
    amounts = list(range(1, 1_001))
    random.Random(3).shuffle(amounts)  # noqa: S311 (a seeded world)

    assert (511, 861, 1_023) == taught(amounts).edges_minor()


def test_edges_follow_what_is_spent_now() -> None:
    """Half of what was is forgotten after 1,386: then 3,000 of ten times as much are the rule."""
    edges = taught([100] * 3_000 + [1_000] * 3_000).edges_minor()

    assert edges is not None
    middle, *_ = edges
    assert 1_000 <= middle <= 1_090


def test_few_of_a_currency_have_no_edges_and_a_fifth_is_passed_over() -> None:
    """199 are too few; only the first four currencies are kept."""
    assert taught([5] * 199).edges_minor() is None

    log = OutcomeLog()
    for code in ("CNY", "USD", "EUR", "GBP", "JPY"):
        observe(log, 5, currency=code)
    row = decode_row(replayed(log.records).rows[b"#segments|bank"], SegmentsRow)
    assert ["CNY", "USD", "EUR", "GBP"] == [*row.tiers]
    assert 5 == row.observed_count


def test_kinds_of_customers_are_found() -> None:
    """Of 2,000 after the centres have begun, 99 % are with the others of their kind."""
    lots = random.Random(5)  # noqa: S311 (a seeded world)
    model = seeded(customer(lots)[1] for _ in range(200))
    met: dict[tuple[int, str], int] = {}
    for _ in range(2_000):
        kind, shares = customer(lots)
        name = model.nearest(shares_of(shares))
        met[kind, name] = met.get((kind, name), 0) + 1
        model.learn(shares_of(shares))

    pure = sum(max(n for (one, _), n in met.items() if one == kind) for kind in range(len(MIXES)))
    assert len({name for (_, name), n in met.items() if n > 100}) == len(MIXES)
    assert pure >= 1_980


def test_names_stay_with_their_centres() -> None:
    """Named by what they stand out in; a hundred customers later the same names, in their order."""
    lots = random.Random(5)  # noqa: S311 (a seeded world)
    model = seeded(customer(lots)[1] for _ in range(200))
    names = [one.name for one in model.snapshot().centres]
    own = [set(mix) for mix in MIXES]
    assert all(any(name in scenes for scenes in own) for name in names)
    assert len({*names}) == len(names)

    for _ in range(100):
        model.learn(shares_of(customer(lots)[1]))
    assert names == [one.name for one in model.snapshot().centres]


def test_centres_of_one_kind_get_numbers() -> None:
    """All alike: the four centres are one place, and their names are told apart."""
    state = seeded({"dining": 1_000_000} for _ in range(200)).snapshot()

    assert len({one.name for one in state.centres}) == CENTRE_COUNT
    assert [] == state.kept


def test_centre_moves_by_its_count() -> None:
    """N 200 -> 201: a 201st part of the way to the new customer."""
    model = seeded({"dining": 1_000_000} for _ in range(200))
    assert [200, 0, 0, 0] == [one.count for one in model.snapshot().centres]
    model.learn(shares_of({"home": 1_000_000}))
    [first, *_] = model.snapshot().centres

    assert 201 == first.count
    assert abs(first.shares[SCENES.index("home")] - 1 / 201) < 1e-12
    assert abs(first.shares[SCENES.index("dining")] - 200 / 201) < 1e-12


def long_log(count: int = 750) -> OutcomeLog:
    """Return a log of so many customers, ten minutes apart."""
    lots = random.Random(9)  # noqa: S311 (a seeded world)
    log = OutcomeLog()
    for number in range(count):
        _, shares = customer(lots)
        observe(log, lots.randrange(100_000), shares, number * 60_000)
    return log


def test_segments_are_published_by_number_and_by_time() -> None:
    """The 200th, the 700th; then a day after that."""
    log = long_log(700)
    observe(log, 1, at=699 * 60_000 + DAY - 1)
    observe(log, 1, at=699 * 60_000 + DAY)

    assert [1, 2, 3] == [one.sequence for one in published(log)]
    times = [one.journal_at_ms - T0 for one in envelopes(replayed(log.records).outputs)]
    assert [199 * 60_000, 699 * 60_000, 699 * 60_000 + DAY] == times
    fold = LearningFold(0, 1)
    replayed(log.records, fold)
    assert {"observed|bank": 702, "published|bank||segments": 3} == dict(fold.counts())


def test_what_is_published_is_whole() -> None:
    """Edges ascend, every cluster's shares are a whole but for rounding."""
    last: Sequence[SegmentsPublished] = published(long_log())
    edges = last[-1].edges_minor["CNY"]

    assert sorted(edges) == [*edges]
    assert all(
        999_980 <= sum(shares.values()) <= 1_000_000 for shares in last[-1].clusters.values()
    )


def test_crash_anywhere_changes_no_byte() -> None:
    """Rows alone go on where another process stopped."""
    log = long_log(420)
    whole = replayed(log.records)

    for cut in range(0, len(log.records), 23):
        before = replayed(log.records[:cut])
        rows = [Row(*row) for row in before.rows.items()]
        after = replayed(log.records[cut:], rows=rows)
        assert list(whole.outputs) == [*before.outputs, *after.outputs]
        assert whole.rows == {**before.rows, **after.rows}
