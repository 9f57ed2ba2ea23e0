"""The alerts: rules that Prometheus accepts, on metrics that exist, each with a runbook section."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from cli.main import main
from streams.metric_table import METRICS
from tests.kafka_server import ROOT


RULES = ROOT / "deploy/prometheus/alerts.yml"
CASES = sorted((ROOT / "tests/deploy").glob("alerts*_test.yml"))
RUNBOOK = (ROOT / "docs/runbook.md").read_text()
OF_PROMETHEUS = {"up", "process_start_time_seconds"}


def rules() -> list[dict[str, Any]]:
    """Return every rule."""
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def metrics_of(expression: str) -> set[str]:
    """Return the metrics that a rule asks for; the parts of a histogram count as the histogram."""
    names = set(re.findall(r"\b(?:cardcue|process)_[a-z_]+|\bup\b", expression))
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in names}


def sections() -> dict[str, str]:
    """Return the text of each section of the runbook by its anchor, as GitHub makes it."""
    parts = re.split(r"^#{1,2} (.+)$", RUNBOOK, flags=re.MULTILINE)[1:]
    titles = (re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in parts[::2])
    return dict(zip(titles, parts[1::2], strict=True))


def commands() -> Iterator[list[str]]:
    """Yield the arguments of every `cardcue` line in the runbook's code."""
    for block in re.findall(r"^```sh\n(.*?)^```", RUNBOOK, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if line.startswith("cardcue "):
                yield shlex.split(line, comments=True)[1:]


@pytest.fixture
def promtool() -> str:
    """Return Prometheus's own checker, or skip without it."""
    if (found := shutil.which("promtool")) is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    return found


def accepted(*command: str | Path) -> bool:
    """Return whether promtool is content."""
    return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0


def test_rules_are_accepted_and_broken_ones_are_not(promtool: str, tmp_path: Path) -> None:
    """Prometheus reads every rule; its tool notices a rule whose expression makes no sense."""
    broken = tmp_path / "alerts.yml"
    broken.write_text(RULES.read_text().replace("sum by (le) (", "sum by le (", 1))

    assert accepted(promtool, "check", "rules", RULES)
    assert not accepted(promtool, "check", "rules", broken)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_alert_rests_on_metrics_that_exist(rule: dict[str, Any]) -> None:
    """A metric that is renamed takes its alert along: one that cannot fire is worse than none."""
    asked = metrics_of(rule["expr"])

    assert asked
    assert asked <= {metric.name for metric in METRICS} | OF_PROMETHEUS


def test_a_metric_that_does_not_exist_is_noticed() -> None:
    """The check above can fail: it finds names in the middle of an expression."""
    asked = metrics_of("sum(rate(cardcue_nothing_bucket[5m])) / up > on (a) cardcue_ready")

    assert {"cardcue_nothing", "up", "cardcue_ready"} == asked


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_alert_says_whom_it_wakes_and_where_to_read_on(rule: dict[str, Any]) -> None:
    """Severity, one line, what it means, and a section of the runbook that is not empty."""
    page, _, anchor = rule["annotations"]["runbook"].partition("#")

    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert "docs/runbook.md" == page
    assert rule["alert"].lower() == anchor
    assert len(sections()[anchor].split()) > 5
    assert {"runbook", "summary", "description"} == set(rule["annotations"])


def test_links_within_the_runbook_lead_somewhere() -> None:
    """Nobody is sent to a section that does not exist."""
    links = re.findall(r"\]\(#([^)]+)\)", RUNBOOK)

    assert links
    assert set(links) <= set(sections())


@pytest.mark.parametrize("arguments", tuple(commands()), ids=" ".join)
def test_command_of_the_runbook_exists(arguments: list[str]) -> None:
    """Every line that an operator may copy names a command and options that there are."""
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group):
        name, *arguments = arguments
        found = command.get_command(context, name)
        assert found is not None
        command = found

    _, rest, _ = command.make_parser(click.Context(command)).parse_args(arguments)
    takes = [part for part in command.params if isinstance(part, click.Argument)]
    assert len(rest) == 0 or takes


def test_alerts_fire_and_clear(promtool: str) -> None:
    """A worker, a commit, a watermark, a cap, a model, a campaign: each fires and clears again."""
    assert len(CASES) == 3
    assert accepted(promtool, "test", "rules", *CASES)


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        ('cardcue_commit_age_seconds{job="cardcue"}) > 60', 'cardcue_ready{job="cardcue"}) > 60'),
        ("< max by (fold)", "> max by (fold)"),
        ("unless on (tenant)", "and on (tenant)"),
        ("[15m])) > 0.001", "[15m])) > 0.1"),
        ("offset 1h", "offset 3h"),
        ("offset 1d", "offset 2d"),
        ("<= 0.001", "<= 0.01"),
    ],
)
def test_a_wrong_alert_is_noticed(promtool: str, tmp_path: Path, written: str, wrong: str) -> None:
    """The judge above says no to another metric, a reversed sign, a threshold that sleeps."""
    text = RULES.read_text()
    (tmp_path / "alerts.yml").write_text(text.replace(written, wrong))
    for case in CASES:
        path = tmp_path / case.name
        path.write_text(case.read_text().replace("../../deploy/prometheus/", ""))

    assert text != (tmp_path / "alerts.yml").read_text()
    assert not accepted(promtool, "test", "rules", *sorted(tmp_path.glob("*_test.yml")))
