"""
Learn one partition of the outcomes log again, from docs/learning.md alone: what must come of it.

A second opinion, so of another make: dicts and lists of everything that is judged, no River, no
sums kept along the way. What is compared with the house is in `learning_check`.
"""

from collections import Counter
from typing import NamedTuple

from tests.checker import learning_segments as segments
from tests.checker.identity import Facts
from tests.checker.learning_choices import count, is_counted, new_choice, published
from tests.checker.learning_cohorts import (
    drift_after,
    loss_of_score,
    pour,
    report_of,
    shift_of,
    tally_of,
)
from tests.checker.learning_heads import MILLION, taught
from tests.checker.learning_state import (
    HEADS,
    defined,
    enter,
    is_matched,
    is_ripe,
    put_down,
    vector_in,
)
from tests.checker.oracle_models import has_evidence


REPORTS_MAX = 8
SHIFT_MAX = 0.25
AVERAGE_KEPT = 0.995
LOSS_ROUNDING = 1e-9
LEAST_AVERAGE = 1e-6
KEPT_BACK = ("control", "holdout")
HEAD_OF = {"sent": "contact", "control": "control"}
EXPOSURE, OUTCOME, TOLD = "exposure.opened.v1", "outcome.recorded.v1", "model.told.v1"

Place = tuple[str, int, int]
"""Topic, partition, offset."""


class Published(NamedTuple):
    """A snapshot, the record at which it was made, and the model's time."""

    tenant: str
    place: Place
    at_ms: int
    snapshot: Facts


