"""Read Python as syntax: what a file imports, defines, and calls while it is imported."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final


FUNCTION: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One source file: `path` relative to the root with forward slashes."""

    path: str
    source: str
    values: frozenset[str] = field(default_factory=frozenset)  # immutable classes of the house

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed source."""
        return ast.parse(self.source)

    @property
    def package(self) -> str:
        """The folder that the file is in, seen from the root."""
        return self.path.partition("/")[0]

    @property
    def functions(self) -> Iterator[Function]:
        """Every function, nested ones too."""
        return (node for node in ast.walk(self.tree) if isinstance(node, FUNCTION))

    @property
    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and absolute name of everything imported, wherever it stands in the file."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` of a name or attribute; what is not one becomes its source."""
    return ast.unparse(node)


def explained_elsewhere(node: ast.AST) -> bool:
    """Return whether the parent (`@override`) or the class (`@property`) speaks for a method."""
    names = [dotted(each).split(".")[-1] for each in getattr(node, "decorator_list", ())]
    return "override" in names or "property" in names


def can_fail(node: ast.AST) -> bool:
    """Return whether this node is an assertion: `assert`, `pytest.raises`, `assert_...()`."""
    if not isinstance(node, ast.Call):
        return isinstance(node, ast.Assert)
    name = dotted(node.func)
    return name in {"pytest.raises", "pytest.fail"} or name.split(".")[-1].startswith("assert_")


def calls_at_import(node: ast.AST) -> Iterator[ast.Call]:
    """Yield every call that importing runs: not in bodies of functions, yet in decorators."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and dotted(child.test) == "__name__ == '__main__'":
            continue
        if isinstance(child, ast.Call):
            yield child
        if isinstance(child, FUNCTION):
            for part in (*child.decorator_list, child.args):
                yield from calls_at_import(ast.Expr(part))
        elif not isinstance(child, ast.Lambda):
            yield from calls_at_import(child)


def immutable_classes(tree: ast.Module) -> Iterator[str]:
    """Yield the classes whose instances are values: frozen structs, dataclasses, named tuples."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            declared = [*node.keywords, *(k for d in node.decorator_list for k in keywords(d))]
            frozen = any(k.arg == "frozen" and dotted(k.value) == "True" for k in declared)
            if frozen or "NamedTuple" in map(dotted, node.bases):
                yield node.name


def keywords(node: ast.expr) -> list[ast.keyword]:
    """Return the keyword arguments of a decorator."""
    return node.keywords if isinstance(node, ast.Call) else []
