"""
Derive the JSON Schema of a model file, so that an editor completes and checks it.

The structs in the words of the file, as `cli.policy_schema` has those of a campaign.
"""

import msgspec

from cli.policy_schema import RULE_PARTS, in_words, printed, text
from schemas.model import Model
from schemas.rules import TEXT_LENGTH_MAX


def model_schema() -> bytes:
    """Return the schema as it stands in docs/model.schema.json."""
    (_,), shapes = msgspec.json.schema_components([Model], ref_template="#/$defs/{name}")
    written = {name: in_words(shape) for name, shape in shapes.items() if name not in RULE_PARTS}
    said = "An expression in CEL over the declared features (docs/rules.md, docs/features.md)."
    written["Rule"] = text(said, maxLength=TEXT_LENGTH_MAX)
    return printed("model", written.pop(Model.__name__), written)
