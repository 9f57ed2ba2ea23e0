"""Which gate binds which class, cell by cell: a world in which that gate alone fails (O3)."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from cli.cel import check
from lifecycle.features.declared import FEATURES
from schemas.campaign import Clause, Experiment
from schemas.events import (
    KillSwitchSet,
    PreferenceChanged,
    RiskFlagged,
    ServiceCaseOpened,
    TenantConfigured,
)
from schemas.reasons import GATES, REASONS, ReasonCode
from tests.lifecycle.builders import DAY, HOUR, Bank, cap, spend, word
from tests.lifecycle.channels import by, stock_of, wording
from tests.lifecycle.contacts import any_purchase, apart, bank_policy, limit, night, offer, profile
from tests.lifecycle.fates import blocked, lost, overdue
from tests.lifecycle.told import Told, decisions
from tests.scenarios.without_gate import without


CLASSES = ("marketing", "servicing", "mandatory")
KINDS = {name: feature.kind for name, feature in FEATURES.items()}
NEVER = (Clause(id="never", rule=check("spend_count > 9", KINDS, "bool")),)
UNKNOWN = (Clause(id="unknown", rule=check("1 / (spend_count - spend_count) > 0", KINDS, "bool")),)
DECEASED = RiskFlagged(flag_id="f", flag_class="deceased")
FRAUD = RiskFlagged(flag_id="f", flag_class="fraud")
CASE = ServiceCaseOpened(case_id="c")
ALONE = PreferenceChanged(personalisation_opt_out=True)
STOP, PAUSE = KillSwitchSet(engaged=True), KillSwitchSet(engaged=True, campaign_id="a")
HOLDOUT = TenantConfigured(time_zone="UTC", holdout_bp=10_000, holdout_salt="h")
NOWHERE = TenantConfigured()
CONTROL = Experiment(salt="s", control_bp=10_000)
RIVAL = offer("r", priority=90, entry=any_purchase(2_000))
"""Goes where the purchase is large: the first of two worlds' occasions, or the last."""


AS_IT_IS: Mapping[str, Any] = {}


class Cell(NamedTuple):
    """
    A row of the table: why, which classes it binds, and the world that it takes.

    `changed` are fields of the campaign `a`, `control` and `said` what the journal has before the
    purchases of `amounts_minor`, an hour apart; the last is what is asked about.
    """

    reason: ReasonCode
    binds: str
    changed: Mapping[str, Any] = AS_IT_IS
    control: tuple[Any, ...] = ()
    said: tuple[Any, ...] = ()
    amounts_minor: tuple[int, ...] = (1_000,)


ALL, BOUND, ADVERTISING = "marketing servicing mandatory", "marketing servicing", "marketing"
TWICE = (1_000, 1_000)

