"""The customer's row that `tests/golden/rows/customer.hex` spells out: all that a row can hold."""

from msgspec.structs import replace

from schemas.exposed import ExposureState
from schemas.memories import EntryMemory
from schemas.state import (
    AmountState,
    CardState,
    ConsentState,
    Contact,
    CustomerRow,
    DueStep,
    Journey,
    KeptBack,
    PreferenceState,
    ProfileState,
    Reservation,
    StatementState,
    Untried,
    WordState,
)


CARD = "k-1"
NEXT_CARD = "k-2"
OLD_CARD = CardState(
    card_token=CARD,
    issued_at_ms=1_772_414_100_000,
    activated_at_ms=1_772_712_000_000,
    bound_at_ms=1_772_712_330_250,
    first_spend_at_ms=1_772_800_200_000,
    delivered_at_ms=1_772_610_000_000,
    authorised_at_ms=1_772_800_198_000,
    status="lost",
    status_at_ms=1_781_485_200_000,
    replaced_by=NEXT_CARD,
)
CUSTOMER = CustomerRow(
    partition=5,
    cards=[
        OLD_CARD,
        replace(OLD_CARD, card_token=NEXT_CARD, status="", status_at_ms=0, replaced_by=""),
    ],
    consents=[
        ConsentState(
            purpose="marketing",
            channel="sms",
            status="granted",
            occurred_at_ms=1_772_414_160_000,
            event_id="con-1",
            effective_at_ms=1_772_414_160_000,
            withdrawn_at_ms=0,
            evidence_ref="form-7",
        )
    ],
    journeys=[
        Journey(
            campaign_id="win_back",
            policy_version=2,
            occurrence_key="k-1|a9e76872e0064295",
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
            trigger_id="dcccd924-13be-86d0-9207-a6436914fecf",
            campaign_id="activation_nudge",
            channel="sms",
            card_token=CARD,
            occurrence_key="k-1|5ff4ffbdfcad86e2",
            step="first",
            policy_version=1,
            entered_at_ms=1_772_414_100_000,
            decided_at_ms=1_772_673_300_123,
            delivered=True,
            message_class="marketing",
            purpose="marketing",
            expires_at_ms=1_772_715_600_000,
            slot=1,
            untried=Untried("iss-1", 25_990, "CNY"),
            reserved=Reservation(
                reservation_id="cf68c4b5-2b5a-80c8-8749-e79abc0fff37",
                offer_id="spring_gift",
                expires_at_ms=1_773_882_900_123,
                unit_cost_minor=2_000,
                contact_cost_minor=5,
                returned=True,
            ),
        )
    ],
    amounts={
        "CNY": AmountState(
            spend_count=1,
            spend_sum_minor=25_990,
            decayed_as_of_ms=1_772_800_200_000,
            decayed_7d_minor=25_990.0,
            decayed_30d_minor=25_990.0,
            decayed_90d_minor=25_990.0,
        )
    },
    spend_count=1,
    first_spend_at_ms=1_772_800_200_000,
    last_spend_at_ms=1_772_800_200_000,
    last_spend_event_id="txn-1",
    last_spend_card_token=CARD,
    ring_at=bytes.fromhex("019cac1ce220 019cc3204d40"),
    ring_hash=bytes.fromhex("5ff4ffbdfcad86e2 a9e76872e0064295"),
    last_spend_hash=12_242_868_954_624_049_813,
    ring_content=bytes.fromhex("4e a5"),
    words=[
        WordState(
            kind="limit",
            subject="k-1|temp",
            at_ms=1_774_485_000_000,
            status="temp",
            until_ms=1_777_046_399_000,
            amount=4_000_000,
            detail="CNY",
        ),
        WordState(
            kind="benefit",
            subject="b-1",
            at_ms=1_774_702_800_000,
            status="purchases",
            until_ms=1_774_972_800_000,
            amount=4,
            goal=6,
            detail="k-1",
        ),
    ],
    statements=[
        StatementState(
            statement_id="s-1",
            card_token=CARD,
            issued_at_ms=1_774_972_800_000,
            due_at_ms=1_776_729_600_000,
            total_due_minor=320_000,
            min_due_minor=32_000,
            currency="CNY",
            paid_minor=320_000,
        )
    ],
    preference=PreferenceState(
        at_ms=1_772_935_200_000,
        personalisation_opt_out=False,
        channel_order=("push", "sms"),
        quiet_hours="21:00-08:00",
        language="zh-Hans-CN",
    ),
    profile=ProfileState(
        at_ms=1_772_132_400_000,
        time_zone="Asia/Shanghai",
        region_code="CN-ZJ",
        segment_codes=("payroll", "young_family"),
        staff=False,
        attributes=("330100", "b3", "30-39", "technical"),
    ),
    recent_spend=bytes.fromhex("019cc3204d40 01 06b2 0000006586"),
    kept_back=[KeptBack("win_back", "k-1|a9e76872e0064295", 1_775_478_600_000)],
    memories=[
        EntryMemory(
            "three_buys",
            [[1_772_414_100_000, 1_772_800_200_000], []],
            [(1_772_800_200_000, 1_772_800_200_000)],
        )
    ],
    exposures=[
        ExposureState(
            trigger_id="dcccd924-13be-86d0-9207-a6436914fecf",
            campaign_id="activation_nudge",
            policy_version=1,
            card_token=CARD,
            occurrence_key="k-1|5ff4ffbdfcad86e2",
            entered_at_ms=1_772_414_100_000,
            arm="default",
            arm_ppm=1_000_000,
            decided_at_ms=1_772_673_300_123,
            closes_at_ms=1_773_278_100_123,
            conversion_on="card.activated",
            sequence=1,
            converted=bytes.fromhex("0123456789abcdef"),
            model_id="activation",
            model_version=1,
            model_sequence=1,
            score_ppm=250_000,
            vector=bytes.fromhex("0000803f00000040"),
            is_first=True,
            pools=True,
            holdout_ppm=50_000,
            is_settled=True,
            currency="CNY",
            value_minor=25_990,
            objections=1,
            active_days=3,
            followed_count=1,
            option="gift",
            option_ppm=900_000,
            fallbacks=("afterward-1",),
        )
    ],
    experiments=bytes.fromhex("01234567"),
    scene_habits=bytes.fromhex(
        "0d02 000001000000000000000000010000000000000000000000000000000000000000000000000000000000"
    ),
)
