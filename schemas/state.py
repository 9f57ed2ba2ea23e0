"""
Define the changelog row of a customer: what the lifecycle fold remembers, as compact msgpack.

Rows are array-like: fields are only ever appended, with defaults, so that old rows stay
readable. Row structs are the only mutable structs of the house: the lifecycle fold owns them and
changes them in place, one customer at a time. Every list has a cap.
"""

from typing import Final

from msgspec import Struct, field

from schemas.exposed import ExposureState
from schemas.memories import EntryMemory


RING_SIZE: Final = 32
"""Recent event ids kept per customer, for deduplication (SEMANTICS B2, T6)."""

CARDS_MAX: Final = 16
CURRENCIES_MAX: Final = 4
CONSENTS_MAX: Final = 32
JOURNEYS_MAX: Final = 32
CONTACTS_MAX: Final = 32
KEPT_BACK_MAX: Final = 32
WORDS_MAX: Final = 64
STATEMENTS_MAX: Final = 12
RECENT_SPEND_MAX: Final = 16
OFFSETS_KEY: Final = b"#offsets"
"""Row that the shell writes in every transaction: `{topic: {partition: next offset}}`."""


class CardState(Struct, array_like=True, gc=False):
    """
    A card: milestones, epoch milliseconds UTC, 0 where not known, which merge by minimum.

    `status` is "" for a card in use, `blocked`, `lost` or `closed`; `replaced_by` the token under
    which the card goes on, "" for none.
    """

    card_token: str
    issued_at_ms: int = 0
    activated_at_ms: int = 0
    bound_at_ms: int = 0
    first_spend_at_ms: int = 0
    delivered_at_ms: int = 0
    authorised_at_ms: int = 0
    status: str = ""
    status_at_ms: int = 0
    replaced_by: str = ""


class ConsentState(Struct, array_like=True, gc=False):
    """
    The newest word of a customer about a purpose on a channel; `event_id` is the evidence.

    Purpose `*` is an opt-out from the whole channel. `withdrawn_at_ms` is the newest refusal, 0
    where there was none: what partners said before it is not kept.
    """

    purpose: str
    channel: str
    status: str
    occurred_at_ms: int
    event_id: str
    effective_at_ms: int = 0
    withdrawn_at_ms: int = 0
    evidence_ref: str = ""


class WordState(Struct, array_like=True, gc=False):
    """
    The greatest word about a subject (docs/core.md 3.8); times in epoch milliseconds UTC, 0: none.

    `amount` and `goal` are in the unit of the event that said it.
    """

    kind: str
    subject: str
    at_ms: int
    status: str
    until_ms: int = 0
    amount: int = 0
    goal: int = 0
    detail: str = ""


class StatementState(Struct, array_like=True, gc=False):
    """
    A bill and what was paid on it, in minor units of `currency`.

    `issued_at_ms` 0: only a repayment is known. `due_at_ms` is the end of its due date in UTC.
    """

    statement_id: str
    card_token: str
    issued_at_ms: int = 0
    due_at_ms: int = 0
    total_due_minor: int = 0
    min_due_minor: int = 0
    currency: str = ""
    paid_minor: int = 0


class PreferenceState(Struct, array_like=True):
    """How the customer wishes to be treated; said at `at_ms`, epoch milliseconds UTC."""

    at_ms: int
    personalisation_opt_out: bool
    channel_order: tuple[str, ...]
    quiet_hours: str
    language: str


class ProfileState(Struct, array_like=True):
    """What the bank knows of the customer; `attributes` in the order of their declaration."""

    at_ms: int
    time_zone: str
    region_code: str
    segment_codes: tuple[str, ...]
    staff: bool
    attributes: tuple[str, ...]


class DueStep(Struct, array_like=True, gc=False):
    """
    A step of a journey that waits; its due time was fixed at entry (SEMANTICS P1).

    `deferred`: it fell due in quiet hours, and waits on now for their end (SEMANTICS O5).
    """

    step: str
    due_at_ms: int
    deferred: bool = False


class Journey(Struct, array_like=True):
    """
    A customer's path through one campaign for one occurrence.

    `entered_at_ms` is the entry event's time, `entry_event_id` its id. `waits_on` says which
    clock the due steps are read on: "watermark" (absence) or "now" (schedule) (SEMANTICS T4).
    A journey with no due step left is finished and kept only where it prevents a second entry.
    `fired` is true once one of its steps was taken, whatever became of it.
    """

    campaign_id: str
    policy_version: int
    occurrence_key: str
    card_token: str
    entry_event_id: str
    entered_at_ms: int
    waits_on: str
    due_steps: list[DueStep]
    amount_minor: int = 0
    currency: str = ""
    fired: bool = False


