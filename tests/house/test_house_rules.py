"""The house keeps its rules, and every rule can fail: it is shown a bad source and a good one."""

import pytest

from tests.house.rules import BESIDE, FUNCTION_LINES_MAX, MODULE_LINES_MAX, PACKAGES, RULES, Rule
from tests.house.syntax import Module, immutable_classes
from tests.kafka_server import ROOT


LONG_FUNCTION = "def f() -> None:\n" + "    f()\n" * FUNCTION_LINES_MAX
LONG_DOCSTRING = 'def f() -> None:\n    """Say.\n' + "\n" * 99 + '    """\n    f()\n'
TEST = 'def test_x():\n    """A property."""\n    '

# rule, path, what the rule must complain about, the same thing done well
EXAMPLES = (
    ("imports_follow_the_diamond", "lifecycle/step.py", "import streams.app", "import schemas"),
    ("imports_follow_the_diamond", "streams/a.py", "from lifecycle import step", "import faust"),
    ("imports_follow_the_diamond", "schemas/a.py", "import lifecycle", "import schemas.codec"),
    ("imports_follow_the_diamond", "streams/a.py", "from agents.worker import a", "import streams"),
    ("imports_follow_the_diamond", "agents/a.py", "import cli.main", "import lifecycle.step"),
    ("imports_follow_the_diamond", "agents/a.py", "from tests import world", "import schemas"),
    ("imports_follow_the_diamond", "cli/a.py", "from bench import run", "import agents.worker"),
    ("pure_packages_stay_pure", "lifecycle/a.py", "def f():\n    import time", "import math"),
    ("pure_packages_stay_pure", "schemas/a.py", "from os import environ", "from enum import Enum"),
    ("pure_packages_stay_pure", "schemas/a.py", "import faust", "import msgspec"),
    ("pure_packages_stay_pure", "schemas/a.py", "import river", "import orjson"),
    ("pure_packages_stay_pure", "lifecycle/due.py", "import river", "import heapq"),
    ("pure_packages_stay_pure", "lifecycle/due.py", "x = open('f')", "x = len('f')"),
    ("imports_are_absolute", "streams/a.py", "from . import b", "from streams import b"),
    ("imports_are_absolute", "streams/a.py", "from .b import c", "from streams.b import c"),
    ("packages_hide_nothing", "streams/__init__.py", '"""Pipes."""\nX = 1', '"""Pipes."""'),
    ("packages_hide_nothing", "streams/__init__.py", "", '"""Pipes."""'),
    (
        "packages_hide_nothing",
        "streams/__init__.py",
        '"""A."""\nfrom streams.a import b',
        '"""A."""',
    ),
    (
        "packages_hide_nothing",
        "schemas/events/__init__.py",
        '"""A."""\nclass B: ...',
        '"""A."""\nfrom schemas.events.a import B, C\nD = B | C',
    ),
    ("modules_are_short", "cli/a.py", "\n" * (MODULE_LINES_MAX + 1), "\n" * MODULE_LINES_MAX),
    ("functions_are_short", "cli/a.py", LONG_FUNCTION, LONG_DOCSTRING),
    ("functions_are_short", "cli/a.py", f"async {LONG_FUNCTION}", "async def f() -> None: ..."),
    ("names_say_something", "cli/a.py", "def handle_event(): ...", "def decode_event(): ..."),
    ("names_say_something", "cli/a.py", "class KafkaManager: ...", "class KafkaLog: ..."),
    (
        "names_say_something",
        "cli/a.py",
        "class A:\n def processRow(self): ...",
        "def encode(): ...",
    ),
    ("names_say_something", "streams/utils.py", "", ""),
    ("public_names_have_docstrings", "cli/a.py", "", '"""A command."""'),
    (
        "public_names_have_docstrings",
        "cli/a.py",
        '"""A."""\nclass A: ...',
        '"""A."""\nclass _A: ...',
    ),
    (
        "public_names_have_docstrings",
        "cli/a.py",
        '"""A."""\nclass A:\n    """A."""\n    def run(self): ...',
        '"""A."""\nclass A:\n    """A."""\n    @override\n    def run(self): ...',
    ),
    ("nothing_happens_at_import", "streams/a.py", "app = faust.App('a')", "app = make"),
    (
        "nothing_happens_at_import",
        "streams/a.py",
        "@app.agent(c)\ndef f(): ...",
        "@cache\ndef f(): ...",
    ),
    (
        "nothing_happens_at_import",
        "streams/a.py",
        "def f(a=connect()): ...",
        "def f(a=1): connect()",
    ),
    (
        "nothing_happens_at_import",
        "streams/a.py",
        "class A:\n    c = connect()",
        "X = re.compile('')",
    ),
    (
        "nothing_happens_at_import",
        "streams/a.py",
        "X = Mutable()",
        "X = (Value(1), a.Value(2), lambda: f())",
    ),
    ("nothing_happens_at_import", "streams/a.py", "for x in y: x", "Y = [x for x in y]"),
    ("nothing_happens_at_import", "streams/a.py", "@click.command()\ndef f(): ...", "def f(): ..."),
    (
        "one_file_reads_the_clock",
        "agents/a.py",
        "def f(): return time.time()",
        "x = time.monotonic",
    ),
    ("one_file_reads_the_clock", "cli/a.py", "from time import time_ns", "from time import sleep"),
    ("one_file_reads_the_clock", "streams/a.py", "datetime.datetime.now(UTC)", "clock.now()"),
    ("one_file_reads_the_clock", "lifecycle/a.py", "x = date.today()", "x = date(2026, 1, 1)"),
    ("tests_state_and_assert", "tests/a.py", f"{TEST}f()", f"{TEST}assert f()"),
    ("tests_state_and_assert", "tests/a.py", "def test_x(): assert f()", f"{TEST}assert_equal()"),
    ("tests_fake_by_hand", "tests/a.py", "from unittest.mock import Mock", "import unittest"),
    ("tests_fake_by_hand", "tests/a.py", "from unittest import mock", "import unittest"),
)
# Where the rule bends, and nowhere else.
EXEMPT = (
    ("imports_follow_the_diamond", "tests/a.py", "import agents.worker"),
    ("pure_packages_stay_pure", "lifecycle/models/logit.py", "import river.linear_model"),
    ("nothing_happens_at_import", "agents/worker.py", "app = build_app(read_settings())"),
    ("nothing_happens_at_import", "cli/a.py", "@click.command()\ndef f(): ..."),
    ("nothing_happens_at_import", "cli/a.py", "if __name__ == '__main__':\n    main()"),
    ("one_file_reads_the_clock", "streams/clock.py", "def f(): return time.time()"),
)


