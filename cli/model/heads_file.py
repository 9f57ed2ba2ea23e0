"""Keep what history has taught a model in a file: plain JSON, which `define` sends along."""

from pathlib import Path

import msgspec
from msgspec import Struct

from lifecycle.model_shape import fits
from schemas.content import content_hash
from schemas.learning import Head
from schemas.model import Model


class HeadsFileError(ValueError):
    """The file cannot be used; the text is `file: wanted ..., found ...`."""


class Heads(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    The heads of one version of a model; `control` None: nothing is known of those kept back.

    `model_hash` is the model's content hash: the same weights under other inputs say nothing.
    """

    model_id: str
    model_version: int
    model_hash: str
    contact: Head
    control: Head | None = None


def heads_of(model: Model, contact: Head) -> Heads:
    """Return what history has taught a model of those contacted."""
    return Heads(
        model_id=model.id,
        model_version=model.version,
        model_hash=content_hash(model),
        contact=contact,
    )


def write_heads(file: Path, heads: Heads) -> None:
    """
    Write heads so that they are read to the last bit as they are; whole, or not at all.

    Raises:
        OSError: they cannot be written.

    """
    written = msgspec.json.format(msgspec.json.encode(heads), indent=1)
    unfinished = file.with_name(f"{file.name}.part")
    try:
        unfinished.write_bytes(written + b"\n")
        unfinished.replace(file)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


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
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise HeadsFileError(f"{file}: wanted heads (`model train`), found: {error}") from error
    of, wanted = (heads.model_id, heads.model_version), (model.id, model.version)
    if of != wanted:
        raise HeadsFileError(
            f"{file}: wanted heads of {wanted[0]} version {wanted[1]},"
            f" found those of {of[0]} version {of[1]}"
        )
    if heads.model_hash != content_hash(model):
        raise HeadsFileError(
            f"{file}: wanted heads of {model.id} as its file is now,"
            " found those of another text of it (train it again)"
        )
    if not all(fits(head, model) for head in (heads.contact, heads.control) if head is not None):
        raise HeadsFileError(f"{file}: wanted heads with the weights of {model.id}, found others")
    return heads
