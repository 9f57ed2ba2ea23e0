"""`cardcue model list | show | report`: what learning knows, in the words of the definition."""

from pathlib import Path

import pytest

from tests.cli.learning_bank import OF, begun, bind, bind_file, learning_bank
from tests.learning.outcome_log import GOLD, T0, OutcomeLog


def after_two(folder: Path) -> OutcomeLog:
    """Return a log of two contacts, after which what was learnt is published."""
    log = begun(folder)
    log.open(0)
    log.open(1, vector=GOLD)
    return log


def test_list_of_a_bank_without_models_says_so(tmp_path: Path) -> None:
    """An empty control topic and an empty changelog: one line, no error."""
    with learning_bank(tmp_path, defined=False) as bank:
        assert "bank-a: no model is defined\n" == bank.told("model", "list", *OF)


def test_list_tells_what_is_defined_and_not_learnt_yet(tmp_path: Path) -> None:
    """The control topic knows it, learning's changelog is empty."""
    with learning_bank(tmp_path) as bank:
        listed = bank.told("model", "list", *OF)
        unknown = bank.refused("model", "show", "bind", *OF)

    assert "bind version 1: defined, not learnt yet\n" == listed
    assert "wanted one of the models that bank-a has learnt, none; found bind" in unknown


def test_list_tells_on_what_decisions_rest(tmp_path: Path) -> None:
    """O2: a snapshot without a conversion does not decide; counts are of all that was learnt."""
    log = after_two(tmp_path)
    log.close(0, 1)
    with learning_bank(tmp_path, log) as bank:
        few = bank.told("model", "list", *OF)
    log.open(2)
    with learning_bank(tmp_path, log) as bank:
        enough = bank.told("model", "list", *OF)
    log.open(3, verdict="control", arm="control")
    log.close(3, 1, arm="control")
    with learning_bank(tmp_path, log) as bank:
        both = bank.told("model", "list", *OF)

    head = "bind version 1 sequence"
    none = "control 0, converted 0"
    assert (
        f"{head} 2: contacts 2, converted 1; {none}; not enough evidence yet: base rates decide\n"
        == few
    )
    assert f"{head} 3: contacts 3, converted 1; {none}; its scores decide\n" == enough
    assert (
        f"{head} 4: contacts 3, converted 1; control 1, converted 1;"
        " its scores less those of the control decide\n" == both
    )


def withheld(folder: Path) -> OutcomeLog:
    """
    Return a log of a model that is withheld and then frozen.

    Two cohorts at 90 % of which two in twenty convert: 44 examples are 22 snapshots after the
    first, and as none was good the 24th is the 23rd once more, withheld.
    """
    log = begun(folder)
    log.cohort(0, 2, score_ppm=900_000)
    log.cohort(100, 2, score_ppm=900_000)
    log.open(200)
    log.put(201, frozen=True)
    return log


def test_list_tells_withheld_frozen_and_what_is_newer(tmp_path: Path) -> None:
    """A newer version stands in the log, and learning has not come to it."""
    with learning_bank(tmp_path, withheld(tmp_path)) as bank:
        newer = bind_file(tmp_path, "version: 1", "version: 2")
        bank.told("model", "define", str(newer), *OF)
        listed = bank.told("model", "list", *OF)

    assert (
        "bind version 1 sequence 24: contacts 41, converted 4; control 0, converted 0;"
        " withheld, for it was worse than the average: base rates decide, frozen,"
        " version 2 is defined and not learnt yet\n" == listed
    )


def test_list_of_a_bank_has_no_other_banks_models(tmp_path: Path) -> None:
    """N3: rows of a neighbour, whose name begins alike, are not ours."""
    other = OutcomeLog("bank-a2")
    other.define(bind(tmp_path))
    with learning_bank(tmp_path, other) as bank:
        listed = bank.told("model", "list", *OF)
        theirs = bank.told("model", "list", "--tenant", "bank-a2")

    assert "bind version 1: defined, not learnt yet\n" == listed
    assert theirs.startswith("bind version 1 sequence 1: ")


def test_show_tells_every_weight_of_what_decides(tmp_path: Path) -> None:
    """
    A tenth of each gradient, weighed as page 2 says, and nothing of what was learnt since.

    First contact, two purchases: p 1/2, w 3/4, g 3/8: -0.0375, purchases twice that. Second, in the
    morning: z -0.0375, p 0.490626, w 1 - p^2 = 0.759286, g 0.372526.
    """
    log = after_two(tmp_path)
    log.open(2)
    with learning_bank(tmp_path, log) as bank:
        shown = bank.told("model", "show", "bind", *OF)

    assert (
        """\
bind version 1: Who binds a wallet
sequence 2, learnt, published 2023-11-14T22:13:20.001000+00:00
not enough evidence yet: base rates decide
                                contact    control
(everybody)                     -0.0748    +0.0000
spent                           -0.0750    +0.0000  Purchases ever
time: any other                 -0.0375    +0.0000
time: morning                   -0.0373    +0.0000
time: evening                   +0.0000    +0.0000
"""
        == shown
    )


