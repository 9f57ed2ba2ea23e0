"""Make the events that the benchmarks play: cheap to make, 182 bytes on average, keyed."""

import datetime
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import orjson

from cli.policy_file import read_policy
from schemas.campaign import Campaign
from schemas.codec import to_builtins


ROOT = Path(__file__).resolve().parent.parent
TENANT = "bench"


class SourceEvent(NamedTuple):
    """A record for a source topic."""

    topic: str
    key: bytes
    value: bytes


def campaigns() -> list[Campaign]:
    """Return the campaigns as shipped, for the bench's tenant."""
    return [
        read_policy(file, tenant=TENANT) for file in sorted((ROOT / "campaigns").glob("*.yaml"))
    ]


def text_time() -> str:
    """Return the machine's time as RFC 3339, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")  # noqa: TID251 (a producer's clock)


def policies(occurred_at: str) -> Iterator[SourceEvent]:
    """Yield the bank's configuration and the publication of every campaign."""
    live = {"id": "live", "type": "tenant.configured", "occurred_at": occurred_at}
    live |= {"tenant": TENANT, "time_zone": "UTC"}
    yield SourceEvent("marketing.control.v1", TENANT.encode(), orjson.dumps(live))
    for campaign in campaigns():
        body = {
            "id": f"policy-{campaign.id}",
            "type": "policy.published",
            "occurred_at": occurred_at,
            "tenant": TENANT,
            "campaign": to_builtins(campaign),
            "policy_hash": "bench",
        }
        yield SourceEvent("marketing.control.v1", campaign.id.encode(), orjson.dumps(body))


def spends(count: int, customer_count: int, occurred_at: str) -> Iterator[SourceEvent]:
    """Yield purchases, round the customers, each with an id of its own."""
    tokens = [f"c{number:07d}" for number in range(customer_count)]
    for number, token in enumerate(itertools.islice(itertools.cycle(tokens), count)):
        yield SourceEvent(
            "card.spend.v1",
            token.encode(),
            orjson.dumps(
                {
                    "id": f"e{number}",
                    "type": "txn.posted",
                    "occurred_at": occurred_at,
                    "customer_token": token,
                    "tenant": TENANT,
                    "txn_id": f"t{number}",
                    "card_token": f"k{token}",
                    "amount_minor": 1_000 + number % 9_000,
                    "currency": "CNY",
                }
            ),
        )


def consents(first: int, count: int, occurred_at: str) -> Iterator[SourceEvent]:
    """Yield a marketing consent by SMS and push for customers `s<first>` and on."""
    for number in range(first, first + count):
        for channel in ("sms", "push"):
            yield SourceEvent(
                "customer.profile.v1",
                b"s%d" % number,
                orjson.dumps(
                    {
                        "id": f"consent-{channel}-{number}",
                        "type": "consent.changed",
                        "occurred_at": occurred_at,
                        "customer_token": f"s{number}",
                        "tenant": TENANT,
                        "purpose": "marketing",
                        "channel": channel,
                        "status": "granted",
                    }
                ),
            )


def statement(number: int, occurred_at: str) -> SourceEvent:
    """Return a bill of customer `s<number>` that the instalment campaign answers at once."""
    return SourceEvent(
        "card.repayment.v1",
        b"s%d" % number,
        orjson.dumps(
            {
                "id": f"statement-{number}",
                "type": "statement.issued",
                "occurred_at": occurred_at,
                "customer_token": f"s{number}",
                "tenant": TENANT,
                "statement_id": f"b{number}",
                "card_token": f"k{number}",
                "total_due_minor": 900_000,
                "min_due_minor": 90_000,
                "currency": "CNY",
                "due_date": "2030-01-01",
                "instalment_eligible": True,
            }
        ),
    )
