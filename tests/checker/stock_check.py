"""
Check over all journal partitions that nothing was promised or spent twice (SEMANTICS C3).

This belongs to nobody's oracle: it knows no shares and folds no customer. It puts side by side
what was defined, what went out, and what came back, each at the clock of its journal partition.
What was given back once never counts again, for it may be taken again without a question asked:
a contact delivered after its release, an offer granted after its refusal. What was defined counts
as the most that ever was until then. So whatever is found here is wrong, whoever is right else.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from tests.checker.identity import Facts, uuid8
from tests.checker.log_reader import LogRecord
from tests.checker.oracle_customer import RELEASING
from tests.checker.oracle_offers import BACK
from tests.checker.report import Report
from tests.checker.verdict import ActualOutput


DEFINED, RETURNED, TAKEN = range(3)
"""In this order at one moment: nothing is found that another order would explain."""

Named = tuple[str, str]
"""A tenant and an offer or a campaign."""


class Move(NamedTuple):
    """At a moment something was defined, given back, or taken; `amount` is never negative."""

    at: int
    kind: int
    amount: int
    what: str = ""


class StockCheck:
    """Watches the journal, then looks at what went out."""

    def __init__(self, report: Report) -> None:
        """Report what is found to `report`."""
        self._report = report
        self._now: Counter[tuple[int, str]] = Counter()
        self._offers: dict[Named, list[Move]] = defaultdict(list)
        self._budgets: dict[Named, list[Move]] = defaultdict(list)
        self._unit_costs: dict[tuple[str, str, int], int] = {}
        self._contact_costs: dict[tuple[str, str, int, str, str], int] = {}
        self._released: dict[str, int] = {}
        self._returned: dict[str, int] = {}

    def see(self, record: LogRecord, envelope: Facts) -> None:
        """Take the next record of a journal partition."""
        event, tenant = envelope["record"], envelope["tenant"]
        place = (record.partition, tenant)
        at = 0 if envelope.get("backfill") else envelope["journal_at_ms"]
        at = self._now[place] = max(self._now[place], at, event.get("now_at_ms", 0))
        kind = event["event_type"]
        if kind == "offer.defined":
            offer = event["offer"]
            name = (tenant, offer["id"])
            self._offers[name].append(Move(at, DEFINED, offer["inventory_count"]))
            self._unit_costs[*name, offer["version"]] = offer.get("unit_cost_minor", 0)
        elif kind == "policy.published" and event["campaign"].get("budget_minor"):
            policy = event["campaign"]
            name = (tenant, policy["id"])
            self._budgets[name].append(Move(at, DEFINED, policy["budget_minor"]))
            cost = policy.get("contact_cost_minor", 0)
            of = (*name, policy["version"], event["policy_hash"])
            self._contact_costs[*of, ""] = cost
            for option in (policy.get("choice") or {}).get("options", ()):
                own = option.get("contact_cost_minor")
                self._contact_costs[*of, option["id"]] = cost if own is None else own
        elif kind == "delivery.receipt" and event["status"] in RELEASING:
            self._released.setdefault(event["trigger_id"], at)
        elif kind == "offer.result" and event["status"] in BACK:
            self._returned.setdefault(event["reservation_id"], at)

    def close(self, actual: Mapping[str, ActualOutput]) -> None:
        """Look at the output topics, by `Output.topic`, once all journal records were seen."""
        grants = {name: _first(records) for name, records in actual["offers"].by_id.items()}
        self._pair(grants, actual)
        for name, grant in grants.items():
            about = (grant["tenant"], grant["offer_id"])
            self._take(self._offers[about], grant["requested_at_ms"], 1, name, self._returned)
        by_trigger = {grant["trigger_id"]: grant for grant in grants.values()}
        for decision, chain in _chains(actual["decisions"]):
            self._spend(decision, chain, by_trigger)
        self._compare("OVERSOLD", self._offers)
        self._compare("OVERSPENT", self._budgets)

    def _pair(self, grants: Mapping[str, Facts], actual: Mapping[str, ActualOutput]) -> None:
        """Find reservations without a grant request, and the other way round."""
        carried: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        for trigger in _promising(actual):
            carried[trigger["reservation_id"]].add(_of(trigger))
        for name in sorted(carried.keys() | grants.keys()):
            grant, times = grants.get(name), len(actual["offers"].by_id.get(name, ()))
            if grant is None or times != 1:
                self._report.find("UNPAIRED", f"{name}: {times} grant requests")
            elif _of(grant) not in carried.get(name, ()):
                self._report.find("UNPAIRED", f"{name}: no trigger {grant['trigger_id']} has it")
            elif uuid8("reservation", grant["trigger_id"]) != name:
                self._report.find("UNPAIRED", f"{name}: not of trigger {grant['trigger_id']}")

    def _spend(self, decision: Facts, chain: list[Facts], grants: Mapping[str, Facts]) -> None:
        """Spend what a contact cost, with what its offer's unit cost; a chain is one contact."""
        first, last = chain[0], chain[-1]
        name = (decision["tenant"], first["campaign_id"])
        of = (*name, first["policy_version"], first["policy_hash"], first.get("option", ""))
        cost = self._contact_costs.get(of)
        if cost is None:
            return  # under a version without a budget
        moves, at = self._budgets[name], decision["decided_at_ms"]
        self._take(moves, at, cost, last["trigger_id"], self._released)
        grant = grants.get(first["trigger_id"])
        if grant is not None:
            about = (name[0], grant["offer_id"], grant["offer_version"])
            unit_cost = self._unit_costs.get(about, 0)
            self._take(moves, at, unit_cost, grant["reservation_id"], self._returned)

    def _take(
        self, moves: list[Move], at: int, amount: int, what: str, back: Mapping[str, int]
    ) -> None:
        moves.append(Move(at, TAKEN, amount, what))
        if what in back:
            moves.append(Move(max(at, back[what]), RETURNED, amount, what))

    def _compare(self, kind: str, about: Mapping[Named, list[Move]]) -> None:
        """Find what was taken beyond the most that was defined by then."""
        for name, moves in about.items():
            most = taken = 0
            for move in sorted(moves):
                if move.kind == DEFINED:
                    most = max(most, move.amount)
                else:
                    taken += move.amount if move.kind == TAKEN else -move.amount
                if move.kind == TAKEN and move.amount and taken > most:
                    said = f"{' '.join(name)}: {taken} of {most} at {move.at} with {move.what}"
                    self._report.find(kind, said)


