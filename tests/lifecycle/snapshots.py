"""Make models by hand, publish what they have learnt, and read what scores have decided."""

from typing import Any

import msgspec

from cli.cel import check
from lifecycle.records import Effect
from schemas.journal import JournalEnvelope, SourceCoordinates
from schemas.learning import Head, ModelPublished
from schemas.model import CategoryInput, Input, Model, NumberInput
from tests.lifecycle.builders import T0, TENANT, Bank
from tests.lifecycle.conditions import FEATURE_KINDS


ENOUGH = {"exposure_count": 1_000, "conversion_count": 20}
"""What a model asks for before its scores decide, if it says nothing else."""


def number(text: str, name: str = "", **changed: Any) -> NumberInput:  # noqa: ANN401 (any field)
    """Return an input that is a whole number; its rule is one of features."""
    return NumberInput(id=name or text, rule=check(text, FEATURE_KINDS, "int"), **changed)


def truth(text: str, name: str) -> NumberInput:
    """Return an input that is a truth value."""
    return NumberInput(id=name, rule=check(text, FEATURE_KINDS, "bool"))


def category(text: str, *values: str, name: str = "") -> CategoryInput:
    """Return an input that is one of these texts, or another."""
    return CategoryInput(id=name or text, rule=check(text, FEATURE_KINDS, "string"), values=values)


def model(*inputs: Input, **changed: Any) -> Model:  # noqa: ANN401 (any field)
    """Return a model of these inputs; without any it looks at how many cards there are."""
    return msgspec.structs.replace(
        Model(id="m", version=1, inputs=inputs or (number("card_count"),)), **changed
    )


def head(intercept: float, *weights: float, **changed: Any) -> Head:  # noqa: ANN401 (any field)
    """Return a head that has seen enough."""
    return Head(intercept=intercept, weights=weights, **{**ENOUGH, **changed})


def untaught(of: Head) -> Head:
    """Return a head of as many weights that has seen nothing, and gives a half."""
    return Head(intercept=0.0, weights=(0.0,) * len(of.weights))


def published(
    contact: Head,
    *inputs: Input,
    control: Head | None = None,
    sequence: int = 1,
    withheld: bool = False,
    **changed: Any,  # noqa: ANN401 (any field of the model)
) -> ModelPublished:
    """Return a snapshot of a model of these inputs."""
    return ModelPublished(
        model=model(*inputs, **changed),
        sequence=sequence,
        reason="learnt",
        withheld=withheld,
        contact=contact,
        control=control or untaught(contact),
    )


def publish(
    bank: Bank, snapshot: ModelPublished, at: int = 0, tenant: str = TENANT
) -> list[Effect]:
    """Fold a snapshot as learning puts it into every journal partition."""
    envelope = JournalEnvelope(
        tenant=tenant,
        customer_token="",
        journal_at_ms=T0 + at,
        occurred_at_ms=T0 + at,
        event_id=f"{snapshot.model.id}-{snapshot.sequence}",
        event_source="cardcue/learning",
        source=SourceCoordinates("lifecycle.outcomes.v1", 0, snapshot.sequence),
        record=snapshot,
    )
    return bank.fold(envelope)


def in_force(bank: Bank) -> dict[str, int]:
    """Return the sequence of the snapshot that is in force of each model."""
    known = bank.state.tenant(TENANT).snapshots.in_force
    return {name: one.snapshot.sequence for name, one in known.items()}
