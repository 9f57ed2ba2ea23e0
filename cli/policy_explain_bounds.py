"""Say what holds a campaign, and by what it is told whom it reaches."""

from collections.abc import Iterator

from cli.policy_explain_words import Words
from cli.why.language import percent
from schemas.campaign import Campaign, Guardrails


def bound_lines(campaign: Campaign, words: Words) -> Iterator[str]:
    """Yield what must not come of the campaign, and by which features it is reported."""
    if campaign.guardrails is not None:
        yield from _held(campaign.guardrails, words)
    if campaign.report_by:
        yield words.report_by.format(features=words.comma.join(campaign.report_by))


def _held(declared: Guardrails, words: Words) -> Iterator[str]:
    """Yield what holds the campaign, and how seldom that is wrong; nothing where nothing does."""
    bounds_ppm = {
        "opt_out": declared.opt_out_ppm,
        "complaint": declared.complaint_ppm,
        "failure": declared.failure_ppm,
        "harm": int(declared.harm),
    }
    bounds = words.comma.join(
        words.bounds[kind].format(percent=percent(bound_ppm))
        for kind, bound_ppm in bounds_ppm.items()
        if bound_ppm
    )
    if bounds:
        yield words.held.format(bounds=bounds, percent=percent(declared.alpha_ppm))
