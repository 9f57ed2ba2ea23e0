"""Every feature of any customer: random events of the whole catalogue through the real fold."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.features.declared import FEATURES
from schemas.codec import encode_row
from tests.lifecycle.builders import DAY, Bank
from tests.lifecycle.features.portrait import context
from tests.lifecycle.features.test_features import is_of
from tests.lifecycle.shuffled import Happening, lives


INT64 = range(-(2**63), 2**63)
ZONES = ("", "Asia/Shanghai", "Europe/London", "No/Where")


@given(lives(), st.integers(-DAY, 400 * DAY), st.sampled_from(ZONES), st.data())
@settings(max_examples=150, deadline=None)
def test_feature_of_any_life_has_its_kind(
    life: list[Happening], at: int, zone: str, data: st.DataObject
) -> None:
    """About any card, bill and journey, at any moment; a record can print it, a rule compute it."""
    bank = Bank()
    for happening in life:
        bank.say(happening.event, happening.at, event_id=happening.event_id)
    row = bank.row()
    about = context(row, at, data.draw(st.sampled_from(["k1", "k4", "nobody's"])))._replace(
        time_zone=zone,
        statement=data.draw(st.sampled_from([None, *row.statements])),
        journey=data.draw(st.sampled_from([None, *row.journeys])),
    )
    for name, feature in FEATURES.items():
        value = feature.read(about)
        assert is_of(feature.kind, value), name
        numbers = value.values() if isinstance(value, dict) else [value]
        assert all(one in INT64 for one in numbers if type(one) is int), name
        assert msgspec.json.encode(value)


@pytest.mark.parametrize("name", FEATURES)
def test_feature_reads_and_never_writes(name: str) -> None:
    """A row is the same bytes before and after."""
    bank = Bank()
    row = bank.row()
    before = encode_row(row)
    FEATURES[name].read(context(row, 0))

    assert before == encode_row(row)
