"""The second opinion on features: core.md §3.9, with values worked out by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.checker.identity import Facts
from tests.checker.journal_by_hand import (
    DAY,
    NUDGED,
    card,
    fold,
    happened,
    purchase,
    receipt,
    repaid,
    statement,
)
from tests.checker.oracle_customer import new_customer
from tests.checker.oracle_features import FEATURES, OF_BEHAVIOUR, values
from tests.checker.oracle_features_spend import decline
from tests.checker.oracle_subject import Subject
from tests.checker.tiny_world import BASE, DECIDED, envelope


PAGE = Path(__file__).parents[2] / "docs" / "features.md"
HOUR = 3_600_000
IN_A_DAY = "2023-11-15T22:13:20Z"


def about(customer: Facts, now: int = BASE + 10 * DAY, **other: Any) -> Subject:  # noqa: ANN401
    """Return a candidate of c0's card k0."""
    asked = {"card": "k0", "statement": None, "currency": "", "time_zone": ""} | other
    return Subject(customer=customer, now=now, **asked)


def read(*events: Facts, names: str, **other: Any) -> list[Any]:  # noqa: ANN401
    """Return these features, in the order of their names here, after these events of c0."""
    customer = fold(*events).customers["acme|c0"]
    wanted = names.split()
    found = values(about(customer, **other), wanted)
    return [found[name] for name in wanted]


def limit(at: int, kind: str, amount: int) -> Facts:
    """Return a change of a limit of k0."""
    said = {"card_token": "k0", "kind": kind, "new_limit_minor": amount, "currency": "CNY"}
    return happened(at, f"l-{kind}-{at}", "limit.changed", **said)


def reading_allowed(purpose: str, **other: str) -> Facts:
    """Return that c0 lets data be read for a purpose."""
    said = {"purpose": purpose, "channel": "data", "status": "granted"}
    return envelope(
        BASE, "c0", f"/crm data-{purpose}", {"event_type": "consent.changed"} | said | other
    )


def page_rows() -> dict[str, list[str]]:
    """Return the cells of the page's tables by feature: kind, absent, behaviour."""
    rows = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.replace("`|`", "").split("|")]
        if line.startswith("| `"):
            rows[cells[1].strip("`")] = [cells[2], cells[4].strip("`"), cells[5]]
    return rows


def test_oracle_has_the_features_of_the_page() -> None:
    """Name, kind, what absent is, and which are behaviour: as docs/features.md lists them."""
    nothing = values(about(new_customer()), FEATURES)
    ours = {
        name: [
            kind,
            json.dumps(nothing[name]),
            "yes" if name in OF_BEHAVIOUR else "",
        ]
        for name, (kind, _) in FEATURES.items()
    }

    assert ours == page_rows()
    assert len(ours) == 68


def test_oracle_features_of_holder() -> None:
    """Tenure is of the first card, a stage of the card asked for; a lost card is not counted."""
    events = (
        card("card.issued", BASE, "i"),
        card("card.activated", BASE + 3 * DAY, "a"),
        happened(BASE - 2 * DAY, "i9", "card.issued", card_token="k9"),
        happened(BASE, "l9", "card.lost", card_token="k9"),
    )
    names = "tenure_days stage stage_days card_count"

    assert read(*events, names=names) == [12, "activated", 7, 1]
    assert read(*events, names=names, card="k5") == [12, "", -1, 1]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ({}, ["b", ""]),
        ({"status": "denied"}, ["", ""]),
        ({"effective_at": "2023-11-24T22:13:20Z"}, ["b", ""]),
        ({"effective_at": "2023-11-24T22:13:20.001Z"}, ["", ""]),
    ],
)
def test_oracle_reads_attributes_with_consent_only(
    word: dict[str, str], expected: list[str]
) -> None:
    """Granted for (`profiling`, `data`), and effective by now, which is BASE + 10 days."""
    said = {"region_code": "r", "segment_codes": ["x"], "staff": True}
    profile = happened(BASE, "p", "profile.changed", attributes={"wealth_band": "b"}, **said)
    found = read(profile, reading_allowed("profiling", **word), names="wealth_band city")

    assert found == expected
    assert read(profile, names="wealth_band region segments staff") == ["", "r", ["x"], True]


def test_oracle_features_of_purchases() -> None:
    """Amounts in the currency of most; decayed sums halve; a mean is floored."""
    events = (
        purchase(BASE, "1", 100),
        purchase(BASE + 3 * DAY, "2", 101),
        purchase(BASE + 3 * DAY, "3", 900, currency="USD"),
        happened(
            BASE + 3 * DAY,
            "4",
            "txn.reversed",
            txn_id="t",
            card_token="k0",
            amount_minor=9,
            currency="USD",
        ),
    )
    now = BASE + 10 * DAY  # 7 days after the newest purchase in CNY
    amounts = "currency mean_amount_minor amount_7d_minor spend_count reversed_count recency_days"
    # 100 x 2^(-3/7) + 101 = 175.3 by the third day, half of that after seven more
    assert read(*events, names=amounts, now=now) == ["CNY", 100, 87, 3, 1, 7]
    assert read(*events, names="currency mean_amount_minor", currency="USD") == ["USD", 900]
    counts = "spend_count_7d spend_count_30d gap_mean_hours gap_spread_hours"
    # gaps of 72 h and 0 h: mean 36 h, deviation 36 h; seven days ago to the millisecond is out
    assert read(*events, names=counts, now=now) == [0, 3, 36, 36]


