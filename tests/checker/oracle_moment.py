"""Hold all that an occasion depends on beside the customer: core.md §3.4."""

from typing import NamedTuple

from tests.checker.identity import Facts


class Moment(NamedTuple):
    """All that an occasion depends on beside the customer."""

    tenant: str
    customer_token: str
    now_ms: int
    is_shadow: bool
    policies: dict[str, Facts]
    hashes: dict[str, str]
    stopped: set[str]
    """Campaigns whose kill switch is engaged; "" stands for the whole tenant."""
    held: set[str]
    """Campaigns that a guardrail holds."""
    holdout: tuple[int, str]
    """Of ten thousand customers, and by which salt."""
    money: tuple[int, str]
    """What the tenant's own effect counts up to a customer, and in which currency."""
    pools: bool
    """Whether the tenant's statistics may be joined with others'."""
    configured_version: int
    time_zone: str
    """The tenant's, "" where it has none."""
    calendar: Facts | None
    contact_policy: Facts | None
    templates: dict[tuple[str, int], Facts] | None
    """Approved wordings by id and version; None where the tenant approves none."""
    stock: Facts
    """Offers, what was taken of them, and what campaigns spent, here (oracle_offers)."""
    models: dict[str, Facts]
    """Snapshots that decide, by the model's id."""
    choices: dict[str, Facts]
    """What options have brought, as it was published last, by the campaign's id."""
    cause: Facts
    """The journal record, decoded."""
    segments: Facts | None
    """The tenant's as published, None where none are known."""


def moment_of(tenant: Facts, key: str, envelope: Facts) -> Moment:
    """Return what holds at a journal record, about the customer of a key `tenant|customer`."""
    now = tenant["now"]
    if tenant["live_from"] is None:
        is_shadow = tenant["backfill"] or envelope.get("backfill", False)
    else:
        is_shadow = now < tenant["live_from"]
    return Moment(
        tenant=tenant["name"],
        customer_token=key.partition("|")[2],
        now_ms=now,
        is_shadow=is_shadow,
        policies=tenant["policies"],
        hashes=tenant["hashes"],
        stopped=tenant["stopped"],
        held=tenant["held"],
        holdout=tenant["holdout"],
        money=tenant["money"],
        pools=tenant["pools"],
        configured_version=tenant["version"],
        time_zone=tenant["time_zone"],
        calendar=tenant["calendar"],
        contact_policy=tenant["contact_policy"],
        templates=tenant["templates"] if tenant["templates"] or tenant["keys"] else None,
        stock=tenant["stock"],
        models=tenant["models"],
        choices=tenant["choices"],
        cause=envelope,
        segments=tenant["segments"],
    )
