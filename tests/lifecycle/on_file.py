"""Publish campaigns to a bank with customers on file, and see what waits for them."""

from typing import Any

from schemas.campaign import Campaign
from schemas.events import PolicyPublished
from tests.lifecycle.builders import T0, Bank


def publish(bank: Bank, campaign: Campaign, at: int, **said: Any) -> None:  # noqa: ANN401
    """Publish a campaign, by default for customers on file too."""
    reach = {"applies_to": "existing", **said}
    event = PolicyPublished(campaign=campaign, policy_hash="h", **reach)
    bank.control(event, at)


def dues(bank: Bank, who: str = "ann") -> list[tuple[str, int]]:
    """Return the waiting steps of a customer, in milliseconds after T0."""
    return [
        (step.step, step.due_at_ms - T0)
        for journey in bank.row(who).journeys
        for step in journey.due_steps
    ]
