"""
Keep what was said last about whatever has an id: applications, coupons, cases, flags, scores.

A word is kept where it is greater, compared as the tuple (at_ms, status, until_ms, amount, goal,
detail), so that any order of arrival ends in the same words (docs/core.md 3.8). What an event
says is `lifecycle.word_table`.
"""

from typing import Final

from lifecycle import consents
from lifecycle.word_table import WORD_BY_EVENT
from schemas.rejects import IgnoreReason
from schemas.state import WORDS_MAX, CustomerRow, WordState


__all__ = ["WORD_BY_EVENT", "deceased", "find", "of_kind", "over", "readable", "says", "take"]

OBSERVED: Final = frozenset({"partner", "survey"})
"""Words that rest on a consent to the use of data (PIPL 13, 23)."""

_SPENT_KINDS: Final = frozenset(
    {"declined", "session", "response", "offer", "partner", "survey", "score"}
)
"""What is told by the dozen; it must never keep a risk flag or an open case out of the row."""

_SPENT_STATUSES: Final = frozenset(
    {
        "approved",
        "declined",
        "withdrawn",
        "redeemed",
        "expired",
        "settled",
        "cured",
        "cleared",
        "closed",
        "unbound",
        "cancelled",
    }
)


def take(row: CustomerRow, word: WordState, now_ms: int) -> IgnoreReason | None:
    """
    Keep a word unless a greater one about the same subject is known; `now_ms`: the tenant's now.

    STATE_FULL: there are `WORDS_MAX` others, and none of them is spent. NO_CONSENT: the customer
    has refused, at this time or later, that such data be used.
    """
    if word.kind in OBSERVED and consents.use_refused(row, word.detail, word.at_ms):
        return "NO_CONSENT"
    for place, known in enumerate(row.words):
        if known.kind == word.kind and known.subject == word.subject:
            if _said(word) > _said(known):
                row.words[place] = word
            return None
    if len(row.words) >= WORDS_MAX and not _make_room(row, now_ms):
        return "STATE_FULL"
    row.words.append(word)
    return None


def find(row: CustomerRow, kind: str, subject: str) -> WordState | None:
    """Return the word of this kind about this subject."""
    for word in row.words:
        if word.kind == kind and word.subject == subject:
            return word
    return None


def of_kind(row: CustomerRow, kind: str) -> list[WordState]:
    """Return the words of this kind, in the order in which they are kept."""
    return [word for word in row.words if word.kind == kind]


def over(word: WordState, now_ms: int) -> bool:
    """Return whether a word was said until a time that is past."""
    return 0 < word.until_ms <= now_ms


def says(row: CustomerRow, kind: str, status: str) -> bool:
    """Return whether any word of this kind has this status: a flag up, a case open."""
    return any(word.kind == kind and word.status == status for word in row.words)


def deceased(row: CustomerRow) -> bool:
    """Return whether a flag is up that says that the customer has died."""
    return any(
        word.kind == "risk" and word.status == "flagged" and word.detail == "deceased"
        for word in row.words
    )


def readable(row: CustomerRow, word: WordState, now_ms: int) -> bool:
    """Return whether a word may be read as a feature now; partners' and surveys' need consent."""
    if word.kind not in OBSERVED:
        return True
    consent = consents.find(row, word.detail, consents.DATA)
    return consent is not None and consent.status == "granted" and consent.effective_at_ms <= now_ms


def _said(word: WordState) -> tuple[int, str, int, int, int, str]:
    """Return what makes one word greater than another."""
    return word.at_ms, word.status, word.until_ms, word.amount, word.goal, word.detail


def _make_room(row: CustomerRow, now_ms: int) -> bool:
    """Forget the oldest word that nothing hangs on any more; return False where there is none."""
    spent = [word for word in row.words if _spent(word, now_ms)]
    if not spent:
        return False
    row.words.remove(min(spent, key=lambda word: (word.at_ms, word.kind, word.subject)))
    return True


def _spent(word: WordState, now_ms: int) -> bool:
    """Return whether a word is over: of a passing kind, at its end, or past its time."""
    return word.kind in _SPENT_KINDS or word.status in _SPENT_STATUSES or over(word, now_ms)
