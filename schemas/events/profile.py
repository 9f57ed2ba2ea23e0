"""Say what a customer wishes and is: consent, preferences, attributes, scores, erasure."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from schemas.events.parts import Channel, EventData, Instant, Label, Token


QuietHours = Annotated[
    str, Meta(pattern="^(([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9])?$")
]
"""From and to in the customer's own time, such as `21:00-08:00`; "" for the bank's own."""


class ConsentChanged(EventData, tag="consent.changed", frozen=True, kw_only=True):
    """
    The customer allowed or refused contact for a purpose on a channel; the newest counts.

    Channel `data` is about using partners' and surveys' data for the purpose, not about contact.
    What is granted counts from `effective_at`, what is refused at once.
    """

    purpose: Token
    channel: Channel | Literal["data"]
    status: Literal["granted", "denied", "revoked"]
    evidence_ref: Label = ""
    effective_at: Instant | None = None


class PreferenceChanged(EventData, tag="preference.changed", frozen=True, kw_only=True):
    """How the customer wishes to be treated; the newest event counts, as a whole (PIPL 24)."""

    personalisation_opt_out: bool = False
    channel_order: Annotated[tuple[Channel, ...], Meta(max_length=6)] = ()
    quiet_hours: QuietHours = ""
    language: Annotated[str, Meta(max_length=35)] = ""


class ProfileAttributes(Struct, frozen=True, kw_only=True):
    """The allow-list: what is not declared here is not read."""

    city_code: Annotated[str, Meta(max_length=32)] = ""
    wealth_band: Annotated[str, Meta(max_length=32)] = ""
    age_band: Annotated[str, Meta(max_length=32)] = ""
    occupation_band: Annotated[str, Meta(max_length=32)] = ""


class ProfileChanged(EventData, tag="profile.changed", frozen=True, kw_only=True):
    """What the bank knows of a customer, nothing personal; the newest counts, as a whole."""

    time_zone: Annotated[str, Meta(max_length=64)] = ""
    region_code: Annotated[str, Meta(max_length=32)] = ""
    segment_codes: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=32)], ...], Meta(max_length=16)
    ] = ()
    staff: bool = False
    attributes: ProfileAttributes = ProfileAttributes()


class ScorePublished(EventData, tag="score.published", frozen=True, kw_only=True):
    """A batch model's word about a customer, in parts per million, until `valid_until`."""

    model_id: Token
    model_version: Token
    score_ppm: Annotated[int, Meta(ge=0, le=1_000_000)]
    valid_until: Instant


class IdentityMerged(EventData, tag="identity.merged", frozen=True, kw_only=True):
    """Two tokens are one customer; not supported yet, counted as ignored."""

    new_customer_token: Token


class ErasureRequested(EventData, tag="erasure.requested", frozen=True, kw_only=True):
    """Everything about the customer is forgotten, for ever (SEMANTICS B5)."""

    request_id: Token


class AppSession(EventData, tag="app.session", frozen=True, kw_only=True):
    """The customer used the bank's app."""

    surface: Label
    action_code: Label = ""


class PartnerObserved(EventData, tag="partner.observed", frozen=True, kw_only=True):
    """
    A partner's word about a customer, under a purpose and a consent (PIPL 13, 23).

    Without consent for (purpose, `data`) it is no feature; withdrawal removes it.
    """

    partner_id: Token
    attribute: Token
    value: Label
    purpose: Token
    consent_ref: Token


class SurveyAnswered(EventData, tag="survey.answered", frozen=True, kw_only=True):
    """A customer's answer, coded, under a purpose and a consent as a partner's word is."""

    survey_id: Token
    question_code: Token
    answer_code: Label
    purpose: Token
    consent_ref: Token
