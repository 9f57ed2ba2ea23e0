"""Play each world once, and say what its models reached beside what is reached without them."""

import os
from collections.abc import Sequence
from statistics import fmean
from typing import Final

from msgspec.structs import replace

from bench.learning import bank, bank_file, cdnow, curves
from bench.learning.figures import (
    PPM,
    auc,
    auc_within,
    calibration_error,
    label_average,
    log_loss,
    normalised,
)
from bench.learning.naive import naive_scores
from bench.learning.simulated import Simulated
from cli.demo.cdnow import cache_folder, fetch
from schemas.model import Optimizer
from schemas.outcomes import ExposureOpened


Figures = dict[str, float]

CDNOW_CUSTOMER_COUNT: Final = 6_000
PILOT_COUNT: Final = 6_000
OCCASION_COUNT: Final = 24_000
LAST_COUNT: Final = 6_000
BASE_RATE: Final = 0.02
QUICK_RATE_PPM: Final = 10_000
"""At which the reference's naive plan falls to .65."""

ALL: Final = slice(None)


def bank_figures(part: slice = ALL) -> Figures:
    """Return what both tenants of Bank Marketing reach over its contacts, or a part of them."""
    called = list(bank_file.contacts(bank_file.contacts_file()))[part]
    world = bank.Bank()
    world.call(called)
    labels = [contact.converted for contact in called]
    fast, slow = (world.said(tenant) for tenant in (bank.FAST, bank.SLOW))
    at_once = [(place, place + 1) for place in range(len(labels))]
    found = {
        "bank_count": len(labels),
        "bank_auc": _auc(_scores(fast), labels),
        "bank_label_average_auc": _auc(label_average(labels, at_once, BASE_RATE), labels),
        "bank_within_block_auc": auc_within(_scores(fast), labels),
        "bank_label_average_within_block_auc": auc_within(
            label_average(labels, at_once, BASE_RATE), labels
        ),
        "bank_ece": calibration_error(_scores(fast), labels),
        "bank_log_loss": log_loss(_scores(fast), labels),
    }
    return found | _delayed(world, slow, labels)


def _delayed(world: bank.Bank, slow: Sequence[ExposureOpened], labels: Sequence[bool]) -> Figures:
    """Return what the tenant reaches that hears of a yes late, and two plans beside it."""
    converted_at_ms = {
        one.exposure_id: one.occurred_at_ms
        for one in world.house.outcomes
        if one.tenant == bank.SLOW and one.label == 1
    }
    model = world.models[bank.SLOW].model
    naive = naive_scores(model, slow, converted_at_ms)
    quick = replace(model, optimizer=Optimizer(kind="sgd", learning_rate_ppm=QUICK_RATE_PPM))
    average = label_average(labels, _held(slow), BASE_RATE)
    return {
        "bank_delayed_auc": _auc(_scores(slow), labels),
        "bank_delayed_naive_auc": _auc(naive, labels),
        "bank_delayed_naive_quick_auc": _auc(naive_scores(quick, slow, converted_at_ms), labels),
        "bank_delayed_label_average_auc": _auc(average, labels),
        "bank_delayed_ece": calibration_error(_scores(slow), labels),
        "bank_delayed_naive_ece": calibration_error(naive, labels),
        "bank_delayed_label_average_ece": calibration_error(average, labels),
        "bank_delayed_log_loss": log_loss(_scores(slow), labels),
    }


def _held(exposures: Sequence[ExposureOpened]) -> list[tuple[int, int]]:
    """Return how many contacts had been made when each exposure's window ended."""
    known, made = [], 0
    for place, one in enumerate(exposures):
        while made < len(exposures) and exposures[made].decided_at_ms < one.closes_at_ms:
            made += 1
        known.append((place, made))
    return known


def cdnow_figures(customer_count: int = CDNOW_CUSTOMER_COUNT) -> Figures:
    """Return how well CDNOW's next purchases are ranked, beside recency and P(alive) alone."""
    bought = cdnow.histories(fetch(cache_folder(os.environ)), customer_count)
    shop = cdnow.Shop()
    shop.play(cdnow.happenings(bought))
    said = shop.house.exposures
    days = [(one.decided_at_ms - cdnow.at_ms(0)) // cdnow.DAY_MS for one in said]
    asked = [
        cdnow.asked(bought[one.customer_token], day) for one, day in zip(said, days, strict=True)
    ]
    labels = [one.converted for one in asked]
    found = {one.exposure_id: one.label == 1 for one in shop.house.outcomes}
    if labels != [found[one.exposure_id] for one in said]:
        raise AssertionError("wanted the outcomes that the file shows, found others")
    scores, half = _scores(said), len(labels) // 2
    silence, alive = [-one.silent_days for one in asked], [one.alive for one in asked]
    rates = [one.rate for one in asked]
    return {
        "cdnow_count": len(labels),
        "cdnow_auc": _auc(scores[half:], labels[half:]),
        "cdnow_recency_auc": _auc(silence[half:], labels[half:]),
        "cdnow_alive_auc": _auc(alive[half:], labels[half:]),
        "cdnow_rate_auc": _auc(rates[half:], labels[half:]),
        "cdnow_whole_auc": _auc(scores, labels),
        "cdnow_whole_recency_auc": _auc(silence, labels),
        "cdnow_whole_alive_auc": _auc(alive, labels),
        "cdnow_whole_rate_auc": _auc(rates, labels),
        "cdnow_ece": calibration_error(scores, labels),
    }


def simulated_figures(count: int = OCCASION_COUNT, pilot_count: int = PILOT_COUNT) -> Figures:
    """
    Return what contacts brought by the truth, in minor units an occasion after the pilot.

    `simulated_lift_ratio` is where the learned policy lies between lots (0) and the truth (1).
    """
    world = Simulated()
    world.play(pilot_count, count)
    return {
        "simulated_count": count - pilot_count,
        **_policies(world, pilot_count, "simulated"),
        **_policies(world, max(pilot_count, count - LAST_COUNT), "simulated_last"),
    }


def _policies(world: Simulated, first: int, name: str) -> Figures:
    """Return the mean gain of each policy over the occasions from one on."""
    customers, chosen = world.customers[first:], world.chosen[first:]
    gains = {
        campaign: fmean(curves.gain_minor(campaign, one) for one in customers)
        for campaign in curves.CURVES
    }
    learned = fmean(map(curves.gain_minor, chosen, customers))
    oracle = fmean(curves.gain_minor(curves.best(one), one) for one in customers)
    lots = fmean(gains.values())
    return {
        f"{name}_random_minor": lots,
        f"{name}_fixed_minor": max(gains.values()),
        f"{name}_learned_minor": learned,
        f"{name}_oracle_minor": oracle,
        f"{name}_regret_minor": oracle - learned,
        f"{name}_lift_ratio": normalised(learned, lots, oracle),
    }


def _scores(exposures: Sequence[ExposureOpened]) -> list[float]:
    """Return the scores as they were published and used."""
    return [one.score_ppm / PPM for one in exposures]


def _auc(scores: Sequence[float], labels: Sequence[bool]) -> float:
    found = auc(scores, labels)
    if found is None:
        raise ValueError("wanted labels of both classes, found one")
    return found
