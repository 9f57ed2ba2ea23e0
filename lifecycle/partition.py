"""
Hold what one journal partition remembers: per tenant clocks, switches, policies and customers.

Customers rest as the bytes of their changelog rows and are decoded when a record concerns them:
a tenth of the memory, nothing for the garbage collector to walk, and a restore decodes each row
once. What has changed stays decoded until the next drain.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from lifecycle.choices import Choices
from lifecycle.counts import Counts
from lifecycle.erasure import Erased
from lifecycle.policies import ActivePolicy, Plan, plans
from lifecycle.scan import Scan
from lifecycle.segments import Segments
from lifecycle.snapshots import Snapshots
from lifecycle.stock import Stock
from lifecycle.timers import Timers
from schemas.calendar import Calendar
from schemas.codec import customer_key, decode_customer_row, encode_row
from schemas.contact_policy import ContactPolicy
from schemas.events import EventData
from schemas.journal import JournalEnvelope, Tick
from schemas.records import Row
from schemas.rejects import IgnoreReason
from schemas.routing import ROUTES
from schemas.state import CustomerRow
from schemas.state_tenant import PolicyRow, TemplateRow, TenantRow


EVENT_TYPES: Final = {route.shape: route.event_type for route in ROUTES}

NO_SECRETS: Final[Mapping[str, str]] = {}

NO_CONTACT_POLICY: Final = ContactPolicy(id="none", version=1)


class Given(NamedTuple):
    """
    What settings say of all partitions, the same for as long as the journal is kept.

    `erasure_secrets` by tenant key the markers of the erased, "" for who is not among them.
    `unsigned_allowed`: policies are taken as long as no key is pinned (SEMANTICS P3). Offers and
    budgets are shared by `partition_count` partitions (SEMANTICS C3).
    """

    erasure_secrets: Mapping[str, str] = NO_SECRETS
    unsigned_allowed: bool = True
    partition_count: int = 1


NOTHING_GIVEN: Final = Given()


class TenantState:
    """
    One tenant in one journal partition (SEMANTICS N2: nothing here is shared with another).

    `stored` are rows as bytes by customer token, `changed` those decoded and not yet drained,
    `forgotten` the tokens whose rows the changelog still has to lose.
    """

    __slots__ = (
        "applied_keys",
        "calendar",
        "changed",
        "choices",
        "contact_policy",
        "counts",
        "erased",
        "forgotten",
        "longest_window_ms",
        "name",
        "partition",
        "plans",
        "policies",
        "policies_changed",
        "row",
        "row_changed",
        "rules_changed",
        "segments",
        "snapshots",
        "stock",
        "stored",
        "templates",
        "templates_changed",
        "timers",
        "unsigned_allowed",
        "walk_scan",
    )

    def __init__(self, name: str, partition: int, counts: Counts, given: Given) -> None:
        """Begin without customers and policies, both clocks at 0."""
        self.name = name
        self.partition = partition
        self.counts = counts
        self.row = TenantRow()
        self.row_changed = False
        self.policies: dict[str, ActivePolicy] = {}
        self.policies_changed: dict[str, PolicyRow] = {}
        self.plans: dict[type[EventData], Plan] = {}
        self.calendar: Calendar | None = None
        self.contact_policy: ContactPolicy | None = None
        self.rules_changed: dict[str, Calendar | ContactPolicy] = {}
        self.templates: dict[tuple[str, int], TemplateRow] = {}
        self.templates_changed: list[TemplateRow] = []
        self.stock = Stock(partition, given.partition_count)
        self.snapshots = Snapshots()
        self.choices = Choices()
        self.segments = Segments()
        self.longest_window_ms = 0
        self.stored: dict[str, bytes] = {}
        self.changed: dict[str, CustomerRow] = {}
        self.timers = Timers()
        self.erased = Erased(name, given.erasure_secrets.get(name, ""))
        self.forgotten: set[str] = set()
        self.unsigned_allowed = given.unsigned_allowed
        self.walk_scan: Scan | None = None
        self.applied_keys = {
            shape: f"applied|{name}|{event_type}" for shape, event_type in EVENT_TYPES.items()
        }

    def advance(self, envelope: JournalEnvelope) -> None:
        """Move now to a record (SEMANTICS T1, T2); it never runs back."""
        if envelope.journal_at_ms > self.row.now_at_ms and not envelope.backfill:
            self.row.now_at_ms = envelope.journal_at_ms
            self.row_changed = True
        if envelope.lateness_ms > self.row.lateness_ms_max:
            self.row.lateness_ms_max = envelope.lateness_ms
            self.row_changed = True

    def advance_to(self, tick: Tick) -> None:
        """Move both clocks to a tick; they never run back."""
        row = self.row
        row.now_at_ms = max(row.now_at_ms, tick.now_at_ms)
        row.watermark_at_ms = max(row.watermark_at_ms, tick.watermark_at_ms)
        row.backfill = tick.backfill
        self.row_changed = True

    def shadowed(self, envelope: JournalEnvelope) -> bool:
        """Return whether decisions at this record are only recorded (SEMANTICS T7)."""
        live_from_ms = self.row.live_from_ms
        if live_from_ms is not None:
            return self.row.now_at_ms < live_from_ms
        return self.row.backfill or envelope.backfill

    def customer(self, customer_token: str) -> CustomerRow:
        """Return the customer's row, a new one for a stranger; only `changed` rows are kept."""
        row = self.changed.get(customer_token)
        if row is None:
            stored = self.stored.get(customer_token)
            if stored is None:
                return CustomerRow(partition=self.partition)
            row = decode_customer_row(stored)
        return row

    def is_erased(self, customer_token: str) -> bool:
        """Return whether a customer was erased; whoever has a row was not (SEMANTICS B5)."""
        return (
            customer_token not in self.changed
            and customer_token not in self.stored
            and self.erased.knows(customer_token)
        )

    def erase(self, customer_token: str, occurred_at_ms: int) -> None:
        """
        Forget a customer for ever; a marker stays (SEMANTICS B5).

        Whatever timers the index has of them come up at the next tick, find a stranger, and go.
        """
        self.timers.on_watermark.note(customer_token, 0)
        self.timers.on_now.note(customer_token, 0)
        self.changed.pop(customer_token, None)
        self.stored.pop(customer_token, None)
        self.forgotten.add(customer_token)
        self.erased.add(customer_token, occurred_at_ms)

    @property
    def approves_templates(self) -> bool:
        """Return whether the bank approves its wordings: it has, or two people sign (P3)."""
        return bool(self.templates or self.row.signing_keys)

    def activate(self, policy: ActivePolicy) -> None:
        """Let a policy decide from now on in place of the campaign's former version."""
        self.policies[policy.campaign.id] = policy
        self.plans = plans(self.policies)
        self._measure()

    def adopt(self, rules: Calendar | ContactPolicy) -> None:
        """Let a calendar or a contact policy hold from now on."""
        if isinstance(rules, Calendar):
            self.calendar = rules
        else:
            self.contact_policy = rules
            self._measure()

    def _measure(self) -> None:
        """Find how far back any cap, exclusion or cool-down looks."""
        contact_policy = self.contact_policy or NO_CONTACT_POLICY
        windows = [cap.window_ms for cap in contact_policy.caps]
        windows += (exclusion.within_ms for exclusion in contact_policy.exclusions)
        for policy in self.policies.values():
            windows.append(policy.campaign.cool_down_ms)
            windows += (cap.window_ms for cap in policy.campaign.caps)
        self.longest_window_ms = max(windows, default=0)

    def ignore(self, reason: IgnoreReason) -> None:
        """Count a customer event that changed nothing, or milestones only."""
        self.counts.add(f"ignored|{self.name}|{reason}")

    def drain(self, rows: list[Row]) -> None:
        """Append what has changed since the last time as rows, each customer once."""
        for customer_token, row in self.changed.items():
            value = encode_row(row)
            self.stored[customer_token] = value
            rows.append(Row(customer_key(self.name, customer_token), value))
        self.changed.clear()
        where = f"{self.partition}|{self.name}"
        self._drain_erased(where, rows)
        for campaign_id, policy in self.policies_changed.items():
            rows.append(Row(f"#policy|{where}|{campaign_id}".encode(), encode_row(policy)))
        self.policies_changed.clear()
        for kind, rules in self.rules_changed.items():
            rows.append(Row(f"#{kind}|{where}".encode(), encode_row(rules)))
        self.rules_changed.clear()
        for template in self.templates_changed:
            key = f"#template|{where}|{template.id}|{template.version}"
            rows.append(Row(key.encode(), encode_row(template)))
        self.templates_changed.clear()
        self.stock.drain(where, rows)
        self.snapshots.drain(where, rows)
        self.choices.drain(where, rows)
        self.segments.drain(where, rows)
        if self.row_changed:
            rows.append(Row(f"#tenant|{where}".encode(), encode_row(self.row)))
            self.row_changed = False

    def _drain_erased(self, where: str, rows: list[Row]) -> None:
        """Append a tombstone for every row to be lost, and the markers that stay."""
        rows += (Row(customer_key(self.name, token), None) for token in sorted(self.forgotten))
        self.forgotten.clear()
        for mark, occurred_at_ms in self.erased.fresh.items():
            rows.append(Row(f"#erased|{where}|{mark}".encode(), encode_row(occurred_at_ms)))
        self.erased.fresh.clear()


