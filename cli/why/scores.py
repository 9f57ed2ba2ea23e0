"""Say what a score rested on: which model gave it, and what moved it most."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from cli.why.language import Language, percent
from lifecycle.features.context import PPM
from lifecycle.options import OWN_WORTH
from schemas.decisions import Considered


Titles = Mapping[str, Mapping[str, str]]
"""Of a model in one version, `id|version`: what its inputs are called, by their ids."""

NO_TITLES: Final[Titles] = {}


class Words(NamedTuple):
    """The sentences of one language."""

    model: str
    uplift: str
    evidence: str
    moved: str
    comma: str
    raised: str
    lowered: str
    drawn: str
    chance: str
    counted: str
    mean: str


WORDS: Final[dict[Language, Words]] = {
    "en": Words(
        model="By the model {model} (version {version}, snapshot {sequence}) the customer responds "
        "with {score} %.",
        uplift="By the model {model} (version {version}, snapshot {sequence}) the customer "
        "responds with {score} %, and without a contact with {without} %; the difference counted.",
        evidence="The model {model} (version {version}, snapshot {sequence}) says {score} %, but "
        "must not decide as yet; the base rate of {used} % counted.",
        moved="What moved that most: {inputs}.",
        comma=", ",
        raised="{input} (up)",
        lowered="{input} (down)",
        drawn="{option} was chosen among {options}.",
        chance="{option} ({percent} %)",
        counted="So far {percent} % responded to that.",
        mean="Against other campaigns the mean over all that might have been drawn counted, "
        "{worth}.",
    ),
    "zh": Words(
        model="模型 {model}（版本 {version}，快照 {sequence}）预计客户响应概率为 {score} %。",
        uplift="模型 {model}（版本 {version}，快照 {sequence}）预计触达后响应概率为 {score} %，"
        "不触达为 {without} %；以二者之差计。",
        evidence="模型 {model}（版本 {version}，快照 {sequence}）预计为 {score} %，"
        "但目前不得用于决策；以基准响应率 {used} % 计。",
        moved="影响最大的因素：{inputs}。",
        comma="、",
        raised="{input}（提高）",
        lowered="{input}（降低）",
        drawn="在 {options} 中选用了 {option}。",
        chance="{option}（{percent} %）",
        counted="该方式迄今的响应率为 {percent} %。",
        mean="与其他活动比较时，以各可选方式的期望值 {worth} 计。",
    ),
}


def option_sentences(one: Considered, language: Language) -> Iterator[str]:
    """Yield among which options the contact was drawn, and how likely each was."""
    if one.options_ppm:
        words = WORDS[language]
        chances = [
            words.chance.format(option=option, percent=percent(ppm))
            for option, ppm in one.options_ppm.items()
        ]
        yield words.drawn.format(option=one.option, options=words.comma.join(chances))
        if one.propensity_from == "counts":
            yield words.counted.format(percent=percent(one.propensity_ppm))
        if one.worth_micro != own_worth_micro(one):
            yield words.mean.format(worth=minor_units(one.worth_micro))


def own_worth_micro(one: Considered) -> int:
    """Return what the contact itself is worth: of an option that was drawn its own."""
    reading = next((reading for reading in one.gates if reading.gate == "worth"), None)
    return reading.saw.get(one.option + OWN_WORTH, one.worth_micro) if reading else one.worth_micro


def minor_units(micro: int) -> str:
    """Return millionths of a minor unit as minor units."""
    return f"{micro / PPM:,.2f}"


def score_sentences(one: Considered, language: Language, titles: Titles) -> Iterator[str]:
    """Yield what the model said of a candidate, nothing where none was asked."""
    if not one.model:
        return
    words = WORDS[language]
    model, version, sequence = one.model.split("|")
    by_origin = {"model": words.model, "uplift": words.uplift}
    yield by_origin.get(one.propensity_from, words.evidence).format(
        model=model,
        version=version,
        sequence=sequence,
        score=percent(one.score_ppm),
        without=percent(one.control_score_ppm),
        used=percent(one.propensity_ppm),
    )
    known = titles.get(f"{model}|{version}", {})
    shown = [
        (words.raised if moved > 0 else words.lowered).format(input=known.get(name) or name)
        for name, moved in one.contributions.items()
    ]
    if shown:
        yield words.moved.format(inputs=words.comma.join(shown))
