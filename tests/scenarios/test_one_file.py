"""A new campaign is one YAML file and no line of code."""

from pathlib import Path

import msgspec

from cli.policy_file import policy_hash, read_policy
from schemas.events import AnyEvent, ConsentChanged, CouponIssued, PolicyPublished, TxnDeclined
from tests.lifecycle.builders import DAY, HOUR, TENANT, Bank
from tests.lifecycle.told import story, triggers


FILE = """\
id: coupon_help
version: 1
title: Having trouble to pay?
owner: card-service
stage: pay
trigger_type: coupon_help
message_class: marketing
purpose: marketing

entry:
  kind: count
  on: txn.declined
  count_min: 3
  window: 2h
  if: event.decline_class == "technical" && coupon_count > 0
occurrence: card
steps:
  - {id: now, delay: 0s}
exit_on:
  - {on: txn.posted, if: event.amount_minor > 0}

eligibility:
  - {id: not_staff, if: "!staff"}
suitability:
  - {id: few_contacts, if: contact_count_7d < 1}

treatment: {channel: push, template_id: coupon-help, template_version: 1}
caps:
  - {scope: campaign, count: 2, window: 30d}
"""


def declined(decline_class: str) -> AnyEvent:
    """Return a purchase that was refused."""
    said = {"auth_id": "a", "card_token": "k1", "amount_minor": 900, "currency": "CNY"}
    return msgspec.convert(
        {**said, "event_type": "txn.declined", "decline_class": decline_class}, TxnDeclined
    )


def test_campaign_written_in_one_file_decides(tmp_path: Path) -> None:
    """Entered by a count; its clauses let the first contact pass and hold the second back."""
    file = tmp_path / "coupon_help.yaml"
    file.write_text(FILE, encoding="utf-8")
    campaign = read_policy(file, tenant=TENANT)
    bank = Bank(consent="")
    bank.control(PolicyPublished(campaign=campaign, policy_hash=policy_hash(campaign)))
    bank.say(ConsentChanged(purpose="marketing", channel="push", status="granted"), 0)
    bank.say(CouponIssued(coupon_token="c1", offer_id="o1"), 0)

    quiet = [
        bank.say(declined(of), n * 60_000)
        for n, of in enumerate(("technical", "risk", "technical"))
    ]
    first = bank.say(declined("technical"), HOUR)
    second = [bank.say(declined("technical"), DAY + n * HOUR // 4) for n in range(3)]

    assert [[], [], []] == quiet
    assert ["-> ann now", "coupon_help now sent"] == story(first)
    assert policy_hash(campaign) == triggers(first)[0].policy_hash
    assert [[], [], ["coupon_help now suppressed NOT_SUITABLE"]] == [*map(story, second)]
