"""Read what a worker says on `/metrics`, as Prometheus would."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Final, NamedTuple


SAMPLE: Final = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$")
LABEL: Final = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
ANSWER_S_MAX: Final = 5.0


class Sample(NamedTuple):
    """One line: the metric's name, its labels, its value."""

    name: str
    labels: dict[str, str]
    value: float


class Page:
    """One reading of a worker's metrics."""

    def __init__(self, text: str) -> None:
        """Read the text format."""
        self.samples = list(_samples(text))

    def select(self, name: str, **labels: str) -> Iterator[Sample]:
        """Yield the samples of a metric that have these labels."""
        for sample in self.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                yield sample

    def total(self, name: str, **labels: str) -> int:
        """Return the sum over the samples of a counter or gauge that counts."""
        return int(sum(sample.value for sample in self.select(name, **labels)))


def read_page(port: int) -> Page | None:
    """Return the metrics of the worker that listens on the port, None while none does."""
    text = _read(port, "/metrics")
    return None if text is None else Page(text)


def read_readiness(port: int) -> str | None:
    """Return what the worker says of its folds, as it says it; None while it does not answer."""
    return _read(port, "/readyz")


def read_tasks(port: int) -> set[tuple[str, int]]:
    """Return the (fold, task) pairs that the worker has restored and works on, at this moment."""
    text = read_readiness(port)
    folds = json.loads(text)["folds"] if text else {}
    return {(fold, task) for fold, told in folds.items() for task in told["tasks_restored"]}


def _read(port: int, path: str) -> str | None:
    """Return a page, whatever its status; None while nobody answers."""
    try:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{port}{path}", timeout=ANSWER_S_MAX
        ) as answer:
            found: str = answer.read().decode()
            return found
    except urllib.error.HTTPError as error:  # 503: alive, but not ready
        with error:
            return error.read().decode()
    except OSError:  # not up yet, or killed while it answered
        return None


def _samples(text: str) -> Iterator[Sample]:
    for line in text.splitlines():
        if found := SAMPLE.match(line):
            name, labels, value = found.groups()
            yield Sample(name, dict(LABEL.findall(labels or "")), float(value))
