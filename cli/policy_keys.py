"""
Make the key of a person who signs policies, read it back, and sign with it (SEMANTICS P3).

A private key is a PEM file that only its owner may read. It is named on the command line, never
in settings, and no error quotes it.
"""

import hashlib
import os
import stat
from base64 import b64encode
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from lifecycle.signatures import About, message
from schemas.events import Signature, SigningKey
from schemas.events.control import Role


KEY_ID_LENGTH: Final = 16
OWNER_ONLY: Final = 0o600
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class KeyFileError(ValueError):
    """A key file cannot be used; the text says what was wanted and found, never what it holds."""


def create_key(file: Path, person: str) -> SigningKey:
    """
    Write a new private key into `file` and its public half into `file`.pub; return the latter.

    Raises:
        KeyFileError: there is such a file already, or it cannot be written.

    """
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for path, content, mode in (
        (file, private, OWNER_ONLY),
        (file.with_name(f"{file.name}.pub"), public, 0o644),
    ):
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        except OSError as error:
            raise KeyFileError(f"{path}: wanted a new file, found {error.strerror}") from error
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
    return public_half(key, person)


def read_key(file: Path) -> Ed25519PrivateKey:
    """
    Return the private key in a PEM file.

    Raises:
        KeyFileError: no such file, one that others may read too, or no Ed25519 key.

    """
    try:
        mode = file.stat().st_mode
        content = file.read_bytes()
    except OSError as error:
        raise KeyFileError(f"{file}: wanted a key file, found {error.strerror}") from error
    if mode & _OTHERS:
        found = f"found mode {stat.S_IMODE(mode):04o}"
        raise KeyFileError(f"{file}: wanted a file that only you may read, {found}")
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # without its cause, which may quote
        raise KeyFileError(f"{file}: wanted an Ed25519 key in PEM, found other text") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(f"{file}: wanted an Ed25519 key, found another kind")
    return key


def public_half(key: Ed25519PrivateKey, person: str) -> SigningKey:
    """Return what a bank pins of a key; its id is the beginning of the public key's SHA-256."""
    public = key.public_key().public_bytes_raw()
    key_id = hashlib.sha256(public).hexdigest()[:KEY_ID_LENGTH]
    return SigningKey(key_id=key_id, person=person, public_key=b64encode(public).decode())


def sign(key: Ed25519PrivateKey, role: Role, about: About) -> Signature:
    """Return a person's signature in a role."""
    signed = key.sign(message(role, about))
    key_id = public_half(key, "").key_id
    return Signature(key_id=key_id, role=role, signature=b64encode(signed).decode())
