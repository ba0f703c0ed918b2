"""An Ed25519 key in a folder, and who signs with it."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from archive.signature import Signer

PKCS8 = PrivateFormat.PKCS8


def private(folder: Path, secret: bytes = b"\7" * 32) -> Path:
    key = Ed25519PrivateKey.from_private_bytes(secret)
    (folder / "private.pem").write_bytes(key.private_bytes(Encoding.PEM, PKCS8, NoEncryption()))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "public.pem").write_bytes(public)
    return folder / "private.pem"


def signer(folder: Path) -> Signer:
    found = Signer.configured(str(private(folder)))
    assert found
    return found