def test_show_tells_that_it_was_rolled_back_and_is_frozen(tmp_path: Path) -> None:
    """The weights are those of the kept snapshot, here the first: nothing learnt."""
    log = after_two(tmp_path)
    log.put(5, frozen=True, rollback=1)
    with learning_bank(tmp_path, log) as bank:
        shown = bank.told("model", "show", "bind", *OF).splitlines()

    assert "sequence 3, rolled_back, published 2023-11-14T22:13:20.005000+00:00" == shown[1]
    assert "not enough evidence yet: base rates decide, frozen" == shown[2]
    assert ["+0.0000", "+0.0000"] == shown[4].split()[1:]


def test_show_tells_that_it_is_withheld(tmp_path: Path) -> None:
    """What was published last, once more."""
    with learning_bank(tmp_path, withheld(tmp_path)) as bank:
        shown = bank.told("model", "show", "bind", *OF).splitlines()

    assert shown[1].startswith("sequence 24, fallen_back, published ")
    assert "withheld, for it was worse than the average: base rates decide, frozen" == shown[2]


def test_report_of_nothing_judged_says_so(tmp_path: Path) -> None:
    """Two contacts in the first cohort, which began with the first snapshot."""
    with learning_bank(tmp_path, after_two(tmp_path)) as bank:
        reported = bank.told("model", "report", "bind", *OF)

    assert (
        """\
bind version 1: not enough evidence yet: base rates decide
pooled: not judged yet
not judged yet: 2 contacts in 1 cohorts
kept snapshots: 1
"""
        == reported
    )


def test_report_has_the_figures_of_each_cohort(tmp_path: Path) -> None:
    """
    Twenty at 20 %, of which five convert after an hour and a half: loss ln(5)/4 + 3 ln(1.25)/4.

    The average's is ln 2, and so is that of the first snapshot. All scores are one bin: auc 1/2.
    25 examples are twelve snapshots after the first; the next cohort begins with the 13th.
    """
    log = begun(tmp_path)
    for at in range(20):
        log.open(at, score_ppm=200_000)
    for at in range(20):
        log.close(at, int(at < 5), score_ppm=200_000, occurred_at_ms=T0 + at + 5_400_000)
    log.open(100)
    with learning_bank(tmp_path, log) as bank:
        reported = bank.told("model", "report", "bind", *OF)

    figures = (
        "loss 0.5697 better than the average's 0.6931, the snapshot before 0.6931, auc 0.500,"
        " better half has 50.0 %, calibration error 0.0500"
    )
    assert (
        f"""\
bind version 1: its scores decide
from 2023-11-14T22:13:20+00:00: 20 contacts, 5 conversions, by sequence 1
  {figures}, shift 0.000, converted after 1.5 h
pooled: {figures}, within cohorts 0.500
not judged yet: 1 contacts in 1 cohorts
kept snapshots: 1 good, 13
"""
        == reported
    )


def test_report_leaves_out_what_cannot_be_said(tmp_path: Path) -> None:
    """Nobody converted: neither auc, nor a better half, nor how long it took."""
    log = begun(tmp_path)
    log.cohort(0, 0, score_ppm=600_000)
    log.open(100)
    with learning_bank(tmp_path, log) as bank:
        cohort = bank.told("model", "report", "bind", *OF).splitlines()[2]

    assert (
        "  loss 0.9163 WORSE than the average's 0.6931, the snapshot before 0.6931,"
        " calibration error 0.6000, shift 0.000" == cohort
    )


def test_report_tells_that_it_is_withheld_and_what_was_worse(tmp_path: Path) -> None:
    """Two cohorts of 90 % of which a tenth converts, -0.1 ln 0.9 - 0.9 ln 0.1; none was good."""
    with learning_bank(tmp_path, withheld(tmp_path)) as bank:
        reported = bank.told("model", "report", "bind", *OF).splitlines()

    said = "withheld, for it was worse than the average: base rates decide, frozen"
    assert f"bind version 1: {said}" == reported[0]
    assert reported[2].startswith("  loss 2.0829 WORSE than the average's 0.6931, ")
    assert reported[4].startswith("  loss 2.0829 WORSE than the average's ")
    assert reported[5].startswith("pooled: loss 2.0829 WORSE than the average's ")
    assert "kept snapshots: 1, 12, 23" == reported[7]


@pytest.mark.parametrize("command", ["show", "report"])
def test_views_name_the_models_that_there_are(tmp_path: Path, command: str) -> None:
    """A slip of the pen is told beside what could have been meant."""
    with learning_bank(tmp_path, begun(tmp_path)) as bank:
        refused = bank.refused("model", command, "bond", *OF)

    assert "wanted one of the models that bank-a has learnt, bind; found bond" in refused
