"""What the lifecycle takes back is not sent, and the receipt comes home (SEMANTICS O7, C1)."""

from lifecycle.printing import printed
from lifecycle.records import Effect
from schemas.campaign import Treatment
from schemas.events import PolicyPublished, TenantConfigured
from tests.gateway.world import World
from tests.lifecycle.builders import HOUR, T0, Bank, bill, push, receipt, word


WHOSE = {"tenant": "bank-a"}


def told(world: World, effects: list[Effect]) -> None:
    """Put what a decision led to for the gateway into its topic, and let it take that."""
    for effect in effects:
        output = printed(effect)
        if output.topic == "marketing.triggers.sms.v1":
            world.append(output.value, output.headers, output.key)
    world.take()


def test_cancelled_trigger_is_not_sent_and_gives_its_cap_back(world: World) -> None:
    """
    Both halves as they are: the fold's bytes go to the gateway, its receipt to the fold.

        T0 trigger, waits in the gateway    1 h opted out: cancelled    receipt: released
    """
    bank = Bank(consent="")
    treatment = Treatment(channel="sms", template_id="hello", template_version=1)
    published = PolicyPublished(campaign=push(treatment=treatment), policy_hash="h")
    for control in (TenantConfigured(live_from_ms=0, time_zone="UTC"), published):
        bank.add(control, "", 0, 0, "", **WHOSE)
    bank.say(word("granted"), 0, **WHOSE)
    world.now_ms = T0 + HOUR
    told(world, bank.say(bill(300_000), HOUR, **WHOSE))
    told(world, bank.say(word("revoked"), 2 * HOUR, **WHOSE))
    world.run()

    contact = bank.state.tenant("bank-a").customer("ann").contacts[0]
    assert not world.sent()
    said = [(one["trigger_id"], one["status"], one["raw_status"]) for one in world.receipts()]
    assert [
        (contact.trigger_id, "accepted", ""),
        (contact.trigger_id, "cancelled", "OPTED_OUT"),
    ] == said
    assert not contact.released
    bank.say(receipt(contact.trigger_id, said[-1][1]), 2 * HOUR, **WHOSE)
    assert bank.state.tenant("bank-a").customer("ann").contacts[0].released


def test_cancellation_after_the_sending_is_too_late(world: World) -> None:
    """The house learns so, and the contact goes on counting."""
    bank = Bank(consent="")
    treatment = Treatment(channel="sms", template_id="hello", template_version=1)
    published = PolicyPublished(campaign=push(treatment=treatment), policy_hash="h")
    for control in (TenantConfigured(live_from_ms=0, time_zone="UTC"), published):
        bank.add(control, "", 0, 0, "", **WHOSE)
    bank.say(word("granted"), 0, **WHOSE)
    world.now_ms = T0 + HOUR
    told(world, bank.say(bill(300_000), HOUR, **WHOSE))
    world.turn()
    told(world, bank.say(word("revoked"), 2 * HOUR, **WHOSE))
    world.tell()

    assert "too_late" == world.receipts()[-1]["status"]
    contact = bank.state.tenant("bank-a").customer("ann").contacts[0]
    bank.say(receipt(contact.trigger_id, "too_late"), 2 * HOUR, **WHOSE)
    assert not bank.state.tenant("bank-a").customer("ann").contacts[0].released
