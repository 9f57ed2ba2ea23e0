"""`cardcue model train`: a history teaches what the learning fold's own head would learn of it."""

from math import exp, log1p
from pathlib import Path
from struct import pack, unpack
from typing import Literal

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from cli.main import main
from cli.model.examples import ExampleError, read_examples
from cli.model.heads_file import Heads, heads_of, read_heads, write_heads
from cli.model_file import read_model
from lifecycle.models.logistic import LogisticModel, untaught
from schemas.learning import Head
from schemas.model import Model
from tests.cli.control_plane import MODELS
from tests.cli.learning_bank import bind, bind_file


HISTORY = """\
customer,spent,time,label
c-1,2,morning,1
c-2,1,,0
c-3,,noon,1

"""
EXAMPLES: list[tuple[dict[int, float], Literal[0, 1]]] = [
    ({0: 2.0, 2: 1.0}, 1),
    ({0: 1.0, 1: 1.0}, 0),
    ({1: 1.0}, 1),
]
"""The same as the page's vectors: purchases, any other time, morning, evening."""


def train(folder: Path, *words: str, model: str = "", history: str | bytes = HISTORY) -> Result:
    """Run `cardcue model train` over a history."""
    file = folder / "history.csv"
    file.write_bytes(history if isinstance(history, bytes) else history.encode())
    of = bind_file(folder, "kind: sgd", model) if model else bind_file(folder)
    return CliRunner().invoke(main, ["model", "train", str(file), str(of), *words])


def heads(folder: Path) -> Heads:
    """Return what was written beside the history."""
    return read_heads(folder / "history.heads.json", read_model(folder / "bind.yaml"))


def test_train_teaches_what_is_on_paper(tmp_path: Path) -> None:
    """
    SGD at a tenth, weight 1: g = p - y.

    First: p 1/2, g -1/2. Second: z = 0.05 + 0.1. Third: z = intercept + any other time.
    """
    done = train(tmp_path)
    head = heads(tmp_path).contact
    second = 1 / (1 + exp(-0.15))
    third = 1 / (1 + exp(-(0.05 - 0.2 * second))) - 1

    assert 0 == done.exit_code, done.output
    assert f": {tmp_path / 'history.heads.json'}\n" in done.stdout
    assert done.stdout.startswith("taught bind version 1 3 examples, 2 of label 1")
    assert pytest.approx(0.05 - 0.1 * second - 0.1 * third) == head.intercept
    assert (
        pytest.approx((0.1 - 0.1 * second, -0.1 * second - 0.1 * third, 0.05, 0.0)) == head.weights
    )
    assert (3, 2, ()) == (head.exposure_count, head.conversion_count, head.squares)


@pytest.mark.parametrize("kind", ["sgd", "adagrad"])
def test_train_gives_the_heads_of_the_folds_own_model(tmp_path: Path, kind: str) -> None:
    """To the last bit, AdaGrad's squares too; every example was a contact."""
    train(tmp_path, model=f"kind: {kind}")
    model = read_model(tmp_path / "bind.yaml")
    by_hand = LogisticModel(model, untaught(model))
    for x, label in EXAMPLES:
        assert by_hand.learn(x, label, 1.0)
    wanted, found = by_hand.snapshot(), heads(tmp_path).contact

    assert bits(wanted) == bits(found)
    assert (5 if kind == "adagrad" else 0) == len(found.squares)
    assert heads(tmp_path).control is None


def bits(head: Head) -> bytes:
    """Return the numbers of a head as they stand in memory."""
    numbers = (head.intercept, *head.weights, *head.squares)
    return pack(f"<{len(numbers)}d", *numbers)


real = st.floats(-1e300, 1e300)


@given(
    intercept=real,
    weights=st.tuples(real, real, real, real),
    squares=st.just(()) | st.lists(st.floats(0, 1e300), min_size=5, max_size=5).map(tuple),
)
def test_heads_come_out_of_their_file_as_they_went_in(
    tmp_path_factory: pytest.TempPathFactory,
    intercept: float,
    weights: tuple[float, ...],
    squares: tuple[float, ...],
) -> None:
    """Any numbers that a head may have, to the last bit, and nothing else in the folder."""
    folder = tmp_path_factory.mktemp("heads")
    adagrad = read_model(bind_file(folder, "kind: sgd", "kind: adagrad"))
    head = Head(intercept=intercept, weights=weights, squares=squares)
    file = folder / "heads.json"
    write_heads(file, heads_of(adagrad, head))

    assert bits(head) == bits(read_heads(file, adagrad).contact)
    assert {"bind.yaml", "heads.json"} == {one.name for one in folder.iterdir()}


