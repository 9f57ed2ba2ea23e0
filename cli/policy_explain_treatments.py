"""Say by which channels a campaign speaks, in which words, and what it promises and may cost."""

from collections.abc import Iterator, Sequence

from cli.policy_explain_words import Words
from cli.why.language import percent
from schemas.campaign import Campaign, Choice, Fallback, Option, Treatment


def message_lines(campaign: Campaign, expires: str, words: Words) -> Iterator[str]:
    """Yield how the campaign's own message goes out, and what it promises."""
    yield words.message.format(**named(campaign.treatment), expires=expires)
    yield from further_lines(campaign.treatment, campaign.fallbacks, words)
    if campaign.offer:
        yield words.offer.format(offer=campaign.offer)
    if campaign.budget_minor:
        yield words.budget.format(budget=f"{campaign.budget_minor:,}")


def further_lines(first: Treatment, fallbacks: Sequence[Fallback], words: Words) -> Iterator[str]:
    """Yield what a wording shows and who sends it, then the same of each that is tried instead."""
    yield from _shown(first, words)
    for fallback in fallbacks:
        after = words.comma.join(fallback.after)
        yield words.fallback.format(**named(fallback), after=after)
        yield from _shown(fallback, words)


def option_lines(choice: Choice, words: Words) -> Iterator[str]:
    """Yield the ways of contacting that a campaign chooses from, and how it does."""
    for option in choice.options:
        yield words.option.format(id=option.id, **named(option))
        for line in further_lines(option, option.fallbacks, words):
            yield f"{option.id}: {line}"
        for line in _of_its_own(option, words):
            yield f"{option.id}: {line}"
    yield words.epsilon.format(percent=percent(choice.epsilon_ppm))


def _of_its_own(option: Option, words: Words) -> Iterator[str]:
    """Yield what an option has in place of what the campaign has."""
    if option.offer:
        yield words.option_own["offer"].format(own=option.offer)
    if option.model:
        yield words.option_own["model"].format(own=option.model)
    for name in ("value_minor", "contact_cost_minor"):
        own = getattr(option, name)
        if own is not None:
            yield words.option_own[name].format(own=f"{own:,}")


def named(treatment: Treatment) -> dict[str, str | int]:
    """Return a wording's names, as the sentences call them."""
    return {
        "channel": treatment.channel,
        "template": treatment.template_id,
        "version": treatment.template_version,
    }


def channels(campaign: Campaign, words: Words) -> str:
    """Return the campaign's channels in their order."""
    treatments = (campaign.treatment, *campaign.fallbacks)
    return words.other_channel.join(treatment.channel for treatment in treatments)


def _shown(treatment: Treatment, words: Words) -> Iterator[str]:
    """Yield who sends a wording, and which features it shows."""
    if treatment.sender_profile:
        yield words.sender.format(channel=treatment.channel, sender=treatment.sender_profile)
    if treatment.variables:
        shown = words.comma.join(f"{name} = {of}" for name, of in treatment.variables.items())
        yield words.shows.format(template=treatment.template_id, variables=shown)
