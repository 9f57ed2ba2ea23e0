"""Write random rules that are well-typed, and random values for what they read."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Final

from schemas.decisions import FeatureValue
from schemas.rules import Kind


NAMES: Final[Mapping[str, Kind]] = {
    "holds": "bool",
    "event.is_new": "bool",
    "spend_count": "int",
    "event.amount_minor": "int",
    "recency_days": "int",
    "stage": "string",
    "event.merchant": "string",
    "groups": "strings",
    "event.goods": "strings",
    "sums": "ints_by_name",
    "event.sums": "ints_by_name",
    "words": "strings_by_name",
}

INTS: Final = (0, 1, -1, 2, 3, 7, -7, 30, 2**31, -(2**31), 2**62, 2**63 - 1, -(2**63 - 1), -(2**63))
TEXTS: Final = (
    "",
    "a",
    "b",
    "ab",
    "bind",
    "Bind",
    "é",
    "e\u0301",
    "\uffff",
    "😀",
    "a😀b",
    "\n'\"\\",
)
LITERALS: Final = (*TEXTS, "a\0b")
"""Google's Python binding cuts the values that it is given at a zero; in a literal it may stand."""

KEYS: Final = ("", "a", "CNY", "😀")

LENGTH_MAX: Final = 400
"""A part of a rule is two characters or more, so that a rule has at most 200."""

_LIST_OF: Final = {"bools": "bool", "ints": "int", "strings": "string"}
_SCALARS: Final = ("bool", "int", "string")


class RuleTexts:
    """Writes rules from a seeded generator."""

    def __init__(self, random: Random) -> None:
        """Begin with a generator of the caller's."""
        self._random = random
        self._writers: Mapping[str, tuple[Callable[[int], str], ...]] = {
            "bool": (self._logic, self._logic, self._comparison, self._member, self._of_texts),
            "int": (self._arithmetic, self._arithmetic, self._size, self._found("sums")),
            "string": (self._joined, self._found("words")),
        }

    def rule(self, kind: str) -> str:
        """Return a rule that gives this kind: bool, int, string or strings."""
        while True:
            text = self._text(kind, self._random.randint(0, 5))
            if kind == "strings":  # `[]` alone would be of no kind
                text = f"({self._text('bool', 2)} ? groups : {text})"
            if len(text) <= LENGTH_MAX:
                return text

    def values(self) -> dict[str, FeatureValue]:
        """Return a value for every name."""
        return {name: self._value(kind) for name, kind in NAMES.items()}

    def _value(self, kind: str) -> FeatureValue:
        """Return a random value."""
        random = self._random
        if kind == "bool":
            return random.random() < 0.5
        if kind == "int":
            return random.choice((*INTS, random.randint(-9, 9)))
        if kind == "string":
            return random.choice(TEXTS)
        if kind == "strings":
            return tuple(random.choices(TEXTS, k=random.randint(0, 3)))
        found = random.sample(KEYS, random.randint(0, len(KEYS)))
        values = INTS if kind == "ints_by_name" else TEXTS
        return {key: random.choice(values) for key in found}

    def _text(self, kind: str, depth: int) -> str:
        """Return an expression with at most `depth` more levels."""
        if depth <= 0 or self._random.random() < 0.1:
            return self._leaf(kind)
        if self._random.random() < 0.1:
            condition, yes, no = (self._text(one, depth - 1) for one in ("bool", kind, kind))
            return f"({condition} ? {yes} : {no})"
        if kind in _LIST_OF:
            return self._list(kind, depth)
        if kind not in self._writers:  # maps
            return self._leaf(kind)
        return self._random.choice(self._writers[kind])(depth - 1)

    def _leaf(self, kind: str) -> str:
        """Return a name or a literal."""
        named = [name for name, found in NAMES.items() if found == kind]
        if named and (kind.endswith("_by_name") or self._random.random() < 0.6):
            return self._random.choice(named)
        if kind in _LIST_OF:
            return self._list(kind, 0)
        if kind == "string":
            return self._quoted(self._random.choice(LITERALS))
        return str(self._value(kind)).lower()

    def _quoted(self, text: str) -> str:
        """Return a string literal: as it is, or by escapes."""
        if text.isprintable() and not set(text) & set("'\"\\"):
            return f"'{text}'" if self._random.random() < 0.5 else f'"{text}"'
        return '"' + "".join(f"\\U{ord(char):08x}" for char in text) + '"'

    def _list(self, kind: str, depth: int) -> str:
        """Return a list literal, often without items."""
        count = self._random.choice((0, 1, 2, 3))
        return f"[{', '.join(self._text(_LIST_OF[kind], depth - 1) for _ in range(count))}]"

    def _binary(self, operators: str, kind: str, depth: int) -> str:
        """Return two of a kind with one of the operators between them."""
        left, right = self._text(kind, depth), self._text(kind, depth)
        return f"({left} {self._random.choice(operators.split())} {right})"

    def _logic(self, depth: int) -> str:
        """Return a condition made of conditions."""
        if self._random.random() < 0.2:
            return f"!{self._text('bool', depth)}"
        return self._binary("&& ||", "bool", depth)

    def _comparison(self, depth: int) -> str:
        """Return a comparison."""
        if self._random.random() < 0.3:
            kind = self._random.choice((*_SCALARS, *_LIST_OF))
            return self._binary("== !=", kind, depth)
        return self._binary("== != < <= > >=", self._random.choice(("int", "string")), depth)

    def _member(self, depth: int) -> str:
        """Return whether a list or a map has something."""
        items = self._random.choice((*_LIST_OF, "ints_by_name", "strings_by_name"))
        item = self._key(depth) if items not in _LIST_OF else self._text(_LIST_OF[items], depth)
        return f"({item} in {self._text(items, depth)})"

    def _of_texts(self, depth: int) -> str:
        """Return a question about two texts."""
        function = self._random.choice(("contains", "startsWith", "endsWith"))
        return f"{self._text('string', depth)}.{function}({self._text('string', depth)})"

    def _arithmetic(self, depth: int) -> str:
        """Return a computation."""
        if self._random.random() < 0.15:
            return f"-({self._text('int', depth)})"
        return self._binary("+ - * / %", "int", depth)

    def _size(self, depth: int) -> str:
        """Return the size of something."""
        kind = self._random.choice(("string", *_LIST_OF, "ints_by_name", "strings_by_name"))
        text = self._text(kind, depth)
        return f"size({text})" if self._random.random() < 0.5 else f"{text}.size()"

    def _joined(self, depth: int) -> str:
        """Return one text behind the other."""
        return self._binary("+", "string", depth)

    def _found(self, name: str) -> Callable[[int], str]:
        """Return the writer of what a map has under a key."""
        kind = NAMES[name]
        return lambda depth: f"{self._text(kind, depth)}[{self._key(depth)}]"

    def _key(self, depth: int) -> str:
        """Return a key, mostly one that a map may have."""
        if self._random.random() < 0.8:
            return self._quoted(self._random.choice(KEYS))
        return self._text("string", depth)
