"""One object brought from a store into a folder: continued where it was broken off, checked, and given its name last."""

import hashlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from archive.durable import continuing, place, place_new
from archive.fingerprint import sha256
from archive.local import SCRATCH
from archive.objects import AbsentError, DamagedError, Store, StoreError, checked

CHUNK = 1 << 18
ENTRY = 1 << 20
"""Bytes that are read of an object whose size nobody has told, at most."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An object, with the hex sha256 that vouches for it; `size` is None where only the digest is known.

    What is `lasting` replaces nothing.
    """

    key: str
    sha256: str
    size: int | None = None
    lasting: bool = False


def fetch(store: Store, folder: Path, wanted: Wanted, tell: Callable[[int, int], None]) -> bool:
    """Whether anything had to be fetched for the object to lie in the folder as it should; raises StoreError, DamagedError.

    `tell` hears how many bytes more are there, and how many of them came over the network; negative when they had to be thrown away.
    """
    target = folder / checked(wanted.key)
    part = folder / SCRATCH / f"{wanted.key.replace('/', '+')}.part"
    try:
        if _whole(target, wanted):
            tell(target.stat().st_size, 0)
            return False
        for _ in range(2):  # what was left by an earlier run may be damaged; what was just fetched may not
            fresh = not part.exists()
            size, digest = _continued(store, part, wanted, tell)
            if digest == wanted.sha256:
                (place_new if wanted.lasting else place)(part, target)
                return True
            part.unlink()
            tell(-size, 0)
            if fresh:
                break
    except AbsentError:
        part.unlink(missing_ok=True)
        raise
    except FileExistsError as error:
        raise StoreError(f"{target} is something else than {store.uri} holds: it is left as it is; name an empty directory") from error  # fmt: skip
    except OSError as error:
        raise StoreError(f"cannot write {wanted.key} below {folder}: {error.strerror}; what is there already is kept") from error  # fmt: skip
    raise DamagedError(
        f"{store.uri} gives other bytes for {wanted.key} than were promised; tell whoever keeps it"
    )


def _whole(target: Path, wanted: Wanted) -> bool:
    if not target.is_file() or wanted.size not in (None, target.stat().st_size):
        return False
    with target.open("rb") as stream:
        return sha256(stream) == wanted.sha256


def _continued(store: Store, part: Path, wanted: Wanted, tell: Callable[[int, int], None]) -> tuple[int, str]:
    """Size and digest of the file when all is there that the store has of it, up to the size that it should have."""
    digest, size = hashlib.sha256(), 0
    with continuing(part) as stream:
        while data := stream.read(CHUNK):
            digest.update(data)
            size += len(data)
            tell(len(data), 0)
        left = (ENTRY if wanted.size is None else wanted.size) - size
        if left > 0:
            with closing(store.open(wanted.key, size, left)) as source:
                size += _copied(source, stream, digest.update, tell)
    return size, digest.hexdigest()


def _copied(
    source: BinaryIO,
    target: BinaryIO,
    digest: Callable[[bytes], object],
    tell: Callable[[int, int], None],
) -> int:
    size = 0
    while data := source.read(CHUNK):
        target.write(data)
        digest(data)
        size += len(data)
        tell(len(data), len(data))
    return size
