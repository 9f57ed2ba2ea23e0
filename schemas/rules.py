"""
Define a rule: a condition in CEL as its author wrote it, and its checked tree.

The text is for people, the tree for the fold: it was made by Google's CEL when the policy was
read, so that a worker needs no parser. Both are in the policy's hash (SEMANTICS P3, ADR 11).
"""

from typing import Annotated, Final, Literal, TypeAlias, Union

from msgspec import Meta, Struct


TEXT_LENGTH_MAX: Final = 1_000
NODE_COUNT_MAX: Final = 200
DEPTH_MAX: Final = 16
ITEM_COUNT_MAX: Final = 64
"""Of one list literal."""

Kind = Literal["bool", "int", "string", "strings", "ints_by_name", "strings_by_name"]
"""What a name or an expression is; the last three are list(string) and maps from string."""


class _Node(Struct, frozen=True, tag_field="node", forbid_unknown_fields=True):
    """One node of a tree."""


class Const(_Node, frozen=True, tag="const"):
    """A literal; an integer has 64 bits and a sign."""

    value: bool | int | str


class Name(_Node, frozen=True, tag="name"):
    """What is read of the customer or the event; dots are part of the name."""

    name: str


class Call(_Node, frozen=True, tag="call"):
    """A function or operator by CEL's name for it (`_&&_`, `size`), and what it is given."""

    function: str
    arguments: tuple["Node", ...]


class Items(_Node, frozen=True, tag="items"):
    """A list literal."""

    items: Annotated[tuple["Node", ...], Meta(max_length=ITEM_COUNT_MAX)]


Node: TypeAlias = Union[Const, Name, Call, Items]  # noqa: UP007 (forward references)


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A condition, as text and as a checked tree."""

    text: Annotated[str, Meta(max_length=TEXT_LENGTH_MAX)]
    tree: Node
