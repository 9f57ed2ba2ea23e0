"""Make up source records that are mostly wrong: any event, any form, one or two things spoilt."""

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final

from cli.demo.bank import BankRecord
from tests.checker.catalogue import SHAPED, forms
from tests.checker.identity import Facts
from tests.world.chaos import START
from tests.world.chaos_events import Events


TENANTS: Final = ("acme", "evil")
STRANGE: Final[tuple[Any, ...]] = (
    *(None, "", 7, 1.5, 1.0, 1e3, -1, 10**9 + 1, 10**15 + 1, 2**63, 2**64, 10**30, True, [], {}),
    *("x" * 128, "x" * 129, "a\x00b", "a\u202eb", "a\u200bb", "é", "a|b", "a b", "\U0001f600"),
    *("2024-02-30", "2024-02-03", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00", "yesterday"),
    *("2023-11-14T23:13:20.123456789+08:00", "0001-01-01T00:00:00Z", "25:00-08:00", "CNY", "XAU"),
    *(["sms"], ["fax"], ["a"] * 17, [""], {"city_code": 1}, {"age_band": "x" * 33, "b": None}),
    *("sms", "data", "granted", "4111111111111111", "1111-1111-1111-1117"),
)
"""Values of every type, most of which a field cannot have."""

NUMBERS: Final = (
    *("4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "4111-1111 1111-1111"),
    *("4111111111111112", "a4111111111111111", "4111111111111111b", "_4111111111111111_"),
    *("41111111 11111111", "4222222222222", "4222 2222 2222 2", "6200000000000000000"),
    *("6200 0000 0000 0000 000", "1234 4111 1111 1111 1111", "4111 1111 1111 1111 1234 5"),
    *("378282246310005", "3782 8224 6310 005", "3782 822463 10005", "3530111333300000"),
    *("2221000000000009", "2720999999999996", "2721000000000004", "6011111111111117"),
    *("11010519491231002X", "11010519491231002x", "110105194912310021", "440524188001010014"),
    *(
        "11010519490230002X",
        "4111  1111 1111 1111",
        "\uff14\uff11\uff11\uff11111111111111",
        "卡4111111111111111号",
    ),
)
"""Numbers of cards and residents, and what only looks like one."""

ATTRIBUTES: Final = ("id", "source", "type", "time", "subject", "tenantid", "specversion")
PLAIN_NAMES: Final = {"time": "occurred_at", "subject": "customer_token", "tenantid": "tenant"}
TIMES: Final = (
    *("2023-11-14T22:13:20Z", "2023-11-14t22:13:20z", "2023-11-15T06:13:20.0009+08:00"),
    *("2023-11-14T22:13:20.9999999Z", "2023-11-14T22:13:20", "2023-11-14", "1970-01-01T00:00:00Z"),
    *("1969-12-31T23:59:59.999Z", "2200-12-31T23:59:59Z", "2201-01-01T00:00:00Z", "", "now"),
    *("2023-02-29T00:00:00Z", "2023-11-14T22:13:60Z", "2023-11-14T24:00:00Z"),
    *("2023-11-14T22:13:20-00:00", "2023-11-14T22:13:20+24:00", "2023-11-14T22:13Z"),
)
TYPES: Final = ("card.issued", "card.issued.v2", "card.vanished", "history.ended", "txn.posted.v1")


class Sources:
    """Source records, one after the other; the same seed gives the same."""

    def __init__(self, seed: int) -> None:
        """Begin at START."""
        self._random = Random(seed)  # noqa: S311 (made-up records, no secret)
        self._events = Events(self._random, "")
        self._kinds = [kind for kind in forms() if kind not in SHAPED]

    def records(self, count: int) -> Iterator[BankRecord]:
        """Yield so many records, a tenth of a second apart."""
        for number in range(count):
            at = START + number * 100
            topic, key, value, headers = self._record(number)
            yield BankRecord(topic, key, value, headers, at, at)

    def _record(self, number: int) -> tuple[str, bytes, bytes | None, Any]:
        random = self._random
        kind = random.choice(self._kinds)
        data = self._events.event(kind, START)
        del data["event_type"]
        if kind == "tenant.configured":
            data["live_from_ms"] = 0
        said: Facts = {
            "id": f"e{number}",
            "source": "/core",
            "type": kind,
            "time": "2023-11-14T22:13:20Z",
            "subject": f"c{random.randrange(9)}",
            "tenantid": random.choice(TENANTS),
            "specversion": "1.0",
        }
        for _ in range(random.choice((0, 1, 1, 1, 2))):
            random.choice((self._spoil_attribute, self._spoil_field, self._spoil_field))(said, data)
        value, headers = random.choice(WRITTEN)(said, data)
        key = b"k"
        if random.random() < 0.25:
            key, value, headers = self._spoil_bytes(key, value, headers)
        topic = forms()[kind].topic
        return topic, key, value, headers

    def _spoil_attribute(self, said: Facts, _: Facts) -> None:
        random = self._random
        name = random.choice(ATTRIBUTES)
        pots: dict[str, tuple[Any, ...]] = {"time": TIMES, "type": TYPES, "tenantid": ("west", "")}
        if random.random() < 0.15:
            said.pop(name, None)
        else:
            said[name] = random.choice(pots.get(name, STRANGE))

    def _spoil_field(self, _: Facts, data: Facts) -> None:
        random = self._random
        if data and random.random() < 0.9:
            name = random.choice(list(data))
            if random.random() < 0.15:
                del data[name]
            else:
                data[name] = random.choice(STRANGE)
        else:
            data["note"] = random.choice((*STRANGE, *NUMBERS))

    def _spoil_bytes(self, key: bytes, value: Any, headers: Any) -> Any:  # noqa: ANN401 (a record)
        random = self._random
        dice = random.randrange(8)
        number = random.choice(NUMBERS).encode()
        if dice == 0:
            key = number
        elif dice == 1:
            headers = (*headers, ("trace", number))
        elif dice == 2:
            value = value[:-1] + b',"deep":' + _nested(random.choice((60, 62, 63, 64, 70))) + b"}"
        elif dice == 3:
            value = random.choice(
                (None, b"", b"null", b"[]", b'"text"', b"7", value[:-1], b"{" * 99)
            )
        elif dice == 4:
            headers = (*headers, ("ce_tenantid", random.choice((b"evil", None, b"\xff", b""))))
        elif dice == 5:
            headers = (*headers, ("content-type", b"application/cloudevents+json; charset=utf-8"))
        elif dice == 6:
            value = value[:-1] + b',"id":"twice","note":"' + number + b'"}'
        else:
            value += b" " * random.choice((1, 66_000))
        return key, value, headers


def _nested(count: int) -> bytes:
    """Return brackets so deep, with some in a string that do not count."""
    return b"[" * count + b'"[[[{{\\"["' + b"]" * count


def _plain(said: Facts, data: Facts) -> tuple[bytes, Any]:
    named = {PLAIN_NAMES.get(name, name): told for name, told in said.items()}
    for name in ("source", "specversion"):
        named.pop(name, None)
    return json.dumps({**data, **named}).encode(), ()


def _structured(said: Facts, data: Facts) -> tuple[bytes, Any]:
    return json.dumps({**said, "data": data}).encode(), ()


def _binary(said: Facts, data: Facts) -> tuple[bytes, Any]:
    headers = [
        (f"ce_{name}", str(told).encode()) for name, told in said.items() if told is not None
    ]
    return json.dumps(data).encode(), tuple(headers)


WRITTEN: Final[tuple[Callable[[Facts, Facts], tuple[bytes, Any]], ...]] = (
    _plain,
    _structured,
    _binary,
)
"""The three forms in which producers write."""
