"""
Read an offer's YAML file into the struct that is published, or say exactly what is wrong.

Fields are those of `schemas.offer.Offer`, except that the duration is text without the unit in the
name: `valid: 14d` becomes `valid_ms`.
"""

from pathlib import Path

from cli.marked_struct import MarkedFileError, convert, files_of, in_numbers, read_fields, telling
from schemas.offer import Offer


class OfferFileError(MarkedFileError):
    """A file cannot be used; the text is `file:line: path: wanted ..., found ...`."""


def read_offer(file: Path) -> Offer:
    """
    Return the offer in a file.

    Raises:
        OfferFileError: the first mistake in the file.

    """
    with telling(file, "offer", OfferFileError):
        return _read(file)


def read_offers_of(folder: Path) -> dict[str, Offer]:
    """
    Return the newest version of every offer in the `*.yaml` of a folder, by id.

    Raises:
        OfferFileError: no folder, or a file cannot be used.

    """
    found = map(read_offer, files_of(folder, "offers", OfferFileError))
    return {offer.id: offer for offer in sorted(found, key=lambda offer: offer.version)}


def _read(file: Path) -> Offer:
    """Return the offer, or raise a mistake with its line."""
    written, lines = read_fields(file, "an offer")
    return convert(in_numbers(written, (), lines), lines, Offer)
