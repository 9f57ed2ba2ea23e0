"""
Define an approved wording: what two people have signed, and what it may show of a customer.

The files from which a gateway fills texts decode into this, and so does what is published: a
campaign names a template by id and version, and sends nothing that nobody approved.
"""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from schemas.channels import Channel


TemplateId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
"""A wording's name, unique within its tenant."""

VariableName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""What stands in braces in a text."""

TEMPLATES_MAX: Final = 256
"""Approved wordings of one tenant that are known, each version counted."""


class TemplateVariable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that a text shows: a whole number, or a text that is not empty."""

    name: VariableName
    kind: Literal["int", "string"]


class Template(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    One wording in one version for one channel; a new wording is a new version.

    `variables` is the allow-list: a trigger carries these and no others, and is not sent where
    one is missing.
    """

    id: TemplateId
    version: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    channel: Channel
    text: Annotated[str, Meta(min_length=1, max_length=4_000)]
    variables: Annotated[tuple[TemplateVariable, ...], Meta(max_length=16)] = ()
