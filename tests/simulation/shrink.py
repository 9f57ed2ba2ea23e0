"""
Find the smallest variant of a story that still goes wrong.

First misfortunes are left out, then events, by halves and then by ever smaller pieces (delta
debugging: Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", 2002).
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from tests.simulation.story import Setting, Story, Variant, tell


TOLD_COUNT_MAX: Final = 300
"""Stories told in search of a smaller one; then the smallest so far is good enough."""

StillWrong = Callable[[Sequence[int]], bool]


class Shrinker:
    """The search for a smaller story that is wrong in the same way."""

    def __init__(self, story: Story, setting: Setting) -> None:
        """Begin with a story that has gone wrong."""
        self.smallest = story
        self.told_count = 0
        self._setting = setting
        self._rule = rule_of(story)

    def shrink(self) -> Story:
        """Return the smallest story found that breaks the same rule."""
        story = self.smallest
        misfortunes = smallest(range(story.misfortune_count), self._wrong_with_misfortunes)
        self._try(self.smallest.variant._replace(misfortunes=frozenset(misfortunes)))
        smallest(range(story.event_count), self._wrong_with_events)
        return self.smallest

    def _wrong_with_misfortunes(self, numbers: Sequence[int]) -> bool:
        return self._try(self.smallest.variant._replace(misfortunes=frozenset(numbers)))

    def _wrong_with_events(self, numbers: Sequence[int]) -> bool:
        return self._try(self.smallest.variant._replace(events=frozenset(numbers)))

    def _try(self, variant: Variant) -> bool:
        """Tell a variant; keep it if it breaks the same rule."""
        if self.told_count >= TOLD_COUNT_MAX:
            return False
        self.told_count += 1
        story = tell(variant, self._setting)
        if rule_of(story) != self._rule:
            return False
        self.smallest = story
        return True


def rule_of(story: Story) -> str:
    """Return the rule that a story breaks first, "" if it is right."""
    return story.faults[0].partition(" ")[0] if story.faults else ""


def smallest(numbers: Sequence[int], still_wrong: StillWrong) -> Sequence[int]:
    """Return as few of the numbers as we can find for which it is still wrong."""
    if not numbers or still_wrong([]):
        return []
    piece_count = 2
    while len(numbers) > 1:
        pieces = _pieces(numbers, piece_count)
        rests = ([n for other in pieces if other is not piece for n in other] for piece in pieces)
        less = next((rest for rest in rests if still_wrong(rest)), None)
        if less is not None:
            numbers, piece_count = less, max(2, piece_count - 1)
        elif piece_count == len(numbers):
            break
        else:
            piece_count = min(len(numbers), 2 * piece_count)
    return numbers


def _pieces(numbers: Sequence[int], count: int) -> list[Sequence[int]]:
    """Return the numbers in `count` pieces of nearly the same length."""
    ends = [len(numbers) * part // count for part in range(count + 1)]
    return [numbers[begin:end] for begin, end in pairwise(ends)]
