"""Damage to the rejected topic of the tiny world, and what the checker must call it."""

from collections.abc import Callable

from tests.checker import tiny_world as world
from tests.checker.spoiling import REJECTED, Topics, again


def _lose_rejected_record(topics: Topics) -> None:
    topics[REJECTED][0].clear()


def _forward_what_was_rejected(topics: Topics) -> None:
    again(topics[REJECTED][0], 0)


def _reject_what_was_forwarded(topics: Topics) -> None:
    again(topics[REJECTED][0], 0)
    headers = [
        (name, b"0" if name.endswith("offset") else value)
        for name, value in topics[REJECTED][0][-1].headers
    ]
    topics[REJECTED][0][-1] = topics[REJECTED][0][-1]._replace(headers=headers)


def _alter_rejected_bytes(topics: Topics) -> None:
    topics[REJECTED][0][0] = topics[REJECTED][0][0]._replace(value=b"{broken ")


def _alter_rejected_header(topics: Topics) -> None:
    record = topics[REJECTED][0][0]
    headers = [("trace", b"2"), *record.headers[1:]]
    topics[REJECTED][0][0] = record._replace(headers=headers)


def _reject_into_another_partition(topics: Topics) -> None:
    topics[REJECTED][1].append(topics[REJECTED][0].pop()._replace(partition=1))


def _forget_rejected_header(topics: Topics) -> None:
    record = topics[REJECTED][0][0]
    topics[REJECTED][0][0] = record._replace(headers=record.headers[:-1])


def _keep_a_card_number(topics: Topics) -> None:
    topics[REJECTED][0][1] = topics[REJECTED][0][1]._replace(value=world.PII)


def _keep_the_key_beside_it(topics: Topics) -> None:
    topics[REJECTED][0][1] = topics[REJECTED][0][1]._replace(key=b"c0")


def _digest_something_else(topics: Topics) -> None:
    record = topics[REJECTED][0][1]
    headers = [(n, b"0" * 64 if n == "cardcue.value_sha256" else v) for n, v in record.headers]
    topics[REJECTED][0][1] = record._replace(headers=headers)


def _reject_for_another_reason(topics: Topics) -> None:
    record = topics[REJECTED][0][0]
    headers = [(n, b"SCHEMA" if n == "cardcue.reason" else v) for n, v in record.headers]
    topics[REJECTED][0][0] = record._replace(headers=headers)


def _reject_a_number_as_anything_else(topics: Topics) -> None:
    record = topics[REJECTED][0][1]
    headers = [
        (n, b"TOO_LARGE" if n == "cardcue.reason" else v)
        for n, v in record.headers
        if n != "cardcue.value_sha256"
    ]
    topics[REJECTED][0][1] = record._replace(key=b"c0", value=world.PII, headers=headers)


REJECTED_DAMAGES: list[tuple[Callable[[Topics], None], set[str]]] = [
    (_lose_rejected_record, {"SOURCE_MISSING", "COUNT_DIFF"}),
    (_forward_what_was_rejected, {"SOURCE_DOUBLED", "COUNT_DIFF"}),
    (
        _reject_what_was_forwarded,
        {"SOURCE_DOUBLED", "SOURCE_ALTERED", "SOURCE_MISJUDGED", "COUNT_DIFF"},
    ),
    (_alter_rejected_bytes, {"SOURCE_ALTERED"}),
    (_alter_rejected_header, {"SOURCE_ALTERED"}),
    (_reject_into_another_partition, {"WRONG_PARTITION"}),
    (_forget_rejected_header, {"SOURCE_INVENTED", "SOURCE_MISSING", "COUNT_DIFF"}),
    (_keep_a_card_number, {"SOURCE_ALTERED"}),
    (_keep_the_key_beside_it, {"SOURCE_ALTERED"}),
    (_digest_something_else, {"SOURCE_ALTERED"}),
    (_reject_for_another_reason, {"SOURCE_MISJUDGED", "COUNT_DIFF"}),
    (_reject_a_number_as_anything_else, {"SOURCE_MISJUDGED", "COUNT_DIFF"}),
]
