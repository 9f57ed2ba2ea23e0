"""Models as files: what they say, what is wrong with them, by line, and the schema for editors."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from cli.main import main
from cli.marked_yaml import read_marked
from cli.model.check import read_by
from cli.model_file import ModelFileError, read_model, read_models_of
from cli.model_schema import model_schema
from lifecycle.model_shape import is_sound, weight_count
from lifecycle.scoring import readers
from schemas.model import CategoryInput, Model, NumberInput, Optimizer
from tests.kafka_server import ROOT


MODELS = ROOT / "deploy" / "models"
FILES = sorted(MODELS.glob("*.yaml"))
SCHEMA = json.loads(model_schema())

NUDGE = """\
id: nudge
version: 3
optimizer: {kind: sgd, learning_rate_ppm: 30000}
publish_every: 2m
inputs:
  - {id: app, kind: number, is: session_days >= 0, title: Uses the app}
  - {id: days, kind: number, is: stage_days, scale: log, offset: -1, divisor: 30}
  - id: time
    kind: category
    is: usual_part_of_day
    values: [morning, evening]
"""


def model(folder: Path, text: str = NUDGE) -> Model:
    """Return the model in a text."""
    file = folder / "nudge.yaml"
    file.write_text(text, encoding="utf-8")
    return read_model(file)


def test_file_says_what_the_struct_has(tmp_path: Path) -> None:
    """Rules as text and tree, the duration in milliseconds, the rest as it stands or by default."""
    found = model(tmp_path)
    app, days, time = found.inputs

    assert (3, 120_000, Optimizer(kind="sgd", learning_rate_ppm=30_000)) == (
        found.version,
        found.publish_every_ms,
        found.optimizer,
    )
    assert isinstance(app, NumberInput)
    assert ("session_days >= 0", "Uses the app") == (app.rule.text, app.title)
    assert isinstance(days, NumberInput)
    assert ("log", -1, 30) == (days.scale, days.offset, days.divisor)
    assert isinstance(time, CategoryInput)
    assert ("morning", "evening") == time.values
    assert 1 + 1 + 3 == weight_count(found)
    assert ["stage_days", "usual_part_of_day", "session_days"] == read_by(found)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "is: stage_days",
            "is: stage",
            "7: inputs[1].is: column 1: wanted a rule that gives int or bool",
        ),
        (
            "is: usual_part_of_day",
            "is: wallet_count",
            "10: inputs[2].is: column 1: wanted a rule that",
        ),
        ("is: stage_days", "is: shoe_size", "7: inputs[1].is: column 1: wanted a declared"),
        (
            "is: stage_days",
            "is: event.amount_minor",
            "7: inputs[1].is: column 6: wanted a declared",
        ),
        ("is: stage_days", "is: 7", "7: inputs[1].is: wanted a rule as text, found int"),
        ("id: days", "id: app", "7: inputs[1].id: wanted app once, found it twice"),
        ("[morning, evening]", "[noon, noon]", "11: inputs[2].values[1]: wanted noon once"),
        ("kind: category", "kind: text", "9: inputs[2].kind: wanted one of number, category"),
        ("scale: log", "scale: root", "7: inputs[1].scale: wanted one of linear, log"),
        ("divisor: 30", "divisor: 0", "7: inputs[1].divisor: wanted int >= 1, found 0"),
        ("publish_every: 2m", "publish_every: 2 minutes", "4: publish_every: wanted a duration"),
        ("publish_every: 2m", "publish_every_ms: 5000", "4: publish_every_ms: wanted it without"),
        ("publish_every: 2m", "colour: red", "4: colour: wanted one of id, version, title"),
        ("id: nudge\n", "", "1: model: wanted the field id, found none"),
    ],
)
def test_model_that_workers_would_refuse_is_refused_at_its_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """File, line, place, what was wanted and what was found."""
    assert 1 == NUDGE.count(old)
    with pytest.raises(ModelFileError) as raised:
        model(tmp_path, NUDGE.replace(old, new))

    found = str(raised.value)
    assert found.startswith(f"{tmp_path / 'nudge.yaml'}:{said}"), found


def test_model_of_too_many_weights_is_refused(tmp_path: Path) -> None:
    """1,024 at most: 16 categories of 64 values have 16 more."""
    values = ", ".join(f"v{number}" for number in range(64))
    inputs = "".join(
        f"  - {{id: c{number}, kind: category, is: stage, values: [{values}]}}\n"
        for number in range(16)
    )
    with pytest.raises(ModelFileError, match="inputs: wanted 1024 weights at most, found 1040"):
        model(tmp_path, f"id: wide\nversion: 1\ninputs:\n{inputs}")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_models_of_the_house_are_what_workers_and_editors_take(file: Path) -> None:
    """Sound, compiled, in order of size, called as their file, and valid by the schema it names."""
    found = read_model(file)
    text = file.read_text(encoding="utf-8")
    document, _ = read_marked(text)

    assert file.stem == found.id
    assert is_sound(found)
    assert len(found.inputs) == len(readers(found))
    assert all(one.title for one in found.inputs)
    assert not [*Draft202012Validator(SCHEMA).iter_errors(document)]
    assert text.startswith("# yaml-language-server: $schema=../../docs/model.schema.json\n")


def test_there_is_a_model_for_each_use() -> None:
    """Seven, and each is named by a campaign of the house."""
    uses = ["activation", "amount", "bind", "first_spend", "frequency", "instalment", "win_back"]
    assert uses == sorted(read_models_of(MODELS))
    named = " ".join(file.read_text("utf-8") for file in (ROOT / "campaigns").glob("*.yaml"))
    assert all(f"\nmodel: {one} " in named for one in uses)


def test_schema_on_file_is_what_the_structs_say() -> None:
    """docs/model.schema.json has exactly the generated bytes, and refuses a slip."""
    assert model_schema() == (ROOT / "docs/model.schema.json").read_bytes()
    Draft202012Validator.check_schema(SCHEMA)
    slips: list[Any] = [
        read_marked(NUDGE.replace(old, new))[0]
        for old, new in (("publish_every: 2m", "publish_every: soon"), ("log", "root"))
    ]
    assert all([*Draft202012Validator(SCHEMA).iter_errors(slip)] for slip in slips)


def test_check_names_mistakes_of_every_file(tmp_path: Path) -> None:
    """Exit code 1 with a line for each; a good file says what it comes to."""
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(NUDGE, encoding="utf-8")
    bad.write_text("id: bad\n", encoding="utf-8")
    run = CliRunner()
    told = run.invoke(main, ["model", "check", str(good)])
    refused = run.invoke(main, ["model", "check", str(good), str(bad)])

    assert told.stdout.startswith("nudge version 3: good, 5 weights\n  reads stage_days")
    assert 1 == refused.exit_code
    assert f"{bad}:1: model: wanted the field" in refused.stderr


def test_campaign_may_only_name_a_model_that_there_is(tmp_path: Path) -> None:
    """`policy check --models`, as with offers: at its line, with those that there are."""
    (tmp_path / "nudge.yaml").write_text(NUDGE, encoding="utf-8")
    files = [str(file) for file in sorted((ROOT / "campaigns").glob("*.yaml"))]
    run = CliRunner()
    good = run.invoke(main, ["policy", "check", *files, "--models", str(MODELS)])
    bad = run.invoke(main, ["policy", "check", files[0], "--models", str(tmp_path)])

    assert 0 == good.exit_code, good.output
    assert 1 == bad.exit_code
    assert "model: wanted one of the models nudge, found activation" in bad.stderr
