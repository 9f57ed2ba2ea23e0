"""
Name whom the worked examples are about: one customer of one bank, one card, one campaign.

A card is applied for in February, issued on 2 March, not activated for 72 hours, nudged, then
activated, bound and used; a bill is paid, another one late; in June the card is lost and goes on
under another token. The events themselves are in the modules beside this one.
"""

from datetime import date, timedelta, timezone
from typing import Final

from msgspec import Struct

from schemas import calendar, campaign, contact_policy, events, model, offer, template
from schemas.learning import Head
from schemas.rules import Name, Rule


TENANT: Final = "demo"
CUSTOMER: Final = "c-1"
CARD: Final = "k-1"
NEXT_CARD: Final = "k-2"
"""The token under which the card goes on after it was lost."""

OTHER_CUSTOMER: Final = "c-9"
"""The same person, as another system of the bank knew them."""

MERCHANT: Final = "m-1"
COUPON: Final = "cp-1"
UNUSED_COUPON: Final = "cp-2"

TRIGGER_ID: Final = "dcccd924-13be-86d0-9207-a6436914fecf"
DECISION_ID: Final = "923f2c26-3f66-8dbe-9dd8-7e083d9e01d0"
POLICY_HASH: Final = "c489a4835ea94760251910046b0dd31f90eda7dc86a55c180b1372408754471f"

LOCAL: Final = timezone(timedelta(hours=8))
"""The bank's own offset, China Standard Time."""


class WorkedEvent(Struct, frozen=True):
    """An event's id, its time as upstream writes it and as we keep it, and its own fields."""

    event_id: str
    occurred_at: str
    occurred_at_ms: int
    content: events.AnyEvent


CAMPAIGN: Final = campaign.Campaign(
    id="activation_nudge",
    version=1,
    tenant=TENANT,
    title="Activate your new card",
    owner="card-lifecycle",
    stage="activate",
    trigger_type="activation_nudge",
    message_class="marketing",
    purpose="marketing",
    entry=campaign.AbsenceEntry(after="card.issued", without="card.activated"),
    occurrence="card",
    steps=(
        campaign.Step(id="first", delay_ms=259_200_000),
        campaign.Step(id="second", delay_ms=604_800_000),
    ),
    treatment=campaign.Treatment(channel="sms", template_id="activation-nudge", template_version=1),
    exit_on=("card.activated",),
    caps=(
        campaign.Cap(scope="campaign", count=2, window_ms=2_592_000_000),
        campaign.Cap(scope="all", count=3, window_ms=604_800_000),
    ),
    priority=60,
)

CALENDAR: Final = calendar.Calendar(
    id="cn_mainland",
    version=1,
    time_zone="Asia/Shanghai",
    year_min=2026,
    year_max=2026,
    quiet=calendar.Quiet(
        marketing=(calendar.Window(start=21 * 60, end=9 * 60),),
        servicing=(calendar.Window(start=21 * 60, end=8 * 60),),
    ),
    days=(calendar.ListedDay(date=date(2026, 10, 1), kind="holiday"),),
)

CONTACT_POLICY: Final = contact_policy.ContactPolicy(
    id="cautious",
    version=1,
    caps=(contact_policy.ContactCap(scope="channel", count=1, window_ms=86_400_000),),
    exclusions=(
        contact_policy.Exclusion(
            campaign="instalment_push", other="repayment_reminder", within_ms=172_800_000
        ),
    ),
)

TEMPLATE: Final = template.Template(
    id="repayment-reminder",
    version=1,
    channel="sms",
    text="您本期信用卡账单待还{amount} {currency}，最后还款日{due_date}，请按时还款。",
    variables=(
        template.TemplateVariable(name="amount_minor", kind="int"),
        template.TemplateVariable(name="currency", kind="string"),
        template.TemplateVariable(name="due_date", kind="string"),
    ),
)

OFFER: Final = offer.Offer(
    id="spring_gift",
    version=1,
    inventory_count=10_000,
    valid_ms=1_209_600_000,
    unit_cost_minor=2_000,
    title="A gift in spring",
)

MODEL: Final = model.Model(
    id="activation",
    version=1,
    title="Who activates a new card",
    owner="card-lifecycle",
    inputs=(
        model.NumberInput(
            id="tenure",
            rule=Rule(text="tenure_days", tree=Name("tenure_days")),
            title="Days with the bank",
            scale="log",
            divisor=365,
        ),
        model.CategoryInput(
            id="wealth",
            rule=Rule(text="wealth_band", tree=Name("wealth_band")),
            values=("affluent", "mass"),
        ),
    ),
)

TAUGHT: Final = Head(intercept=-1.5, weights=(0.25, 0.0, 0.5, -0.125))
"""What history has taught the model of those contacted."""
