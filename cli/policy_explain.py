"""
Say what a campaign does, in sentences that a compliance officer can read.

Pure: a campaign and a language give lines of text. Whatever the sentences do not know, of a kind
or a field, is said in the words of the file: nothing is left out.
"""

from collections.abc import Iterator
from typing import Any, Final

from cli.policy_explain_bounds import bound_lines
from cli.policy_explain_events import EVENT_NAMES
from cli.policy_explain_treatments import (
    channels,
    further_lines,
    message_lines,
    named,
    option_lines,
)
from cli.policy_explain_words import WORDS, Words
from cli.policy_form import file_form
from cli.why.language import Language, percent
from lifecycle.bindings import BINDINGS, Binding
from lifecycle.policies import active
from schemas.campaign import (
    AbsenceEntry,
    Campaign,
    Conversion,
    CountEntry,
    DriftEntry,
    DueDateEntry,
    EventCondition,
    EventEntry,
    SequenceEntry,
    SilenceEntry,
    StatementCondition,
)
from schemas.durations import shown_duration
from schemas.rules import Rule


TOLD: Final = frozenset(
    {
        *("id", "version", "tenant", "title", "owner", "stage", "trigger_type", "message_class"),
        *("purpose", "entry", "occurrence", "steps", "treatment", "exit_on", "caps", "priority"),
        *("expires_after", "eligibility", "applicability", "suitability", "base_rate_ppm"),
        *("value_minor", "lever_percent", "contact_cost_minor", "experiment", "cool_down"),
        *("conversion", "fallbacks", "offer", "budget_minor", "model", "guardrails"),
        *("choice", "report_by"),
    }
)
"""Fields of a file of which the sentences speak, or which say nothing about customers."""

PPM_OF_A_BASIS_POINT: Final = 100


def explained(campaign: Campaign, language: Language) -> Iterator[str]:
    """Yield the sentences, one a line."""
    words = WORDS[language]
    yield words.head.format(
        **{name: getattr(campaign, name) for name in Campaign.__struct_fields__}
    )
    yield from _entry(campaign, words, language)
    yield from (_step(campaign, place, words) for place in range(len(campaign.steps)))
    ends = words.comma.join(_met(one, words, language) for one in campaign.exit_on)
    yield words.ends.format(events=ends) if ends else words.ends_not
    yield from message_lines(campaign, _duration(campaign.expires_after_ms, words), words)
    yield from _measured(campaign, words, language)
    yield from bound_lines(campaign, words)
    yield words.gates
    yield from (f"- {line}" for line in _gates(campaign, words))
    form = file_form(campaign, whole=False)
    if further := {name: said for name, said in form.items() if name not in TOLD}:
        yield words.further.format(said=_plain(further))


def _entry(campaign: Campaign, words: Words, language: Language) -> Iterator[str]:
    """Yield who enters."""
    entry = campaign.entry
    if isinstance(entry, AbsenceEntry):
        after = _where(entry.after, entry.rule, words, language)
        without = _event(entry.without, language)
        yield words.absence.format(after=after, without=without)
        if entry.after == "card.issued":
            yield words.new_cards
    elif isinstance(entry, EventEntry):
        yield words.any_of
        yield from (f"- {_condition(one, words)}" for one in entry.any_of)
        yield from (f"- {_met(one, words, language)}" for one in entry.when)
    elif isinstance(entry, SilenceEntry):
        yield words.silence.format(
            alive=percent(entry.alive_ppm),
            count=entry.repeat_count_min,
            rate=f"{entry.rate_ppm_min / 1_000_000:g}",
            unit=_duration(entry.unit_ms, words),
        )
    elif isinstance(entry, DueDateEntry):
        yield words.due_date.format(amount=f"{entry.total_due_minor_min:,}")
    else:
        yield _pattern(campaign, words, language)


def _pattern(campaign: Campaign, words: Words, language: Language) -> str:
    """Return who enters by more events than one."""
    entry = campaign.entry
    if isinstance(entry, CountEntry):
        return words.counted.format(
            count=entry.count_min,
            window=_duration(entry.window_ms, words),
            event=_where(entry.on, entry.rule, words, language),
        )
    if isinstance(entry, SequenceEntry):
        events = words.comma.join(_met(one, words, language) for one in entry.of)
        return words.sequence.format(within=_duration(entry.within_ms, words), events=events)
    if isinstance(entry, DriftEntry):
        decline = words.drift[entry.of].format(ppm=f"{entry.decline_ppm_min:,}")
        return decline if entry.rule is None else f"{decline} {entry.rule.text}"
    form = file_form(campaign, whole=False)["entry"]
    return words.other_entry.format(kind=form.pop("kind"), said=_plain(form))


def _met(condition: str | EventCondition, words: Words, language: Language) -> str:
    """Return an event, and the rule that must be true of it where there is one."""
    if isinstance(condition, str):
        return _event(condition, language)
    return _where(condition.on, condition.rule, words, language)


def _where(event_type: str, rule: Rule | None, words: Words, language: Language) -> str:
    """Return an event, and what must hold of it."""
    event = _event(event_type, language)
    return event if rule is None else words.where.format(event=event, rule=rule.text)


