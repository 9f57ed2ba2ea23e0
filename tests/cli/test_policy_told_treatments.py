"""`policy explain` and `diff` tell treatments, fallbacks, offer and budget."""

from pathlib import Path

from msgspec.structs import replace

from cli.policy_explain import explained
from cli.policy_form import differences
from tests.cli.treatment_text import FULL, read


def test_treatments_are_explained(tmp_path: Path) -> None:
    """In the order in which they are tried, the arm's under its name."""
    told = list(explained(read(tmp_path), "en"))
    at = next(place for place, line in enumerate(told) if line.startswith("The message goes"))

    assert [
        (
            "The message goes by push in wording activation-push version 2; a gateway sends it "
            "within 1 day or not at all."
        ),
        "push is sent as brand.",
        "Wording activation-push shows: days = tenure_days, unit = currency.",
        (
            "Where that cannot reach the customer, or came back as failed, it goes by sms in "
            "wording activation-nudge version 1, in the same time."
        ),
        (
            "Where that cannot reach the customer, or came back as failed, rejected, it goes by "
            "email in wording activation-mail version 1, in the same time."
        ),
        "It promises the offer first_spend_gift.",
        "All its contacts, with what they promise, may cost 5,000,000 in minor units.",
    ] == told[at : at + 7]
    assert "- the customer has agreed to marketing by push or sms or email" in told
    assert "- of the offer one is left" in told
    assert "- the budget has room for what it costs" in told
    assert (
        "- voice: Where that cannot reach the customer, or came back as failed, rejected, it goes "
        "by sms in wording activation-nudge version 1, in the same time."
    ) in told


def test_differences_name_treatments(tmp_path: Path) -> None:
    """One line a field, in the names of the file."""
    before = read(tmp_path, FULL.replace("days: tenure_days", "days: recency_days"))
    changed = replace(before, budget_minor=1, offer="", fallbacks=before.fallbacks[:1])
    said = list(differences(changed, read(tmp_path)))

    assert "treatment.variables.days: recency_days -> tenure_days" in said
    assert "fallbacks[1].after: new: [failed, rejected]" in said
    assert "fallbacks[1].channel: new: email" in said
    assert "budget_minor: 1 -> 5000000" in said
    assert "offer:  -> first_spend_gift" in said
