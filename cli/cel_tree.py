"""
Turn the checked expression that CEL serialises into a rule's tree.

The shapes are those of cel-spec's `checked.proto` and `syntax.proto` (package `cel.expr`), in so
far as a rule may use them, or as they have to be recognised to be refused.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from google.protobuf import (
    any_pb2,
    descriptor_pb2,
    descriptor_pool,
    message_factory,
)
from google.protobuf.message import DecodeError

from schemas.rules import DEPTH_MAX, Call, Const, Items, Name, Node


class RuleTextError(ValueError):
    """A text that is no rule; line and column begin with 1, None where they are not known."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        """Say what was wanted and what was found; the text begins with the place."""
        place = f"column {column}" if line == 1 else f"column {column} of line {line}"
        super().__init__(message if line is None else f"{place}: {message}")
        self.line = line
        self.column = column


class Checked(NamedTuple):
    """A tree, and line and column of its nodes by `id(node)`: equal nodes stand in many places."""

    tree: Node
    places: Mapping[int, tuple[int, int]]


_MESSAGES: Final = {
    "CheckedExpr": ("2 references Reference*", "4 expr Expr", "5 source Source"),
    "Reference": ("1 key int64", "2 value ReferenceName"),
    "ReferenceName": ("1 name string",),
    "Source": ("3 line_offsets int32*", "4 positions Position*"),
    "Position": ("1 key int64", "2 value int32"),
    "Expr": (
        *("2 id int64", "3 const Constant", "4 ident Ident", "5 select Select", "6 call Call"),
        *("7 list List", "8 struct Struct", "9 comprehension Comprehension"),
    ),
    "Ident": ("1 name string",),
    "Select": ("1 operand Expr", "2 field string", "3 test_only bool"),
    "Call": ("1 target Expr", "2 function string", "3 args Expr*"),
    "List": ("1 elements Expr*",),
    "Struct": ("1 message_name string",),
    "Comprehension": (),
    "Constant": (
        *("1 null int32", "2 bool bool", "3 int int64", "4 uint uint64", "5 double double"),
        *("6 string string", "7 bytes bytes"),
    ),
}
"""`number name type`, with * where there are many; a map is a list of key and value on the wire."""

_REFUSED: Final = {
    "null": "null",
    "uint": "an unsigned integer",
    "double": "a floating point number",
    "bytes": "bytes",
}


def checked(serialised: bytes) -> Checked:
    """
    Return the tree of a `google.protobuf.Any` that holds a `cel.expr.CheckedExpr`.

    Raises:
        RuleTextError: it uses what rules do not have.

    """
    message = _shape("CheckedExpr")()
    try:
        message.ParseFromString(any_pb2.Any.FromString(serialised).value)
    except DecodeError as error:  # protobuf reads 100 levels, two for each of ours
        raise RuleTextError(f"wanted at most {DEPTH_MAX} levels of nesting, found more") from error
    reader = _Reader(message)
    return Checked(reader.node(message.expr), reader.places)


class _Reader:
    """Reads the expressions of one message."""

    def __init__(self, message: Any) -> None:  # noqa: ANN401 (protobuf makes the class at run time)
        """Begin with the names that CEL has resolved, and where every expression stands."""
        self.places: dict[int, tuple[int, int]] = {}
        self._names = {one.key: one.value.name for one in message.references}
        self._offsets = {one.key: one.value for one in message.source.positions}
        self._line_offsets = list(message.source.line_offsets)

    def node(self, expr: Any) -> Node:  # noqa: ANN401 (see above)
        """Return an expression as a node, and remember its place."""
        node = self._node(expr)
        place = self._place(expr)
        if place is not None:
            self.places[id(node)] = place
        return node

    def _node(self, expr: Any) -> Node:  # noqa: ANN401 (see above)
        """Return an expression as a node."""
        if expr.id in self._names and (expr.HasField("ident") or expr.HasField("select")):
            return Name(self._names[expr.id])
        if expr.HasField("const"):
            return self._constant(expr)
        if expr.HasField("call"):
            target = [expr.call.target] if expr.call.HasField("target") else []
            arguments = [self.node(one) for one in (*target, *expr.call.args)]
            return Call(expr.call.function, tuple(arguments))
        if expr.HasField("list"):
            return Items(tuple(self.node(one) for one in expr.list.elements))
        if expr.HasField("select") and not expr.select.test_only:
            return Call("_[_]", (self.node(expr.select.operand), Const(expr.select.field)))
        raise self._refusal(expr)

    def _constant(self, expr: Any) -> Const:  # noqa: ANN401 (see above)
        """Return a literal."""
        for field in ("bool", "int", "string"):
            if expr.const.HasField(field):
                return Const(getattr(expr.const, field))
        found = next(name for field, name in _REFUSED.items() if expr.const.HasField(field))
        message = f"wanted a bool, an int or a string, found {found}"
        raise RuleTextError(message, *self._place(expr) or ())

    def _refusal(self, expr: Any) -> RuleTextError:  # noqa: ANN401 (see above)
        """Return why there is no node for what is neither literal, name, call nor list."""
        message = 'wanted a rule without macros (for has write `"key" in map`), found one'
        if expr.HasField("struct"):
            found = "a message" if expr.struct.message_name else "a map literal"
            message = f"wanted a bool, an int, a string or a list, found {found}"
        return RuleTextError(message, *self._place(expr) or ())

    def _place(self, expr: Any) -> tuple[int, int] | None:  # noqa: ANN401 (see above)
        """Return line and column; offsets count code points, line offsets begin with line 2."""
        offset = self._offsets.get(expr.id)
        if offset is None:
            return None
        begins = [0, *(begin for begin in self._line_offsets if begin <= offset)]
        return len(begins), offset - begins[-1] + 1


@cache
def _shape(name: str) -> Any:  # noqa: ANN401 (see above)
    """Return the class of a message; proto2 tells a field that is 0 from one that is not there."""
    file = descriptor_pb2.FileDescriptorProto(name="rule.proto", package="rule", syntax="proto2")
    for message, fields in _MESSAGES.items():
        declared = file.message_type.add(name=message)
        for number, field, kind in map(str.split, fields):
            declared.field.append(_field(int(number), field, kind))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"rule.{name}"))


def _field(number: int, name: str, kind: str) -> descriptor_pb2.FieldDescriptorProto:
    """Return the descriptor of a field."""
    field = descriptor_pb2.FieldDescriptorProto
    found = field(
        name=name,
        number=number,
        label=field.LABEL_REPEATED if kind.endswith("*") else field.LABEL_OPTIONAL,
    )
    kind = kind.removesuffix("*")
    if kind in _MESSAGES:
        found.type, found.type_name = field.TYPE_MESSAGE, f".rule.{kind}"
    else:
        found.type = field.Type.Value(f"TYPE_{kind.upper()}")
    return found
