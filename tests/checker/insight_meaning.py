"""
Look whether exposures mean what an effect takes them for, whoever counted them: SEMANTICS E1, E2.

Only what the topics themselves can say. Experiments are told apart by campaign and salt: those of
the campaigns' versions stand in the journal. The tenant's own is asked about where its holdout had
one salt all the time, for no record says which it was: core.md §3.17.
"""

from collections.abc import Iterable
from typing import Any

import orjson

from tests.checker.identity import Facts
from tests.checker.insight import FOLLOWED, MOVED, OBJECTED, OPENED, SETTLED
from tests.checker.log_reader import LogRecord, Topic
from tests.checker.report import Report


SAME = ("tenant", "customer_token", "campaign_id", "policy_version", "arm", "decided_at_ms")
MORE = ("is_first", "pools", "holdout_ppm", "option")
FOLLOWS = {
    SETTLED: (*SAME, *MORE),
    FOLLOWED: (*SAME, "pools", "holdout_ppm"),
    OBJECTED: SAME,
}
"""What must be as it was when the exposure opened."""

VERDICT_OF = {"control": "control", "holdout": "held_out"}
Experiment = tuple[str, ...]


class MeaningCheck:
    """What is asked of exposures, of the log as a whole."""

    def __init__(self, journal: Topic, report: Report) -> None:
        """Read in the journal which experiments there are."""
        self._report = report
        self._opened: dict[str, Facts] = {}
        self._told: set[tuple[str, ...]] = set()
        self._firsts: set[tuple[Any, ...]] = set()
        self._arms: dict[tuple[Any, ...], str] = {}
        self._held: dict[tuple[str, str], int] = {}
        self._holdouts: dict[str, set[int]] = {}
        self._cards: dict[tuple[str, str], int] = {}
        self._salts: dict[tuple[str, str, int], str] = {}
        self._holdout_salts: dict[str, set[str]] = {}
        for envelope in (orjson.loads(one.value or b"{}") for one in _flat(journal)):
            self._learn(envelope)

    def _learn(self, envelope: Facts) -> None:
        """Learn an experiment's salt from the journal."""
        tenant, record = envelope["tenant"], envelope["record"]
        kind = record.get("event_type")
        if kind == "policy.published":
            campaign = record["campaign"]
            salt = (campaign.get("experiment") or {}).get("salt", "")
            known = (tenant, campaign["id"], campaign["version"])
            if self._salts.setdefault(known, salt) != salt:  # one of them was refused
                self._salts[known] = f"of version {campaign['version']}"
        elif kind == "tenant.configured" and record.get("holdout_bp", 0):
            self._holdout_salts.setdefault(tenant, set()).add(record.get("holdout_salt", ""))

    def see_outcomes(self, outcomes: Topic) -> None:
        """Look at every record of the outcomes log: exposures, then all that came of them."""
        read = [(_type_of(one), orjson.loads(one.value or b"{}")) for one in _flat(outcomes)]
        for ce_type, record in read:
            if ce_type == OPENED:
                self._open(record)
        for ce_type, record in read:
            if ce_type in FOLLOWS:
                self._follow(ce_type, record)
            elif ce_type == MOVED:
                self._move(record)
        for record in self._opened.values():
            self._look_at_contact(record)
        for about in (about for about, count in self._cards.items() if count < 0):
            self._report.find("CARDS_BELOW_ZERO", f"{about}: {self._cards[about]}")

    def see_decisions(self, decisions: Topic) -> None:
        """Look whether marketing went out to somebody who was held out before."""
        for record in (orjson.loads(one.value or b"{}") for one in _flat(decisions)):
            about = (record["tenant"], record["customer_token"])
            for one in record.get("candidates", ()):
                is_sent = one["verdict"] == "sent" and one["message_class"] == "marketing"
                is_later = record["decided_at_ms"] > self._held.get(about, 2**63)
                if is_sent and is_later and not one.get("follows") and self._is_steady(about[0]):
                    self._report.find("HELD_OUT_SENT", f"{about} by {one['trigger_id']}")

    def _open(self, record: Facts) -> None:
        about = record["exposure_id"]
        if about in self._opened:
            self._report.find("EXPOSURE_TWICE", f"{about}: opened again")
            return
        self._opened[about] = record
        tenant, customer, arm = (record[name] for name in ("tenant", "customer_token", "arm"))
        self._holdouts.setdefault(tenant, set()).add(record["holdout_ppm"])
        if arm == "holdout":
            at_ms = record["decided_at_ms"]
            self._held[tenant, customer] = min(at_ms, self._held.get((tenant, customer), at_ms))

    def _look_at_contact(self, record: Facts) -> None:
        """Look at who was counted by an exposure, in which arm, and whether they were contacted."""
        tenant, customer, arm = (record[name] for name in ("tenant", "customer_token", "arm"))
        verdict, version = record["verdict"], record["policy_version"]
        known = (tenant, customer, *self._experiment(record))
        if record["is_first"]:
            self._count(record, known)
        known = (*known, version, record["holdout_ppm"])
        if self._arms.setdefault(known, arm) != arm and self._is_steady(tenant):
            self._report.find("ARM_CHANGED", f"{known}: {self._arms[known]}, then {arm}")
        if verdict != "assigned" and (verdict == "sent") == (arm in VERDICT_OF):
            self._report.find("HELD_OUT_SENT", f"{record['exposure_id']}: {verdict} of {arm}")

    def _count(self, record: Facts, known: tuple[Any, ...]) -> None:
        """Look whether a customer counts once, and of a campaign only while not held out."""
        if record["campaign_id"] and record["arm"] == "holdout":
            self._report.find("HELD_OUT_COUNTED", f"{known} by {record['exposure_id']}")
        if not record["campaign_id"] and len(self._salts_of_holdout(record["tenant"])) > 1:
            return
        if known in self._firsts:
            self._report.find("COUNTED_TWICE", f"{known}")
        self._firsts.add(known)

    def _experiment(self, record: Facts) -> Experiment:
        tenant, campaign, version = (
            record[name] for name in ("tenant", "campaign_id", "policy_version")
        )
        if not campaign:
            return ("",)
        return campaign, self._salts.get((tenant, campaign, version), f"of version {version}")

    def _is_steady(self, tenant: str) -> bool:
        """Return whether the tenant's holdout was one and the same all the time."""
        shares = self._holdouts.get(tenant, set())
        return len(self._salts_of_holdout(tenant)) <= 1 and len(shares) <= 1

    def _salts_of_holdout(self, tenant: str) -> set[str]:
        return self._holdout_salts.get(tenant, set())

    def _follow(self, ce_type: str, record: Facts) -> None:
        """Look whether what is told of an exposure is told once, of one that is known."""
        about, kind = record["exposure_id"], str(record.get("day", record.get("objection", "")))
        if (ce_type, about, kind) in self._told:
            self._report.find("EXPOSURE_TWICE", f"{about}: {ce_type} {kind} again")
        self._told.add((ce_type, about, kind))
        opened = self._opened.get(about)
        if opened is None:
            self._report.find("EXPOSURE_UNKNOWN", f"{about}: {ce_type}, never opened")
            return
        for name in FOLLOWS[ce_type]:
            if record.get(name) != opened.get(name):
                said = f"{name} was {opened.get(name)}, is {record.get(name)}"
                self._report.find("EXPOSURE_ALTERED", f"{about}: {ce_type}: {said}")

    def _move(self, record: Facts) -> None:
        for place, more in (("before", -1), ("after", 1)):
            if where := record[place]:
                about = (record["tenant"], where)
                self._cards[about] = self._cards.get(about, 0) + more


def _type_of(record: LogRecord) -> str:
    return dict(record.headers)["ce_type"].decode()


def _flat(topic: Topic) -> Iterable[LogRecord]:
    return (record for records in topic for record in records)