TABLE = {
    "a card that is lost": Cell("NOT_ELIGIBLE", ALL, said=(lost(),)),
    "a card that is blocked": Cell("NOT_ELIGIBLE", ALL, said=(blocked(),)),
    "a holder who is dead": Cell("NOT_ELIGIBLE", ALL, said=(DECEASED,)),
    "eligibility": Cell("NOT_ELIGIBLE", ALL, {"eligibility": NEVER}),
    "applicability": Cell("NOT_APPLICABLE", ALL, {"applicability": NEVER}),
    "suitability": Cell("NOT_SUITABLE", ALL, {"suitability": NEVER}),
    "a clause that cannot be computed": Cell("RULE_ERROR", ALL, {"eligibility": UNKNOWN}),
    "tenant stop": Cell("TENANT_PAUSED", ALL, control=(STOP,)),
    "campaign pause": Cell("KILL_SWITCH", ALL, control=(PAUSE,)),
    "a denied consent": Cell("NO_CONSENT", BOUND, said=(word("denied"),)),
    "a revoked consent": Cell("OPTED_OUT", BOUND, said=(word("revoked"),)),
    "no consent": Cell("NO_CONSENT", ADVERTISING, {"purpose": "unheard"}),
    "personalisation": Cell("PERSONALISATION_OFF", ADVERTISING, said=(ALONE,)),
    "a wording that nobody approved": Cell("NO_TEMPLATE", ALL, control=(wording("another"),)),
    "a wording that shows what nobody knows": Cell(
        "VARIABLE_MISSING", ALL, {"treatment": by("sms", tongue="language")}
    ),
    "risk flag": Cell("RISK_FLAG", ADVERTISING, said=(FRAUD,)),
    "open case": Cell("OPEN_CASE", ADVERTISING, said=(CASE,)),
    "overdue": Cell("OVERDUE", ADVERTISING, said=(overdue(),)),
    "quiet hours": Cell("QUIET_HOURS", BOUND, control=(night(),)),
    "quiet hours of one's own": Cell(
        "QUIET_HOURS", BOUND, said=(PreferenceChanged(quiet_hours="21:00-08:00"),)
    ),
    "a bank without zone": Cell("ZONE_UNKNOWN", BOUND, control=(NOWHERE,)),
    "a customer without zone": Cell("ZONE_UNKNOWN", BOUND, said=(profile(zone="Mars/Base"),)),
    "cool-down": Cell("COOL_DOWN", ADVERTISING, {"cool_down_ms": DAY}, amounts_minor=TWICE),
    "exclusion": Cell(
        "EXCLUSION",
        ADVERTISING,
        control=(bank_policy(apart("a", "r", DAY)),),
        amounts_minor=(2_000, 1_000),
    ),
    "a cap of its own": Cell("CAP_CAMPAIGN", BOUND, {"caps": (cap(1, DAY),)}, amounts_minor=TWICE),
    "the bank's cap of advertising": Cell(
        "CAP_CLASS",
        ADVERTISING,
        control=(bank_policy(limit(1, DAY, "class")),),
        amounts_minor=TWICE,
    ),
    "the bank's cap of servicing": Cell(
        "CAP_CLASS",
        "servicing",
        control=(bank_policy(limit(1, DAY, "class", message_class="servicing")),),
        amounts_minor=TWICE,
    ),
    "an offer of which none is left": Cell(
        "NO_INVENTORY", ADVERTISING, {"offer": "gift"}, control=(stock_of(0),)
    ),
    "a budget of one contact": Cell(
        "NO_BUDGET",
        ADVERTISING,
        {"budget_minor": 5, "contact_cost_minor": 3, "base_rate_ppm": 10**6, "value_minor": 9},
        amounts_minor=TWICE,
    ),
    "cost": Cell("NOT_WORTH", ADVERTISING, {"contact_cost_minor": 1}),
    "arbitration": Cell("LOST_ARBITRATION", ADVERTISING, amounts_minor=(2_000,)),
    "holdout": Cell("HOLDOUT", ADVERTISING, control=(HOLDOUT,)),
    "control": Cell("CONTROL", ADVERTISING, {"experiment": CONTROL}),
}


TWICE_BOUND = ("a holder who is dead", "marketing")
"""A flag of that class is a risk flag as well, so `standing` fails beside `eligibility`."""


def asked(cell: Cell, message_class: str) -> Told:
    """Return what becomes of the campaign `a`, of some class, in a cell's world."""
    bank = Bank(offer(message_class=message_class, **cell.changed), RIVAL)
    for record in cell.control:
        bank.control(record)
    for event in cell.said:
        bank.say(event, 0)
    told = [
        bank.say(spend(amount_minor), hour * HOUR)
        for hour, amount_minor in enumerate(cell.amounts_minor)
    ]
    return next(one for one in decisions(told[-1]) if one.campaign_id == "a")


@pytest.mark.parametrize("message_class", CLASSES)
@pytest.mark.parametrize("name", TABLE)
def test_gate_binds_the_classes_of_its_row_and_no_other(name: str, message_class: str) -> None:
    """O3: whom it binds is stopped for its reason, everyone else is sent."""
    cell = TABLE[name]
    binds = message_class in cell.binds.split()
    told = asked(cell, message_class)

    assert (cell.reason if binds else "") == told.reason_code
    assert binds == (told.verdict != "sent")


@pytest.mark.parametrize(
    ("name", "message_class"),
    [
        (name, one)
        for name, cell in TABLE.items()
        for one in cell.binds.split()
        if (name, one) != TWICE_BOUND
    ],
)
def test_no_other_gate_fails_in_the_world_of_a_cell(
    name: str, message_class: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the gate that gives the reason, the candidate is sent."""
    cell = TABLE[name]
    without(REASONS[cell.reason].gate, monkeypatch)

    assert "sent" == asked(cell, message_class).verdict


def test_every_gate_has_a_cell() -> None:
    """A gate that is added later needs its row here; `truth` is asked of no candidate."""
    assert {*GATES} - {"truth"} == {REASONS[cell.reason].gate for cell in TABLE.values()}


@pytest.mark.parametrize("message_class", CLASSES)
def test_gates_that_do_not_bind_give_no_reading(message_class: str) -> None:
    """3.4: the record shows what was asked, in the order of the table."""
    found = [one.gate for one in asked(Cell("", ""), message_class).gates]
    wanted = {
        "marketing": "eligibility applicability suitability stop consent personalisation content"
        " standing quiet spacing caps worth arbitration experiment",
        "servicing": "eligibility applicability suitability stop consent content quiet caps",
        "mandatory": "eligibility applicability suitability stop content",
    }

    assert wanted[message_class].split() == found
