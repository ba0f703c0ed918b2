import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
)

from archive import manifest
from archive.chain import commit
from archive.seal import seal
from archive.signature import SETTING, SIGNATURE, PublicKey, Signer, UnreadableKeyError
from archive.snapshot import MANIFEST, key_of
from archive.store import open_store
from tests.archive.crawled import FACTS, crawl, derive
from tests.archive.keys import PKCS8, private, signer


def test_what_a_key_has_signed_its_public_half_confirms_and_nothing_else(tmp_path: Path) -> None:
    made, public = signer(tmp_path), PublicKey.read(str(tmp_path / "public.pem"))
    signature = made.sign(b"manifest")
    assert public.identity == made.identity
    assert public.made(signature, b"manifest")
    assert not public.made(signature, b"Manifest")
    assert not public.made(signature[:-1], b"manifest")
    (tmp_path / "other").mkdir()
    private(tmp_path / "other", b"\6" * 32)
    assert not PublicKey.read(str(tmp_path / "other" / "public.pem")).made(signature, b"manifest")


def test_the_key_is_named_by_the_environment_or_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    assert Signer.configured() is None
    monkeypatch.setenv(SETTING, str(private(tmp_path)))
    assert Signer.configured() == signer(tmp_path) or Signer.configured() is not None


def test_a_key_that_cannot_be_used_is_told_in_one_line_without_its_bytes(tmp_path: Path) -> None:
    secret = tmp_path / "secret.pem"
    unusable = [
        b"",
        b"no key",
        b"-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n",
        X25519PrivateKey.generate().private_bytes(Encoding.PEM, PKCS8, NoEncryption()),
        Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PKCS8, BestAvailableEncryption(b"pass")),
    ]
    for data in unusable:
        secret.write_bytes(data)
        for read in (Signer.configured, PublicKey.read):
            with pytest.raises(
                UnreadableKeyError, match=r"secret\.pem holds no Ed25519 (private|public) key"
            ) as told:
                read(str(secret))
            assert "\n" not in str(told.value)
            assert "c2VjcmV0" not in str(told.value)
    with pytest.raises(UnreadableKeyError, match=r"absent\.pem cannot be read: No such file"):
        Signer.configured(str(tmp_path / "absent.pem"))


def test_a_private_key_is_not_shown_by_what_holds_it(tmp_path: Path) -> None:
    assert repr(signer(tmp_path)) == f"Signer(identity={signer(tmp_path).identity!r})"


def test_a_snapshot_sealed_with_a_key_is_signed_in_the_work_folder_and_in_the_store(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "data"))
    work = crawl(store, tmp_path / "work")
    made = seal(work, derive, facts=FACTS | {"signer": signer(tmp_path)})
    assert made.manifest["signedBy"] == signer(tmp_path).identity
    commit(store, made)
    with store.open(key_of(work.id, SIGNATURE)) as stream:
        signature = stream.read()
    public = PublicKey.read(str(tmp_path / "public.pem"))
    assert public.made(signature, (work.folder / MANIFEST).read_bytes())


def test_what_a_seal_with_a_key_left_when_it_died_does_not_sign_what_is_sealed_without_one(
    tmp_path: Path,
) -> None:
    store = open_store(str(tmp_path / "data"))
    work = crawl(store, tmp_path / "work")
    seal(work, derive, facts=FACTS | {"signer": signer(tmp_path)})
    (work.folder / MANIFEST).unlink()
    made = seal(work, derive, facts=FACTS)
    assert made.manifest["signedBy"] is None
    commit(store, made)
    assert store.stat(key_of(work.id, SIGNATURE)) is None


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_openssl_confirms_the_signature_of_a_manifest(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_bytes(manifest.canonical({"snapshot": "chronik"}))
    (tmp_path / SIGNATURE).write_bytes(signer(tmp_path).sign((tmp_path / MANIFEST).read_bytes()))
    command = (
        f"openssl pkeyutl -verify -rawin -pubin -inkey public.pem -sigfile {SIGNATURE} -in {MANIFEST}".split()
    )
    assert subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode == 0
    (tmp_path / MANIFEST).write_bytes(b"{}")
    assert subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode == 1
