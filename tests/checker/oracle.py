"""
Fold one journal partition again, from docs/core.md §3 alone: what must have come out of it.

A second opinion, so of another make: plain dicts, one sorted list of due times for each clock
instead of a heap, no rows, no batches. It imports nothing of what it judges.
"""

from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from tests.checker import oracle_customer as customers
from tests.checker.identity import Facts
from tests.checker.oracle_cancelling import cancel
from tests.checker.oracle_cards import COUNTED_MILESTONES, take_card
from tests.checker.oracle_control import CONTROL, new_tenant, published_by, take_control
from tests.checker.oracle_entry import Candidates, enter_journeys, known_before, ripe_steps
from tests.checker.oracle_facts import take_facts
from tests.checker.oracle_fallbacks import try_next
from tests.checker.oracle_models import TOLD, adopt, told
from tests.checker.oracle_moment import Moment, moment_of
from tests.checker.oracle_occasion import correct, decide
from tests.checker.oracle_offers import releases, settle
from tests.checker.oracle_outcomes import close_ended, hear
from tests.checker.oracle_output import Output
from tests.checker.oracle_rules import Asking
from tests.checker.oracle_walk import walk_slice


AFTER_EVERY_KEY = "\uffff"


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
        self._tenants: dict[str, Facts] = {}
        self._rank = 0

    @property
    def published(self) -> dict[tuple[str, ...], Any]:
        """What rows of what was published must say, by name, tenant, and what it is of."""
        return {
            (name, *about): said
            for tenant in self._tenants.values()
            for (name, *about), said in published_by(tenant).items()
        }

    @property
    def spent(self) -> dict[tuple[str, str], int]:
        """What campaigns have spent here, by tenant and campaign."""
        return {
            (name, campaign): minor
            for name, tenant in self._tenants.items()
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
        elif kind in CONTROL or kind == "model.published":
            self.counts[f"control|{tenant['name']}|{self._control(tenant, envelope)}"] += 1
        else:
            ignored = self._event(tenant, envelope)
            name = f"ignored|{tenant['name']}|{ignored}" if ignored else ""
            self.counts[name or f"applied|{tenant['name']}|{kind}"] += 1

    def _tenant(self, name: str) -> Facts:
        if name not in self._tenants:
            zone = self._zones.get(name, "")
            self._tenants[name] = new_tenant(
                name, zone, self._place, unsigned_allowed=self._unsigned_allowed
            )
        return self._tenants[name]

    def _control(self, tenant: Facts, envelope: Facts) -> str:
        """Take what concerns a whole tenant; return under which name it is counted."""
        if envelope["record"]["event_type"] == "model.published":
            return adopt(tenant["models"], envelope["record"])
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
            self.customers.pop(key, None)
            return ""
        customer = self.customers.get(key) or customers.new_customer()
        age = customers.remember(customer, envelope)
        if age not in ("young", "old"):
            return age
        self.customers[key] = customer
        return self._apply(tenant, customer, envelope, is_old=age == "old")

    def _apply(self, tenant: Facts, customer: Facts, envelope: Facts, *, is_old: bool) -> str:
        """Take an event that is no repeat; `is_old`: it may be one that the ring forgot."""
        event, at = envelope["record"], envelope["occurred_at_ms"]
        if event["event_type"] == "identity.merged":
            return "NOT_SUPPORTED"
        by = Asking(tenant["now"], tenant["time_zone"], [])
        before = known_before(customer, event) | {"is_old": is_old, "by": by}
        reached = take_card(customer, event, at)
        if reached is None:
            return "STATE_FULL"
        if reached in COUNTED_MILESTONES:
            self.counts[f"milestone|{tenant['name']}|{reached}"] += 1
        released = releases(customer)
        taken = take_facts(customer, envelope, now=tenant["now"], is_young=not is_old)
        if taken.ends:
            return taken.ignored
        settle(customer, event, released, tenant["stock"])
        if taken.overrun is not None:
            what = ("cap_overrun", "DELIVERED_AFTER_RELEASE")
            self._correct(tenant, envelope, taken.overrun, what)
        key = f"{tenant['name']}|{envelope['customer_token']}"
        moment = moment_of(tenant, key, envelope)
        self._expect(moment, "outcome", hear(customer, moment))
        self._take_back(tenant, customer, envelope)
        self._expect(moment, "cancelled", cancel(customer, moment))
        customers.leave_journeys(customer, event, tenant["policies"], by)
        if event["event_type"] == "delivery.receipt":
            self._told(key, *try_next(customer, moment))
        if not taken.ignored:
            self._enter(tenant, customer, envelope, before)
        self.counts.update(f"rule_error|{tenant['name']}|{campaign}" for campaign in by.failed)
        return taken.ignored

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
        for journey in customer["journeys"]:
            if journey["entry_event_id"] in (envelope["event_id"], customer["last_event"][1]):
                for _, due_at, is_deferred in journey["due"]:
                    clock = "now" if is_deferred else journey["waits_on"]
                    insort(tenant["due"][clock], (due_at, key))
        self._occasion(tenant, key, candidates, envelope)

    def _tick(self, tenant: Facts, envelope: Facts) -> None:
        tick = envelope["record"]
        tenant["now"] = max(tenant["now"], tick["now_at_ms"])
        tenant["watermark"] = max(tenant["watermark"], tick["watermark_at_ms"])
        tenant["backfill"] = tick.get("backfill", False)
        keys = set()
        for clock, due in tenant["due"].items():
            end = bisect_right(due, (tenant[clock], AFTER_EVERY_KEY))
            keys |= {key for _, key in due[:end]}
            del due[:end]
        earliest = []
        for key in keys & self.customers.keys():  # erased ones have no timers left
            ripe = [step[1] for _, _, step in ripe_steps(tenant, self.customers[key])]
            ripe += [
                one["closes_at_ms"]
                for one in self.customers[key]["exposures"]
                if not one["sequence"] and one["closes_at_ms"] <= tenant["watermark"]
            ]
            if ripe:
                earliest.append((min(ripe), key))
        for _, key in sorted(earliest):
            moment = moment_of(tenant, key, envelope)
            ended = close_ended(self.customers[key], tenant["watermark"], moment)
            self._expect(moment, "outcome", ended)
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
            for journey in self.customers[key]["journeys"]:
                for _, due_at, is_deferred in journey["due"]:
                    clock = "now" if is_deferred else journey["waits_on"]
                    insort(tenant["due"][clock], (due_at, key))

    def _occasion(self, tenant: Facts, key: str, candidates: Candidates, envelope: Facts) -> None:
        if not candidates:
            return
        customer = self.customers[key]
        outputs, counts = decide(customer, candidates, moment_of(tenant, key, envelope))
        self._told(key, outputs, counts)
        for exposure in customer["exposures"]:
            if not exposure["sequence"]:
                insort(tenant["due"]["watermark"], (exposure["closes_at_ms"], key))
        for journey, _, _ in candidates:
            for _, due_at, is_deferred in journey["due"]:
                if is_deferred:
                    insort(tenant["due"]["now"], (due_at, key))
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

    def _expect(self, moment: Moment, kind: str, told: Iterable[tuple[Output, str]]) -> None:
        """Expect records about a customer, each counted under its name."""
        key = f"{moment.tenant}|{moment.customer_token}".encode()
        for output, name in told:
            self._rank += 1
            self.expected.append(Expected(self._rank, key, output))
            self.counts[f"{kind}|{moment.tenant}|{name}"] += 1

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