def test_oracle_features_of_scenes_and_clocks() -> None:
    """BASE is a Tuesday, 22:13 in UTC and 06:13 on Wednesday in Shanghai."""
    events = (
        purchase(BASE, "1", scene="dining"),
        purchase(BASE + 4 * DAY, "2", scene="travel"),  # a Saturday in UTC, a Sunday in Shanghai
        purchase(BASE + 5 * DAY - 5 * HOUR, "3", scene="travel"),  # 17:13 on Sunday in UTC
    )
    names = "scene_share_ppm top_scene usual_part_of_day weekend_share_ppm"
    shares = {"dining": 333_333, "travel": 666_666}

    assert read(*events, names=names) == [shares, "travel", "", -1]
    assert read(*events, names=names, time_zone="UTC")[2:] == ["evening", 666_666]
    # 06:13, 06:13 and 01:13 on Monday
    assert read(*events, names=names, time_zone="Asia/Shanghai")[2:] == ["morning", 333_333]
    nowhere = happened(BASE, "p", "profile.changed", time_zone="Nowhere/At_All")
    assert read(*events, nowhere, names=names, time_zone="UTC")[2:] == ["", -1]


def test_oracle_decline_is_pages_sum() -> None:
    """Measured in deviations of the first half; who does not vary there has not fallen."""
    # 10 20 10: S 40, Q 600, q 200, D 14,142,135; 20 gives less than 0, each 0 then 2,328,427.2
    assert decline([10, 20, 10, 20, 0, 0]) == 4_656_854
    assert decline([10, 10, 10, 10, 0, 0, 0, 0]) == 0
    # S 60, Q 1,000, q 400, D 20 x 10^6: each 0 lies three deviations below, less half a one
    assert decline([10, 20, 10, 20, 90, 0, 0, 0]) == 7_500_000


def test_oracle_features_of_bills() -> None:
    """The bill is the newest, or the one at hand; open, paid and due as of now."""
    events = (
        statement(BASE, "1", 1_000, due_date="2023-11-20"),
        statement(BASE + DAY, "2", 900, due_date="2023-11-25"),
        repaid(BASE + 2 * DAY, "3", 1_000, statement_id="s-1"),
        repaid(BASE + 2 * DAY, "4", 300, statement_id="s-2"),
        limit(BASE, "perm", 3_600),
    )
    names = (
        "bill_total_minor bill_open_minor bill_paid_ppm bill_due_hours bill_count"
        " repaid_share_ppm limit_use_ppm"
    )
    # now is November 24th 22:13:20; the due date ends 25 h 46 min later
    assert read(*events, names=names) == [900, 600, 333_333, 25, 2, 1_000_000, 250_000]
    customer = fold(*events).customers["acme|c0"]
    one = about(customer, statement=customer["statements"]["s-1"])
    assert list(values(one, ("bill_open_minor", "bill_total_minor")).values()) == [0, 1_000]


def test_oracle_features_of_words() -> None:
    """What is over counts no more; the nearest goal, the first end."""
    grant = {"benefit_grant_id": "g1", "benefit_id": "b"}
    progress = {"measure": "spend", "window_end": "2023-11-26T22:13:20Z", "card_token": "k0"}
    events = (
        happened(BASE, "1", "benefit.granted", expires_at=IN_A_DAY, **grant),
        happened(BASE, "2", "benefit.granted", **grant | {"benefit_grant_id": "g2"}),
        happened(BASE, "3", "benefit.progressed", benefit_id="x", value=5, threshold=9, **progress),
        happened(BASE, "4", "benefit.progressed", benefit_id="y", value=9, threshold=9, **progress),
        happened(
            BASE,
            "5",
            "txn.declined",
            auth_id="a",
            card_token="k0",
            amount_minor=1,
            currency="CNY",
            decline_class="insufficient_limit",
        ),
        happened(
            BASE, "6", "repayment.overdue", statement_id="s", card_token="k0", days_past_due=4
        ),
        happened(BASE, "7", "autopay.changed", card_token="k0", status="active"),
        happened(BASE, "8", "wallet.bound", card_token="k0", wallet="alipay"),
        happened(
            BASE,
            "9",
            "score.published",
            model_id="m",
            model_version="1",
            score_ppm=7,
            valid_until="2024-01-01T00:00:00Z",
        ),
    )
    goals = "grant_count grant_hours benefit_missing benefit_hours declined_days overdue_days"
    rest = "autopay wallet_count score_ppm plan_ever"

    assert read(*events, names=goals) == [1, -1, 4, 48, 10, 4]
    assert read(*events, names="grant_count grant_hours", now=BASE) == [2, 24]
    assert read(*events, names=rest) == [True, 1, {"m": 7}, False]


def test_oracle_reads_partners_with_consent_only() -> None:
    """3.8: only while the word for the purpose's data is granted."""
    said = {"partner_id": "air", "value": "gold", "purpose": "travel", "consent_ref": "c"}
    tier = happened(BASE, "1", "partner.observed", attribute="tier", **said)

    assert read(tier, names="partner") == [{}]
    assert read(tier, reading_allowed("travel"), names="partner") == [{"air|tier": "gold"}]


def test_oracle_features_of_contacts() -> None:
    """A released contact is none; seven days ago to the millisecond is out."""
    names = "contact_count_7d contact_count_30d last_contact_days"
    week = DECIDED + 7 * DAY
    failed = receipt("failed", DECIDED + HOUR, "r")

    assert read(*NUDGED, names=names, now=week - 1) == [1, 1, 6]
    assert read(*NUDGED, names=names, now=week) == [0, 1, 7]
    assert read(*NUDGED, failed, names=names, now=week) == [0, 0, -1]
