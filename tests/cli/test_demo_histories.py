"""What the demonstration sends: CDNOW as the file has it, and nothing whose order is luck."""

import itertools
import json
import os
from collections import Counter
from collections.abc import Sequence

import pytest

from cli.demo import cdnow
from cli.demo.bank import HOUR_MS
from cli.demo.cdnow_history import cdnow_history, consent
from cli.demo.control import HELD_OUT, MONEY, campaigns, closing, models, opening, rules
from cli.demo.histories import Wanted, beginning, histories, remainder
from cli.demo.history import DAY_MS, History
from cli.demo.loader import Outgoing
from cli.demo.setting import BANK, HISTORIES, TENANTS, bindings, demo_settings
from schemas.events import OfferDefined, PolicyPublished, TemplateApproved, TenantConfigured
from schemas.incoming import SourceReader
from schemas.records import StoredRecord
from schemas.rejects import RejectedError
from schemas.routing import SourceBinding


BINDINGS = {binding.topic: binding for binding in bindings()}
LEAD_MS = demo_settings("127.0.0.1:1", (0, 0, 0))[0].backfill_lead_ms


@pytest.fixture(scope="module")
def whole() -> History:
    """Return all of CDNOW."""
    return cdnow_history(cdnow.fetch(cdnow.cache_folder(os.environ)), seed=1)


@pytest.fixture(scope="module")
def small() -> Sequence[History]:
    """Return both banks, small."""
    return histories(Wanted(seed=1, customer_count=300))


def bodies(history: History, contract: str) -> list[dict[str, object]]:
    """Return what the records of a topic say."""
    return [json.loads(r.value or b"") for r in history.records if r.contract == contract]


def occurred_at_ms(record: Outgoing) -> int:
    """Return an event's time, 0 for a record that cannot be read."""
    stored = StoredRecord(*record.source, 0, 2**41, record.key, record.value, record.headers)
    try:
        incoming = SourceReader(BINDINGS[record.source.topic], TENANTS).read(stored)
    except RejectedError:
        return 0
    return incoming.occurred_at_ms


def test_cdnow_becomes_every_purchase_and_a_beginning_for_every_customer(whole: History) -> None:
    """69,659 purchases; 23,570 customers with issue and activation on their first day."""
    spends = bodies(whole, "card.spend.v1")
    issued = bodies(whole, "card.issue.v1")
    activated = bodies(whole, "card.activation.v1")

    assert len(spends) == len({spend["id"] for spend in spends}) == 69_659
    assert sum(int(str(spend["amount_minor"])) for spend in spends) == 250_031_563
    assert len(issued) == len(activated) == whole.issued_count == 23_570
    first: dict[object, object] = {}
    for spend in spends:
        first.setdefault(spend["card_token"], spend["occurred_at"])
    for began in (issued, activated):
        assert first == {event["card_token"]: event["occurred_at"] for event in began}


def test_cdnow_has_no_time_of_day(whole: History) -> None:
    """The file knows days only: each event is at a midnight; the end is a day after the last."""
    assert {0} == {record.at_ms % DAY_MS for record in whole.records}
    assert 852_076_800_000 == whole.started_at_ms  # date -u -d 1997-01-01 +%s
    assert 899_251_200_000 == whole.ended_at_ms  # date -u -d 1998-07-01 +%s


def test_cdnow_consents_are_of_the_shares_that_the_summary_says() -> None:
    """Of 100 customers 85 granted, 10 denied, 5 were not asked; another seed asks others."""
    said = Counter(consent(f"{number:05}", 1) for number in range(20_000))

    assert 0.84 < said["granted"] / 20_000 < 0.86
    assert 0.09 < said["denied"] / 20_000 < 0.11
    assert 0.04 < said[""] / 20_000 < 0.06
    assert said.total() == said["granted"] + said["denied"] + said[""]
    assert [consent("00001", seed) for seed in range(9)] != [consent("00002", s) for s in range(9)]


