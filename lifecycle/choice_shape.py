"""Say whether a campaign's options can be chosen from (docs/core.md 3.19)."""

from lifecycle.rules import RuleError
from schemas.campaign import Campaign


def check_choice(campaign: Campaign) -> None:
    """
    Let a choice pass where each option has its own id, and all the same kind of judge.

    Raises:
        RuleError: two options of one id, or some with a model and some without.

    """
    choice = campaign.choice
    if choice is None:
        return
    if len({one.id for one in choice.options}) < len(choice.options):
        raise RuleError("wanted options of different ids, found two alike")
    modelled = [bool(one.model or campaign.model) for one in choice.options]
    if any(modelled) != all(modelled):
        raise RuleError("wanted a model for every option or for none, found some with one")
