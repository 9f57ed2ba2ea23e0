"""All classes of the corpus: what comes in that nobody asked for, and what must become of it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from tests.fuzz import harmless, illformed, misnumbered, misplaced, revealing, unreadable
from tests.fuzz.cases import Case, Pen


SEED: Final = 20_260_302
CLASSES: Final[Mapping[str, Callable[[Pen], Iterator[Case]]]] = {
    **unreadable.CLASSES,
    **illformed.CLASSES,
    **misnumbered.CLASSES,
    **misplaced.CLASSES,
    **revealing.CLASSES,
    **harmless.CLASSES,
}


def corpus(now_ms: int, seed: int = SEED) -> Mapping[str, list[Case]]:
    """Return every class with its cases; the same seed and time give the same bytes."""
    pen = Pen(seed, now_ms)
    return {name: list(cases(pen)) for name, cases in CLASSES.items()}
