"""Who vouches for a manifest: an Ed25519 signature (RFC 8032) beside it, made where a key is configured."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

SETTING = "LETOPIS_SIGN_KEY"
"""Names the file of the private key, in the environment or the settings."""
SIGNATURE = "manifest.json.sig"
SIZE = 64
"""Bytes of an Ed25519 signature."""


class UnreadableKeyError(OSError):
    """What was named as a key is none that can be used; the message says why, and never what the file holds."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key that signs; `identity` is the hex sha256 of its public key (DER, SubjectPublicKeyInfo)."""

    identity: str
    _key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def configured(cls, named: str | None = None) -> Self | None:
        """The signer whose key lies in the named file, else in that of the environment; None where nobody configured one.

        Raises UnreadableKeyError for a file that cannot be read or holds no unencrypted Ed25519 private key in PEM.
        """
        path = (named or os.environ.get(SETTING, "")).strip()
        if not path:
            return None
        try:
            key = load_pem_private_key(_bytes(path), None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise _unusable(path, "private") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise _unusable(path, "private")
        return cls(_identity(key.public_key()), key)

    def sign(self, data: bytes) -> bytes:
        """The signature of these bytes: always the same for the same bytes."""
        return self._key.sign(data)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key that signatures are checked with; `identity` as a signer's."""

    identity: str
    _key: Ed25519PublicKey = field(repr=False)

    @classmethod
    def read(cls, path: str) -> Self:
        """The key in a PEM file; raises UnreadableKeyError."""
        try:
            key = load_pem_public_key(_bytes(path))
        except (ValueError, UnsupportedAlgorithm) as error:
            raise _unusable(path, "public") from error
        if not isinstance(key, Ed25519PublicKey):
            raise _unusable(path, "public")
        return cls(_identity(key), key)

    def made(self, signature: bytes, data: bytes) -> bool:
        """Whether the signature of these bytes was made with this key's private half."""
        try:
            self._key.verify(signature, data)
        except InvalidSignature:
            return False
        return True


def _identity(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _bytes(path: str) -> bytes:
    try:
        return Path(path).expanduser().read_bytes()
    except OSError as error:
        raise UnreadableKeyError(f"the key {path} cannot be read: {error.strerror}") from error


def _unusable(path: str, half: str) -> UnreadableKeyError:
    how = "openssl genpkey -algorithm ed25519" if half == "private" else "openssl pkey -pubout"
    return UnreadableKeyError(
        f"{path} holds no Ed25519 {half} key in PEM without a passphrase; `{how}` makes one"
    )
