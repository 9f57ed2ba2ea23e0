"""The second opinion on the newest purchases: core.md §3.2 (5) and §3.9."""

from itertools import permutations

from tests.checker.journal_by_hand import DAY, fold, purchase
from tests.checker.oracle_recent import packed, scene_number
from tests.checker.tiny_world import BASE


def test_oracle_keeps_the_greatest_sixteen() -> None:
    """Whatever comes first; here three of one moment, by scene and then by amount."""
    later = [purchase(BASE + n, f"e{n}") for n in range(1, 15)]
    same = [
        purchase(BASE, "a", 7, mcc="5812"),
        purchase(BASE, "b", 9, mcc="5411"),
        purchase(BASE, "c", 8, mcc="5411"),
    ]
    for order in permutations(same):
        kept = fold(*order[:1], *later, *order[1:]).customers["acme|c0"]["recent"]
        assert [one[1:] for one in kept[:2]] == [[1, 1714, 9], [2, 1714, 7]]
        assert len(kept) == 16


def test_oracle_packs_a_purchase_in_fourteen_bytes() -> None:
    """Time, scene, currency, amount, big-endian; an amount stops at 2^40 - 1."""
    assert packed([[1, 2, 1714, 2**40 - 1]]).hex() == "000000000001" + "02" + "06b2" + "ff" * 5


def test_oracle_keeps_what_it_counts_only() -> None:
    """A reversal adds nothing, nor does a purchase too late for the counters."""
    late = purchase(BASE, "late") | {"journal_at_ms": BASE + 91 * DAY}
    kept = fold(purchase(BASE, "p"), late).customers["acme|c0"]["recent"]

    assert [one[0] for one in kept] == [BASE]


def test_oracle_believes_the_label_before_the_code() -> None:
    """Where it is one of the scenes."""
    found = [scene_number(*said) for said in (("fuel", "5411"), ("shop", "5411"), ("", "541"))]

    assert found == [4, 1, 0]
