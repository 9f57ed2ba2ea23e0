"""Read from the log which options were drawn for contacts, and what these came to."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from cli.effect.target_policy import Chooser
from cli.log import TopicLog, on_kafka, whole_topic
from cli.unknown_campaign import unknown_campaign
from lifecycle.effect.off_policy import Logged
from schemas.codec import decode_exposure, decode_settled
from schemas.outcomes import ExposureOpened, ExposureSettled
from schemas.records import SourceRecord
from schemas.routing import OUTCOMES_TOPIC
from streams.settings import Settings


class LoggedContact(NamedTuple):
    """A contact whose option was drawn, and what it has come to, None while its window is open."""

    exposure: ExposureOpened
    settled: ExposureSettled | None

    @property
    def label(self) -> int | None:
        """Return whether it converted, None while nobody knows, or where it had to make room."""
        return self.settled.label if self.settled else None

    @property
    def value_minor(self) -> int:
        """Return the money that it brought, up to the cap of its version; 0 while nobody knows."""
        if self.settled is None:
            return 0
        return min(self.settled.value_minor, self.exposure.value_cap_minor)


def read_contacts(tenant: str, campaign_id: str, settings: Settings) -> list[LoggedContact]:
    """
    Return every contact of a campaign for which an option was drawn.

    Raises:
        click.ClickException: the log cannot be read, or no option of that campaign was ever drawn.

    """

    async def work(log: TopicLog, _: Settings) -> dict[str, list[LoggedContact]]:
        records = [record async for record in whole_topic(log, OUTCOMES_TOPIC)]
        return contacts_by_campaign(tenant, records)

    found = on_kafka(work, settings)
    if campaign_id not in found:
        which = f"campaigns of {tenant} that have drawn options"
        raise unknown_campaign(which, found.keys(), campaign_id)
    return found[campaign_id]


def contacts_by_campaign(
    tenant: str, records: Iterable[SourceRecord]
) -> dict[str, list[LoggedContact]]:
    """Return by campaign a bank's contacts with what they came to, in the order of the log."""
    exposures: dict[str, ExposureOpened] = {}
    settled: dict[str, ExposureSettled] = {}
    for record in records:
        kind = dict(record.headers).get("ce_type")
        if kind == b"exposure.opened.v1":
            opened = decode_exposure(record.value or b"")
            if opened.tenant == tenant and opened.option and opened.verdict == "sent":
                exposures[opened.exposure_id] = opened
        elif kind == b"exposure.settled.v1":
            outcome = decode_settled(record.value or b"")
            if outcome.exposure_id in exposures:
                settled[outcome.exposure_id] = outcome
    contacts: defaultdict[str, list[LoggedContact]] = defaultdict(list)
    for exposure_id, exposure in exposures.items():
        contact = LoggedContact(exposure, settled.get(exposure_id))
        contacts[exposure.campaign_id].append(contact)
    return dict(contacts)


def logged(contacts: Iterable[LoggedContact], chooser: Chooser, *, money: bool) -> list[Logged]:
    """
    Return the contacts as examples; the reward is a conversion, or with `money` minor units.

    One whose exposure had to make room says nothing: it is left out, whatever it was.
    """
    return [
        Logged(
            reward=contact.value_minor if money else contact.label or 0,
            propensity_ppm=contact.exposure.option_ppm,
            target_ppm=chooser.target_ppm(
                contact.exposure.features, contact.exposure.options_ppm, contact.exposure.option
            ),
            matured=contact.settled is not None,
        )
        for contact in contacts
        if contact.settled is None or contact.label is not None
    ]
