"""
Hold what one partition knows of a campaign's effect (docs/insight.md 3).

Statistics are awake while a task owns them: a record changes them where they are, and a drain
writes their snapshots into the row.
"""

from collections.abc import Mapping

from lifecycle.effect.sample_ratio import SampleRatio
from lifecycle.insight.declared import declared_ppm, kept_back, ratio_key
from lifecycle.insight.ratios import sample_ratio
from lifecycle.insight.series import Fed, Series, fed
from schemas.codec import encode_row
from schemas.insight_rows import VERSIONS_MAX, ArmState, EffectRow, SeriesState, VersionState
from schemas.outcomes import ExposureFollowed, ExposureOpened, ExposureSettled
from schemas.records import Row


class Version:
    """One version of a campaign's policy; of campaign "" of the tenant's own settings."""

    __slots__ = ("_campaign_id", "_ratios", "_series", "state")

    def __init__(self, campaign_id: str, state: VersionState) -> None:
        """Go on where a row was written; a statistic wakes when it is asked for."""
        self.state = state
        self._campaign_id = campaign_id
        self._series: dict[str, Series] = {}
        self._ratios: dict[int, SampleRatio | None] = {}

    def arm(self, name: str) -> ArmState:
        """Return what an arm has come to, so far nothing where it is new."""
        return self.state.arms.setdefault(name, ArmState())

    def counted(self, arm: str, option: str) -> list[ArmState]:
        """Return where a record counts: its arm, and its option where something was chosen."""
        if not option:
            return [self.arm(arm)]
        return [self.arm(arm), self.state.options.setdefault(option, ArmState())]

    def fed(self, said: ExposureSettled | ExposureFollowed) -> list[tuple[Fed, Series]]:
        """Return the series that a record feeds, each with its side."""
        declared = self._declared_ppm(said.holdout_ppm)
        found = fed(declared, kept_back(self._campaign_id), said.arm)
        pools = int(said.pools)
        return [(one, self.series(f"{one.arm}|{one.control_ppm}|{pools}")) for one in found]

    def series(self, key: str) -> Series:
        """Return a series by its key, `arm|control_ppm|pools`."""
        known = self._series.get(key)
        if known is None:
            state = self.state.series.setdefault(key, SeriesState())
            control_ppm = int(key.split("|")[1])
            known = self._series[key] = Series(control_ppm, self.state.value_cap_minor, state)
        return known

    def ratio(self, key: int) -> SampleRatio | None:
        """Return the test of the arms under a key of `ratios`, None: nothing to compare."""
        if key not in self._ratios:
            snapshot = self.state.ratios.get(key, ())
            self._ratios[key] = sample_ratio(self._declared_ppm(key), snapshot)
        return self._ratios[key]

    def assign(self, holdout_ppm: int, arm: str) -> None:
        """Count a customer of an arm, where arms are compared and this is one of them."""
        key = ratio_key(self._campaign_id, holdout_ppm)
        known = self.ratio(key)
        if known is not None and arm in known.counts:
            known.update(arm)
            self.state.ratios.setdefault(key, ())

    def rest(self) -> None:
        """Write into the state what is awake."""
        for key, series in self._series.items():
            self.state.series[key] = series.state()
        for place, ratio in self._ratios.items():
            if ratio is not None and place in self.state.ratios:
                self.state.ratios[place] = ratio.snapshot()

    def _declared_ppm(self, holdout_ppm: int) -> Mapping[str, int]:
        """Return the shares of all arms that are compared."""
        return declared_ppm(self._campaign_id, self.state.shares_ppm, holdout_ppm)


class Effect:
    """What a campaign of a tenant, "" for the tenant itself, has caused, by one partition."""

    __slots__ = ("_changed", "_versions", "campaign_id", "partition", "row", "tenant")

    def __init__(self, partition: int, tenant: str, campaign_id: str, row: EffectRow) -> None:
        """Go on where a row was written."""
        self.partition = partition
        self.tenant = tenant
        self.campaign_id = campaign_id
        self.row = row
        self._versions: dict[int, Version] = {}
        self._changed: dict[int, None] = {}

    @property
    def name(self) -> str:
        """Return whose effect it is, as counts have it."""
        return f"{self.tenant}|{self.campaign_id}"

    def changing(self, number: int) -> Version:
        """Return a known version that is about to be changed."""
        self._changed[number] = None
        return self.awake(number)

    def awake(self, number: int) -> Version:
        """Return a known version, to be looked at."""
        known = self._versions.get(number)
        if known is None:
            state = self.row.versions[number]
            known = self._versions[number] = Version(self.campaign_id, state)
        return known

    def begin(self, exposure: ExposureOpened) -> bool:
        """Begin the version of an exposure; True: another had to be forgotten for it."""
        row = self.row
        row.stage = exposure.stage
        forgets = len(row.versions) >= VERSIONS_MAX
        if forgets:
            lowest = min(row.versions)
            del row.versions[lowest]
            self._versions.pop(lowest, None)
            self._changed.pop(lowest, None)
        row.versions[exposure.policy_version] = VersionState(
            dict(exposure.shares_ppm),
            value_cap_minor=exposure.value_cap_minor,
            currency=exposure.currency,
            guardrails=exposure.guardrails,
            key_count=exposure.key_count,
        )
        return forgets

    def drain(self) -> Row:
        """Return the row as it is now."""
        for number in self._changed:
            self._versions[number].rest()
        self._changed.clear()
        key = f"#effect|{self.partition}|{self.tenant}|{self.campaign_id}"
        return Row(key.encode(), encode_row(self.row))
