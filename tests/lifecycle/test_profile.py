"""Preferences and profiles: the greatest as a whole (docs/core.md 3.8)."""

from itertools import permutations

import pytest

from schemas.events import PreferenceChanged, ProfileAttributes, ProfileChanged
from schemas.state import PreferenceState, ProfileState
from tests.lifecycle.builders import DAY, HOUR, T0, Bank


def test_preference_is_kept_as_it_was_said() -> None:
    """3.8: every field, and when."""
    bank = Bank()
    assert bank.row().preference is None
    bank.say(
        PreferenceChanged(
            personalisation_opt_out=True,
            channel_order=("push", "sms"),
            quiet_hours="21:00-08:00",
            language="zh-CN",
        ),
        HOUR,
    )

    kept = PreferenceState(T0 + HOUR, True, ("push", "sms"), "21:00-08:00", "zh-CN")  # noqa: FBT003
    assert kept == bank.row().preference


def test_profile_is_kept_as_it_was_said() -> None:
    """3.8: attributes in the order of their declaration."""
    bank = Bank()
    assert bank.row().profile is None
    bank.say(
        ProfileChanged(
            time_zone="Asia/Shanghai",
            region_code="CN-SH",
            segment_codes=("b", "a"),
            staff=True,
            attributes=ProfileAttributes(
                city_code="1", wealth_band="2", age_band="3", occupation_band="4"
            ),
        ),
        HOUR,
    )

    kept = ProfileState(T0 + HOUR, "Asia/Shanghai", "CN-SH", ("b", "a"), True, ("1", "2", "3", "4"))  # noqa: FBT003
    assert kept == bank.row().profile


PREFERENCES = [
    (PreferenceChanged(personalisation_opt_out=True, language="zz"), HOUR),
    (PreferenceChanged(channel_order=("sms",)), 2 * HOUR),
    (PreferenceChanged(channel_order=("sms",), language="de"), 2 * HOUR),
    (PreferenceChanged(channel_order=("sms", "push")), 2 * HOUR),
]
"""Each greater than the one before."""


@pytest.mark.parametrize("order", [*permutations(range(4))])
def test_preference_is_the_greatest_in_any_order(order: tuple[int, ...]) -> None:
    """3.8: the newest, and of one moment the greater field by field; never a mixture."""
    bank = Bank()
    for place in order:
        bank.say(*PREFERENCES[place], arrived=DAY)

    kept = PreferenceState(T0 + 2 * HOUR, False, ("sms", "push"), "", "")  # noqa: FBT003
    assert kept == bank.row().preference


PROFILES = [
    (ProfileChanged(time_zone="Z", staff=True), HOUR),
    (ProfileChanged(region_code="a"), 2 * HOUR),
    (ProfileChanged(region_code="b", attributes=ProfileAttributes(city_code="1")), 2 * HOUR),
    (ProfileChanged(region_code="b", attributes=ProfileAttributes(city_code="2")), 2 * HOUR),
]
"""Each greater than the one before."""


@pytest.mark.parametrize("order", [*permutations(range(4))])
def test_profile_is_the_greatest_in_any_order(order: tuple[int, ...]) -> None:
    """3.8: as preferences; attributes are compared last."""
    bank = Bank()
    for place in order:
        bank.say(*PROFILES[place], arrived=DAY)

    kept = ProfileState(T0 + 2 * HOUR, "", "b", (), False, ("2", "", "", ""))  # noqa: FBT003
    assert kept == bank.row().profile
