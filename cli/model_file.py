"""
Read a model's YAML file into the struct that is defined, or say exactly what is wrong.

Fields are those of `schemas.model.Model`, except that the duration is text without the unit in the
name (`publish_every: 60s` becomes `publish_every_ms`) and that an input's rule, under `is`, is CEL
over the declared features.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from cli.cel import RuleTextError, check
from cli.marked_struct import MarkedFileError, convert, files_of, in_numbers, read_fields, telling
from cli.marked_yaml import MarkedYamlError, YamlPath
from cli.policy_mistakes import Lines, check_once, mistake
from lifecycle.clauses import KINDS
from lifecycle.model_shape import weight_count
from schemas.model import WEIGHTS_MAX, CategoryInput, Model
from schemas.rules import Kind


WANTED: Final[dict[str, tuple[Kind, ...]]] = {"number": ("int", "bool"), "category": ("string",)}
"""Kind of input to what its rule must give."""


class ModelFileError(MarkedFileError):
    """A file cannot be used; the text is `file:line: path: wanted ..., found ...`."""


def read_model(file: Path) -> Model:
    """
    Return the model in a file.

    Raises:
        ModelFileError: the first mistake in the file.

    """
    with telling(file, "model", ModelFileError):
        return _read(file)


def read_models_of(folder: Path) -> dict[str, Model]:
    """
    Return the newest version of every model in the `*.yaml` of a folder, by id.

    Raises:
        ModelFileError: no folder, or a file cannot be used.

    """
    found = map(read_model, files_of(folder, "models", ModelFileError))
    return {model.id: model for model in sorted(found, key=lambda model: model.version)}


def _read(file: Path) -> Model:
    """Return the model, or raise a mistake with its line."""
    written, lines = read_fields(file, "a model")
    document = in_numbers(written, (), lines)
    if isinstance(written.get("inputs"), list):
        document["inputs"] = list(_with_rules(written["inputs"], lines))
    model = convert(document, lines, Model)
    _check_inputs(model, lines)
    return model


def _with_rules(inputs: Sequence[Any], lines: Lines) -> Iterator[Any]:
    """Yield the inputs with their rules; another shape is refused later, by its type."""
    for index, one in enumerate(inputs):
        if not isinstance(one, dict) or "is" not in one or one.get("kind") not in WANTED:
            yield one
            continue
        yield {**one, "is": _rule(one["is"], WANTED[one["kind"]], ("inputs", index, "is"), lines)}


def _rule(text: object, wanted: tuple[Kind, ...], path: YamlPath, lines: Lines) -> Any:  # noqa: ANN401 (a tree)
    """Return a rule as the struct has it."""
    if not isinstance(text, str):
        raise mistake(path, "a rule as text", type(text).__name__, lines)
    try:
        return msgspec.to_builtins(check(text, KINDS, *wanted))
    except RuleTextError as error:
        raise MarkedYamlError(lines[path], path, str(error)) from error


def _check_inputs(model: Model, lines: Lines) -> None:
    """Refuse what workers would: an input or a value that is there twice, too many weights."""
    check_once([one.id for one in model.inputs], ("inputs",), "id", lines)
    for index, one in enumerate(model.inputs):
        values = one.values if isinstance(one, CategoryInput) else ()
        for place, value in enumerate(values):
            if value in values[:place]:
                path = ("inputs", index, "values", place)
                raise MarkedYamlError(lines[path], path, f"wanted {value} once, found it twice")
    if (count := weight_count(model)) > WEIGHTS_MAX:
        raise mistake(("inputs",), f"{WEIGHTS_MAX} weights at most", count, lines)
