"""
Turn a campaign back into what its file says: for comparing two versions, and for going back.

Names and durations are those of the file (`cli.policy_file`), rules are their text.
"""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Final

import msgspec
import yaml
from msgspec import Struct

from cli.marked_yaml import YamlPath, is_number
from cli.policy_wants import name_of
from cli.policy_words import WRITTEN
from schemas.campaign import Campaign
from schemas.content import default_of
from schemas.rules import Rule


_NAMES: Final = {written.field: (name, written.write) for name, written in WRITTEN.items()}


def file_form(campaign: Campaign, *, whole: bool) -> dict[str, Any]:
    """Return a campaign in the words of its file; `whole`: with what the defaults say."""
    form: dict[str, Any] = _form(campaign, whole=whole)
    return form


def file_text(campaign: Campaign) -> str:
    """Return a campaign as a file that reads as this very campaign."""
    return yaml.dump(
        file_form(campaign, whole=False),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=100,
    )


def differences(old: Campaign, new: Campaign) -> Iterator[str]:
    """Yield a line for every field that differs, in the file's names: old -> new."""
    before, after = (dict(_leaves(file_form(one, whole=True), ())) for one in (old, new))
    for path in {**after, **before}:
        name = name_of(path)
        if path not in before:
            yield f"{name}: new: {after[path]}"
        elif path not in after:
            yield f"{name}: only in the log: {before[path]}"
        elif before[path] != after[path]:
            yield f"{name}: {before[path]} -> {after[path]}"


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="'" if is_number(text) else None
    )


class _Dumper(yaml.SafeDumper):
    """Quotes what `cli.marked_yaml` would take for a number."""

    yaml_representers: ClassVar[dict[type, Callable[[Any, Any], yaml.Node]]] = {
        **yaml.SafeDumper.yaml_representers,
        str: _text,
    }


def _form(value: Any, *, whole: bool) -> Any:  # noqa: ANN401 (any field)
    """Return a value in the words of the file."""
    if isinstance(value, Rule):
        return value.text
    if isinstance(value, tuple):
        return [_form(part, whole=whole) for part in value]
    if not isinstance(value, Struct):
        return value
    config = value.__struct_config__
    said: dict[str, Any] = {config.tag_field: config.tag} if config.tag_field else {}
    for field in msgspec.structs.fields(value):
        part = getattr(value, field.name)
        if part is None or not (whole or field.required or part != default_of(field)):
            continue
        if (named := _NAMES.get(field.encode_name)) is not None:
            name, write = named
            said[name] = write(part)
        else:
            said[field.encode_name] = _form(part, whole=whole)
    return said


def _leaves(form: Any, path: YamlPath) -> Iterator[tuple[YamlPath, str]]:  # noqa: ANN401
    """Yield every value by its path, as text; a list of plain values is one."""
    if isinstance(form, dict):
        for name, part in form.items():
            yield from _leaves(part, (*path, name))
    elif isinstance(form, list) and form and isinstance(form[0], dict):
        for index, part in enumerate(form):
            yield from _leaves(part, (*path, index))
    elif form != [] or path == ("exit_on",):
        yield path, f"[{', '.join(form)}]" if isinstance(form, list) else str(form)
