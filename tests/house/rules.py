"""
The rules of the house, each a function from a module to complaints.

They read syntax trees and import nothing, so a rule can be shown a bad source as a string.
A complaint says what to do instead.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tests.house.syntax import (
    FUNCTION,
    Function,
    Module,
    calls_at_import,
    can_fail,
    dotted,
    explained_elsewhere,
)


def words(text: str) -> frozenset[str]:
    """Return the words of a list written as text."""
    return frozenset(text.split())


PACKAGES: Final = ("schemas", "lifecycle", "streams", "agents", "cli")
PURE: Final = ("schemas", "lifecycle")
BESIDE: Final = ("tests", "bench", "deploy")

MAY_IMPORT: Final = {
    "schemas": {"schemas"},
    "lifecycle": {"schemas", "lifecycle"},
    "streams": {"schemas", "streams"},
    "agents": {"schemas", "lifecycle", "streams", "agents"},
    "cli": {*PACKAGES},
}
# Which third-party packages the pure packages may know. River only where models live.
PURE_MAY_IMPORT: Final = {
    "schemas": {"msgspec", "orjson"},
    "lifecycle": {"msgspec", "cryptography"},
}
MODELS: Final = "lifecycle/models"
IMPURE_IMPORTS: Final = words("""
    asyncio concurrent io logging multiprocessing os pathlib random secrets shutil signal
    socket subprocess tempfile threading time uuid
""")
IMPURE_CALLS: Final = {"__import__", "eval", "exec", "input", "open", "print"}

MODULE_LINES_MAX: Final = 300
FUNCTION_LINES_MAX: Final = 40

# Words that say nothing about what a thing does, with what to ask oneself instead.
EMPTY_WORDS: Final = words("""
    base common data handle handled handler handlers handling helper helpers info manage
    managed manager process processed processing processor util utility utils
""")
NAMES_ALLOWED: Final[dict[str, str]] = {
    "schemas/events/parts.py:EventData": "what CloudEvents calls the domain part of an event",
    "streams/http.py:handle_error": "aiohttp's name for the method that we replace",
    "tests/simulation/virtual_loop.py:_timer_handle_cancelled": "asyncio's name for the method",
    "streams/exit.py:stop_process": "the operating system's noun, not the empty verb",
    "lifecycle/effect/e_process.py:e_process": "statistics' noun, as Ville's heirs use it",
    "lifecycle/effect/e_process.py:EProcess": "statistics' noun, as Ville's heirs use it",
}

FRONT_DOORS: Final[dict[str, str]] = {
    "schemas/events/__init__.py": "57 shapes in a module for each domain: whoever reads an event"
    " should not have to know in which",
}
"""Packages that may pass on what their modules define; nothing is defined there but their sum."""

CLOCK: Final = "streams/clock.py"
COMPOSITION_ROOT: Final = "agents/worker.py"
# What may be called while a module is imported: it computes a constant or declares a shape, and
# neither opens, reads, starts nor registers anything.
IMPORT_TIME_CALLS: Final = {
    "pure builtins": "bytes dict frozenset int len max min ord range set sorted str sum tuple zip",
    "immutable views and dates": "MappingProxyType date datetime timedelta timezone"
    " Fraction Decimal",
    "text": "re.compile struct.Struct str.maketrans",
    "types": "NewType ParamSpec TypeVar get_args get_type_hints msgspec.structs.fields",
    "declarations of a shape": "Meta field msgspec.field dataclass namedtuple",
    "stateless codecs": "msgspec.json.Decoder msgspec.json.Encoder msgspec.msgpack.Decoder"
    " msgspec.msgpack.Encoder msgspec.yaml.Decoder",
    "wrappers around one of our functions": "cache lru_cache partial wraps contextmanager"
    " asynccontextmanager",
    "names of loggers, which open nothing": "logging.getLogger structlog.get_logger",
    "where a file of ours lies": "Path Path(__file__).resolve",
}
IMPORT_TIME_NAMES: Final = {name for names in IMPORT_TIME_CALLS.values() for name in names.split()}
IMPORT_TIME_METHODS: Final = {"encode", "fromkeys", "items", "join", "keys", "split", "values"}
# The command line is declared by click's decorators; they build a table and run nothing.
CLICK: Final = re.compile(r"^(click\.\w+|\w+\.(command|group))$")

Rule = Callable[[Module], Iterator[str]]


def imports_follow_the_diamond(module: Module) -> Iterator[str]:
    """Imports point down the diamond, and lifecycle and streams never meet."""
    allowed = MAY_IMPORT.get(module.package)
    for line, name in module.imports:
        top = name.partition(".")[0]
        if allowed is not None and top in {*PACKAGES, *BESIDE} and top not in allowed:
            yield f"{line}: {module.package} must not import {top}: see the diamond in README.md"


def pure_packages_stay_pure(module: Module) -> Iterator[str]:
    """A fold sees no clock, I/O, randomness, log, metric or environment."""
    if module.package not in PURE:
        return
    allowed = PURE_MAY_IMPORT[module.package] | ({"river"} if MODELS in module.path else set())
    for line, name in module.imports:
        top = name.partition(".")[0]
        if top in IMPURE_IMPORTS or top not in {*sys.stdlib_module_names, *PACKAGES, *allowed}:
            yield f"{line}: {module.package} must not import {top}: let the shell bring it in"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and dotted(node.func) in IMPURE_CALLS:
            yield f"{node.lineno}: {dotted(node.func)}() is I/O: let the shell do it"


def imports_are_absolute(module: Module) -> Iterator[str]:
    """One name for each thing, wherever it is used."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield f"{node.lineno}: write the import from the root"


