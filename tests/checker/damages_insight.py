"""Damage to what insight read and told, each kind once, and what the checker must call it."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec

from tests.checker.insight import MOVED, OPENED, SETTLED
from tests.checker.insight_by_hand import OUTCOMES, candidate, decided, opened
from tests.checker.log_reader import LogRecord
from tests.checker.tiny_insight import (
    CARDS,
    DECISIONS,
    EFFECT,
    JOURNAL,
    TOLD,
    Topics,
    add,
    edit,
    kept_row,
    place_of,
    rewritten,
    row,
    write_again,
)


def _settle_twice_as_counted(found: Topics) -> None:
    again = found[OUTCOMES][0][place_of(found, SETTLED, 0)]
    add(found, OUTCOMES, (SETTLED, msgspec.json.decode(again.value or b"")))
    write_again(found)


def _settle_twice_unread(found: Topics) -> None:
    again = found[OUTCOMES][0][place_of(found, SETTLED, 0)]
    add(found, OUTCOMES, (SETTLED, msgspec.json.decode(again.value or b"")))


def _swap_an_arm(found: Topics) -> None:
    edit(found, SETTLED, 0, arm="control")


def _swap_an_arm_as_counted(found: Topics) -> None:
    rewritten(found, SETTLED, 0, arm="control")


def _settle_what_was_never_opened(found: Topics) -> None:
    rewritten(found, SETTLED, 0, exposure_id="nobody")


def _expose_somebody_again_as_first(found: Topics) -> None:
    rewritten(found, OPENED, 1, customer_token="c-0")
    rewritten(found, SETTLED, 1, customer_token="c-0")
    _rename(found, "c-1", "c-0")


def _rename(found: Topics, old: str, new: str) -> None:
    """Let all of a customer's records be another's."""
    for at, one in enumerate(found[OUTCOMES][0]):
        value = (one.value or b"").replace(f'"{old}"'.encode(), f'"{new}"'.encode())
        found[OUTCOMES][0][at] = one._replace(value=value)


def _count_who_is_held_out(found: Topics) -> None:
    """The old way: a campaign's exposure of who is held out was the first like any other's."""
    add(found, OUTCOMES, opened("x", "holdout"))
    write_again(found)


def _be_in_two_arms(found: Topics) -> None:
    edit(found, OPENED, 3, is_first=False)
    edit(found, SETTLED, 3, is_first=False)
    write_again(found)
    _rename(found, "c-3", "c-0")


def _contact_a_control(found: Topics) -> None:
    rewritten(found, OPENED, 3, verdict="sent")


def _send_to_the_held_out(found: Topics) -> None:
    add(found, OUTCOMES, opened("x", "holdout", is_first=False))
    add(found, DECISIONS, decided(candidate("sent"), customer="c-x"))
    write_again(found)


def _take_a_card_that_was_not_there(found: Topics) -> None:
    rewritten(found, MOVED, 1, before="bound", after="issued")


def _lose_a_trip(found: Topics) -> None:
    del found[JOURNAL][1][0]


def _edit_trip(found: Topics, partition: int, **fields: Any) -> None:  # noqa: ANN401
    records = found[JOURNAL][partition]
    envelope = msgspec.json.decode(records[-1].value or b"")
    record = envelope["record"] | {k: v for k, v in fields.items() if k in envelope["record"]}
    envelope |= {k: v for k, v in fields.items() if k in envelope} | {"record": record}
    records[-1] = records[-1]._replace(value=msgspec.json.encode(envelope))


def _invent_a_trip(found: Topics) -> None:
    found[JOURNAL][0].append(found[JOURNAL][0][-1])
    _edit_trip(found, 0, event_id="nudge-1-complaint", kind="complaint")


def _double_a_trip(found: Topics) -> None:
    found[JOURNAL][0].append(found[JOURNAL][0][-1])


def _trip_at_another_count(found: Topics) -> None:
    _edit_trip(found, 0, event_count=99)


def _trip_by_the_whole_alpha(found: Topics) -> None:
    _edit_trip(found, 0, alpha_ppm=60_000)


def _trip_under_the_same_name_again(found: Topics) -> None:
    _edit_trip(found, 0, event_id="nudge-1-opt_out-0-1")


def _trip_at_another_record(found: Topics) -> None:
    _edit_trip(found, 1, source=[OUTCOMES, 0, 0])


def _reports(found: Topics) -> list[LogRecord]:
    """Return the partition with most of the reports."""
    return max(found[TOLD], key=len)


def _lose_a_report(found: Topics) -> None:
    del _reports(found)[0]


def _double_a_report(found: Topics) -> None:
    records = _reports(found)
    records.append(records[-1])


def _change_a_report(found: Topics) -> None:
    records = _reports(found)
    said = msgspec.json.decode(records[0].value or b"") | {"partition": 1}
    records[0] = records[0]._replace(value=msgspec.json.encode(said))


def _change_a_header(found: Topics) -> None:
    records = _reports(found)
    records[0] = records[0]._replace(headers=[("ce_type", b"effect.reported.v1")])


def _swap_reports(found: Topics) -> None:
    effect = [one for one in _reports(found) if _is_effect(one)]
    records = _reports(found)
    one, other = records.index(effect[0]), records.index(effect[1])
    records[one], records[other] = records[other], records[one]


def _is_effect(record: LogRecord) -> bool:
    return dict(record.headers)["ce_type"] == b"effect.reported.v1"


def _misplace_a_report(found: Topics) -> None:
    one, other = found[TOLD] if len(found[TOLD][0]) > len(found[TOLD][1]) else found[TOLD][::-1]
    last = one.pop()
    other.append(last._replace(partition=1 - last.partition, offset=99))


def _miscount(found: Topics) -> None:
    counts = Counter(kept_row(found, "#counts|0"))
    row(found, "#counts|0", counts | {"decision|acme|nudge|sent|": 4})


def _lose_the_effect(found: Topics) -> None:
    row(found, EFFECT, None)


def _keep_a_row_too_many(found: Topics) -> None:
    row(found, "#funnel|0|other", [0, 0, {}, {}, {}])


def _break_a_row(found: Topics) -> None:
    row(found, CARDS, [0, 0])


INSIGHT_DAMAGES: list[tuple[Callable[[Topics], None], set[str]]] = [
    (_settle_twice_as_counted, {"EXPOSURE_TWICE"}),
    (_settle_twice_unread, {"EXPOSURE_TWICE"}),
    (_swap_an_arm, {"EXPOSURE_ALTERED", "STATE_DIFF", "REPORT_DIFF"}),
    (_swap_an_arm_as_counted, {"EXPOSURE_ALTERED"}),
    (_settle_what_was_never_opened, {"EXPOSURE_UNKNOWN"}),
    (_expose_somebody_again_as_first, {"COUNTED_TWICE"}),
    (_count_who_is_held_out, {"HELD_OUT_COUNTED"}),
    (_be_in_two_arms, {"ARM_CHANGED"}),
    (_contact_a_control, {"HELD_OUT_SENT"}),
    (_send_to_the_held_out, {"HELD_OUT_SENT"}),
    (_take_a_card_that_was_not_there, {"CARDS_BELOW_ZERO"}),
    (_lose_a_trip, {"TRIP_MISSING"}),
    (_invent_a_trip, {"TRIP_UNEXPECTED"}),
    (_double_a_trip, {"TRIP_UNEXPECTED"}),
    (_trip_at_another_count, {"TRIP_DIFF"}),
    (_trip_by_the_whole_alpha, {"TRIP_DIFF"}),
    (_trip_under_the_same_name_again, {"TRIP_UNEXPECTED", "TRIP_MISSING"}),
    (_trip_at_another_record, {"TRIP_DIFF"}),
    (_lose_a_report, {"REPORT_MISSING"}),
    (_double_a_report, {"REPORT_UNEXPECTED"}),
    (_change_a_report, {"REPORT_DIFF"}),
    (_change_a_header, {"REPORT_DIFF"}),
    (_swap_reports, {"REPORT_DIFF"}),
    (_misplace_a_report, {"WRONG_PARTITION"}),
    (_miscount, {"COUNT_DIFF"}),
    (_lose_the_effect, {"STATE_DIFF"}),
    (_keep_a_row_too_many, {"STATE_DIFF"}),
    (_break_a_row, {"STATE_DIFF"}),
]
"""Damages by what they do, with the findings that they must lead to."""
