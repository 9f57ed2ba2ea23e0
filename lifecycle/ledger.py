"""
Keep the contact ledger of one customer: caps, cool-down and mutual exclusion (SEMANTICS C1).

Windows slide and are exact. A window of `window_ms` that ends now holds the contacts with
`now_ms - window_ms < decided_at_ms`: one made exactly `window_ms` ago has left it. A contact
counts unless an explicit non-send receipt has released it; one delivered after that counts again.

The ledger holds `CONTACTS_MAX` contacts. One that a window may still need is never forgotten to
make room for a contact that caps bind, released ones neither: they may yet be delivered. Caps do
not bind mandatory contacts, so those always find room; `forgotten_at_ms` then says up to when
contacts are missing, and a cap whose window reaches that far back is full.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Generic, Literal, NamedTuple, Protocol, TypeAlias, TypeVar

from schemas.state import CONTACTS_MAX


Scope: TypeAlias = Literal["all", "class", "channel", "purpose", "campaign"]

MEMORY: Final = "memory"
"""The scope that a refusal names where the ledger has no room."""


class Addressed(Protocol):
    """What caps tell contacts apart by; a candidate has it, and so has every contact."""

    @property
    def campaign_id(self) -> str:
        """The campaign's name, unique in the tenant."""
        ...

    @property
    def message_class(self) -> str:
        """Which class of message it is: marketing, servicing or mandatory."""
        ...

    @property
    def purpose(self) -> str:
        """What for, as consent has it."""
        ...

    @property
    def channel(self) -> str:
        """The channel by which it goes or went."""
        ...


class Made(Protocol):
    """A contact, or one that an experiment kept back: it starts the same cool-down (E2)."""

    @property
    def campaign_id(self) -> str:
        """The campaign's name, unique in the tenant."""
        ...

    @property
    def decided_at_ms(self) -> int:
        """When it was decided, by the tenant's now, epoch milliseconds UTC."""
        ...

    @property
    def released(self) -> bool:
        """Whether a receipt says that it was not sent, and none that it was delivered."""
        ...


class Counted(Addressed, Made, Protocol):
    """A contact of the ledger."""


class Cap(Protocol):
    """At most `count` contacts of the scope in any window of `window_ms`."""

    @property
    def scope(self) -> Scope:
        """What of the candidate a contact must share to be counted."""
        ...

    @property
    def count(self) -> int:
        """How many there may be."""
        ...

    @property
    def window_ms(self) -> int:
        """How long the window is, above 0."""
        ...


class Exclusion(NamedTuple):
    """
    `campaign_id` is not to follow `other_id` within `within_ms`, nor beside it in one occasion.

    `mutual`: nor the other way round. A cool-down is a campaign that excludes itself.
    """

    campaign_id: str
    other_id: str
    within_ms: int
    mutual: bool = False


class Refusal(NamedTuple):
    """Why a contact is not made, and the numbers that were seen; `scope` may be `MEMORY`."""

    reason_code: Literal["CAP_CAMPAIGN", "CAP_GLOBAL"]
    scope: str
    count_max: int
    count_before: int
    window_ms: int


C = TypeVar("C", bound=Counted)


class Ledger(NamedTuple, Generic[C]):
    """
    Contacts in the order in which they were decided.

    `forgotten_at_ms` is the newest `decided_at_ms` ever forgotten, epoch milliseconds UTC, 0 for
    none.
    """

    contacts: tuple[C, ...] = ()
    forgotten_at_ms: int = 0


def counts(
    contacts: Iterable[Counted], caps: Sequence[Cap], candidate: Addressed, now_ms: int
) -> tuple[int, ...]:
    """Return how many contacts each cap's window holds, as far as they are remembered."""
    counting = [contact for contact in contacts if not contact.released]
    return tuple(
        sum(
            contact.decided_at_ms > now_ms - cap.window_ms
            and _in_scope(contact, candidate, cap.scope)
            for contact in counting
        )
        for cap in caps
    )


