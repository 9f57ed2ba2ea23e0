"""Say what one partition has counted so far, and that a campaign is held (docs/insight.md 5)."""

from msgspec.structs import asdict

from lifecycle.effect.evidence import ALPHA_PPM, PPM
from lifecycle.effect.interval import Difference
from lifecycle.ids import derived_id
from lifecycle.insight.effects import Effect, Version
from lifecycle.insight.funnel import Funnel
from lifecycle.insight.series import Series, customer_count
from schemas.codec import customer_key, encode_json
from schemas.insight import (
    ArmReport,
    EffectReported,
    FunnelReported,
    GuardrailReported,
    GuardrailTripped,
    SeriesReport,
    VersionReport,
)
from schemas.insight_rows import ArmState
from schemas.journal import SEMANTICS_VERSION, JournalEnvelope, SourceCoordinates
from schemas.records import BROADCAST, OutputRecord
from schemas.routing import INSIGHT_TOPIC, JOURNAL_TOPIC


Report = EffectReported | FunnelReported | GuardrailReported


def effect(known: Effect) -> OutputRecord:
    """Return what is known of a campaign's effect, as a record."""
    row, whose = known.row, (known.tenant, known.campaign_id)
    said = EffectReported(
        report_id=derived_id("effect", *whose, str(known.partition), str(row.at_ms)),
        tenant=known.tenant,
        campaign_id=known.campaign_id,
        stage=row.stage,
        partition=known.partition,
        at_ms=row.at_ms,
        versions=tuple(_version(number, known.awake(number)) for number in sorted(row.versions)),
    )
    return _printed(said, b"effect.reported.v1", f"{known.campaign_id}|{known.partition}|effect")


def funnel(known: Funnel) -> OutputRecord:
    """Return where a tenant's cards stand, as a record."""
    row = known.row
    said = FunnelReported(
        report_id=derived_id("funnel", known.tenant, str(known.partition), str(row.at_ms)),
        tenant=known.tenant,
        partition=known.partition,
        at_ms=row.at_ms,
        cards=row.cards,
        reached=row.reached,
        waited=row.waited,
    )
    return _printed(said, b"funnel.reported.v1", f"|{known.partition}|funnel")


def guardrail(known: Effect, tripped: GuardrailTripped) -> OutputRecord:
    """Return for people that a campaign is held, as a record."""
    version, place = str(tripped.policy_version), str(known.partition)
    whose = known.tenant, known.campaign_id, version
    said = GuardrailReported(
        report_id=derived_id("guardrail", *whose, tripped.kind, place, str(tripped.sequence)),
        tenant=known.tenant,
        at_ms=known.row.at_ms,
        tripped=tripped,
    )
    key = f"{known.campaign_id}|{place}|{version}|{tripped.kind}"
    return _printed(said, b"guardrail.tripped.v1", key)


def holding(known: Effect, tripped: GuardrailTripped, source: SourceCoordinates) -> OutputRecord:
    """Return what holds the campaign from now on, as a record of every journal partition."""
    about = tripped.campaign_id, tripped.policy_version, tripped.kind
    envelope = JournalEnvelope(
        tenant=known.tenant,
        customer_token="",
        journal_at_ms=known.row.at_ms,
        occurred_at_ms=known.row.at_ms,
        event_id="-".join(map(str, (*about, tripped.partition, tripped.sequence))),
        event_source="cardcue/insight",
        source=source,
        record=tripped,
    )
    key = customer_key(known.tenant, "")
    return OutputRecord(JOURNAL_TOPIC, key, encode_json(envelope), partition=BROADCAST)


def _version(number: int, version: Version) -> VersionReport:
    """Return what is known of one version."""
    state = version.state
    ratios = {ppm: version.ratio(ppm) for ppm in state.ratios}
    return VersionReport(
        policy_version=number,
        currency=state.currency,
        arms={name: _arm(arm) for name, arm in state.arms.items()},
        options={name: _arm(option) for name, option in state.options.items()},
        series=tuple(
            series_report(key, version.series(key)) for key in sorted(state.series, key=_in_order)
        ),
        ratio_p_ppm={str(ppm): ratio.evidence.p_ppm for ppm, ratio in ratios.items() if ratio},
        tripped=tuple(state.tripped),
    )


def _in_order(key: str) -> tuple[str, int, str]:
    """Return what series are told by: arm, share, pool."""
    arm, control_ppm, pools = key.split("|")
    return arm, int(control_ppm), pools


def _arm(state: ArmState) -> ArmReport:
    """Return the counts of an arm by their names."""
    return ArmReport(**asdict(state))


def series_report(key: str, series: Series) -> SeriesReport:
    """Return what an arm brought against who is kept back; `key` is the series'."""
    arm, control_ppm, pools = key.split("|")
    change = series.change
    difference = series.conversion.interval(ALPHA_PPM)
    return SeriesReport(
        arm=arm,
        control_ppm=int(control_ppm),
        pools=pools == "1",
        customer_count=customer_count(change),
        difference_ppm=round(difference.estimate * PPM),
        low_ppm=round(difference.low * PPM),
        high_ppm=round(difference.high * PPM),
        **_money(series.money),
        active_difference_ppm=_active(series),
        change_p_ppm=change.change.p_ppm,
        uplift_p_ppm=change.uplift.p_ppm,
        harm_p_ppm=change.harm.p_ppm,
    )


def _money(money: Difference | None) -> dict[str, int]:
    """Return the fields of a series about money, none where none was counted."""
    if money is None or not customer_count(money):
        return {}
    found = money.interval(ALPHA_PPM)
    return {
        "money_minor": round(found.estimate),
        "money_low_minor": round(found.low),
        "money_high_minor": round(found.high),
    }


def _active(series: Series) -> tuple[int, ...]:
    """Return how many more are active at each follow-up, 0 before the first."""
    found = [one.interval(ALPHA_PPM).estimate for one in series.activity]
    return tuple(round(estimate * PPM) for estimate in found)


def _printed(said: Report, kind: bytes, place: str) -> OutputRecord:
    """Return what is said as a record: JSON, CloudEvents headers, its place in the key."""
    headers = (
        ("ce_specversion", b"1.0"),
        ("ce_id", said.report_id.encode()),
        ("ce_source", b"cardcue"),
        ("ce_type", kind),
        ("ce_subject", b""),
        ("ce_tenantid", said.tenant.encode()),
        ("cardcue.semantics_version", b"%d" % SEMANTICS_VERSION),
    )
    return OutputRecord(INSIGHT_TOPIC, customer_key(said.tenant, place), encode_json(said), headers)
