"""Keep what a customer wishes and is: of preferences and of profiles the greatest, as a whole."""

from msgspec.structs import astuple

from schemas.events import PreferenceChanged, ProfileChanged
from schemas.state import CustomerRow, PreferenceState, ProfileState


def take_preference(row: CustomerRow, event: PreferenceChanged, occurred_at_ms: int) -> None:
    """Keep the greatest (time, fields in the order of their declaration)."""
    said = PreferenceState(occurred_at_ms, *astuple(event))
    if row.preference is None or astuple(said) > astuple(row.preference):
        row.preference = said


def personalisation_off(row: CustomerRow) -> bool:
    """Return whether the customer wants no choice to rest on what is known of them (O3)."""
    return row.preference is not None and row.preference.personalisation_opt_out


def take_profile(row: CustomerRow, event: ProfileChanged, occurred_at_ms: int) -> None:
    """Keep the greatest (time, fields in the order of their declaration)."""
    said = ProfileState(
        at_ms=occurred_at_ms,
        time_zone=event.time_zone,
        region_code=event.region_code,
        segment_codes=event.segment_codes,
        staff=event.staff,
        attributes=astuple(event.attributes),
    )
    if row.profile is None or astuple(said) > astuple(row.profile):
        row.profile = said
