"""Change one value of a record, wherever it stands."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from hypothesis import strategies as st

from schemas.codec import decode_decision, encode_json
from schemas.decisions import Decision


def flipped_somewhere(data: st.DataObject, records: Sequence[Decision]) -> Decision | None:
    """Return one of the records with one leaf changed, None where it is no record any more."""
    document = json.loads(encode_json(data.draw(st.sampled_from(records))))
    path = data.draw(st.sampled_from(sorted(leaves(document), key=str)))
    holder = document
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = flipped(holder[path[-1]])
    try:
        return decode_decision(json.dumps(document).encode())
    except msgspec.ValidationError:
        return None


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:  # noqa: ANN401
    """Yield the path of every value in a JSON document that holds no others."""
    if isinstance(value, dict) and value:
        for key, part in value.items():
            yield from leaves(part, (*path, key))
    elif isinstance(value, list) and value:
        for place, part in enumerate(value):
            yield from leaves(part, (*path, place))
    else:
        yield path


def flipped(value: Any) -> Any:  # noqa: ANN401 (any JSON)
    """Return another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return f"{value}x"
    return ["x"] if isinstance(value, list) else {"x": 1}