def rule_named(name: str) -> Rule:
    """Return the rule with that name."""
    return next(rule for rule in RULES if rule.__name__ == name)


@pytest.fixture(scope="module")
def house() -> list[Module]:
    """Return every source file of the house, read and parsed once for all rules."""
    folders = [ROOT / name for name in (*PACKAGES, *BESIDE)]
    sources = {p: p.read_text() for folder in folders for p in sorted(folder.rglob("*.py"))}
    paths = {p: p.relative_to(ROOT).as_posix() for p in sources}
    trees = [Module(paths[p], text).tree for p, text in sources.items()]
    values = frozenset(name for tree in trees for name in immutable_classes(tree))
    return [Module(paths[p], text, values) for p, text in sources.items()]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_house_keeps_its_rules(house: list[Module], rule: Rule) -> None:
    """No file of the house gives a rule cause to complain."""
    complaints = [f"{m.path}:{complaint}" for m in house for complaint in rule(m)]

    assert not complaints, "\n" + "\n".join(complaints)


@pytest.mark.parametrize(("rule", "path", "bad", "good"), EXAMPLES)
def test_rule_tells_bad_from_good(rule: str, path: str, bad: str, good: str) -> None:
    """A rule complains about the bad source and not about the good one."""
    good_path = path.replace("utils", "encoder")
    values = frozenset({"Value"})

    assert list(rule_named(rule)(Module(path, bad, values)))
    assert [] == list(rule_named(rule)(Module(good_path, good, values)))


@pytest.mark.parametrize(("rule", "path", "source"), EXEMPT)
def test_rule_bends_where_it_says(rule: str, path: str, source: str) -> None:
    """What is forbidden elsewhere is allowed in the one place that exists for it."""
    assert [] == list(rule_named(rule)(Module(path, source)))


def test_every_rule_has_an_example_that_it_can_fail() -> None:
    """No rule is there for show."""
    assert {rule.__name__ for rule in RULES} == {name for name, *_ in EXAMPLES}


def test_values_are_the_frozen_classes() -> None:
    """Frozen structs, frozen dataclasses and named tuples are values; a plain class is not."""
    source = (
        "class A(Struct, frozen=True): ...\n"
        "@dataclass(frozen=True)\nclass B: ...\n"
        "class C(NamedTuple): ...\n"
        "class D(Struct): ...\n"
        "class E: ...\n"
    )

    assert ["A", "B", "C"] == list(immutable_classes(Module("schemas/a.py", source).tree))
