"""
Let models be told, adopted and asked: core.md §3.16.

A tenant's models are the records of their snapshots, by id. Sums are plain floats in the page's
order, so that they come to the last bit.
"""

import struct
from collections.abc import Iterable
from math import exp, floor, log1p

import msgspec

from tests.checker import oracle_records as records
from tests.checker.identity import Facts, uuid8
from tests.checker.model_shapes import fits, is_sound, places, whole
from tests.checker.oracle_clauses import is_bounded
from tests.checker.oracle_features import FEATURES, subject_of, values
from tests.checker.oracle_moment import Moment
from tests.checker.oracle_output import Output
from tests.checker.oracle_rules import computed, names_in, returns


MODELS_MAX = 32
VECTORS_MAX = 8
CONTRIBUTIONS_MAX = 5
NUMBER_MAX = 4.0
LOG_ODDS_MAX = 35.0
RETURNED = {"number": ("int", "bool"), "category": ("string",)}
"""What the rule of an input of a kind may be."""

TOLD = ("model.defined", "model.set")
UNSEEN: Facts = {
    "model_id": "",
    "model_version": 0,
    "model_sequence": 0,
    "score_ppm": 0,
    "vector": b"",
}
"""What an exposure keeps of a model where none was asked."""


def why_refused(models: Facts, record: Facts) -> str:
    """Return why a definition is not taken, "" where it is; it changes nothing here."""
    model = record["model"]
    heads = (record.get("contact"), record.get("control"))
    if not can_decide(model, heads):
        return "BAD_RULE"
    others = models.keys() - {model["id"]}
    return "STATE_FULL" if len(others) >= MODELS_MAX else ""


def can_decide(model: Facts, heads: Iterable[Facts | None]) -> bool:
    """Return whether a model is sound, its rules can be asked, and its heads are its own."""
    return is_sound(model) and can_be_asked(model) and all(fits(head, model) for head in heads)


def can_be_asked(model: Facts) -> bool:
    """Return whether every input's rule is within the bounds and of a kind that it may be."""
    return all(
        is_bounded(one["is"]["tree"], "") and returns(one["is"]["text"], *RETURNED[one["kind"]])
        for one in model["inputs"]
    )


def told(moment: Moment) -> Output:
    """Return what learning is told of the control record that is the moment's cause."""
    envelope = moment.cause
    record = envelope["record"]
    name = uuid8("told", envelope["event_source"], envelope["event_id"])
    model_id = record["model"]["id"] if "model" in record else record["model_id"]
    said = {
        "v": 1,
        "told_id": name,
        "tenant": moment.tenant,
        "model_id": model_id,
        "told_at_ms": moment.now_ms,
        "record": record,
        "cause": records.cause(moment),
    }
    key = f"{moment.tenant}|{model_id}".encode()
    return Output("outcomes", name, msgspec.json.encode(said), "model.told.v1", key)


def adopt(models: Facts, record: Facts) -> str:
    """Let a snapshot decide from now on (L1); return under which name it is counted."""
    name = record["model"]["id"]
    if name in models and record["sequence"] <= models[name]["sequence"]:
        return "STALE_VERSION"
    if not can_decide(record["model"], (record["contact"], record["control"])):
        return "BAD_RULE"
    models[name] = record
    return "model.published"


def kept_snapshot(record: Facts) -> Facts:
    """Return what the row of a snapshot must say: nothing that only learning needs."""
    bare = {name: {**record[name], "squares": []} for name in ("contact", "control")}
    return record | bare


def unlearnt(policy: Facts) -> Facts:
    """Return how likely a contact of a campaign is to convert where nobody has learnt anything."""
    return {"propensity_ppm": policy.get("base_rate_ppm", 0), "propensity_from": "base_rate"}


def is_opted_out(customer: Facts) -> bool:
    """Return whether the customer wants no personalisation."""
    preference = customer["preference"]
    return preference is not None and bool(preference[1])