def vectors(folder: Path, model: Model, *lines: str) -> list[tuple[float, ...]]:
    """Return the vectors of a CSV of these lines."""
    file = folder / "some.csv"
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    count = len(model.inputs)
    return [unpack(f"<{count}f", one.vector) for one in read_examples(file, model)]


def test_train_sees_a_number_as_scoring_does(tmp_path: Path) -> None:
    """3.16 Vector: scaled, held within 4 of 0, the nearest float32; empty is 0."""
    scale = "is: spend_count, scale: log, offset: -1, divisor: 30"
    model = read_model(bind_file(tmp_path, "is: spend_count", scale))
    lines = (f"{n},,0" for n in ("30", "-1", "-7", "", "9223372036854775807"))
    found = vectors(tmp_path, model, "spent,time,label", *lines)
    [wanted] = unpack("<f", pack("<f", log1p(31) / log1p(30)))

    assert [wanted, 0.0, 0.0, 0.0, 4.0] == [vector[0] for vector in found]


def test_train_reads_truth_values_of_rules_that_give_them(tmp_path: Path) -> None:
    """As words or as the numbers that they become."""
    model = read_model(bind_file(tmp_path, "is: spend_count", "is: spend_count > 3"))
    lines = (f"{text},,0" for text in ("true", "false", "1", "0", ""))
    found = vectors(tmp_path, model, "spent,time,label", *lines)

    assert [1.0, 0.0, 1.0, 0.0, 0.0] == [vector[0] for vector in found]


def test_train_reads_columns_by_name_and_passes_over_others(tmp_path: Path) -> None:
    """In any order, from a spreadsheet: a byte order mark, CRLF, quotes, lines in a text."""
    text = '\ufefflabel,note,time,spent\r\n1,"a\r\nb, c","evening",2\r\n'
    file = tmp_path / "some.csv"
    file.write_bytes(text.encode())
    (found,) = read_examples(file, bind(tmp_path))

    assert (pack("<2f", 2.0, 2.0), 1) == found


HEADER = "spent,time,label\n"


@pytest.mark.parametrize(
    ("history", "said"),
    [
        ("", ":1: wanted the column spent once, found none"),
        ("\n", ":1: wanted the column spent once, found none"),
        (HEADER, ":2: wanted an example, found none"),
        (HEADER + "\n\n", ":2: wanted an example, found none"),
        ("spent,label\n1,0\n", ":1: wanted the column time once, found none"),
        ("spent,time\n1,\n", ":1: wanted the column label once, found none"),
        ("spent,time,label,spent\n1,,0,2\n", ":1: wanted the column spent once, found 2"),
        ("spent,time,label,label\n1,,0,1\n", ":1: wanted the column label once, found 2"),
        (HEADER + "1,,0\n13\n", ":3: wanted 3 values, found 1"),
        (HEADER + "1,,0,13\n", ":2: wanted 3 values, found 4"),
        (HEADER + "1,,\n", ":2: label: wanted 0 or 1, found none"),
        (HEADER + "1,,13\n", ":2: label: wanted 0 or 1, found other text"),
        (HEADER + "1,,true\n", ":2: label: wanted 0 or 1, found other text"),
        (HEADER + "1.13,,0\n", ":2: spent: wanted a whole number of 64 bits, found other text"),
        (HEADER + "true,,0\n", ":2: spent: wanted a whole number of 64 bits, found other text"),
        (HEADER + "nan,,0\n", ":2: spent: wanted a whole number of 64 bits, found other text"),
        (HEADER + "١٣,,0\n", ":2: spent: wanted a whole number of 64 bits, found other text"),
        (
            HEADER + "9223372036854775808,,0\n",
            ":2: spent: wanted a whole number of 64 bits, found other text",
        ),
        (HEADER + '1,"eve"ning,0\n', ":2: wanted CSV, found: "),
        (HEADER + '1,"evening,0\n', ":2: wanted CSV, found: unexpected end of data"),
        (HEADER.encode() + b"1,\xff13,0\n", ":2: wanted UTF-8 text, found other bytes"),
    ],
)
def test_history_that_cannot_be_learnt_from_is_told_at_its_line(
    tmp_path: Path, history: str | bytes, said: str
) -> None:
    """File, line, what was wanted and found; never a value; what was written before stays."""
    old = tmp_path / "history.heads.json"
    old.write_text("before", encoding="utf-8")
    done = train(tmp_path, history=history)

    assert 1 == done.exit_code
    assert done.stderr.startswith(f"Error: {tmp_path / 'history.csv'}{said}"), done.stderr
    assert 1 == done.stderr.count("\n")
    assert "13" not in done.stderr.replace(str(tmp_path), "")
    assert "" == done.stdout
    assert "before" == old.read_text(encoding="utf-8")
    assert {"bind.yaml", "history.csv", old.name} == {one.name for one in tmp_path.iterdir()}


