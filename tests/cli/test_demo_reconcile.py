"""The reckoning finds every record that is missing, doubled or of another kind, and says which."""

from collections import Counter
from collections.abc import Callable

import pytest

from cli.demo.gateway import Gateway
from cli.demo.history import History
from cli.demo.ledger import Ledger
from cli.demo.loader import Kind
from cli.demo.offers import OfferSystem
from cli.demo.reconcile import Evidence, MismatchError, differences, refuse, summarise
from schemas.routing import DECISIONS_TOPIC, REJECTED_TOPIC
from streams.port import SourcePartition
from tests.cli.demo_fakes import (
    counts_row,
    grant,
    grant_told,
    messages,
    offer_row,
    source_row,
    trigger,
    trigger_told,
)


ISSUE = SourcePartition("bank.card.issue.v1", 0)
SPEND = SourcePartition("cdnow.card.spend.v1", 1)
CONTROL = SourcePartition("marketing.control.v1", 0)
RECEIPTS = SourcePartition("gateway.receipt.v1", 0)
RECEIPTS_OF = (("bank", 9), ("cdnow", 1))


TRIGGERS = (
    ("bank", "activation_nudge", "t-1"),
    ("bank", "bind_incentive", "t-2"),
    ("bank", "first_spend_offer", "t-3"),
    ("bank", "instalment_push", "t-4"),
    ("bank", "repayment_reminder", "t-5"),
    ("bank", "frequency_lift", "t-6"),
    ("bank", "amount_lift", "t-7"),
    ("bank", "win_back_decline", "t-8"),
    ("bank", "temporary_limit", "t-9"),
    ("cdnow", "win_back", "t-10"),
)
ONE_EACH = {f"{tenant} {campaign}": 1 for tenant, campaign, _ in sorted(TRIGGERS)}


class World:
    """
    Fifteen records worked out by hand, and every count of them, open to damage.

    The bank sends an issue, its repeat and a broken record, CDNOW two purchases, the gateway one
    receipt for each of ten triggers: 15 = 13 applied + 1 ignored + 1 rejected.
    """

    def __init__(self) -> None:
        """Make everything add up."""
        self.sent: Counter[tuple[SourcePartition, Kind]] = Counter(
            {
                (ISSUE, "events"): 3,
                (ISSUE, "markers"): 1,
                (SPEND, "events"): 2,
                (CONTROL, "control"): 1,
                (RECEIPTS, "events"): 10,
            }
        )
        self.ingest = {
            ISSUE: {
                "forwarded|bank|card.issued": 2,
                "rejected|bank|NOT_JSON": 1,
                "marker||history.ended": 1,
                "clamped|bank|": 1,
            },
            SPEND: {"forwarded|cdnow|txn.posted": 2},
            CONTROL: {"control|bank|policy.published": 1},
            RECEIPTS: {f"forwarded|{tenant}|delivery.receipt": n for tenant, n in RECEIPTS_OF},
        }
        self.lifecycle = {
            "applied|bank|card.issued": 1,
            "ignored|bank|DUPLICATE": 1,
            "applied|cdnow|txn.posted": 2,
            **{f"applied|{tenant}|delivery.receipt": n for tenant, n in RECEIPTS_OF},
            "milestone|bank|issued": 1,
            "control|bank|policy.published": 1,
            **{f"decision|{tenant}|{campaign}|sent|": 1 for tenant, campaign, _ in TRIGGERS},
            "decision|bank|win_back|suppressed|NO_CONSENT": 1,
            "decision|cdnow|win_back|suppressed|NO_CONSENT": 2,
            "decision|cdnow|win_back_decline|suppressed|NOT_ELIGIBLE": 1,
            "occasion|bank": 10,
            "occasion|cdnow": 4,
        }
        self.triggers = [trigger(*of) for of in TRIGGERS]
        self.grants = [grant("00000000-0000-8000-8000-0000000000ff")]
        self.taken_count = 1
        self.outputs = Counter({DECISIONS_TOPIC: 14, REJECTED_TOPIC: 1})
        self.bank = History("bank", (), 0, 1, 1, 1, {"NOT_JSON": 1})

    def evidence(self) -> Evidence:
        """Return what the demonstration would have at its end."""
        ledger, gateway, offers = Ledger(), Gateway(), OfferSystem()
        ledger.take(messages(*(source_row(*source, of) for source, of in self.ingest.items())))
        ledger.take(messages(counts_row(0, self.lifecycle)))
        ledger.take(messages(offer_row(0, self.taken_count), offer_row(1, 0)))
        list(gateway.take(messages(*map(trigger_told, self.triggers))))
        list(offers.take(messages(*map(grant_told, self.grants))))
        return Evidence(self.sent, ledger, gateway, offers, self.outputs)

    def found(self) -> list[str]:
        """Return what the reckoning finds, each in one line."""
        pasts = [self.bank, History("cdnow", (), 0, 1, 0, 0, {})]
        return [
            f"{of}: {wanted} {found}" for of, wanted, found in differences(self.evidence(), pasts)
        ]


def test_reckoning_finds_nothing_where_all_adds_up() -> None:
    """I1: in = applied + ignored + rejected, by reason, and the JSON line says the same."""
    world = World()

    assert [] == world.found()
    assert {
        "in": 15,
        "applied": {"card.issued": 1, "delivery.receipt": 10, "txn.posted": 2},
        "ignored": {"DUPLICATE": 1},
        "rejected": {"NOT_JSON": 1},
        "triggers": {campaign: 1 for _, campaign, _ in TRIGGERS},
    } == summarise(world.evidence()).as_json()


