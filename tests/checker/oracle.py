"""
Fold one journal partition again, from docs/core.md §3 alone: what must have come out of it.

A second opinion, so of another make: plain dicts, one sorted list of due times for each clock
instead of a heap, no rows, no batches. It imports nothing of what it judges.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from tests.checker import oracle_customer as customers
from tests.checker import oracle_timers as timers
from tests.checker.identity import Facts
from tests.checker.oracle_cancelling import cancel
from tests.checker.oracle_cards import COUNTED_MILESTONES, take_card
from tests.checker.oracle_control import CONTROL, hold, new_tenant, published_by, take_control
from tests.checker.oracle_entry import Candidates, enter_journeys, known_before, ripe_steps
from tests.checker.oracle_exposures import Told
from tests.checker.oracle_facts import take_facts
from tests.checker.oracle_fallbacks import try_next
from tests.checker.oracle_learnt import LEARNT, adopt_learnt
from tests.checker.oracle_models import TOLD, told
from tests.checker.oracle_moment import Moment, moment_of
from tests.checker.oracle_moves import counted_as, erased, moves
from tests.checker.oracle_objections import objections
from tests.checker.oracle_occasion import correct, decide
from tests.checker.oracle_offers import releases, settle
from tests.checker.oracle_outcomes import end, hear
from tests.checker.oracle_output import Output
from tests.checker.oracle_rules import Asking
from tests.checker.oracle_segments import observed
from tests.checker.oracle_walk import walk_slice


OF_THE_HOUSE = (*LEARNT, "guardrail.tripped")
"""What other folds say of a tenant in the journal; no control records (§3.7)."""


class Expected(NamedTuple):
    """An output with its key, and its place among the outputs of its journal partition."""

    rank: int
    key: bytes
    output: Output

    @property
    def record_key(self) -> bytes:
        """The record's key: mostly that of the customer."""
        return self.output.key or self.key