def _first(records: list[LogRecord]) -> Facts:
    found: Facts = msgspec.json.decode(records[0].value or b"{}")
    return found


def _promising(actual: Mapping[str, ActualOutput]) -> Iterator[Facts]:
    """Yield the triggers that promise an offer."""
    for records in (one for topic in actual.values() for one in topic.by_id.values()):
        value = records[0].value or b""
        if b'"idempotency_key"' in value and b'"reservation_id":""' not in value:
            yield _first(records)


def _of(one: Facts) -> tuple[str, ...]:
    """Return what a trigger and its grant request must say alike."""
    names = ("tenant", "customer_token", "offer_id", "campaign_id", "trigger_id")
    return tuple(one[name] for name in names)


def _chains(decisions: ActualOutput) -> Iterator[tuple[Facts, list[Facts]]]:
    """Yield each contact that was sent: its decision, and its candidates slot by slot."""
    later: dict[str, Facts] = {}
    firsts = []
    for records in decisions.by_id.values():
        decision = _first(records)
        for candidate in _sent(decision["candidates"]):
            if candidate["follows"]:
                later[candidate["follows"]] = candidate
            else:
                firsts.append((decision, candidate))
    for decision, candidate in firsts:
        chain = [candidate]
        while chain[-1]["trigger_id"] in later:
            chain.append(later[chain[-1]["trigger_id"]])
        yield decision, chain


def _sent(candidates: Iterable[Any]) -> Iterator[Facts]:
    return (one for one in candidates if one["verdict"] == "sent")