def test_a_slice_of_cdnow_is_spread_over_its_customers() -> None:
    """So many customers with all their purchases, from the first to the last of the file."""
    text = cdnow.fetch(cdnow.cache_folder(os.environ))
    some = cdnow_history(text, seed=1, customer_count=10)
    wanted = {f"{1 + int(place * 2_357):05}" for place in range(10)}

    bought = [purchase for purchase in cdnow.purchases(text) if purchase.customer in wanted]
    assert 10 == some.issued_count
    assert sorted(p.event_id for p in bought) == sorted(
        str(spend["id"]) for spend in bodies(some, "card.spend.v1")
    )


def test_same_seed_is_the_same_bytes_and_another_seed_is_not() -> None:
    """Everything made up comes from the seed."""
    one, again, other = (histories(Wanted(seed, 60)) for seed in (1, 1, 2))

    assert one == again
    assert all(left.records != right.records for left, right in zip(one, other, strict=True))


def test_histories_go_out_whole_and_each_partition_says_when_it_is_complete(
    small: Sequence[History],
) -> None:
    """T7: nothing left out between the first moment and the rest; the marker is the last word."""
    for past in small:
        first, rest = list(beginning(past)), list(remainder(past))
        kinds = Counter(record.kind for record in [*first, *rest])
        assert {"events": len(past.records), "markers": 2 * len(HISTORIES[past.tenant])} == kinds

        last = {record.source: record for record in rest}
        markers = [record for record in rest if record.kind == "markers"]
        assert {past.ended_at_ms} == {occurred_at_ms(record) for record in markers}
        assert all(last[marker.source] is marker for marker in markers)
        assert past.ended_at_ms > max(record.at_ms for record in past.records)


def test_bank_s_history_is_over_in_an_afternoon(small: Sequence[History]) -> None:
    """14:00 in Shanghai, less than a day after its last record: nobody is left alone then (O6)."""
    past = next(past for past in small if past.tenant == BANK)

    assert 6 * HOUR_MS == past.ended_at_ms % DAY_MS
    assert past.ended_at_ms - past.records[-1].at_ms <= DAY_MS


def test_first_moment_is_where_the_history_begins(small: Sequence[History]) -> None:
    """T7: until its first tick, a task lets a history begin where what it has heard of begins."""
    for past in small:
        first = list(beginning(past))
        begins = min(filter(None, map(occurred_at_ms, [*first, *remainder(past)])))

        assert first
        assert {begins} == set(map(occurred_at_ms, first))


def test_moments_are_further_apart_than_a_history_may_run_ahead(small: Sequence[History]) -> None:
    """
    T7: between two ticks all records of one moment are read, and of no other.

    So the same seed gives the same triggers: with two moments within the lead, which is read
    before a timer fires would be a matter of luck.
    """
    for past in small:
        records = [*beginning(past), *remainder(past)]
        events = (record for record in records if record.kind == "events")
        moments = sorted({at for record in events if (at := occurred_at_ms(record))})
        gaps = {later - sooner for sooner, later in itertools.pairwise(moments)}
        assert min(gaps) > LEAD_MS


def test_no_customer_of_the_bank_has_two_events_at_one_moment(small: Sequence[History]) -> None:
    """What comes first of two events in two topics would be a matter of luck; a repeat is one."""
    seen: dict[tuple[str, int], str] = {}
    past = next(past for past in small if past.tenant == BANK)
    for record in (*beginning(past), *remainder(past)):
        stored = StoredRecord(*record.source, 0, 2**41, record.key, record.value, record.headers)
        try:
            said = SourceReader(BINDINGS[record.source.topic], TENANTS).read(stored)
        except RejectedError:
            continue
        if said.customer_token:
            key = (said.customer_token, said.occurred_at_ms)
            assert seen.setdefault(key, said.event_id) == said.event_id


