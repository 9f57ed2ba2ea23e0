"""The bank's contact policy: what it lays down for every campaign, from when on (3.4.10, 3.7)."""

import pytest

from schemas.contact_policy import ContactCap
from schemas.events import ContactPolicyPublished
from tests.lifecycle.builders import DAY, HOUR, Bank, cap, push, spend
from tests.lifecycle.contacts import any_purchase, apart, bank_policy, limit, offer, profile
from tests.lifecycle.restores import restored_at_every_record
from tests.lifecycle.told import Told, decisions, story


SENT = ["-> ann offer", "a offer sent"]


def capped(*caps: ContactCap, message_class: str = "marketing") -> Bank:
    """Return a bank with one offer, that caps nothing itself."""
    bank = Bank(offer(message_class=message_class))
    bank.control(bank_policy(*caps))
    return bank


def second(bank: Bank, at: int = HOUR) -> Told:
    """Return what becomes of the second of two purchases."""
    assert "a offer sent" in story(bank.say(spend(), 0))
    return decisions(bank.say(spend(), at))[0]


@pytest.mark.parametrize(
    ("scope", "reason"),
    [
        ("all", "CAP_GLOBAL"),
        ("class", "CAP_CLASS"),
        ("channel", "CAP_CHANNEL"),
        ("purpose", "CAP_PURPOSE"),
        ("campaign", "CAP_CAMPAIGN"),
    ],
)
def test_bank_caps_campaigns_that_cap_nothing(scope: str, reason: str) -> None:
    """Whatever the scope; of the campaign's own, too."""
    assert reason == second(capped(limit(1, DAY, scope))).reason_code


@pytest.mark.parametrize(
    ("mine", "bound", "reason"),
    [
        ("marketing", "marketing", "CAP_GLOBAL"),
        ("marketing", "servicing", ""),
        ("servicing", "servicing", "CAP_GLOBAL"),
        ("servicing", "marketing", ""),
        ("mandatory", "marketing", ""),
        ("mandatory", "servicing", ""),
    ],
)
def test_cap_of_the_bank_binds_its_class(mine: str, bound: str, reason: str) -> None:
    """O3: `message_class` says whom it binds; servicing by its own only, mandatory by none."""
    bank = capped(limit(1, DAY, message_class=bound), message_class=mine)

    assert reason == second(bank).reason_code


def test_cap_over_all_counts_classes_that_it_does_not_bind() -> None:
    """A servicing contact fills what an offer may not exceed."""
    bank = Bank(
        offer("s", message_class="servicing"),
        offer(entry=any_purchase(5_000)),
    )
    bank.control(bank_policy(limit(1, DAY)))
    bank.say(spend(1), 0)

    assert ["a offer suppressed CAP_GLOBAL", "-> ann offer", "s offer sent"] == story(
        bank.say(spend(5_000), HOUR)
    )


@pytest.mark.parametrize(
    ("segments", "reason"), [((), ""), (("young",), ""), (("young", "gold"), "CAP_GLOBAL")]
)
def test_cap_of_a_segment_binds_who_is_in_it(segments: tuple[str, ...], reason: str) -> None:
    """3.4.10: by the newest profile; without one a customer is in none."""
    bank = capped(limit(1, DAY, segment="gold"), limit(9, DAY))
    if segments:
        bank.say(profile(*segments), 0)

    assert reason == second(bank).reason_code


def test_segment_is_that_of_now() -> None:
    """Who has left it is bound no more."""
    bank = capped(limit(1, DAY, segment="gold"))
    bank.say(profile("gold"), 0)
    assert "CAP_GLOBAL" == second(bank).reason_code
    bank.say(profile("young"), 2 * HOUR)

    assert SENT == story(bank.say(spend(), 3 * HOUR))