def test_truth_value_that_is_none_is_told(tmp_path: Path) -> None:
    """Where the rule gives true or false, 2 is neither."""
    model = read_model(bind_file(tmp_path, "is: spend_count", "is: spend_count > 3"))
    with pytest.raises(ExampleError, match=r":2: spent: wanted true or false, found other text"):
        vectors(tmp_path, model, "spent,time,label", "2,,0")


def test_model_that_would_see_the_label_is_told(tmp_path: Path) -> None:
    """An input of that name would be learnt from as what came of itself."""
    model = read_model(bind_file(tmp_path, "id: spent", "id: label"))
    with pytest.raises(ExampleError, match=r":1: wanted a model without an input label, found one"):
        vectors(tmp_path, model, "label,time", "1,")


def test_train_writes_where_it_is_told_or_nothing(tmp_path: Path) -> None:
    """--out; a place that cannot be written is told, and nothing is left beside it."""
    (tmp_path / "taken").mkdir()
    out = tmp_path / "out.json"
    done = train(tmp_path, "--out", str(out))
    taken = train(tmp_path, "--out", str(tmp_path / "taken"))
    nowhere = train(tmp_path, "--out", str(tmp_path / "none" / "out.json"))

    assert done.stdout.endswith(f": {out}\n")
    assert 3 == read_heads(out, bind(tmp_path)).contact.exposure_count
    assert f"{tmp_path / 'taken'}: wanted to write, found Is a directory\n" in taken.stderr
    assert "out.json: wanted to write, found No such file or directory\n" in nowhere.stderr
    assert {"bind.yaml", "history.csv", "out.json", "taken"} == {
        one.name for one in tmp_path.iterdir()
    }


@pytest.mark.parametrize("name", ["history.csv", "bind.yaml"])
def test_train_never_writes_over_what_it_reads(tmp_path: Path, name: str) -> None:
    """A slip of the pen costs no history."""
    done = train(tmp_path, "--out", str(tmp_path / name))

    assert 2 == done.exit_code
    assert "wanted --out beside EXAMPLES and MODEL, found one of them" in done.stderr
    assert HISTORY == (tmp_path / "history.csv").read_text(encoding="utf-8")
    assert "inputs:" in (tmp_path / "bind.yaml").read_text(encoding="utf-8")


def test_files_that_are_not_there_are_told(tmp_path: Path) -> None:
    """Neither history nor model; nor is a folder one."""
    file = bind_file(tmp_path)
    none = str(tmp_path / "none")
    run = CliRunner()
    folder = run.invoke(main, ["model", "train", ".", str(file)])
    assert "Error: .: wanted a file, found Is a directory\n" == folder.stderr
    history = run.invoke(main, ["model", "train", none, str(file)])
    model = run.invoke(main, ["model", "train", str(file), none])

    assert f"Error: {none}: wanted a file, found No such file or directory\n" == history.stderr
    assert f"{none}:1: model: wanted a file" in model.stderr


@pytest.mark.parametrize("file", MODELS, ids=lambda file: Path(file).stem)
def test_models_of_the_house_learn_from_a_history(tmp_path: Path, file: str) -> None:
    """One contact of whom nothing is known, and who converted: the intercept goes up."""
    model = read_model(Path(file))
    history = tmp_path / "history.csv"
    names = [one.id for one in model.inputs]
    history.write_text(f"{','.join(names)},label\n{',' * len(names)}1\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["model", "train", str(history), file])
    found = read_heads(tmp_path / "history.heads.json", model).contact

    assert 0 == done.exit_code, done.output
    assert (1, 1) == (found.exposure_count, found.conversion_count)
    assert found.intercept > untaught(model).intercept