class PartitionOracle:
    """
    What one journal partition calls for.

    Attributes:
        expected: triggers and decisions in the order of the journal.
        customers: final state by `tenant|customer_token`.
        erased: when the erasure of such a key was asked for.
        counts: what the row `#counts|p` must say.
        tenants: what is known of each.
    """

    def __init__(
        self,
        zones: Facts | None = None,
        *,
        place: tuple[int, int] = (0, 1),
        unsigned_allowed: bool = True,
    ) -> None:
        """
        Begin before the first record.

        Args:
            zones: of tenants, where they are known before they are told.
            place: this journal partition, and how many there are.
            unsigned_allowed: as in the profile `development`.
        """
        self.expected: list[Expected] = []
        self.customers: dict[str, Facts] = {}
        self.erased: dict[str, int] = {}
        self.counts: Counter[str] = Counter()
        self._zones = zones or {}
        self._place = place
        self._unsigned_allowed = unsigned_allowed
        self.tenants: dict[str, Facts] = {}
        self._rank = 0

    @property
    def published(self) -> dict[tuple[str, ...], Any]:
        """What rows of what was published must say, by name, tenant, and what it is of."""
        return {
            (name, *about): said
            for tenant in self.tenants.values()
            for (name, *about), said in published_by(tenant).items()
        }

    @property
    def spent(self) -> dict[tuple[str, str], int]:
        """What campaigns have spent here, by tenant and campaign."""
        return {
            (name, campaign): minor
            for name, tenant in self.tenants.items()
            for campaign, minor in tenant["stock"]["spent"].items()
        }

    def see(self, envelope: Facts) -> None:
        """Take the next journal record, decoded."""
        self._rank += 1
        tenant = self._tenant(envelope["tenant"])
        kind = envelope["record"]["event_type"]
        if not envelope.get("backfill"):
            tenant["now"] = max(tenant["now"], envelope["journal_at_ms"])
        tenant["lateness"] = max(tenant["lateness"], envelope.get("lateness_ms", 0))
        if kind == "tick":
            self._tick(tenant, envelope)
            self._walk(tenant)
        elif kind in CONTROL or kind in OF_THE_HOUSE:
            self.counts[f"control|{tenant['name']}|{self._control(tenant, envelope)}"] += 1
        else:
            ignored = self._event(tenant, envelope)
            name = f"ignored|{tenant['name']}|{ignored}" if ignored else ""
            self.counts[name or f"applied|{tenant['name']}|{kind}"] += 1

    def _tenant(self, name: str) -> Facts:
        if name not in self.tenants:
            zone = self._zones.get(name, "")
            self.tenants[name] = new_tenant(
                name, zone, self._place, unsigned_allowed=self._unsigned_allowed
            )
        return self.tenants[name]

    def _control(self, tenant: Facts, envelope: Facts) -> str:
        """Take what concerns a whole tenant; return under which name it is counted."""
        record = envelope["record"]
        if record["event_type"] == "guardrail.tripped":
            return hold(tenant, record)
        if record["event_type"] in LEARNT:
            return adopt_learnt(tenant, record)
        name = take_control(tenant, envelope)
        if name in TOLD and self._place[0] == 0:  # once, not in every partition
            key = f"{tenant['name']}|"
            self._told(key, [told(moment_of(tenant, key, envelope))], [])
        return name

    def _event(self, tenant: Facts, envelope: Facts) -> str:
        """Take a customer's event; return why it is ignored, "" if it is not."""
        key = f"{tenant['name']}|{envelope['customer_token']}"
        if key in self.erased:
            return "ERASED"
        if envelope["record"]["event_type"] == "erasure.requested":
            self.erased[key] = envelope["occurred_at_ms"]
            gone = counted_as(self.customers.pop(key, None) or customers.new_customer())
            self._told(key, list(erased(gone, moment_of(tenant, key, envelope))), [])
            return ""
        customer = self.customers.get(key) or customers.new_customer()
        age = customers.remember(customer, envelope)
        if age not in ("young", "old"):
            return age
        self.customers[key] = customer
        return self._apply(tenant, customer, envelope, is_old=age == "old")

    def _apply(self, tenant: Facts, customer: Facts, envelope: Facts, *, is_old: bool) -> str:
        """Take an event that is no repeat; `is_old`: it may be one that the ring forgot."""
        if (event := envelope["record"])["event_type"] == "identity.merged":
            return "NOT_SUPPORTED"
        by = Asking(tenant["now"], tenant["time_zone"], [], tenant["segments"])
        before = known_before(customer, event) | {"is_old": is_old, "by": by}
        key = f"{tenant['name']}|{envelope['customer_token']}"
        moment = moment_of(tenant, key, envelope)
        if not self._take_card(customer, moment):
            return "STATE_FULL"
        released = releases(customer)
        taken = take_facts(customer, envelope, now=tenant["now"], is_young=not is_old)
        if taken.ends:
            if taken.ignored == "UNKNOWN_TRIGGER":
                self._expect(moment, objections(customer, moment, is_applied=False))
            return taken.ignored
        settle(customer, event, released, tenant["stock"])
        if taken.overrun is not None:
            what = ("cap_overrun", "DELIVERED_AFTER_RELEASE")
            self._correct(tenant, envelope, taken.overrun, what)
        self._hear(customer, moment, is_counted=not taken.ignored)
        timers.wait_for_exposures(tenant, key, customer["exposures"])
        self._take_back(tenant, customer, envelope)
        self._expect(moment, cancel(customer, moment))
        customers.leave_journeys(customer, event, tenant["policies"], by)
        if event["event_type"] == "delivery.receipt":
            self._told(key, *try_next(customer, moment))
        if not taken.ignored:
            self._enter(tenant, customer, envelope, before)
            self._told(key, [] if is_old else observed(customer, moment), [])
        self.counts.update(f"rule_error|{tenant['name']}|{campaign}" for campaign in by.failed)
        return taken.ignored

    def _take_card(self, customer: Facts, moment: Moment) -> bool:
        """Take what is said of a card, and tell where it is counted; False for no room."""
        before = counted_as(customer)
        reached = take_card(customer, moment.cause["record"], moment.cause["occurred_at_ms"])
        if reached is None:
            return False
        if reached in COUNTED_MILESTONES:
            self.counts[f"milestone|{moment.tenant}|{reached}"] += 1
        told = moves(customer, before, reached, moment)
        self._expect(moment, ((output, "") for output in told))
        return True

    def _hear(self, customer: Facts, moment: Moment, *, is_counted: bool) -> None:
        """Expect what an event shows and objects to."""
        self._expect(moment, hear(customer, moment, is_counted=is_counted))
        self._expect(moment, objections(customer, moment, is_applied=is_counted))

    def _take_back(self, tenant: Facts, customer: Facts, envelope: Facts) -> None:
        """Expect a correction of every contact that this event proves wrong."""
        event, at = envelope["record"], envelope["occurred_at_ms"]
        wrong = customers.contacts_proved_wrong(customer, event, at, tenant["policies"])
        for contact in wrong:
            self._correct(tenant, envelope, contact, ("invalidated", "LATE_TRUTH"))

    def _enter(self, tenant: Facts, customer: Facts, envelope: Facts, before: Facts) -> None:
        policies = tenant["policies"]
        candidates, full_count = enter_journeys(customer, envelope, policies, before)
        if full_count:
            self.counts[f"full|{tenant['name']}|journeys"] += full_count
        key = f"{tenant['name']}|{envelope['customer_token']}"
        begun = (envelope["event_id"], customer["last_event"][1])
        fresh = [one for one in customer["journeys"] if one["entry_event_id"] in begun]
        timers.wait_for_steps(tenant, key, fresh)
        self._occasion(tenant, key, candidates, envelope)

    def _tick(self, tenant: Facts, envelope: Facts) -> None:
        tick = envelope["record"]
        tenant["now"] = max(tenant["now"], tick["now_at_ms"])
        tenant["watermark"] = max(tenant["watermark"], tick["watermark_at_ms"])
        tenant["backfill"] = tick.get("backfill", False)
        keys = timers.keys_due(tenant) & self.customers.keys()  # erased ones have no timers left
        dues = {key: timers.earliest_due(tenant, self.customers[key]) for key in keys}
        earliest = [(due_at, key) for key, due_at in dues.items() if due_at is not None]
        for _, key in sorted(earliest):
            moment = moment_of(tenant, key, envelope)
            self._expect(moment, end(self.customers[key], tenant["watermark"], moment))
            timers.wait_for_exposures(tenant, key, self.customers[key]["exposures"])
            candidates: Candidates = []
            for journey, place, step in ripe_steps(tenant, self.customers[key]):
                journey["due"].remove(step)
                candidates.append((journey, step[0], place))
            self._occasion(tenant, key, candidates, envelope)

    def _walk(self, tenant: Facts) -> None:
        """Let a policy look at the next customers on file."""
        keys, full_count = walk_slice(tenant, self.customers)
        if full_count:
            self.counts[f"full|{tenant['name']}|journeys"] += full_count
        for key in keys:
            timers.wait_for_steps(tenant, key, self.customers[key]["journeys"])

    def _occasion(self, tenant: Facts, key: str, candidates: Candidates, envelope: Facts) -> None:
        if not candidates:
            return
        customer = self.customers[key]
        outputs, counts = decide(customer, candidates, moment_of(tenant, key, envelope))
        self._told(key, outputs, counts)
        timers.wait_for_exposures(tenant, key, customer["exposures"])
        timers.wait_for_steps(tenant, key, [journey for journey, _, _ in candidates])
        customer["journeys"] = [
            journey
            for journey in customer["journeys"]
            if journey["due"] or _is_silence(tenant, journey)
        ]

    def _told(self, key: str, outputs: list[Output], counts: list[str]) -> None:
        """Expect what one decision has brought."""
        for output in outputs:
            self._rank += 1
            self.expected.append(Expected(self._rank, key.encode(), output))
        self.counts.update(counts)

    def _expect(self, moment: Moment, told: Iterable[Told]) -> None:
        """Expect records about a customer, each counted under its name."""
        for output, count in told:
            self._told(f"{moment.tenant}|{moment.customer_token}", [output], [count] * bool(count))

    def _correct(
        self, tenant: Facts, envelope: Facts, contact: Facts, what: tuple[str, str]
    ) -> None:
        """Expect a correction."""
        self._rank += 1
        key = f"{tenant['name']}|{envelope['customer_token']}"
        output, count = correct(contact, *what, envelope, moment_of(tenant, key, envelope))
        self.expected.append(Expected(self._rank, key.encode(), output))
        self.counts[f"decision|{tenant['name']}|{count}"] += 1
        self.counts[f"occasion|{tenant['name']}"] += 1


def _is_silence(tenant: Facts, journey: Facts) -> bool:
    policy = tenant["policies"].get(journey["campaign_id"])
    return policy is not None and policy["entry"]["kind"] == "silence"