class Untried(Struct, array_like=True, gc=False):
    """What a contact keeps of its journey while other channels are left to be tried (C2)."""

    entry_event_id: str
    amount_minor: int = 0
    currency: str = ""


class Reservation(Struct, array_like=True, gc=False):
    """
    What a contact has taken: a unit of an offer, and money from its campaign's budget.

    `offer_id` "" for a budget alone; costs are 0 where they were taken from no budget, in minor
    units of the tenant's currency. `returned`: the offer system did not grant it, or it expired.
    """

    reservation_id: str
    offer_id: str
    expires_at_ms: int
    unit_cost_minor: int
    contact_cost_minor: int
    returned: bool = False


class Contact(Struct, array_like=True, gc=False):
    """
    A trigger that went out, for caps, receipts and late truth.

    `released` is true after an explicit non-send receipt: the contact no longer counts.
    `invalidated` is true once late truth has shown that the contact should not have been made,
    `delivered` once a gateway said so; from then on no receipt releases. `expires_at_ms` is the
    trigger's, 0 in rows of before it was kept; `cancelled` is true once it was taken back.
    `slot` is the treatment's place in the order of channels.
    """

    trigger_id: str
    campaign_id: str
    channel: str
    card_token: str
    occurrence_key: str
    step: str
    policy_version: int
    entered_at_ms: int
    decided_at_ms: int
    released: bool = False
    invalidated: bool = False
    delivered: bool = False
    message_class: str = ""
    purpose: str = ""
    expires_at_ms: int = 0
    cancelled: bool = False
    slot: int = 0
    untried: Untried | None = None
    reserved: Reservation | None = None
    option: str = ""


class KeptBack(Struct, array_like=True, gc=False):
    """The newest contact of a campaign that was withheld by an experiment (E2), or is forgotten."""

    campaign_id: str
    occurrence_key: str
    decided_at_ms: int


class AmountState(Struct, array_like=True, gc=False):
    """
    Spend in one currency: integer sums, and sums that halve every 7, 30 and 90 days.

    Decayed sums are in minor units as of `decayed_as_of_ms`.
    """

    spend_count: int = 0
    spend_sum_minor: int = 0
    reversed_count: int = 0
    reversed_sum_minor: int = 0
    decayed_as_of_ms: int = 0
    decayed_7d_minor: float = 0.0
    decayed_30d_minor: float = 0.0
    decayed_90d_minor: float = 0.0


class CustomerRow(Struct, array_like=True):
    """
    One customer of one tenant; key `tenant|customer_token`.

    `partition` is the journal partition. `spend_count`, `first_spend_at_ms`, `last_spend_at_ms`
    are the customer's rhythm over all cards and currencies; `last_spend_hash` is that purchase's
    entry in the ring. `ring_*` are the recent events, oldest event time first, big-endian: times
    in 6 bytes, hashes in 8, contents' checks in 1. `ring_floor_at_ms` is the newest event time
    ever evicted: events not younger may be repeats and move no counter. `recent_spend` are the
    newest purchases, as `lifecycle.features.recent` packs them. `contacts_forgotten_at_ms` is the
    newest `decided_at_ms` of a contact that had to make room, 0 for none. `memories` are those of
    entries that need more events than one. `experiments` are 4 bytes for each experiment in which
    the customer counts, oldest first; one that has ended makes room (docs/core.md 3.17).
    `scene_habits` is what was bought before the newest purchases, as
    `lifecycle.features.scene_habits` packs it, empty before there is any.
    """

    v: int = 1
    partition: int = 0
    cards: list[CardState] = field(default_factory=list)
    consents: list[ConsentState] = field(default_factory=list)
    journeys: list[Journey] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    amounts: dict[str, AmountState] = field(default_factory=dict)
    spend_count: int = 0
    first_spend_at_ms: int = 0
    last_spend_at_ms: int = 0
    last_spend_event_id: str = ""
    last_spend_card_token: str = ""
    ring_at: bytes = b""
    ring_hash: bytes = b""
    ring_floor_at_ms: int = 0
    last_spend_hash: int = 0
    ring_content: bytes = b""
    words: list[WordState] = field(default_factory=list)
    statements: list[StatementState] = field(default_factory=list)
    preference: PreferenceState | None = None
    profile: ProfileState | None = None
    recent_spend: bytes = b""
    contacts_forgotten_at_ms: int = 0
    kept_back: list[KeptBack] = field(default_factory=list)
    memories: list[EntryMemory] = field(default_factory=list)
    exposures: list[ExposureState] = field(default_factory=list)
    experiments: bytes = b""
    scene_habits: bytes = b""
