"""House and checker have one opinion on what people of a bank have signed (P3)."""

import json
from random import Random
from typing import Any

from msgspec import to_builtins
from msgspec.structs import replace

from cli.policy_file import read_policy
from cli.policy_keys import sign
from lifecycle.control import take_control
from lifecycle.partition import PartitionState
from lifecycle.signatures import signed_content
from schemas.campaign import Arm, Campaign, Choice, Experiment, Fallback, Option, Treatment
from schemas.codec import decode_envelope, encode_json
from schemas.content import content_hash
from schemas.events import OfferDefined, PolicyPublished, TemplateApproved, TenantConfigured
from schemas.offer import Offer
from schemas.template import Template, TemplateVariable
from tests.checker.identity import Facts
from tests.checker.oracle import PartitionOracle
from tests.checker.signed import policy_hash
from tests.checker.tiny_world import BASE, envelope
from tests.kafka_server import ROOT
from tests.lifecycle.builders import TENANT, nudge
from tests.lifecycle.signers import CHEN, LI, LI_TOO, PINNED, WANG, configured, policy


SIGNERS = (LI, CHEN, LI_TOO, WANG)
ROLES = ("author", "approver")
REASONS = {
    *("policy.published", "tenant.configured", "STALE_VERSION"),
    *("template.approved", "offer.defined"),
    *("NOT_SIGNED", "BAD_SIGNATURE", "SAME_PERSON", "POLICY_HASH"),
}


Control = PolicyPublished | TenantConfigured | TemplateApproved | OfferDefined


def control(event: Control, number: int) -> Facts:
    """Return a control record of the bank `bank` as the journal has it."""
    made: Facts = json.loads(
        json.dumps(envelope(BASE, "", f"control e{number}", to_builtins(event)))
    )
    return made | {"tenant": "bank"}


def promised(random: Random, number: int, signed_by: list[Any]) -> Control:
    """Return an approved wording or a defined offer, signed by these, at times of another one."""
    variables = (TemplateVariable(name="x", kind="int"),) if random.random() < 0.5 else ()
    wording = Template(id="w", version=number, channel="sms", text="hi", variables=variables)
    cost = random.choice((0, 7))
    gift = Offer(id="gift", version=number, inventory_count=1, valid_ms=1, unit_cost_minor=cost)
    event: TemplateApproved | OfferDefined = OfferDefined(offer=gift)
    if random.random() < 0.5:
        event = TemplateApproved(template=wording)
    about = signed_content(TENANT, event)
    event = replace(event, signatures=tuple(sign(one.key, role, about) for one, role in signed_by))
    if random.random() < 0.1 and isinstance(event, OfferDefined):
        return replace(event, offer=replace(gift, title="other"))
    return event


def spoken() -> Campaign:
    """Return a campaign with whatever a treatment may say, and with what it says by default."""
    shown = {"x": "spend_count"}
    push = Fallback(channel="push", template_id="w", template_version=1, after=("failed",))
    email = Fallback(channel="email", template_id="w", template_version=1, variables=shown)
    own = Treatment(channel="sms", template_id="w", template_version=1, variables=shown)
    arm = Arm(id="a", share_bp=1, treatment=own, fallbacks=(push,))
    voice = Treatment(channel="voice", template_id="w", template_version=1, sender_profile="bank")
    experiment = Experiment(salt="s", arms=(arm, replace(arm, id="b", fallbacks=())))
    plain = Option(id="plain", channel="sms", template_id="w", template_version=1)
    more = {"offer": "gift", "model": "m", "value_minor": 0, "contact_cost_minor": 1}
    rich = replace(plain, id="rich", fallbacks=(push, email), variables=shown, **more)
    choice = Choice(salt="s", epsilon_ppm=8, options=(plain, rich))
    promise = {"offer": "gift", "budget_minor": 9, "experiment": experiment, "choice": choice}
    return replace(nudge(version=1), treatment=voice, fallbacks=(push, email), **promise)


def drawn(random: Random, number: int) -> Control:
    """Return a control record that is signed by anybody, and sometimes spoilt."""
    signed_by: list[Any] = [
        (random.choice(SIGNERS), random.choice(ROLES)) for _ in range(random.randrange(4))
    ]
    if random.random() < 0.5:
        signed_by = [(LI, "author"), (CHEN, "approver")]
    if random.random() < 0.3:
        return promised(random, number, signed_by)
    if random.random() < 0.3:
        keys = random.choice(((), PINNED, (LI.public, CHEN.public, WANG.public)))
        version = number if random.random() < 0.7 else number // 2
        event = configured(*signed_by, version=version, signing_keys=keys, holdout_bp=number)
        return replace(event, holdout_bp=0) if random.random() < 0.1 else event
    event = policy(nudge(version=number), *signed_by)
    if random.random() < 0.1:
        return replace(event, policy_hash="0" * 64)
    return replace(event, campaign=nudge(version=number + 1)) if random.random() < 0.1 else event


def test_house_and_checker_judge_signatures_alike() -> None:
    """P3: of 400 records, signed and spoilt in every way, both take and refuse the same."""
    random = Random(6)  # noqa: S311 (a world, no secret)
    seen: set[str] = set()
    for _ in range(20):
        oracle, house = PartitionOracle(), PartitionState(0).tenant("bank")
        for number in range(1, 21):
            record = control(drawn(random, number), number)
            oracle.see(record)
            read = decode_envelope(json.dumps(record).encode())
            take_control(house, read, read.record)
            assert oracle.counts == house.counts.by_key, f"record {number}"
        seen |= {name.split("|")[2] for name in oracle.counts}

    assert seen == REASONS


def test_hash_of_a_campaign_by_hand_is_the_published_one() -> None:
    """P3: both leave out what is as the defaults say, each by its own list of them."""
    assert policy_hash(json.loads(encode_json(spoken()))) == content_hash(spoken())
    for file in sorted((ROOT / "campaigns").glob("*.yaml")):
        campaign = read_policy(file, tenant="bank")
        assert policy_hash(json.loads(encode_json(campaign))) == content_hash(campaign)
