"""The reader that a store keeps, run again on the records that it once read: in a process of its own, and only when asked for."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from archive.ledger import Derived, Outcome
from archive.objects import AbsentError, Store, UnreadableError
from archive.original import Original
from archive.record import Address, Record
from archive.seal import Derive, segments
from archive.snapshot import Work
from crawler.reader import VERSIONS, Reader, versions_of

# Stored code is given nothing of the environment, which may hold keys of a store, but what a program needs to start.
HANDED_ON = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR")


class RecordedReaderError(Exception):
    """A stored reader is missing, is not the one that its name says, or cannot be run; the message is one line."""


def key_of(identity: str) -> str:
    """Return where a store keeps a reader."""
    return f"readers/{identity}.zip"


def stored(store: Store, identity: str) -> Reader:
    """Return the reader of that identity as the store keeps it; raises RecordedReaderError if it keeps another or none."""
    try:
        with closing(store.open(key_of(identity))) as stream:
            found = Reader.unpacked(stream.read())
    except AbsentError as error:
        raise RecordedReaderError(f"{store.uri} keeps no reader {key_of(identity)}") from error
    except (UnreadableError, ValueError) as error:
        raise RecordedReaderError(f"{key_of(identity)}: {error}") from error
    if found.identity != identity:
        raise RecordedReaderError(f"{key_of(identity)} is another reader: its identity is {found.identity}")
    return found


def differing(store: Store, identity: str) -> list[str]:
    """Return what reads here otherwise than when a reader was kept, Python, libxml2 and libraries: ``lxml 5.3.0, here 6.0.2``."""
    then: Mapping[str, str] = json.loads(stored(store, identity).sources[VERSIONS])
    here = versions_of(then)
    return [
        f"{name} {told}, here {here.get(name, 'none')}"
        for name, told in then.items()
        if here.get(name) != told
    ]


def recorded(store: Store, identity: str, work: Work) -> Derive:
    """Return the function that reads the WARCs of a work folder by a stored reader; raises RecordedReaderError as `stored` does.

    The records that it is given, which must be those of the same WARCs, are walked through while the other process reads
    them. It raises RecordedReaderError if that process fails.
    """
    kept = stored(store, identity)

    def derive(records: Iterable[Record]) -> Iterator[Derived]:
        with TemporaryDirectory(prefix="letopis-reader-") as folder:
            with _running(kept, Path(folder), [identity, *map(str, segments(work))]) as child:
                for _ in records:  # whoever seals must have seen them all
                    pass
                code = child.wait()
            if code:
                said = (Path(folder) / "said").read_text("utf-8", "replace").strip().rpartition("\n")[2]
                raise RecordedReaderError(
                    f"{key_of(identity)} broke (exit {code}): {said or 'it said nothing'}"
                )
            with (Path(folder) / "told").open("rb") as told:
                yield from map(_derived, told)

    return derive


@contextmanager
def _running(kept: Reader, folder: Path, arguments: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a reader in a folder where it leaves what it tells and what it says; it ends with this context at the latest."""
    program = folder / "reader.zip"
    program.write_bytes(kept.packed())
    with (folder / "told").open("wb") as told, (folder / "said").open("wb") as said:
        child = subprocess.Popen(  # noqa: S603  what a user asked to run, and is what its name says
            [sys.executable, "-I", "-B", "-X", "utf8", str(program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=said,
            cwd=folder,
            env={name: os.environ[name] for name in HANDED_ON if name in os.environ},
        )
        try:
            yield child
        finally:
            child.kill()
            child.wait()


def _derived(line: bytes) -> Derived:
    """Return what a line of the other process says; what it knows beyond us is passed over."""
    said: dict[str, Any] = json.loads(line)
    found: dict[str, Any] = {name: said.get(name) for name in Derived.__slots__} | {
        "outcome": Outcome(said["outcome"])
    }
    if said["address"]:
        found["address"] = Address(**said["address"])
    if original := said["original"]:
        found["original"] = Original(**original | {"address": Address(**original["address"])})
    return Derived(**found)
