"""Worked examples of what the bank sets in the control topic, and of a history's end."""

from typing import Final

from schemas import events
from schemas.story import (
    CALENDAR,
    CAMPAIGN,
    CONTACT_POLICY,
    MODEL,
    OFFER,
    POLICY_HASH,
    TAUGHT,
    TEMPLATE,
    WorkedEvent,
)


CONTROL_EVENTS: Final = {
    "policy.published": WorkedEvent(
        "pol-1",
        "2026-03-01T00:00:00Z",
        1_772_323_200_000,
        events.PolicyPublished(
            campaign=CAMPAIGN,
            policy_hash=POLICY_HASH,
            author="li.wei",
            signatures=(
                events.Signature(
                    key_id="34750f98bd59fcfc",
                    role="author",
                    signature="RcYhH7re6/vaxxwCBPTsx92G8QRESlT2YuwHrhNRKaXA"
                    "1NXabw+NqptXEO7yld0Xhqq5fQpnpNoUvk7GZtw+Cg==",
                ),
                events.Signature(
                    key_id="6a3803d5f059902a",
                    role="approver",
                    signature="W1jnM8LgGWboczZXWlWyxM5vjSu7Yb8D3CbzKek1gcSz"
                    "lS6QtbbAoQKsFh5YdIakC5yTDjcFwIanQ4MNEvGnDg==",
                ),
            ),
        ),
    ),
    "calendar.published": WorkedEvent(
        "cal-1",
        "2026-03-01T00:00:02Z",
        1_772_323_202_000,
        events.CalendarPublished(calendar=CALENDAR),
    ),
    "contact_policy.published": WorkedEvent(
        "cp-1",
        "2026-03-01T00:00:03Z",
        1_772_323_203_000,
        events.ContactPolicyPublished(contact_policy=CONTACT_POLICY),
    ),
    "template.approved": WorkedEvent(
        "tpl-1",
        "2026-03-01T00:00:04Z",
        1_772_323_204_000,
        events.TemplateApproved(template=TEMPLATE),
    ),
    "offer.defined": WorkedEvent(
        "off-1",
        "2026-03-01T00:00:05Z",
        1_772_323_205_000,
        events.OfferDefined(offer=OFFER),
    ),
    "model.defined": WorkedEvent(
        "mod-1",
        "2026-03-01T00:00:06Z",
        1_772_323_206_000,
        events.ModelDefined(model=MODEL, contact=TAUGHT),
    ),
    "model.set": WorkedEvent(
        "mset-1",
        "2026-06-01T02:00:00Z",
        1_780_279_200_000,
        events.ModelSet(
            model_id="activation", frozen=True, rollback_sequence=1, reason="a burst of odd labels"
        ),
    ),
    "kill_switch.set": WorkedEvent(
        "kill-1",
        "2026-03-20T06:00:00Z",
        1_773_986_400_000,
        events.KillSwitchSet(
            engaged=True, campaign_id="activation_nudge", reason="wrong rate in the wording"
        ),
    ),
    "tenant.configured": WorkedEvent(
        "conf-1",
        "2026-03-01T00:00:01Z",
        1_772_323_201_000,
        events.TenantConfigured(
            live_from_ms=1_772_323_200_000,
            time_zone="Asia/Shanghai",
            holdout_bp=500,
            holdout_salt="2026",
            version=1,
            signing_keys=(
                events.SigningKey(
                    key_id="34750f98bd59fcfc",
                    person="li.wei",
                    public_key="iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=",
                ),
                events.SigningKey(
                    key_id="6a3803d5f059902a",
                    person="chen.yu",
                    public_key="gTl3Dqh9F19Wo1Rmw0x+zMuNipG07jeiXfYPW4/Js5Q=",
                ),
            ),
        ),
    ),
    "history.ended": WorkedEvent(
        "end-1", "2026-03-01T00:00:00Z", 1_772_323_200_000, events.HistoryEnded()
    ),
}
"""Event type to its example, in the order of the route table."""
