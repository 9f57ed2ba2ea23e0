"""Keep what history has taught a model in a file: plain JSON, which `define` sends along."""

from pathlib import Path

import msgspec
from msgspec import Struct

from lifecycle.model_shape import fits
from schemas.learning import Head
from schemas.model import Model


class HeadsFileError(ValueError):
    """The file cannot be used; the text is `file: wanted ..., found ...`."""


class Heads(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The heads of one version of a model; `control` None: nothing is known of those kept back."""

    model_id: str
    model_version: int
    contact: Head
    control: Head | None = None


def write_heads(file: Path, heads: Heads) -> None:
    """Write heads so that they are read to the last bit as they are."""
    written = msgspec.json.format(msgspec.json.encode(heads), indent=1)
    file.write_bytes(written + b"\n")


def read_heads(file: Path, model: Model) -> Heads:
    """
    Return the heads in a file.

    Raises:
        HeadsFileError: it cannot be read, or they are not of this version of the model.

    """
    try:
        heads = msgspec.json.decode(file.read_bytes(), type=Heads)
    except OSError as error:
        raise HeadsFileError(f"{file}: wanted a file, found {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise HeadsFileError(f"{file}: wanted heads (`model train`), found: {error}") from error
    of, wanted = (heads.model_id, heads.model_version), (model.id, model.version)
    if of != wanted:
        raise HeadsFileError(
            f"{file}: wanted heads of {wanted[0]} version {wanted[1]},"
            f" found those of {of[0]} version {of[1]}"
        )
    if not all(fits(head, model) for head in (heads.contact, heads.control) if head is not None):
        raise HeadsFileError(f"{file}: wanted heads with the weights of {model.id}, found others")
    return heads