class LearningOracle:
    """
    What one partition of the outcomes log calls for.

    Attributes:
        published: every snapshot, in order.
        models: what is known of each, by tenant and id.
        choices: what options have brought, by tenant and campaign.
        segments: how customers spend, by tenant.
    """

    def __init__(self) -> None:
        """Begin before the first record."""
        self.published: list[Published] = []
        self.models: dict[tuple[str, str], Facts] = {}
        self.choices: dict[tuple[str, str], Facts] = {}
        self.segments: dict[str, Facts] = {}
        self._counts: Counter[str] = Counter()

    @property
    def counts(self) -> Counter[str]:
        """What the row of counts must say."""
        found = self._counts.copy()
        for (tenant, model_id), state in self.models.items():
            times = (drift_after(state[name])[1] for name in ("scores", "losses"))
            for kind, before, more in zip(
                ("SCORES", "LOSSES"), state["alarms"], times, strict=True
            ):
                found[f"alarm|{tenant}|{model_id}|{kind}"] += before + more
        return +found

    def see(self, ce_type: str, record: Facts, place: Place) -> None:
        """Take the next record of the partition, decoded, with its coordinates."""
        tenant, name = record["tenant"], record.get("model_id", "")
        if is_counted(ce_type, record):
            self._choose(record, place)
            return
        if ce_type == segments.OBSERVED:
            self._observe(record, place)
            return
        if not name or ce_type not in (EXPOSURE, OUTCOME, TOLD):
            self._counts[f"passed|{tenant}"] += 1
            return
        self._see_of_model(ce_type, record, place)

    def _see_of_model(self, ce_type: str, record: Facts, place: Place) -> None:
        tenant, name = record["tenant"], record["model_id"]
        state = self.models.get((tenant, name))
        if state is not None:
            times = ("decided_at_ms", "closed_at_ms", "told_at_ms")
            state["time"] = max(state["time"], *(record.get(time, 0) for time in times))
        is_known = state is not None and (ce_type == TOLD or is_matched(state, record))
        if state is not None and is_known:
            self._place(ce_type, record, state)
        if state is not None:
            self._judge(tenant, state, place)
        if ce_type == TOLD and record["record"]["event_type"] == "model.defined":
            self._define(record, state, place)
        elif state is None or not is_known:
            self._counts[f"unmatched|{tenant}|{name}"] += 1
        elif ce_type == TOLD:
            self._set(record, state, place)
        else:
            self._teach(ce_type, record, state)
            self._publish_if_due(tenant, state, place)

    def _choose(self, settled: Facts, place: Place) -> None:
        """Count what an option has brought, and publish where it is time."""
        tenant, campaign = settled["tenant"], settled["campaign_id"]
        choice = self.choices.setdefault((tenant, campaign), new_choice())
        count(choice, settled)
        self._counts[f"chosen|{tenant}|{campaign}"] += 1
        said = published(choice, settled)
        if said is not None:
            self._counts[f"published|{tenant}|{campaign}|choice"] += 1
            self.published.append(Published(tenant, place, settled["settled_at_ms"], said))

    def _observe(self, seen: Facts, place: Place) -> None:
        """Learn from how a customer spends, and publish where it is time."""
        tenant = seen["tenant"]
        known = self.segments.setdefault(tenant, segments.new_segments())
        segments.learn(known, seen)
        self._counts[f"observed|{tenant}"] += 1
        said = segments.published(known, seen)
        if said is not None:
            self._counts[f"published|{tenant}||segments"] += 1
            self.published.append(Published(tenant, place, seen["observed_at_ms"], said))

    def _place(self, ce_type: str, record: Facts, state: Facts) -> None:
        """Let a contact, or what came of it, find its cohort."""
        if ce_type == EXPOSURE and record["verdict"] == "sent":
            state["scores"].append(record["score_ppm"] / MILLION)
            enter(state, record)
        is_first = ce_type == OUTCOME and record["sequence"] == 1
        if is_first and record["arm"] not in KEPT_BACK:
            is_in_time, label = put_down(state, record), record["label"]
            if label is not None:
                state["losses"].append(loss_of_score(record["score_ppm"], label))
                if not is_in_time:
                    self._count("late", record["tenant"], state)

    def _teach(self, ce_type: str, record: Facts, state: Facts) -> None:
        """Learn of an exposure as not converted, and of a conversion that came of it."""
        if ce_type == EXPOSURE:
            if record["verdict"] in HEAD_OF:
                self._learn(HEAD_OF[record["verdict"]], record, state, 0)
            return
        if record["sequence"] > 1:
            self._count("corrected", record["tenant"], state)
        if record["label"] == 1 and record["sequence"] <= 2 and record["arm"] != "holdout":
            is_control = record["arm"] == "control"
            self._learn("control" if is_control else "contact", record, state, 1)

    def _count(self, what: str, tenant: str, state: Facts, kind: str = "") -> None:
        more = f"|{kind}" if kind else ""
        self._counts[f"{what}|{tenant}|{state['model']['id']}{more}"] += 1

    def _set(self, told: Facts, state: Facts, place: Place) -> None:
        """Hold a model or let it go on, and take it back to what it was."""
        tenant, record = told["tenant"], told["record"]
        state["frozen"] = record["frozen"]
        back = record.get("rollback_sequence", 0)
        if back in state["kept"]:
            state |= {name: state["kept"][back][name] for name in HEADS}
            self._publish(tenant, state, "rolled_back", place)
        elif back:
            self._counts[f"ignored|{tenant}|NOT_KEPT"] += 1

    def _define(self, told: Facts, before: Facts | None, place: Place) -> None:
        tenant, record = told["tenant"], told["record"]
        model = record["model"]
        if before is not None and model["version"] <= before["model"]["version"]:
            self._counts[f"ignored|{tenant}|STALE_VERSION"] += 1
            return
        state = defined(record, before)
        state["time"] = max(state["time"], told["told_at_ms"])
        if before is not None and state["scores"] is not before["scores"]:
            lists = (before["scores"], before["losses"])
            more = [drift_after(values)[1] for values in lists]
            state["alarms"] = [a + b for a, b in zip(before["alarms"], more, strict=True)]
        self.models[tenant, model["id"]] = state
        self._publish(tenant, state, "defined", place)

    def _learn(self, name: str, record: Facts, state: Facts, label: int) -> None:
        head = taught(state["model"], state[name], vector_in(record), label)
        if head is None:
            self._count("refused", record["tenant"], state)
            return
        state[name] = head
        state["since"] += 1
        state["is_taught"] = True
        self._count("converted" if label else "learnt", record["tenant"], state)

    def _judge(self, tenant: str, state: Facts, place: Place) -> None:
        """Judge every cohort that is ripe, the oldest first."""
        cohorts = state["cohorts"]
        while len(cohorts) > 1 and is_ripe(state, cohorts[0]):
            cohort = cohorts.pop(0)
            state["judged_until"] = cohorts[0]["from_ms"]
            if cohort["outcomes"]:
                self._weigh(tenant, state, cohort, place)

    def _weigh(self, tenant: str, state: Facts, cohort: Facts, place: Place) -> None:
        """Take to heart how a cohort went."""
        tally = tally_of(cohort, is_compared=cohort["champion"] in state["kept"])
        report = report_of(tally)
        shift = shift_of(tally, state["pooled"])
        n, k = report["outcome_count"], report["conversion_count"]
        about = [cohort["from_ms"], state["time"], cohort["champion"], cohort["exposure_count"]]
        state["reports"] = [*state["reports"], [*about, shift, [*report.values()]]][-REPORTS_MAX:]
        pour(state["pooled"], tally, report["auc"])
        left = AVERAGE_KEPT**n
        average = state["average"] * left + (1 - left) * k / n
        state["average"] = max(LEAST_AVERAGE, min(1 - LEAST_AVERAGE, average))
        if shift > SHIFT_MAX:
            self._count("alarm", tenant, state, "SHIFT")
        if report["loss"] - report["average_loss"] > LOSS_ROUNDING:
            self._count("alarm", tenant, state, "WORSE")
            self._be_worse(tenant, state, place)
            return
        state["worse_count"] = 0
        if cohort["champion"] in state["kept"]:
            state["good"].add(cohort["champion"])
        if state["withheld"]:
            self._publish_again(tenant, state, place)

    def _be_worse(self, tenant: str, state: Facts, place: Place) -> None:
        """At the second cohort in a row go back to what was good, or withhold what is not."""
        state["worse_count"] += 1
        if state["worse_count"] < 2 or not state["is_proven"]:
            return
        state["worse_count"] = 0
        good = state["good"] - {state["fallen_to"]}
        if good:
            state["fallen_to"] = max(good)
            state |= {name: state["kept"][max(good)][name] for name in HEADS}
            state["withheld"] = False
            self._publish(tenant, state, "fallen_back", place)
        elif not state["withheld"]:
            self._publish_again(tenant, state, place)

    def _publish_again(self, tenant: str, state: Facts, place: Place) -> None:
        """Say at once that what was published last is withheld, or is no more."""
        state["withheld"] = not state["withheld"]
        learnt = {name: state[name] for name in HEADS}
        state |= {name: state["published"][name] for name in HEADS}
        self._publish(tenant, state, "fallen_back", place)
        state |= learnt

    def _publish_if_due(self, tenant: str, state: Facts, place: Place) -> None:
        model, is_taught = state["model"], state["is_taught"]
        state["is_taught"] = False
        waited_ms = state["time"] - state["published_at"]
        is_due = state["since"] >= model["publish_count"] or waited_ms >= model["publish_every_ms"]
        if is_taught and is_due and not state["frozen"]:
            self._publish(tenant, state, "learnt", place)

    def _publish(self, tenant: str, state: Facts, reason: str, place: Place) -> None:
        """Publish both heads under the next sequence."""
        state["sequence"] += 1
        snapshot = {
            "event_type": "model.published",
            "model": state["model"],
            "sequence": state["sequence"],
            "reason": reason,
            "withheld": state["withheld"],
            **{name: state[name] for name in HEADS},
        }
        state |= {"published": snapshot, "published_at": state["time"], "since": 0}
        state["is_proven"] |= has_evidence(state["contact"], state["model"])
        self._count("published", tenant, state, reason)
        self.published.append(Published(tenant, place, state["time"], snapshot))
