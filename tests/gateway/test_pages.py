"""The two pages of a gateway."""

import aiohttp
import pytest

from cli.gateway.meters import Meters
from cli.gateway.pages import Pages


@pytest.mark.parametrize(
    ("missing", "status", "text"),
    [
        ("", 200, "ready\n"),
        ("wanted all 8 partitions, found 4", 503, "wanted all 8 partitions, found 4\n"),
    ],
)
async def test_readiness_says_what_is_missing(missing: str, status: int, text: str) -> None:
    """200 when triggers are sent, 503 and why when they are not."""
    async with (
        Pages(Meters(), lambda: missing, 0) as pages,
        aiohttp.ClientSession() as client,
        client.get(f"http://127.0.0.1:{pages.port}/readyz") as answer,
    ):
        assert (status, text) == (answer.status, await answer.text())


async def test_metrics_are_served_and_nothing_else() -> None:
    """Names of ours only, to be read only."""
    meters = Meters()
    meters.receipts.labels("delivered").inc()
    async with Pages(meters, str, 0) as pages, aiohttp.ClientSession() as client:
        place = f"http://127.0.0.1:{pages.port}"
        async with client.get(f"{place}/metrics") as answer:
            page = await answer.text()
        async with client.post(f"{place}/metrics") as refused, client.get(place) as unknown:
            statuses = (answer.status, refused.status, unknown.status)

    assert 'cardcue_gateway_receipts_total{status="delivered"} 1.0' in page
    assert (200, 405, 404) == statuses
