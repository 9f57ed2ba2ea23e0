"""The repayment reminder, byte for byte: what a gateway and an auditor read (B1, B6; 3.6)."""

from lifecycle.printing import printed
from schemas.campaign import Treatment
from tests.lifecycle.bills import FIRST, autopay, billed, paid, reminder
from tests.lifecycle.builders import DAY, HOUR, Bank
from tests.schemas.golden import golden_lines


CAMPAIGN = reminder(
    id="repayment_reminder",
    treatment=Treatment(channel="sms", template_id="repayment-reminder", template_version=1),
    expires_after_ms=12 * HOUR,
)


def test_reminder_is_written_as_the_golden_file_says() -> None:
    """
    Two bills of one day: one is half paid, the other's card has autopay.

        T0 both bills   1 d 400.00 of 900.00   FIRST: first goes out, second is not applicable
                        2 d the rest . . . . . . . . . . FIRST + 1 h arrives: first was wrong

    tests/golden/reminders.txt: topic, key and value, with tabs between them; ids by B1 and ADR 7.
    """
    bank = Bank(CAMPAIGN, consent="")
    who = "c-1"
    bank.say(billed(90_000, statement="s-1", card="k-1"), 0, who=who, event_id="bill-1")
    bank.say(billed(7_000, statement="s-2", card="k-2"), 0, who=who, event_id="bill-2")
    bank.say(autopay("active", "k-2"), HOUR, who=who)
    bank.say(paid(40_000, statement="s-1", card="k-1"), DAY, who=who)
    effects = bank.tick(FIRST)
    rest = paid(50_000, statement="s-1", card="k-1")
    effects += bank.say(rest, 2 * DAY, arrived=FIRST + HOUR, who=who, event_id="rest")
    outputs = [printed(effect) for effect in effects]

    assert golden_lines("reminders.txt") == [
        b"\t".join((output.topic.encode(), output.key or b"", output.value or b""))
        for output in outputs
    ]
