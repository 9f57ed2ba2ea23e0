"""Say in lines what a campaign, a bank's contacts, or a pool of banks brought."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from cli.effect.campaign import is_doubted
from cli.effect.told import (
    BankTold,
    CampaignTold,
    EffectTold,
    MoneyTold,
    ObjectionTold,
    PoolTold,
    RatioTold,
    VersionTold,
)
from cli.effect.words import (
    ACTIVE,
    BOUGHT,
    CONVERTED,
    Did,
    bet_words,
    caused,
    e_words,
    money_words,
    p_words,
    per_thousand,
    rates_words,
    share_words,
    unit_words,
)
from cli.policy_words import shown_moment
from lifecycle.effect.evidence import ALPHA_PPM
from lifecycle.experiment import CONTROL, HOLDOUT


OBJECTED: Final = {"opt_out": "opted out", "complaint": "complained", "failure": "delivery failed"}
EVERYBODY: Final = "everybody"
"""Messages that are owed have no experiment, so no arm."""

NOT_COMPARED: Final = "compared with nobody: who is held out gets no other campaign either"
NO_CONTROL: Final = "no control: what it brings by itself cannot be known"

NO_SUM: Final = (
    "one number, the difference to those held out; no sum of campaigns, whose effects overlap"
)
DOUBTED: Final = "believe no effect of it: its arms are not as large as declared"


def overview_lines(campaigns: Iterable[CampaignTold]) -> Iterator[str]:
    """Yield one line a campaign, under its stage; nothing is summed (docs/effect.md, Money)."""
    stage = None
    for one in sorted(campaigns, key=lambda told: (told.stage, told.campaign_id)):
        if one.stage != stage:
            stage = one.stage
            yield f"{stage or 'no stage'}:"
        yield f"  {overview_line(one)}"


def overview_line(told: CampaignTold) -> str:
    """Return a campaign in one line: customers and conversions by arm, and what contact brings."""
    arms = ", ".join(
        f"{arm or EVERYBODY} {_converted(counts)}"
        for arm, counts in told.arms.items()
        if arm != HOLDOUT
    )
    effects = [_difference(arm, one) for arm, one in told.effects.items()]
    doubt = [DOUBTED] if told.shares_doubted else []
    brought = "; ".join([*(effects or [_nothing(told.versions)]), *doubt])
    return f"{told.campaign_id}: converted {arms or 'nobody yet'}; {brought}"


def _converted(counts: Mapping[str, Any]) -> str:
    """Return how many customers of an arm converted."""
    return share_words(counts["first_converted_count"], counts["first_settled_count"])


def _difference(arm: str, told: EffectTold) -> str:
    """Return what an arm brings of 1,000 contacted, with the interval and the p-value."""
    found = told.conversion.difference_ppm
    interval = f"from {per_thousand(found.low)} to {per_thousand(found.high)}"
    numbers = f"{interval} of 1,000 contacted, {p_words(told.change.p_ppm)}"
    if found.holds_zero:
        return f"{arm} not known yet, {numbers}"
    return f"{arm} {found.estimate / 1_000:+,.1f}, {numbers}"


def campaign_lines(told: CampaignTold) -> Iterator[str]:
    """Yield what is known of a campaign, version by version."""
    until = f"as of {shown_moment(told.at_ms)}"
    yield f"{told.campaign_id} of {told.tenant}, stage {told.stage or 'none'}, {until}"
    for version in told.versions:
        yield f"version {version.policy_version}"
        for line in version_lines(told, version):
            yield f"  {line}"


def version_lines(told: CampaignTold, version: VersionTold) -> Iterator[str]:
    """Yield what is known of one version."""
    yield from _ratio(told.campaign_id, version.ratio)
    for arm, counts in version.arms.items():
        told_of = f"{_exposures(counts)}; {NOT_COMPARED}" if arm == HOLDOUT else _counts(counts)
        yield f"{arm or EVERYBODY}: {told_of}"
    for arm, effect in version.effects.items():
        yield f"{arm} against control"
        yield from (f"  {line}" for line in effect_lines(effect, CONVERTED))
    if not version.effects:
        yield _nothing([version])
    for kind, objection in version.objections.items():
        yield _objection(kind, objection)
    for kind in version.tripped:
        yield _broken(kind, told)
    for option, counts in version.options.items():
        yield f"option {option}: {_counts(counts)}"


def effect_lines(told: EffectTold, what: Did) -> Iterator[str]:
    """Yield what an arm brought: conversions, activity, money."""
    yield f"{what.did} {rates_words(told.conversion, what)}"
    yield bet_words(told.change, told.conversion.difference_ppm)
    better, worse = p_words(told.uplift.p_ppm), p_words(told.harm.p_ppm)
    yield f"better {better}, worse {worse}; at 5 % for both together, ask for .025 of each"
    for day, found in told.active.items():
        yield f"active at {day} days {rates_words(found, ACTIVE)}"
    for money in told.money:
        yield f"money {money_words(money)}"


def total_lines(told: CampaignTold) -> Iterator[str]:
    """Yield what all contacts of a bank bring, from those held out."""
    yield f"all contacts of {told.tenant}, as of {shown_moment(told.at_ms)}: {NO_SUM}"
    for version in told.versions:
        yield from _ratio("the bank", version.ratio)
    for effect in told.effects.values():
        yield from (f"  {line}" for line in effect_lines(effect, BOUGHT))
        for money in effect.money:
            yield from (f"  {line}" for line in bank_money(money))
    if not told.effects:
        yield "  not known yet: nobody who is held out, or not, is known of"


def bank_money(told: MoneyTold) -> Iterator[str]:
    """Yield money a customer times those who were not held out and whose time is over."""
    found = told.everybody_minor
    if found is None:
        return
    unit = unit_words(told.currency)
    sums = f"{found.estimate:+,} {unit}, from {found.low:+,} to {found.high:+,}"
    count = f"{told.contact_count:,} customers not held out whose window has closed"
    yield f"for the bank {sums}: times {count}"


def pool_lines(campaign_id: str, pools: Iterable[PoolTold]) -> Iterator[str]:
    """Yield what the banks that pool know together, and each of them."""
    for pool in pools:
        found = pool.difference_ppm
        yield f"{campaign_id}, arm {pool.arm}, of {len(pool.banks)} banks that pool"
        bets = f"({e_words(pool.change.log_e)}, {p_words(pool.change.p_ppm)})"
        yield f"  in any of them, product of the e-values: {_any(pool.change.p_ppm)} {bets}"
        mean = f"on average over {pool.customer_count:,} customers of all of them"
        yield f"  {mean}: {caused(found, CONVERTED)}"
        yield f"  {bet_words(pool.mean_change, found)}, on average"
        for tenant, bank in pool.banks.items():
            yield f"  {tenant}: {_bank(bank, pool.share_ppm_min)}"


def _bank(bank: BankTold, share_ppm_min: int) -> str:
    """Return what one bank of a pool knows, and what speaks against believing or joining it."""
    bets = f"({e_words(bank.change.log_e)}, {p_words(bank.change.p_ppm)})"
    parts = [f"converted {rates_words(bank.conversion, CONVERTED)} {bets}"]
    if bank.outside_mean_count:
        least = f"a side has less than the {share_ppm_min / 10_000:g} % that the mean needs"
        parts.append(f"{bank.outside_mean_count:,} customers are not in the mean: {least}")
    if bank.shares_doubted:
        parts.append(DOUBTED)
    return "; ".join(parts)


def _any(p_ppm: int) -> str:
    """Return what the product of e-values says."""
    return "contact changes something" if p_ppm <= ALPHA_PPM else "not known yet"


def _nothing(versions: Iterable[VersionTold]) -> str:
    """Return why nothing is known of what contact brings."""
    if any(CONTROL in one.shares_ppm for one in versions):
        return "not known yet: no window has closed"
    return NO_CONTROL


def _counts(counts: Mapping[str, Any]) -> str:
    """Return what an arm, or an option, has come to: exposures, then customers."""
    customers = f"customers {counts['first_count']:,}, converted {_converted(counts)}"
    return f"{_exposures(counts)}; {customers}"


def _exposures(counts: Mapping[str, Any]) -> str:
    """Return what has come of exposures; of those held out nobody counts as a customer."""
    counted = {
        "exposed": counts["exposed_count"],
        "settled": counts["settled_count"],
        "converted": counts["converted_count"],
        "delivered": counts["delivered_count"],
    }
    return ", ".join(f"{name} {count:,}" for name, count in counted.items())


def _ratio(whose: str, ratio: RatioTold | None) -> Iterator[str]:
    """Yield whether the arms are as large as declared."""
    if ratio is None:
        return
    pairs = ", ".join(
        f"{arm} {count:,} of {ratio.expected_counts[arm]:,} expected"
        for arm, count in ratio.counts.items()
    )
    numbers = f"{pairs} ({p_words(ratio.p_ppm)})"
    if is_doubted(ratio):
        missing = "until somebody has found out who is missing, and from which arm"
        yield f"WARNING: believe no effect of {whose} {missing}: {numbers}"
    else:
        yield f"shares as declared: {numbers}"


def _objection(kind: str, told: ObjectionTold) -> str:
    """Return how many objected, against the bound."""
    objected = f"{OBJECTED[kind]} {share_words(told.count, told.contacted_count)}"
    if not told.bound_ppm:
        return f"{objected}, no bound"
    breaks = f"breaks at {p_words(told.alpha_ppm)} or less"
    return f"{objected}, bound {told.bound_ppm / 10_000:g} % ({p_words(told.p_ppm)}, {breaks})"


def _broken(kind: str, told: CampaignTold) -> str:
    """Return what a guardrail that broke brings about, and by whom it ends (docs/core.md 3.17)."""
    whose = f"--tenant {told.tenant}`"
    resume = f"`cardcue policy resume {told.campaign_id} {whose}, after which it is counted anew"
    ends = f"a newer version is active, or people have let it go on since: {resume}"
    listed = f"`cardcue policy ls {whose} says what is held"
    return f"guardrail {kind} broke; it holds the campaign unless {ends}; {listed}"
