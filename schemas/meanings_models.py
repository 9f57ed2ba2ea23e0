"""Say what the fields mean that tell of models, of what they have learnt, and of their scores."""

from typing import Final


MODEL_MEANINGS: Final = {
    # What the bank says of a model.
    "model": "The whole model: its inputs, and how it learns and is judged",
    "contact": "What those contacted have taught",
    "control": "What those kept back as control have taught",
    "ModelDefined.contact": "What history has taught of those contacted; null for nothing",
    "ModelDefined.control": "What history has taught of those not contacted; null for nothing",
    "ModelSet.model_id": "The model that this is about",
    "frozen": "True: no snapshot that was learnt is published. False: they are again",
    "rollback_sequence": "The snapshot that is brought back; 0 for none",
    # A snapshot.
    "ModelPublished.sequence": "Which snapshot of the model it is; the greatest decides",
    "ModelPublished.reason": "Why it is published",
    "withheld": "True: it was worse than the base rate, and no score of it may decide",
    "intercept": "Log-odds before anything is looked at",
    "weights": "What each input adds to the log-odds, in the order of the inputs",
    "squares": "AdaGrad's sums of squared gradients, of the weights and of the intercept",
    "exposure_count": "Contacts, or customers of the control, that were learnt from",
    "conversion_count": "Conversions that were learnt from",
    # What learning is told.
    "told_id": "This word, derived from the control record",
    "ModelTold.model_id": "The model that this is about",
    "told_at_ms": "When the control record was taken, in journal time",
    "ModelTold.record": "The control record itself",
    "ModelTold.cause": "The control record in the journal",
    # Scores.
    "Considered.model": "The snapshot that scored, as `id|version|sequence`; empty for none",
    "control_score_ppm": "What the model says of one who is not contacted, as a probability",
    "contributions": "The inputs that move the score most, in millionths of log-odds",
    "model_sequence": "Which snapshot of the model; 0 where there was none",
    "vector": "What the model looked at: float32 in the order of its inputs, little-endian",
}
"""Part of `schemas.meanings.MEANINGS`."""
