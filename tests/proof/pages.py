"""Read what a worker says on `/metrics`, as Prometheus would."""

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

    def tasks(self) -> set[tuple[str, int]]:
        """Return the (fold, task) pairs that the worker has opened and works on."""
        return {
            (sample.labels["fold"], int(sample.labels["task"]))
            for sample in self.select("cardcue_slice_backlog_records")
        }


def read_page(port: int, path: str = "/metrics") -> Page | None:
    """Return the page of the worker that listens on the port, None while none does."""
    try:
        with urllib.request.urlopen(  # noqa: S310 (loopback, http)
            f"http://127.0.0.1:{port}{path}", timeout=ANSWER_S_MAX
        ) as answer:
            return Page(answer.read().decode())
    except OSError:  # not up yet, or killed while it answered
        return None


def _samples(text: str) -> Iterator[Sample]:
    for line in text.splitlines():
        if found := SAMPLE.match(line):
            name, labels, value = found.groups()
            yield Sample(name, dict(LABEL.findall(labels or "")), float(value))