def _lost_by_ingest(world: World) -> None:
    world.ingest[SPEND]["forwarded|cdnow|txn.posted"] = 1
    world.lifecycle["applied|cdnow|txn.posted"] = 1


def _lost_by_lifecycle(world: World) -> None:
    world.lifecycle["applied|cdnow|txn.posted"] = 1


def _swapped_between_banks(world: World) -> None:
    world.lifecycle["applied|cdnow|delivery.receipt"] = 2
    world.lifecycle["applied|bank|delivery.receipt"] = 8


def _repeat_taken_for_an_event(world: World) -> None:
    del world.lifecycle["ignored|bank|DUPLICATE"]
    world.lifecycle["applied|bank|card.issued"] = 2


def _rejected_for_another_reason(world: World) -> None:
    world.ingest[ISSUE]["rejected|bank|SCHEMA"] = world.ingest[ISSUE].pop("rejected|bank|NOT_JSON")


def _rejected_without_its_bytes(world: World) -> None:
    world.outputs[REJECTED_TOPIC] = 0


def _card_forgotten(world: World) -> None:
    world.lifecycle["milestone|bank|issued"] = 0


def _trigger_lost(world: World) -> None:
    world.triggers.append(trigger("cdnow", "win_back", "t-11"))


def _trigger_doubled(world: World) -> None:
    world.triggers.append(world.triggers[-1])
    world.lifecycle["decision|cdnow|win_back|sent|"] = 2
    world.lifecycle["occasion|cdnow"] = 5
    world.outputs[DECISIONS_TOPIC] = 15


def _decision_without_a_record(world: World) -> None:
    world.outputs[DECISIONS_TOPIC] = 13


def _marker_counted_as_event(world: World) -> None:
    del world.ingest[ISSUE]["marker||history.ended"]
    world.ingest[ISSUE]["control|bank|policy.published"] = 1


def _unit_promised_unasked(world: World) -> None:
    world.taken_count = 2


def _grant_doubled(world: World) -> None:
    world.grants.append(world.grants[-1])


def _campaign_silent(world: World) -> None:
    del world.triggers[0]
    del world.lifecycle["decision|bank|activation_nudge|sent|"]
    world.lifecycle["occasion|bank"] = 9
    world.outputs[DECISIONS_TOPIC] = 13


def _campaign_only_put_off(world: World) -> None:
    put_off = world.lifecycle.pop("decision|bank|win_back|suppressed|NO_CONSENT")
    world.lifecycle["decision|bank|win_back|deferred|QUIET_HOURS"] = put_off


def _campaign_of_the_other_bank_silent(world: World) -> None:
    del world.lifecycle["decision|cdnow|win_back_decline|suppressed|NOT_ELIGIBLE"]
    world.lifecycle["occasion|cdnow"] = 3
    world.outputs[DECISIONS_TOPIC] = 13


@pytest.mark.parametrize(
    ("damage", "finds"),
    [
        (
            _lost_by_ingest,
            ["records of cdnow.card.spend.v1/1: 2 1", "applied + ignored + rejected: 15 14"],
        ),
        (
            _lost_by_lifecycle,
            ["applied + ignored + rejected: 15 14", "applied + ignored of cdnow: 3 2"],
        ),
        (
            _swapped_between_banks,
            ["applied + ignored of bank: 11 10", "applied + ignored of cdnow: 3 4"],
        ),
        (_repeat_taken_for_an_event, ["duplicates of bank: 1 0"]),
        (_rejected_for_another_reason, ["rejected: {'NOT_JSON': 1} {'SCHEMA': 1}"]),
        (_rejected_without_its_bytes, ["records in the rejected topic: 1 0"]),
        (_card_forgotten, ["cards issued by bank: 1 0"]),
        (_trigger_lost, [f"triggers: {ONE_EACH} {ONE_EACH | {'cdnow win_back': 2}}"]),
        (_trigger_doubled, ["triggers with an id seen before: 0 1"]),
        (_decision_without_a_record, ["records of decisions: 14 13"]),
        (
            _marker_counted_as_event,
            ["records of kind control: 1 2", "records of kind markers: 1 0"],
        ),
        (
            _unit_promised_unasked,
            ["units of offers taken: {'bank gift': 1} {'bank gift': 2}"],
        ),
        (_grant_doubled, ["grants asked for twice: 0 1"]),
        (
            _campaign_silent,
            [
                "decisions on activation_nudge for bank: one or more 0",
                "triggers of activation_nudge for bank: one or more 0",
            ],
        ),
        (_campaign_only_put_off, ["decisions on win_back for bank: one or more 0"]),
        (
            _campaign_of_the_other_bank_silent,
            ["decisions on win_back_decline for cdnow: one or more 0"],
        ),
    ],
)
def test_reckoning_names_what_does_not_add_up(
    damage: Callable[[World], None], finds: list[str]
) -> None:
    """I1, I4: each damage is found, and nothing but it."""
    world = World()
    damage(world)

    assert finds == world.found()


def test_reckoning_refuses_with_a_sentence_for_each() -> None:
    """What is printed before exit code 1 says what was wanted and what was found."""
    world = World()
    _rejected_without_its_bytes(world)
    _card_forgotten(world)
    pasts = [world.bank, History("cdnow", (), 0, 1, 0, 0, {})]

    with pytest.raises(MismatchError) as refused:
        refuse(differences(world.evidence(), pasts))
    assert (
        "what came out is not what went in:\n"
        "  cards issued by bank: wanted 1, found 0\n"
        "  records in the rejected topic: wanted 1, found 0"
    ) == str(refused.value)
