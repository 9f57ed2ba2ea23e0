"""`cardcue model define`: what it puts into the log, taught by history or not, and refuses."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import main
from cli.model.heads_file import read_heads
from lifecycle.printing import printed
from schemas.events import ModelDefined
from schemas.model import MODELS_MAX
from schemas.outcomes import ModelTold
from tests.cli.control_plane import BANK, ControlPlane, control_plane
from tests.cli.learning_bank import OF, bind, bind_file, control_events, learning_bank
from tests.learning.outcome_log import OutcomeLog, folded
from tests.lifecycle.builders import HOUR, Bank, spend
from tests.lifecycle.contacts import offer
from tests.lifecycle.snapshots import publish
from tests.lifecycle.told import decisions


HISTORY = "spent,time,label\n2,morning,1\n1,,0\n"


def defined(bank: ControlPlane) -> list[ModelDefined]:
    """Return what was defined, in the order of the log."""
    return [one for one in control_events(bank.bootstrap) if isinstance(one, ModelDefined)]


def trained(folder: Path) -> str:
    """Teach the model a history of two contacts; return the file of its heads."""
    history, out = folder / "history.csv", folder / "heads.json"
    history.write_text(HISTORY, encoding="utf-8")
    words = ["model", "train", str(history), str(bind_file(folder)), "--out", str(out)]
    done = CliRunner().invoke(main, words)
    assert 0 == done.exit_code, done.output
    return str(out)


def test_defined_model_is_what_its_file_says(tmp_path: Path) -> None:
    """Once; what the log has word by word is not sent again."""
    with learning_bank(tmp_path, defined=False) as bank:
        words = ("model", "define", str(bind_file(tmp_path)), *OF)
        told = [bank.told(*words) for _ in range(2)]
        found = defined(bank)

    assert ["defined bank-a bind version 1\n", "known already bank-a bind version 1\n"] == told
    assert [ModelDefined(model=bind(tmp_path))] == found


def test_heads_of_a_history_decide_where_they_are_adopted(tmp_path: Path) -> None:
    """
    Evidence counts: from file to control record, learning, snapshot and decision, bit by bit.

    SGD at a tenth: intercept 0.05 - 0.0537430, purchases 0.1 - 0.0537430, evening 0; of a first
    purchase, in the evening, z = 0.0425140: 510,626 ppm.
    """
    heads = trained(tmp_path)
    with learning_bank(tmp_path) as bank:
        file = bind_file(tmp_path, "version: 1", "version: 2")
        other = bank.refused("model", "define", str(file), "--heads", heads, *OF)
    with learning_bank(tmp_path, defined=False) as bank:
        file = bind_file(tmp_path)
        told = bank.told("model", "define", str(file), "--heads", heads, *OF)
        [event] = defined(bank)
    partition = Bank(offer(model="bind", base_rate_ppm=20_000, value_minor=1_000))
    [effect] = partition.control(event)
    assert isinstance(effect, ModelTold)
    log = OutcomeLog()
    log.add(b"model.told.v1", effect)
    [snapshot] = folded(log).snapshots
    publish(partition, snapshot)
    [decision] = decisions(partition.say(spend(), HOUR))

    assert "wanted heads of bind version 2, found those of bind version 1" in other
    assert "defined bank-a bind version 1, taught by 2 examples\n" == told
    assert read_heads(Path(heads), bind(tmp_path)).contact == event.contact == snapshot.contact
    assert ("model", 510_626) == (decision.propensity_from, decision.propensity_ppm)
    assert printed(effect).value == log.records[0].value


def test_list_says_that_scores_of_a_history_decide(tmp_path: Path) -> None:
    """What history knows counts as evidence at once."""
    heads = read_heads(Path(trained(tmp_path)), bind(tmp_path))
    log = OutcomeLog(BANK)
    log.define(bind(tmp_path), contact=heads.contact)
    with learning_bank(tmp_path, log) as bank:
        listed = bank.told("model", "list", *OF)

    assert (
        "bind version 1 sequence 1: contacts 2, converted 1; control 0, converted 0;"
        " its scores decide\n" == listed
    )


def test_version_that_learning_would_ignore_is_not_sent(tmp_path: Path) -> None:
    """The same number with another text, or with heads, and a lower one."""
    heads = trained(tmp_path)
    with learning_bank(tmp_path) as bank:
        words = ("model", "define", str(tmp_path / "bind.yaml"), *OF)
        taught = bank.refused(*words, "--heads", heads)
        bind_file(tmp_path, "base_rate_ppm: 500000", "base_rate_ppm: 400000")
        changed = bank.refused(*words)
        found = defined(bank)

    for refused in (taught, changed):
        assert "bind version 1: wanted a version above 1, which is in the log" in refused
        assert "STALE_VERSION" in refused
    assert 1 == len(found)


def test_model_too_many_is_not_sent(tmp_path: Path) -> None:
    """32 are known; all are read before the first is sent, and a 33rd sends none of them."""
    files = []
    for number in range(MODELS_MAX + 1):
        file = tmp_path / f"m{number}.yaml"
        text = bind_file(tmp_path, "id: bind", f"id: m{number}").read_text(encoding="utf-8")
        file.write_text(text, encoding="utf-8")
        files.append(str(file))
    with learning_bank(tmp_path, defined=False) as bank:
        refused = bank.refused("model", "define", *files, *OF)
        none = defined(bank)
        bank.told("model", "define", *files[:-1], *OF)
        again = bank.refused("model", "define", files[-1], *OF)

    assert [] == none
    for why in (refused, again):
        assert why.startswith("Error: m32 version 1: wanted room for one more")
        assert "STATE_FULL" in why


def test_model_that_nobody_has_signed_is_not_sent_in_production(tmp_path: Path) -> None:
    """P3: neither unsigned nor by one person in both roles; by two it is, with its heads."""
    heads = trained(tmp_path)
    words = ("model", "define", str(tmp_path / "bind.yaml"), "--heads", heads, *OF)
    with control_plane(tmp_path) as bank:
        bank.told(*bank.pin("li", "chen"))
        unsigned = bank.refused(*words)
        key = bank.key("li")
        alone = bank.refused(*words, "--author-key", key, "--approver-key", key)
        told = bank.told(*words, *bank.signers())
        [found] = defined(bank)

    assert "NOT_SIGNED" in unsigned
    assert "SAME_PERSON" in alone
    assert "defined bank-a bind version 1, taught by 2 examples\n" == told
    assert ["author", "approver"] == [one.role for one in found.signatures]


def test_heads_go_with_one_file(tmp_path: Path) -> None:
    """Whose they are must not be guessed."""
    file = str(bind_file(tmp_path))
    done = CliRunner().invoke(main, ["model", "define", file, file, *OF, "--heads", "h.json"])

    assert 2 == done.exit_code
    assert "wanted one FILE beside --heads, found 2" in done.stderr


def test_heads_of_another_text_are_refused(tmp_path: Path) -> None:
    """Same name, version and count of weights, and an input that means something else now."""
    heads = trained(tmp_path)
    file = bind_file(tmp_path, "is: spend_count", "is: card_count")
    done = CliRunner().invoke(main, ["model", "define", str(file), *OF, "--heads", heads])

    assert 1 == done.exit_code
    assert (
        f"Error: {heads}: wanted heads of bind as its file is now, found those of another text of"
        " it (train it again)\n" == done.stderr
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"model_id": "bond"}, "wanted heads of bind version 1, found those of bond version 1"),
        ({"weights": [0.5]}, "wanted heads with the weights of bind, found others"),
        ({"squares": [1.0]}, "wanted heads with the weights of bind, found others"),
        ({"intercept": "high"}, "wanted heads (`model train`), found: Expected `float`, got `str`"),
        ({"exposure_count": -1}, "wanted heads (`model train`), found: Expected `int` >= 0"),
        ({"colour": "red"}, "wanted heads (`model train`), found: Object contains unknown field"),
    ],
)
def test_heads_that_do_not_fit_are_refused(
    tmp_path: Path, changed: dict[str, object], said: str
) -> None:
    """In one line, before the log is asked."""
    heads = Path(trained(tmp_path))
    written = json.loads(heads.read_text(encoding="utf-8"))
    of = written["contact"] if changed.keys() <= written["contact"].keys() else written
    of.update(changed)
    heads.write_text(json.dumps(written), encoding="utf-8")
    file = str(tmp_path / "bind.yaml")
    done = CliRunner().invoke(main, ["model", "define", file, *OF, "--heads", str(heads)])

    assert 1 == done.exit_code
    assert done.stderr.startswith(f"Error: {heads}: {said}"), done.stderr
    assert 1 == done.stderr.count("\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "wanted a file, found No such file or directory"),
        (b"", "wanted heads (`model train`), found: "),
        (b'{"model_id": "bi', "wanted heads (`model train`), found: "),
        (b'{"model_id": "\xff"}', "wanted heads (`model train`), found: "),
        (b'{"model_id": "bind", "x": 1e999}', "wanted heads (`model train`), found: "),
    ],
)
def test_file_that_has_no_heads_is_refused(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    """In one line, whatever stands there."""
    heads = tmp_path / "heads.json"
    if content is not None:
        heads.write_bytes(content)
    file = str(bind_file(tmp_path))
    done = CliRunner().invoke(main, ["model", "define", file, *OF, "--heads", str(heads)])

    assert 1 == done.exit_code
    assert done.stderr.startswith(f"Error: {heads}: {said}"), done.stderr
    assert 1 == done.stderr.count("\n")
