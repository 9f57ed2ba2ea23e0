"""Say numbers of an effect in the words of docs/effect.md."""

import math
from typing import Final, NamedTuple

from cli.effect.told import Bet, Bounds, MoneyTold, Rates
from lifecycle.effect.evidence import ALPHA_PPM, PPM


E_MAX: Final = 1_000_000
"""Above that only the power of ten is said."""


class Did(NamedTuple):
    """What customers did, and of whom it is said that contact made them."""

    did: str
    caused: str


CONVERTED: Final = Did("converted", "converted who would not have")
BOUGHT: Final = Did("bought", "bought who would not have")
ACTIVE: Final = Did("were active", "were active who would not have been")


def per_thousand(ppm: int) -> str:
    """
    Return so many of 1,000.

    >>> per_thousand(12_000), per_thousand(4_250), per_thousand(-30), per_thousand(-4_250)
    ('12', '4.2', '0', '-4.2')
    """
    thousandths = round(ppm / 1_000, 1) or 0.0  # no -0
    return f"{thousandths:,.1f}".removesuffix(".0")


def p_words(p_ppm: int) -> str:
    """
    Return a p-value as it is written in statistics, rounded up.

    >>> p_words(25_000), p_words(25_317), p_words(310), p_words(1), p_words(1_000_000)
    ('p .025', 'p .0254', 'p .00031', 'p .000001 or less', 'p 1')
    """
    if p_ppm == 1:
        return "p .000001 or less"
    if p_ppm >= 10_000:  # noqa: PLR2004 (four digits say enough of those)
        p_ppm = -(-p_ppm // 100) * 100
    if p_ppm >= PPM:
        return "p 1"
    return "p " + f"{p_ppm / PPM:.6f}".strip("0")


def e_words(log_e: float) -> str:
    """
    Return an e-value, in whole numbers from ten on.

    >>> e_words(math.log(40)), e_words(math.log(1.25)), e_words(100.0)
    ('e-value 40', 'e-value 1.2', 'e-value 10^43')
    """
    if log_e >= math.log(E_MAX):
        return f"e-value 10^{log_e / math.log(10):.0f}"
    value = math.exp(log_e)
    return f"e-value {value:,.0f}" if value >= 10 else f"e-value {value:.1f}"  # noqa: PLR2004


def share_words(part: int, whole: int) -> str:
    """
    Return how many of how many, and the share.

    >>> share_words(65, 1_000), share_words(0, 0)
    ('65 of 1,000 (6.5 %)', 'nobody yet')
    """
    return f"{part:,} of {whole:,} ({100 * part / whole:.1f} %)" if whole else "nobody yet"


def caused(found: Bounds, what: Did) -> str:
    """
    Return what contact brings, or that it is not known yet.

    >>> caused(Bounds(12_000, 4_000, 20_000), CONVERTED)
    'of 1,000 contacted, 12 converted who would not have; it is 4 to 20'
    >>> caused(Bounds(-12_000, -20_000, -4_000), CONVERTED)
    'of 1,000 contacted, 12 fewer converted than would have without; it is 4 to 20 fewer'
    >>> caused(Bounds(8_000, -2_000, 18_000), CONVERTED)
    'not known yet: of 1,000 contacted, from 2 fewer to 18 more converted'
    """
    low, high = per_thousand(abs(found.low)), per_thousand(abs(found.high))
    estimate = per_thousand(abs(found.estimate))
    if found.low > 0:
        return f"of 1,000 contacted, {estimate} {what.caused}; it is {low} to {high}"
    if found.high < 0:
        than = f"{estimate} fewer {what.did} than would have without"
        return f"of 1,000 contacted, {than}; it is {high} to {low} fewer"
    return f"not known yet: of 1,000 contacted, from {low} fewer to {high} more {what.did}"


def bet_words(change: Bet, found: Bounds) -> str:
    """
    Return what the test knows, beside what the interval does.

    >>> bet_words(Bet(log_e=math.log(40), p_ppm=25_000), Bounds(8_000, -2_000, 18_000))
    'contact changes it, how much is not known yet (e-value 40, p .025)'
    """
    numbers = f"({e_words(change.log_e)}, {p_words(change.p_ppm)})"
    if change.p_ppm > ALPHA_PPM:
        return f"not known yet whether contact changes anything {numbers}"
    if found.holds_zero:
        return f"contact changes it, how much is not known yet {numbers}"
    return f"contact changes it {numbers}"


def rates_words(found: Rates, what: Did) -> str:
    """Return both sides, then what contact brings."""
    contact = share_words(found.contact_did_count, found.contact_count)
    kept_back = share_words(found.kept_back_did_count, found.kept_back_count)
    sides = f"{contact}, of those kept back {kept_back}"
    return f"{sides}: {caused(found.difference_ppm, what)}"


def unit_words(currency: str) -> str:
    """
    Return in what money is, said even where no currency was declared.

    >>> unit_words("CNY"), unit_words("")
    ('minor units of CNY', 'minor units (currency not known)')
    """
    return f"minor units of {currency}" if currency else "minor units (currency not known)"


def money_words(found: MoneyTold) -> str:
    """
    Return what a customer brings more, or below 0 less, than one who was kept back.

    >>> def words(*difference: int) -> str:
    ...     return money_words(MoneyTold(currency="CNY", cap_minor=500_000, contact_count=8,
    ...         kept_back_count=2, capped_count=1, difference_minor=Bounds(*difference)))
    >>> words(1_230, 200, 2_260)
    '+1,230 minor units of CNY a customer, from +200 to +2,260; each up to 500,000, 1 had more'
    >>> words(-1_230, -2_260, -200).partition(";")[0]
    '-1,230 minor units of CNY a customer, from -2,260 to -200'
    >>> words(30, -200, 260).partition(";")[0]
    'not known yet: from -200 to +260 minor units of CNY a customer'
    """
    difference, unit = found.difference_minor, f"{unit_words(found.currency)} a customer"
    interval = f"from {difference.low:+,} to {difference.high:+,}"
    if difference.holds_zero:
        amount = f"not known yet: {interval} {unit}"
    else:
        amount = f"{difference.estimate:+,} {unit}, {interval}"
    return f"{amount}; each up to {found.cap_minor:,}, {found.capped_count:,} had more"
