"""No event, however often it comes, makes a row that cannot be written and so stops the task."""

import msgspec
import pytest

from schemas.codec import encode_row
from schemas.events import KillSwitchSet
from schemas.incoming import SourceReader
from schemas.rejects import RejectedError
from schemas.routing import SourceBinding
from tests.builders_source import TIME, source_record
from tests.lifecycle.builders import HOUR, TENANT, Bank, reversed_spend, spend


ROW_BYTES_MAX = 900_000
"""What fits into one batch of a transaction."""

LARGEST_MINOR = 10**15
"""The largest amount of money that an event may name."""


def test_sums_of_money_stop_where_a_row_can_still_hold_them() -> None:
    """One tenant's customer of 18,447 largest purchases would stop the tasks of every bank (N2)."""
    bank = Bank()
    for _ in range(2):
        bank.say(spend(LARGEST_MINOR), HOUR)
        bank.say(reversed_spend(LARGEST_MINOR), HOUR)
    amount = bank.row().amounts["CNY"]
    assert (2 * LARGEST_MINOR, 2 * LARGEST_MINOR) == (
        amount.spend_sum_minor,
        amount.reversed_sum_minor,
    )
    amount.spend_sum_minor = amount.reversed_sum_minor = 10**18 - 1
    bank.say(spend(LARGEST_MINOR), 2 * HOUR)
    bank.say(reversed_spend(LARGEST_MINOR), 2 * HOUR)

    assert (10**18, 10**18) == (amount.spend_sum_minor, amount.reversed_sum_minor)
    assert (3, 3) == (amount.spend_count, amount.reversed_count)
    assert encode_row(bank.row())


def test_kill_switches_of_ten_thousand_campaigns_fit_into_a_row() -> None:
    """What is paused is kept by name, so a name must have a bound: a campaign's id."""
    names = [f"{number:064}" for number in range(10_000)]
    bank = Bank()
    bank.state.tenant(TENANT).row.campaigns_paused = names

    assert len(encode_row(bank.state.tenant(TENANT).row)) < ROW_BYTES_MAX


@pytest.mark.parametrize(("length", "accepted"), [(64, True), (65, False)])
def test_kill_switch_of_a_longer_name_is_refused(length: int, accepted: bool) -> None:  # noqa: FBT001
    """As long as a campaign's id may be, and no longer."""
    topic = "marketing.control.v1"
    reader = SourceReader(SourceBinding(topic=topic, tenant="bank-a"), ("bank-a",))
    fields = {"id": "s-1", "type": "kill_switch.set", "occurred_at": TIME, "engaged": True}
    record = source_record(fields | {"campaign_id": "x" * length}, at=(topic, 0, 0))
    if accepted:
        assert KillSwitchSet(engaged=True, campaign_id="x" * length) == reader.read(record).record
        return
    with pytest.raises(RejectedError) as refused:
        reader.read(record)
    assert "SCHEMA" == refused.value.reason
    assert msgspec.json.decode(record.value or b"")["campaign_id"] not in str(refused.value)
