"""The rows of customers that `tests/golden/yesterday` spells out: without the last fields."""

from msgspec.structs import replace

from schemas.state import (
    AmountState,
    CardState,
    ConsentState,
    Contact,
    CustomerRow,
    DueStep,
    Journey,
)
from tests.schemas.golden_customer import CUSTOMER


CARD = "k-1"

OLD_CUSTOMER = CustomerRow(
    partition=5,
    cards=[CardState("k-1", 1_772_414_100_000, 0, 0, 0, 0, 0, "", 0, "")],
    journeys=[
        Journey(
            campaign_id="activation_nudge",
            policy_version=1,
            occurrence_key="k-1|iss-1",
            card_token=CARD,
            entry_event_id="iss-1",
            entered_at_ms=1_772_414_100_000,
            waits_on="watermark",
            due_steps=[],
            amount_minor=0,
            currency="",
            fired=False,
        )
    ],
    contacts=[
        Contact(
            trigger_id="t_1",
            campaign_id="activation_nudge",
            channel="sms",
            card_token=CARD,
            occurrence_key="k-1|iss-1",
            step="after_72h",
            policy_version=1,
            entered_at_ms=1_772_414_100_000,
            decided_at_ms=1_772_673_300_123,
            released=False,
            invalidated=False,
            delivered=False,
        )
    ],
    amounts={"CNY": AmountState(1, 25_990, 0, 0, 0, 0.0, 0.0, 0.0)},
    spend_count=0,
    ring_at=b"",
    ring_hash=b"",
    ring_floor_at_ms=0,
    ring_content=b"",
    words=[],
    statements=[],
    preference=None,
    profile=None,
)
UNHASHED_CUSTOMER = CustomerRow(
    partition=5,
    cards=[
        CardState(CARD, 1_772_414_100_000, 1_772_712_000_000, 1_772_712_330_250, 1_772_800_200_000)
    ],
    consents=[ConsentState("marketing", "sms", "granted", 1_772_414_160_000, "con-1", 0, 0, "")],
    journeys=[
        Journey(
            campaign_id="win_back",
            policy_version=2,
            occurrence_key="k-1|txn-1",
            card_token=CARD,
            entry_event_id="txn-1",
            entered_at_ms=1_772_800_200_000,
            waits_on="watermark",
            due_steps=[DueStep("offer", 1_775_478_600_000)],
            amount_minor=25_990,
            currency="CNY",
        )
    ],
    contacts=[
        Contact(
            trigger_id="8011f42b-702c-800a-bdf0-f61a83e8f9f8",
            campaign_id="activation_nudge",
            channel="sms",
            card_token=CARD,
            occurrence_key="k-1|iss-1",
            step="first",
            policy_version=1,
            entered_at_ms=1_772_414_100_000,
            decided_at_ms=1_772_673_300_123,
            delivered=True,
        )
    ],
    amounts={"CNY": AmountState(1, 25_990, 0, 0, 1_772_800_200_000, 25_990.0, 25_990.0, 25_990.0)},
    spend_count=1,
    first_spend_at_ms=1_772_800_200_000,
    last_spend_at_ms=1_772_800_200_000,
    last_spend_event_id="txn-1",
    last_spend_card_token=CARD,
    ring_at=bytes.fromhex("019cac1ce220 019cc3204d40"),
    ring_hash=bytes.fromhex("5ff4ffbdfcad86e2 a9e76872e0064295"),
    last_spend_hash=0,
)
UNACCUSTOMED_CUSTOMER = replace(
    CUSTOMER, scene_habits=b"", exposures=[replace(CUSTOMER.exposures[0], fallbacks=())]
)
UNEXPOSED_CUSTOMER = replace(
    UNACCUSTOMED_CUSTOMER,
    contacts=[
        replace(
            CUSTOMER.contacts[0],
            message_class="",
            purpose="",
            expires_at_ms=0,
            cancelled=False,
            slot=0,
            untried=None,
            reserved=None,
        )
    ],
    kept_back=[],
    memories=[],
    exposures=[],
    experiments=b"",
)
UNSETTLED_CUSTOMER = replace(
    UNACCUSTOMED_CUSTOMER,
    exposures=[
        replace(
            CUSTOMER.exposures[0],
            is_first=False,
            pools=False,
            holdout_ppm=0,
            is_settled=False,
            currency="",
            value_minor=0,
            objections=0,
            active_days=0,
            followed_count=0,
            option="",
            option_ppm=0,
            fallbacks=(),
        )
    ],
    experiments=b"",
)
UNMODELLED_CUSTOMER = replace(
    UNSETTLED_CUSTOMER,
    exposures=[
        replace(
            UNSETTLED_CUSTOMER.exposures[0],
            model_id="",
            model_version=0,
            model_sequence=0,
            score_ppm=0,
            vector=b"",
        )
    ],
)
UNSLOTTED_CUSTOMER = replace(
    UNMODELLED_CUSTOMER,
    contacts=[replace(CUSTOMER.contacts[0], slot=0, untried=None, reserved=None)],
)