def _condition(condition: Any, words: Words) -> str:  # noqa: ANN401 (any condition of an event entry)
    """Return what an event must be."""
    if isinstance(condition, StatementCondition):
        return words.bill.format(
            amount=f"{condition.total_due_minor_min:,}",
            instalments=words.instalments if condition.instalment_eligible else "",
        )
    return words.purchase.format(
        amount=f"{condition.amount_minor_min:,}",
        percent=condition.own_mean_percent_min,
        count=condition.spend_count_min,
    )


def _step(campaign: Campaign, place: int, words: Words) -> str:
    """Return when a step is due."""
    step = campaign.steps[place]
    if isinstance(campaign.entry, DueDateEntry):
        return words.step_before.format(id=step.id, before=_duration(step.lead_ms, words))
    at = ""
    if step.at_minute is not None:
        hour, minute = divmod(step.at_minute, 60)
        at = words.at.format(at=f"{hour:02}:{minute:02}")
    if step.delay_ms == 0:
        return words.step_at_once.format(id=step.id) + at
    return words.step.format(id=step.id, after=_duration(step.delay_ms, words)) + at


def _measured(campaign: Campaign, words: Words, language: Language) -> Iterator[str]:
    """Yield by what its effect is measured, if it is."""
    if (conversion := campaign.conversion) is not None:
        yield words.measured.format(
            event=_event(conversion.on, language),
            window=_duration(conversion.window_ms, words),
            value=_money(conversion, words),
        )


def _money(conversion: Conversion, words: Words) -> str:
    """Return what of the event counts as money, "" for nothing."""
    if not conversion.value:
        return ""
    told = words.measured_value.format(value=conversion.value)
    if not conversion.value_cap_minor:
        return told
    cap = f"{conversion.value_cap_minor:,}"
    return told + words.measured_cap.format(currency=conversion.currency, cap=cap)


def _gates(campaign: Campaign, words: Words) -> Iterator[str]:
    """Yield what must hold before a message, in the order in which it is asked."""
    binding = BINDINGS[campaign.message_class]
    yield words.eligibility
    for stage, sentence in words.clauses.items():
        for clause in getattr(campaign, stage):
            yield sentence.format(id=clause.id, rule=clause.rule.text)
    yield words.stop
    if sentence := words.consent.get(binding.consent, ""):
        yield sentence.format(purpose=campaign.purpose, channel=channels(campaign, words))
    if binding.personalisation and active(campaign, "").behavioural:
        yield words.personalisation
    if binding.content:
        yield words.content
    if binding.standing:
        yield words.standing
    yield from _left_alone(campaign, binding, words)
    if binding.arbitration:
        yield from _choice(campaign, words)


def _left_alone(campaign: Campaign, binding: Binding, words: Words) -> Iterator[str]:
    """Yield when, and how often, a customer may be addressed."""
    if binding.quiet:
        yield words.quiet
    if binding.spacing and campaign.cool_down_ms:
        yield words.cool_down.format(time=_duration(campaign.cool_down_ms, words))
    for cap in campaign.caps if binding.caps else ():
        sentence = words.caps.get(cap.scope, words.caps[""])
        window = _duration(cap.window_ms, words)
        yield sentence.format(count=cap.count, window=window, scope=cap.scope)


def _choice(campaign: Campaign, words: Words) -> Iterator[str]:
    """Yield how an offer is chosen, and who is kept back."""
    if campaign.offer:
        yield words.offer_left
    if campaign.budget_minor:
        yield words.budget_left
    if campaign.value_minor or campaign.contact_cost_minor or campaign.model:
        rate = words.scored if campaign.model else words.rate
        yield words.worth.format(
            rate=rate.format(model=campaign.model, percent=percent(campaign.base_rate_ppm)),
            value=f"{campaign.value_minor:,}",
            lever=campaign.lever_percent,
            cost=f"{campaign.contact_cost_minor:,}",
        )
    if campaign.choice is not None:
        yield from option_lines(campaign.choice, words)
    yield words.arbitration.format(priority=campaign.priority)
    yield words.holdout
    if campaign.experiment is not None:
        kept_back = campaign.experiment.control_bp * PPM_OF_A_BASIS_POINT
        yield words.control.format(percent=percent(kept_back))
        for arm in campaign.experiment.arms:
            share = percent(arm.share_bp * PPM_OF_A_BASIS_POINT)
            yield words.arm.format(id=arm.id, percent=share, **named(arm.treatment))
            for line in further_lines(arm.treatment, arm.fallbacks, words):
                yield f"{arm.id}: {line}"


def _event(event_type: str, language: Language) -> str:
    """Return what an event is called, beside its type."""
    name = EVENT_NAMES.get(event_type)
    if name is None:
        return event_type
    return f"{name[0]} ({event_type})" if language == "en" else f"{name[1]}（{event_type}）"


def _duration(duration_ms: int, words: Words) -> str:
    """Return a duration in its largest whole unit, spelled out."""
    shown = shown_duration(duration_ms)
    number = shown.rstrip("dhms")
    one, many = words.units[shown.removeprefix(number)]
    return f"{number}{one if number == '1' else many}"


def _plain(said: dict[str, Any]) -> str:
    """Return fields as the file has them, on one line."""
    return ", ".join(f"{name}: {value}" for name, value in said.items())