class PartitionState:
    """One journal partition: its tenants, and what it has counted."""

    __slots__ = ("_given", "counts", "number", "tenants")

    def __init__(self, number: int, given: Given = NOTHING_GIVEN) -> None:
        """Begin without tenants."""
        self.number = number
        self._given = given
        self.counts = Counts()
        self.tenants: dict[str, TenantState] = {}

    def tenant(self, name: str) -> TenantState:
        """Return the tenant's state, a new one for a tenant never heard of."""
        tenant = self.tenants.get(name)
        if tenant is None:
            tenant = TenantState(name, self.number, self.counts, self._given)
            self.tenants[name] = tenant
        return tenant

    def drain(self, rows: list[Row]) -> None:
        """Append what has changed since the last time as rows."""
        for tenant in self.tenants.values():
            tenant.drain(rows)
        self.counts.drain(self.number, rows)


class Partitions(dict[int, PartitionState]):
    """The journal partitions of one task, by number."""

    def __init__(self, given: Given = NOTHING_GIVEN) -> None:
        """Begin without any."""
        super().__init__()
        self._given = given

    def begun(self, number: int) -> PartitionState:
        """Return a partition, a new one where it is the first time that it is named."""
        partition = self.get(number)
        if partition is None:
            partition = self[number] = PartitionState(number, self._given)
        return partition