def test_campaigns_caps_are_asked_before_the_banks() -> None:
    """In their order, and all of them are told of, those that do not bind left out."""
    bank = Bank(offer(caps=(cap(9, HOUR), cap(8, DAY, "channel"))))
    bank.control(
        bank_policy(
            limit(7, DAY),
            limit(6, DAY, message_class="servicing"),
            limit(5, DAY, segment="gold"),
            limit(4, DAY, "purpose"),
        )
    )
    (told,) = decisions(bank.say(spend(), 0))

    assert [("campaign", 9), ("channel", 8), ("all", 7), ("purpose", 4)] == [
        (one.scope, one.count_max) for one in told.candidate.caps
    ]


def test_first_full_cap_is_the_reason() -> None:
    """The campaign's of two and the bank's of one."""
    bank = Bank(offer(caps=(cap(2, DAY),)))
    bank.control(bank_policy(limit(1, DAY, "class"), limit(1, DAY)))

    assert "CAP_CLASS" == second(bank).reason_code


def test_mandatory_contacts_fill_caps_and_are_never_refused() -> None:
    """C1, O3: they count in what binds others."""
    bank = Bank(offer("z", message_class="mandatory"), offer(entry=any_purchase(5_000)))
    bank.control(bank_policy(limit(1, DAY), limit(1, DAY, message_class="servicing")))
    said = [story(bank.say(spend(1), at)) for at in (0, 1, 2)]

    assert [["-> ann offer", "z offer sent"]] * 3 == said
    assert "a offer suppressed CAP_GLOBAL" in story(bank.say(spend(5_000), HOUR))


def test_policy_holds_from_its_place_in_the_journal() -> None:
    """3.7: what was decided before stays; contacts made before it count."""
    bank = Bank(offer())
    before = decisions(bank.say(spend(), 0))
    bank.control(bank_policy(limit(1, DAY)), HOUR)
    after = decisions(bank.say(spend(), 2 * HOUR))

    assert ["", "CAP_GLOBAL"] == [one.reason_code for one in before + after]
    assert ["", "house|1"] == [one.contact_policy for one in before + after]


@pytest.mark.parametrize(
    ("published", "stale"),
    [
        (bank_policy(version=3), False),
        (bank_policy(version=2), True),
        (bank_policy(version=1), True),
        (bank_policy(name="other", version=1), False),
    ],
)
def test_policy_that_is_not_newer_is_stale(
    published: ContactPolicyPublished, *, stale: bool
) -> None:
    """3.7: of the same id; another id takes its place whatever its version."""
    bank = Bank(offer())
    bank.control(bank_policy(limit(1, DAY), version=2))
    bank.control(published, HOUR)

    assert ("CAP_GLOBAL" if stale else "") == second(bank).reason_code
    assert int(stale) == bank.count("control|{}|STALE_VERSION")
    assert 2 - stale == bank.count("control|{}|contact_policy.published")


def test_republished_policy_changes_nothing() -> None:
    """B2: an older one, of another id by now, that a producer sends again."""
    bank = Bank(offer())
    bank.control(bank_policy(limit(1, DAY)), 0, "first")
    bank.control(bank_policy(name="other"), 1, "second")
    bank.control(bank_policy(limit(1, DAY)), 2, "first")

    assert "" == second(bank).reason_code
    assert 1 == bank.count("control|{}|DUPLICATE")


def test_policy_of_another_bank_is_not_ours() -> None:
    """N2: it stands in the same partition."""
    bank = Bank(offer())
    bank.add(bank_policy(limit(1, DAY)), "", 0, 0, "", tenant="hostile")

    assert ("", "") == ((told := second(bank)).reason_code, told.contact_policy)


def test_policy_survives_a_restore() -> None:
    """B4: caps, exclusions and how far back they look; the rows are the same."""
    bank = Bank(offer(), push(id="b", entry=any_purchase(5_000), priority=90))
    bank.control(bank_policy(limit(2, DAY), apart("a", "b", HOUR), limit(5, 2 * DAY)))
    for at, amount_minor in enumerate((5_000, 100, 100)):
        bank.say(spend(amount_minor), at * (HOUR - 1))
    bank.say(spend(), 3 * HOUR)

    assert b"#contact_policy|0|bank" in restored_at_every_record(bank).rows
