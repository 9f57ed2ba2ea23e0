"""
Define a model: which features may drive a score, and how it learns (docs/learning.md).

Published as data, like a campaign; another use is another definition, not code. Each input is a
rule in CEL over declared features, so that whoever approves a model sees all that it can know.
"""

from typing import Annotated, Final, Literal, TypeAlias

from msgspec import Meta, Struct, field

from schemas.campaign import CampaignId
from schemas.rules import Rule


INPUTS_MAX: Final = 64
VALUES_MAX: Final = 64
"""Of one category."""

WEIGHTS_MAX: Final = 1_024
"""Of one model, over all inputs: a snapshot must fit into a message."""

MODELS_MAX: Final = 32
"""Models of one tenant that are known."""

Whole = Annotated[int, Meta(ge=-(2**53), le=2**53)]
Ppm = Annotated[int, Meta(ge=1, le=999_999)]
Count = Annotated[int, Meta(ge=1, le=10**9)]
Title = Annotated[str, Meta(max_length=128)]


class _Input(Struct, frozen=True, kw_only=True, tag_field="kind", forbid_unknown_fields=True):
    """One thing that a model looks at; `title` says it in plain words, "" for the id."""

    id: CampaignId
    rule: Rule = field(name="is")
    title: Title = ""


class NumberInput(_Input, frozen=True, kw_only=True, tag="number"):
    """
    A whole number or a truth value, brought to the order of 1.

    `linear`: (n - offset) / divisor. `log`: log(1 + n - offset) / log(1 + divisor), of nothing
    below the offset. Either is held within 4 of 0, so that no producer can move a score far.
    """

    scale: Literal["linear", "log"] = "linear"
    offset: Whole = 0
    divisor: Annotated[int, Meta(ge=1, le=2**53)] = 1


class CategoryInput(_Input, frozen=True, kw_only=True, tag="category"):
    """A text that is one of `values`; any other text is one more value of its own."""

    values: Annotated[
        tuple[Annotated[str, Meta(max_length=128)], ...], Meta(min_length=1, max_length=VALUES_MAX)
    ]


Input: TypeAlias = NumberInput | CategoryInput


class Optimizer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far one example moves the weights; of River's optimizers those that stay cheap."""

    kind: Literal["sgd", "adagrad"] = "adagrad"
    learning_rate_ppm: Annotated[int, Meta(ge=1, le=1_000_000)] = 50_000


class Model(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    A logistic regression in one version.

    It begins at `base_rate_ppm`, what is known before anything is learnt. Its scores decide only
    after `exposure_count_min` contacts and `conversion_count_min` conversions. A snapshot is
    published after `publish_count` examples or `publish_every_ms`. Every `cohort_count` contacts
    are a cohort by which it is judged.
    """

    id: CampaignId
    version: Annotated[int, Meta(ge=1, le=2**53)]
    title: Title = ""
    owner: Title = ""
    inputs: Annotated[tuple[Input, ...], Meta(min_length=1, max_length=INPUTS_MAX)]
    base_rate_ppm: Ppm = 20_000
    optimizer: Optimizer = Optimizer()
    exposure_count_min: Count = 1_000
    conversion_count_min: Count = 20
    publish_count: Count = 500
    publish_every_ms: Annotated[int, Meta(ge=1_000, le=604_800_000)] = 60_000
    cohort_count: Annotated[int, Meta(ge=20, le=10**6)] = 1_000
