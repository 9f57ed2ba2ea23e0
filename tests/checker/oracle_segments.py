"""Tell learning how customers spend, and adopt the segments that it makes of it: core.md §3.20."""

import msgspec

from tests.checker.identity import Facts, event_hash, uuid8
from tests.checker.oracle_features_spend import decayed_minor, scene_share_ppm
from tests.checker.oracle_models import is_opted_out
from tests.checker.oracle_moment import Moment
from tests.checker.oracle_output import Output
from tests.checker.oracle_subject import Subject


def observed(customer: Facts, moment: Moment) -> list[Output]:
    """Return what is told of a customer's spending by the event that is the moment's cause."""
    envelope, event = moment.cause, moment.cause["record"]
    if event["event_type"] != "statement.issued" or not customer["recent"]:
        return []
    if is_opted_out(customer):
        return []
    mark = event_hash(envelope["event_source"], envelope["event_id"])
    name = uuid8("observed", moment.tenant, moment.customer_token, f"{mark:016x}")
    about = Subject(customer, "", None, event["currency"], moment.now_ms, "")
    said = {
        "v": 1,
        "observed_id": name,
        "tenant": moment.tenant,
        "customer_token": moment.customer_token,
        "currency": event["currency"],
        "spend_minor": max(0, decayed_minor(about, 30)),
        "scene_share_ppm": scene_share_ppm(about),
        "observed_at_ms": moment.now_ms,
    }
    value, key = msgspec.json.encode(said), f"{moment.tenant}|".encode()
    return [Output("outcomes", name, value, "customer.observed.v1", key)]


def adopt_segments(tenant: Facts, record: Facts) -> str:
    """Let segments hold from now on (L1); return under which name they are counted."""
    known = tenant["segments"]
    if known is not None and record["sequence"] <= known["sequence"]:
        return "STALE_VERSION"
    tenant["segments"] = record
    return "segments.published"