def refusal(
    ledger: Ledger[C],
    caps: Sequence[Cap],
    candidate: Addressed,
    now_ms: int,
    longest_window_ms: int,
) -> Refusal | None:
    """
    Return the first cap, in the order of the policy, that one more contact would break.

    A cap whose window reaches back to forgotten contacts is full, whatever is remembered. After
    the caps: a ledger without room for one more contact that caps bind (CAP_GLOBAL, `MEMORY`).
    `longest_window_ms` is that of the tenant's active policies and exclusions.
    """
    if not caps:
        return None
    found = counts(ledger.contacts, caps, candidate, now_ms)
    for cap, count in zip(caps, found, strict=True):
        unknown = ledger.forgotten_at_ms > 0 and now_ms - cap.window_ms < ledger.forgotten_at_ms
        if count >= cap.count or unknown:
            reason: Literal["CAP_CAMPAIGN", "CAP_GLOBAL"] = (
                "CAP_CAMPAIGN" if cap.scope == "campaign" else "CAP_GLOBAL"
            )
            return Refusal(reason, cap.scope, cap.count, count, cap.window_ms)
    if _full(ledger, now_ms, longest_window_ms):
        held = len(ledger.contacts)
        return Refusal("CAP_GLOBAL", MEMORY, CONTACTS_MAX, held, longest_window_ms)
    return None


def reserved(
    ledger: Ledger[C], contact: C, now_ms: int, longest_window_ms: int
) -> Ledger[C] | None:
    """Return the ledger with a contact that caps bind, None where there is no room for it."""
    if _full(ledger, now_ms, longest_window_ms):
        return None
    return noted(ledger, contact)


def noted(ledger: Ledger[C], contact: C) -> Ledger[C]:
    """Return the ledger with a contact that no cap binds; the oldest makes room for it."""
    kept, forgotten_at_ms = ledger.contacts, ledger.forgotten_at_ms
    if len(kept) >= CONTACTS_MAX:
        oldest = min(range(len(kept)), key=lambda place: kept[place].decided_at_ms)
        forgotten_at_ms = max(forgotten_at_ms, kept[oldest].decided_at_ms)
        kept = kept[:oldest] + kept[oldest + 1 :]
    return Ledger((*kept, contact), forgotten_at_ms)


def excluded(
    made: Iterable[Made], exclusions: Iterable[Exclusion], campaign_id: str, now_ms: int
) -> Exclusion | None:
    """
    Return the first exclusion that forbids a contact of the campaign now, None for none.

    What was decided at this very moment is of the same occasion and forbids it whatever
    `within_ms` is. A released contact forbids nothing.
    """
    known = [one for one in made if not one.released]
    for exclusion in exclusions:
        others = _others(exclusion, campaign_id)
        for one in known:
            near = one.decided_at_ms > now_ms - exclusion.within_ms or one.decided_at_ms == now_ms
            if one.campaign_id in others and near:
                return exclusion
    return None


def _others(exclusion: Exclusion, campaign_id: str) -> frozenset[str]:
    """Return which campaigns the exclusion keeps apart from this one."""
    others = set()
    if exclusion.campaign_id == campaign_id:
        others.add(exclusion.other_id)
    if exclusion.mutual and exclusion.other_id == campaign_id:
        others.add(exclusion.campaign_id)
    return frozenset(others)


def _full(ledger: Ledger[C], now_ms: int, longest_window_ms: int) -> bool:
    """Return whether every place is taken by a contact that a window may still need."""
    if len(ledger.contacts) < CONTACTS_MAX:
        return False
    oldest_ms = min(contact.decided_at_ms for contact in ledger.contacts)
    return oldest_ms > now_ms - longest_window_ms


def _in_scope(contact: Addressed, candidate: Addressed, scope: Scope) -> bool:
    """Return whether a contact is one of those that a cap of the candidate's counts."""
    match scope:
        case "all":
            return True
        case "class":
            return contact.message_class == candidate.message_class
        case "channel":
            return contact.channel == candidate.channel
        case "purpose":
            return contact.purpose == candidate.purpose
        case "campaign":
            return contact.campaign_id == candidate.campaign_id
