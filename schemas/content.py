"""
Hash what a shape says, in a form that later releases do not change.

Fields that have their default are left out, so that a policy signed today has the same hash once
its shape has grown (SEMANTICS P3, docs/core.md 3.7).
"""

import hashlib
from typing import Any, Final

import msgspec
from msgspec import NODEFAULT, Struct


_ENCODER: Final = msgspec.json.Encoder(order="sorted")


def content_hash(shape: Struct) -> str:
    """Return the SHA-256 of a struct's content, in lower-case hexadecimal."""
    return hashlib.sha256(_ENCODER.encode(_content(shape))).hexdigest()


def _content(value: Any) -> Any:  # noqa: ANN401 (any field)
    """Return a value as JSON has it, structs without what is as their defaults say."""
    if isinstance(value, tuple | list):
        return [_content(part) for part in value]
    if not isinstance(value, Struct):
        return value
    config = value.__struct_config__
    said = {config.tag_field: config.tag} if config.tag_field else {}
    for field in msgspec.structs.fields(value):
        part = getattr(value, field.name)
        if field.required or part != default_of(field):
            said[field.encode_name] = _content(part)
    return said


def default_of(field: msgspec.structs.FieldInfo) -> object:
    """Return what a field says where nobody said anything."""
    return field.default if field.default_factory is NODEFAULT else field.default_factory()
