"""
Fold one partition of decisions and outcomes again, from docs/insight.md alone.

What is compared with the house is in `insight_check`.
"""

from collections import Counter
from copy import deepcopy
from typing import Any, NamedTuple

from tests.checker.identity import Facts, uuid8
from tests.checker.insight_campaign import (
    TIMES,
    VERSIONS_MAX,
    begun,
    follow,
    new_campaign,
    object_to,
    open_up,
    settle,
)
from tests.checker.insight_guardrails import harmed, objected
from tests.checker.insight_row import version_report


HOUR_MS = 3_600_000
BIN_COUNT = 24
SOURCE = "cardcue/insight"
DECISION, MOVED, OPENED = "decision.recorded.v1", "card.moved.v1", "exposure.opened.v1"
SETTLED, FOLLOWED = "exposure.settled.v1", "exposure.followed.v1"
OBJECTED = "exposure.objected.v1"
EXPOSURES = (OPENED, SETTLED, FOLLOWED, OBJECTED)

Place = tuple[str, int, int]
"""Topic, partition, offset."""


class Told(NamedTuple):
    """What insight tells people: type, key and record."""

    ce_type: str
    key: str
    record: Facts


class InsightOracle:
    """
    What one partition of both topics calls for.

    Attributes:
        counts: what the row of counts must say.
        funnels: by tenant: where its cards stand.
        campaigns: by tenant and campaign: what is known of its effect.
        told: every report, in order.
        trips: every envelope that the journal must have, in order.
    """

    def __init__(self, partition: int) -> None:
        """Begin before the first record."""
        self.counts: Counter[str] = Counter()
        self.funnels: dict[str, Facts] = {}
        self.campaigns: dict[tuple[str, str], Facts] = {}
        self.told: list[Told] = []
        self.trips: list[Facts] = []
        self._partition = partition

    def see(self, ce_type: str, record: Facts, place: Place) -> None:
        """Take the next record of a topic, decoded, with its coordinates."""
        if ce_type == DECISION and not record["shadow"]:
            self._decide(record)
        elif ce_type == DECISION:
            self.counts[f"passed|{record['tenant']}"] += len(record["candidates"])
        elif ce_type == MOVED:
            self._move(record)
        elif ce_type in EXPOSURES:
            self._expose(ce_type, record, place)
        else:
            self.counts[f"passed|{record['tenant']}"] += 1

    def _decide(self, record: Facts) -> None:
        """Count what became of each candidate, and how its caps stood."""
        tenant = record["tenant"]
        for one in record["candidates"]:
            about = (one["campaign_id"], one["verdict"], one["reason_code"])
            self.counts["|".join(("decision", tenant, *about))] += 1
            for cap in one["caps"]:
                name = f"cap|{tenant}|{cap['scope']}"
                self.counts[f"{name}|asked"] += 1
                if cap["count_before"] >= cap["count_max"]:
                    self.counts[f"{name}|stopped"] += 1
                elif cap["count_after"] == cap["count_max"]:
                    self.counts[f"{name}|filled"] += 1

    def _move(self, record: Facts) -> None:
        """Count a card elsewhere, and how long it waited for what it reached."""
        tenant = record["tenant"]
        self.counts[f"moved|{tenant}"] += 1
        new: Facts = {"at_ms": 0, "reported_at_ms": 0, "cards": {}, "reached": {}, "waited": {}}
        funnel = self.funnels.setdefault(tenant, new)
        for place, more in (("before", -1), ("after", 1)):
            if where := record[place]:
                stand = funnel["cards"].pop(where, 0) + more
                funnel["cards"] |= {where: stand} if stand else {}
        if reached := record["reached"]:
            funnel["reached"][reached] = funnel["reached"].get(reached, 0) + 1
            if record["waited_ms"] >= 0:
                bins = funnel["waited"].setdefault(reached, [0] * BIN_COUNT)
                bins[bin_of(record["waited_ms"])] += 1
        funnel["at_ms"] = max(funnel["at_ms"], record["moved_at_ms"])
        said = {name: funnel[name] for name in ("cards", "reached", "waited")}
        self._report_if_due(funnel, "funnel", (tenant,), lambda: said)

    def _expose(self, ce_type: str, record: Facts, place: Place) -> None:
        """Count what is known of an exposure, of a version that is known or begins."""
        about = tenant, name = record["tenant"], record["campaign_id"]
        campaign = self.campaigns.get(about, new_campaign())
        version = campaign["versions"].get(record["policy_version"])
        if version is None and ce_type != OPENED:
            self.counts[f"unmatched|{tenant}|{name}"] += 1
            return
        self.campaigns[about] = campaign
        self.counts[f"effect|{tenant}|{name}"] += 1
        if version is None:
            version = self._begin(campaign, record)
        campaign["at_ms"] = max(campaign["at_ms"], next(record[t] for t in TIMES if t in record))
        if trip := _taken(ce_type, version, record, campaign["at_ms"]):
            self._trip(record, trip, campaign["at_ms"], place)
        versions = campaign["versions"]
        said = {"campaign_id": name, "stage": campaign["stage"]}
        self._report_if_due(
            campaign,
            "effect",
            about,
            lambda: said | {"versions": [version_report(n, versions[n]) for n in sorted(versions)]},
        )

    def _begin(self, campaign: Facts, record: Facts) -> Facts:
        """Let a version begin, the lowest of too many go."""
        versions: dict[int, Facts] = campaign["versions"]
        if len(versions) >= VERSIONS_MAX:
            del versions[min(versions)]
            self.counts[f"forgotten|{record['tenant']}|{record['campaign_id']}"] += 1
        campaign["stage"] = record["stage"]
        versions[record["policy_version"]] = begun(record)
        return versions[record["policy_version"]]

    def _trip(self, record: Facts, trip: Facts, at_ms: int, place: Place) -> None:
        """Hold a campaign: in the journal, and told to people."""
        tenant, name, kind = record["tenant"], record["campaign_id"], trip["kind"]
        version, nth = record["policy_version"], trip.pop("sequence")
        self.counts[f"tripped|{tenant}|{name}|{kind}"] += 1
        said = {"event_type": "guardrail.tripped", "campaign_id": name}
        said |= {"policy_version": version, **trip}
        said |= {"partition": self._partition, "sequence": nth}
        event_id = f"{name}-{version}-{kind}-{self._partition}-{nth}"
        self.trips.append(_envelope(tenant, at_ms, event_id, place, said))
        about = (tenant, name, str(version), kind, str(self._partition), str(nth))
        report_id = uuid8("guardrail", *about)
        body = {"v": 1, "report_id": report_id, "tenant": tenant, "at_ms": at_ms, "tripped": said}
        key = f"{tenant}|{name}|{self._partition}|{version}|{kind}"
        self.told.append(Told("guardrail.tripped.v1", key, body))

    def _report_if_due(self, row: Facts, what: str, about: tuple[str, ...], said: Any) -> None:  # noqa: ANN401 (called once it is due)
        """Tell people what is known once an hour of the row's own time has gone by."""
        at_ms = row["at_ms"]
        if at_ms - row["reported_at_ms"] < HOUR_MS:
            return
        row["reported_at_ms"] = at_ms
        named = (*about, str(self._partition))
        body = {
            "v": 1,
            "report_id": uuid8(what, *named, str(at_ms)),
            "tenant": about[0],
            "partition": self._partition,
            "at_ms": at_ms,
        }
        key = "|".join((about[0], *(about[1:] or ("",)), str(self._partition), what))
        self.told.append(Told(f"{what}.reported.v1", key, body | deepcopy(said())))


def _taken(ce_type: str, version: Facts, record: Facts, at_ms: int) -> Facts | None:
    """Count a record in its version; return what trips of it."""
    if ce_type == SETTLED:
        return harmed(version, record, settle(version, record), at_ms)
    if ce_type == OBJECTED:
        object_to(version, record)
        return objected(version, record, at_ms)
    (open_up if ce_type == OPENED else follow)(version, record)
    return None


def bin_of(waited_ms: int) -> int:
    """Return the bin of a waiting time: the first is an hour, each twice the one before."""
    return min((waited_ms // HOUR_MS).bit_length(), BIN_COUNT - 1)


def _envelope(tenant: str, at_ms: int, name: str, place: Place, record: Facts) -> Facts:
    return {
        "v": 1,
        "tenant": tenant,
        "customer_token": "",
        "journal_at_ms": at_ms,
        "occurred_at_ms": at_ms,
        "event_id": name,
        "event_source": SOURCE,
        "source": list(place),
        "lateness_ms": 0,
        "backfill": False,
        "key_id": "",
        "semantics_version": 1,
        "record": record,
    }