def test_what_decisions_are_made_on_is_never_late(small: Sequence[History]) -> None:
    """A repeat may come two hours later; only what no decision waits for comes later than that."""
    bank = next(past for past in small if past.tenant == BANK)
    late: Counter[str] = Counter()
    for record in bank.records:
        reader = SourceReader(SourceBinding(topic=record.contract, tenant=BANK), TENANTS)
        stored = StoredRecord("", 0, 0, 2**41, record.key, record.value, record.headers)
        try:
            said = reader.read(stored)
        except RejectedError:
            continue
        late[said.kind.event_type] += record.at_ms - said.occurred_at_ms > 2 * HOUR_MS

    assert 0 == late["consent.changed"] + late["txn.posted"] + late["statement.issued"]
    assert 0 == late["autopay.changed"] + late["repayment.overdue"] + late["repayment.cured"]
    assert 0 == late["txn.reversed"] + late["txn.declined"] + late["limit.prechecked"]
    assert 0 == late["repayment.received"]
    assert min(late["card.issued"], late["card.activated"], late["wallet.bound"]) > 0


def test_nothing_is_sent_to_a_topic_that_is_not_bound(small: Sequence[History]) -> None:
    """N1: a history's topics are its bank's own; what belongs to all goes where all may write."""
    for past in small:
        sources = {record.source for record in (*beginning(past), *remainder(past))}
        assert {BINDINGS[source.topic].tenant for source in sources} <= {past.tenant, "*"}


def test_control_records_are_accepted_and_make_the_bank_live_from_its_first_moment(
    small: Sequence[History],
) -> None:
    """
    T7: until `live_from` decisions are shadow; ten campaigns; all of it before the history.

    CDNOW knows of no wallets: who has bound no card there cannot be known.
    """
    ten = [
        *("activation_nudge", "amount_lift", "bind_incentive", "first_spend_offer"),
        *("frequency_lift", "instalment_push", "repayment_reminder", "temporary_limit"),
        *("win_back", "win_back_decline"),
    ]
    for past in small:
        said = []
        for record in opening(past):
            stored = StoredRecord(
                *record.source, 0, 2**41, record.key, record.value, record.headers
            )
            incoming = SourceReader(BINDINGS[record.source.topic], TENANTS).read(stored)
            assert incoming.tenant == past.tenant
            said.append(incoming.record)
        live, *policies = said
        zone = "Asia/Shanghai" if past.tenant == BANK else "America/New_York"
        held_out = HELD_OUT | MONEY[past.tenant]
        started = past.started_at_ms
        assert TenantConfigured(live_from_ms=started, time_zone=zone, **held_out) == live
        assert [one for one in ten if past.tenant == BANK or one != "bind_incentive"] == [
            policy.campaign.id for policy in policies if isinstance(policy, PolicyPublished)
        ]
        assert "control" == closing(past).kind


def test_bank_approves_every_wording_that_its_campaigns_may_send(small: Sequence[History]) -> None:
    """3.14: else nothing of it would go out; what a campaign promises is defined."""
    bank, cdnow_past = small if small[0].tenant == BANK else small[::-1]
    wordings = {
        (rule.template.id, rule.template.version, rule.template.channel)
        for rule in rules()
        if isinstance(rule, TemplateApproved)
    }
    offers = {rule.offer.id for rule in rules() if isinstance(rule, OfferDefined)}
    published = campaigns(BANK)
    treatments = [one for c in published for one in (c.treatment, *c.fallbacks)]

    assert {(t.template_id, t.template_version, t.channel) for t in treatments} == wordings
    assert {"push", "sms"} == {channel for _, _, channel in wordings}
    assert {"", "first_spend_gift"} == {campaign.offer for campaign in published}
    assert {"first_spend_gift"} == offers
    for past, ruled in ((bank, [*rules()]), (cdnow_past, [])):
        named = {campaign.model for campaign in campaigns(past.tenant)} - {""}
        assert named == {event.model.id for event in models(named)}
        wanted = 1 + len(ruled) + len(named) + len(campaigns(past.tenant))
        assert wanted == len([*opening(past)])