def packages_hide_nothing(module: Module) -> Iterator[str]:
    """`__init__.py` is one docstring: what is imported stands where it is defined."""
    if not module.path.endswith("__init__.py"):
        return
    body = module.tree.body
    if ast.get_docstring(module.tree) is None:
        yield "1: __init__.py must be one docstring and nothing else"
    allowed = (ast.ImportFrom, ast.Assign, ast.Expr) if module.path in FRONT_DOORS else ()
    for node in body[1:]:
        if not isinstance(node, allowed):
            yield f"{node.lineno}: __init__.py must be one docstring: define it in a module"


def modules_are_short(module: Module) -> Iterator[str]:
    """A file is read in one sitting."""
    lines = len(module.source.splitlines())
    if lines > MODULE_LINES_MAX:
        yield f"{lines}: {lines} lines, {MODULE_LINES_MAX} allowed: give its second subject a file"


def functions_are_short(module: Module) -> Iterator[str]:
    """A function fits on a screen, docstring apart."""
    for node in module.functions:
        docstring = node.body[0] if ast.get_docstring(node) is not None else None
        told = docstring.end_lineno - docstring.lineno + 1 if docstring else 0
        lines = node.end_lineno - node.lineno + 1 - told
        if lines > FUNCTION_LINES_MAX:
            yield f"{node.lineno}: {node.name} has {lines} lines, {FUNCTION_LINES_MAX} allowed"


def names_say_something(module: Module) -> Iterator[str]:
    """A name tells what a thing does or is; some words never do."""
    named = [(1, Path(module.path).stem)]
    kinds = (*FUNCTION, ast.ClassDef)
    named += [(node.lineno, node.name) for node in ast.walk(module.tree) if isinstance(node, kinds)]
    for line, name in named:
        if name.startswith("test_"):
            continue  # a test's name is a sentence
        parts = {part.lower() for part in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)}
        if (empty := parts & EMPTY_WORDS) and f"{module.path}:{name}" not in NAMES_ALLOWED:
            yield f"{line}: {name}: {', '.join(sorted(empty))} says nothing; what does it do?"


def public_names_have_docstrings(module: Module) -> Iterator[str]:
    """What others may use is explained: shapes, units, errors, source."""
    public: list[ast.Module | ast.ClassDef | Function] = [module.tree]
    for node in module.tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            public += [node, *(part for part in node.body if isinstance(part, FUNCTION))]
        elif isinstance(node, FUNCTION):
            public.append(node)
    for node in public:
        name = getattr(node, "name", module.path)
        if (
            not name.startswith("_")
            and not explained_elsewhere(node)
            and ast.get_docstring(node) is None
        ):
            yield f"{getattr(node, 'lineno', 1)}: {name} has no docstring"


def nothing_happens_at_import(module: Module) -> Iterator[str]:
    """Importing a module builds, opens and registers nothing; only the composition root may."""
    if module.path == COMPOSITION_ROOT or module.package not in PACKAGES:
        return
    for statement in module.tree.body:
        if isinstance(statement, ast.For | ast.While | ast.With | ast.Try):
            yield f"{statement.lineno}: no loops, files or attempts at import: use a function"
    for call in calls_at_import(module.tree):
        if not harmless(call, module):
            yield f"{call.lineno}: {dotted(call.func)}() at import: build it in a function"


def one_file_reads_the_clock(module: Module) -> Iterator[str]:
    """Wall time enters in one place; everywhere else it is an argument or the record's time."""
    if module.path == CLOCK or module.package not in PACKAGES:
        return
    wall = re.compile(r"(^|\.)(time\.time(_ns)?|datetime\.(utc)?now|date(time)?\.today)$")
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and wall.search(dotted(node)):
            yield f"{node.lineno}: {dotted(node)} reads the clock: only {CLOCK} may"
    for line, name in module.imports:
        if wall.search(name):
            yield f"{line}: {name} reads the clock: only {CLOCK} may"


def tests_state_and_assert(module: Module) -> Iterator[str]:
    """A test's docstring is the property it shows, and it can fail."""
    if module.package != "tests":
        return
    for node in module.functions:
        if node.name.startswith("test_") and ast.get_docstring(node) is None:
            yield f"{node.lineno}: {node.name} does not say what is true"
        if node.name.startswith("test_") and not any(map(can_fail, ast.walk(node))):
            yield f"{node.lineno}: {node.name} asserts nothing"


def tests_fake_by_hand(module: Module) -> Iterator[str]:
    """A patched test proves the patch; fakes enter by the door that the real thing uses."""
    for line, name in module.imports:
        if module.package == "tests" and name.startswith(("unittest.mock", "mock.", "pytest_mock")):
            yield f"{line}: {name}: write a fake and hand it in"


RULES: Final[tuple[Rule, ...]] = (
    imports_follow_the_diamond,
    pure_packages_stay_pure,
    imports_are_absolute,
    packages_hide_nothing,
    modules_are_short,
    functions_are_short,
    names_say_something,
    public_names_have_docstrings,
    nothing_happens_at_import,
    one_file_reads_the_clock,
    tests_state_and_assert,
    tests_fake_by_hand,
)


def harmless(call: ast.Call, module: Module) -> bool:
    """Return whether a call may be made at import: see IMPORT_TIME_CALLS."""
    name = dotted(call.func)
    if module.package == "cli" and CLICK.match(name):
        return True
    return name in IMPORT_TIME_NAMES or name.split(".")[-1] in IMPORT_TIME_METHODS | module.values