def ranked_by_model(
    customer: Facts, journey: Facts, policy: Facts, moment: Moment
) -> tuple[Facts, Facts]:
    """Return how likely a contact is to convert, and by what; and what an exposure keeps of it."""
    ranked = unlearnt(policy)
    snapshot = moment.models.get(policy.get("model", ""))
    if snapshot is None or is_opted_out(customer):
        return ranked, UNSEEN
    model = whole(snapshot["model"])
    vector = vector_of(model, customer, (journey, policy), moment)
    contact = score(model, snapshot["contact"], vector)
    control = score(model, snapshot["control"], vector)
    if snapshot.get("withheld") or not has_evidence(snapshot["contact"], model):
        ranked["propensity_from"] = "evidence"
    elif has_evidence(snapshot["control"], model):
        ranked |= {"propensity_from": "uplift", "propensity_ppm": contact - control}
    else:
        ranked |= {"propensity_from": "model", "propensity_ppm": contact}
    ranked["model"] = f"{model['id']}|{model['version']}|{snapshot['sequence']}"
    ranked |= {"score_ppm": contact, "control_score_ppm": control}
    ranked["contributions"] = contributions(model, snapshot["contact"], vector)
    return ranked, {
        "model_id": model["id"],
        "model_version": model["version"],
        "model_sequence": snapshot["sequence"],
        "score_ppm": contact,
        "vector": struct.pack(f"<{len(vector)}f", *vector),
    }


def has_evidence(head: Facts, model: Facts) -> bool:
    """Return whether a head has learnt from as much as its model asks for."""
    names = ("exposure_count", "conversion_count")
    return all(head.get(name, 0) >= model[f"{name}_min"] for name in names)


def vector_of(
    model: Facts, customer: Facts, about: tuple[Facts, Facts], moment: Moment
) -> list[float]:
    """Return what a model looks at (`about` a journey of a policy), as near as float32 comes."""
    journey, policy = about
    subject = subject_of(customer, journey, policy, moment)
    found = []
    for one in model["inputs"]:
        text = one["is"]["text"]
        known = values(subject, names_in(text) & FEATURES.keys())
        found.append(_float32(_number(one, computed(text, known))))
    return found


def _number(one: Facts, value: object) -> float:
    """Return an input's number for the value of its rule, None for no value."""
    if one["kind"] == "category":
        return float(1 + one["values"].index(value)) if value in one["values"] else 0.0
    if not isinstance(value, int):
        return 0.0
    above = value - one["offset"]
    if one["scale"] == "log":
        number = log1p(max(0, above)) / log1p(one["divisor"])
    else:
        number = above / one["divisor"]
    return max(-NUMBER_MAX, min(NUMBER_MAX, number))


def _float32(number: float) -> float:
    nearest: float = struct.unpack("<f", struct.pack("<f", number))[0]
    return nearest


def terms(model: Facts, head: Facts, vector: list[float]) -> list[tuple[str, float]]:
    """Return what each input adds to a head's log-odds, in their order."""
    return [
        (
            one["id"],
            head["weights"][place] * x
            if one["kind"] == "number"
            else head["weights"][place + int(x)],
        )
        for one, place, x in zip(model["inputs"], places(model), vector, strict=True)
    ]


def probability(model: Facts, head: Facts, vector: list[float]) -> float:
    """Return a head's probability, unrounded."""
    z: float = head["intercept"]
    for _, term in terms(model, head, vector):
        z += term
    z = max(-LOG_ODDS_MAX, min(LOG_ODDS_MAX, z))
    return 1 / (1 + exp(-z))


def score(model: Facts, head: Facts, vector: list[float]) -> int:
    """Return a head's score in parts per million."""
    return max(1, min(999_999, floor(probability(model, head, vector) * 10**6)))


def contributions(model: Facts, head: Facts, vector: list[float]) -> dict[str, int]:
    """Return what moved a score most, in millionths of log-odds, the greatest first."""
    moving = [one for one in terms(model, head, vector) if one[1] != 0]
    moving.sort(key=lambda one: -abs(one[1]))
    most = 2**53
    return {
        name: max(-most, min(most, floor(term * 10**6)))
        for name, term in moving[:CONTRIBUTIONS_MAX]
    }


def forget_a_vector(exposures: list[Facts]) -> None:
    """Let an exposure lose its vector where one more is about to be kept."""
    having = [one for one in exposures if one["vector"]]
    if len(having) >= VECTORS_MAX:
        closed = [one for one in having if one["sequence"]]
        (closed or having)[0]["vector"] = b""
