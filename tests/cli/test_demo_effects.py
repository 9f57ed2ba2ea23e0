"""What the demonstration says at its end of what campaigns caused, from insight's rows."""

from typing import cast

import pytest
from confluent_kafka import Message

from cli.demo.control import campaigns
from cli.demo.effects import Effects
from cli.demo.ledger import Ledger
from cli.demo.setting import TENANTS
from lifecycle.experiment import assigned
from schemas.codec import encode_row
from schemas.insight_rows import EffectRow
from streams.port import SourcePartition
from tests.cli.demo_fakes import Told, messages, row
from tests.cli.effect_rows import bank, campaign


SETTLED = ("ce_type", b"exposure.settled.v1")


class Outcome(Told):
    """A record of the outcomes topic, in partition 2 at offset 6."""

    def headers(self) -> list[tuple[str, bytes]]:
        """Return what it is."""
        return [SETTLED]

    def partition(self) -> int:
        """Return where it is."""
        return 2

    def offset(self) -> int:
        """Return its place."""
        return 6


class Row(Told):
    """A row of insight."""

    def offset(self) -> int:
        """Return a place, which nobody asks a row for."""
        return 0


def told(key: str, value: object) -> Message:
    """Return a row of insight's changelog."""
    return cast("Message", Row("insight.state.v1", key.encode(), encode_row(value)))


def settled() -> Message:
    """Return that an exposure has settled."""
    return cast("Message", Outcome("lifecycle.outcomes.v1", b"bank|nudge", b"{}"))


@pytest.mark.parametrize("tenant", TENANTS)
def test_marketing_campaigns_of_the_demo_have_a_control_of_their_own(tenant: str) -> None:
    """A tenth each, by buckets that no two share: without it there is no effect to tell."""
    marketing = [one for one in campaigns(tenant) if one.message_class == "marketing"]

    assert len(marketing) > 1
    assert {1_000} == {one.experiment.control_bp if one.experiment else 0 for one in marketing}
    buckets = {one.id: tuple(assigned(one, f"c-{n}").bucket for n in range(8)) for one in marketing}
    assert len(marketing) == len(set(buckets.values()))


def test_nothing_is_said_where_there_are_no_rows() -> None:
    """A house without insight ends without a word of effects, and waits for none."""
    effects = Effects()
    effects.take([settled()])

    assert [] == [*effects.lines(["bank", "cdnow"])]
    assert effects.all_read()


def test_each_campaign_has_a_line_and_the_bank_one_of_its_own() -> None:
    """The newest row counts; the total is of the holdout, in money 60,000,000."""
    effects = Effects()
    effects.take([told("#effect|0|bank|nudge", EffectRow())])
    effects.take(
        [
            told("#effect|0|bank|nudge", campaign()),
            told("#effect|3|bank|amount", campaign(stage="grow")),
            told("#effect|1|bank|", bank()),
            told("#counts|0", {"moved|bank": 4}),
        ]
    )
    amount, nudge, whole = effects.lines(["bank", "cdnow"])

    assert amount.startswith("effect in bank of amount: converted control 100 of 2,000 (5.0 %), ")
    assert nudge.startswith("effect in bank of nudge: ")
    assert nudge.endswith(" of 1,000 contacted, p .025")
    bought = "bought 520 of 8,000 (6.5 %), of those kept back 100 of 2,000 (5.0 %): "
    assert whole.startswith(f"effect in bank of all contacts: {bought}")
    assert "; for the bank +60,000,000 minor units of CNY, from +" in whole


def test_total_that_is_not_known_yet_says_of_how_many() -> None:
    """Before a window of 90 days has closed there are customers, and no difference."""
    effects, row_ = Effects(), bank()
    row_.versions[3].series.clear()
    effects.take([told("#effect|1|bank|", row_)])

    customers = "customers default 8,010, holdout 2,005"
    said = f"not known before their windows have closed; {customers}"
    assert [f"effect in bank of all contacts: {said}"] == [*effects.lines(["bank"])]


@pytest.mark.parametrize(("position", "read"), [(6, False), (7, True)])
def test_insight_has_read_all_that_was_found(position: int, *, read: bool) -> None:
    """What lies at 6 is read where 7 is next."""
    effects = Effects()
    effects.take([settled(), told("#offsets", {"lifecycle.outcomes.v1": {2: position}})])

    assert read == effects.all_read()
    assert 1 == effects.settled_count
    assert {SourcePartition("lifecycle.outcomes.v1", 2): position} == effects.positions


def test_ledger_leaves_the_rows_of_insight_alone() -> None:
    """Insight reads what learning reads, and counts under keys that lifecycle has too."""
    ledger = Ledger()
    ledger.take(
        messages(
            row("learning", "#offsets", {"lifecycle.outcomes.v1": {0: 9}}),
            row("insight", "#offsets", {"lifecycle.outcomes.v1": {0: 3}}),
            row("insight", "#counts|0", {"decision|bank|nudge|sent|": 5}),
        )
    )

    assert {SourcePartition("lifecycle.outcomes.v1", 0): 9} == ledger.positions
    assert not ledger.decided()
