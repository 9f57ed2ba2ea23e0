"""What learning makes of many customers: what options have brought, and how customers spend."""

from typing import Final

from schemas.examples import CUSTOMER, TENANT
from schemas.insight import ChoicePublished
from schemas.segments import CustomerObserved, SegmentsPublished


CHOSEN: Final = ChoicePublished(
    campaign_id="frequency_lift", sequence=3, rates_ppm={"text": 41_000, "app": 63_500}
)
"""The app is answered more often; most contacts of the campaign go there from now on."""

OBSERVED: Final = CustomerObserved(
    observed_id="90725c53-4d4d-88a9-997f-147de27a123f",
    tenant=TENANT,
    customer_token=CUSTOMER,
    currency="CNY",
    spend_minor=128_850,
    scene_share_ppm={"dining": 750_000, "groceries": 250_000},
    observed_at_ms=1_774_972_801_500,
)

SEGMENTS: Final = SegmentsPublished(
    sequence=1,
    edges_minor={"CNY": (65_535, 239_999, 909_999)},
    clusters={
        "dining": {"groceries": 210_000, "dining": 790_000},
        "travel": {"travel": 640_000, "fuel": 360_000},
    },
)
