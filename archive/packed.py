"""The packed index as it lies in a store: its lines, and the list of its blocks, against the records."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from itertools import zip_longest
from typing import Any

from archive.cdxj import META, block_line, without_digest
from archive.finding import Finding
from archive.fingerprint import Digested, Fingerprint, fingerprint
from archive.indexed import compared
from archive.member import BrokenMemberError, members
from archive.objects import AbsentError, Store, UnreadableError
from archive.snapshot import key_of
from archive.vouched import stated

INDEX = ("index.cdx.gz", "index.idx")


def verify_index(
    store: Store,
    snapshot: str,
    told: Mapping[str, Mapping[str, Any]],
    given: Iterable[bytes],
    unread: set[str],
    *,
    digests: bool = True,
) -> Iterator[Finding]:
    """What is wrong with a snapshot's index, read once: against the manifest's lines on it, and the index lines that its records give.

    `given` comes in byte order, without recordDigest where those shall not be compared; lines of `unread` files, which gave none, are
    passed over.
    """
    cdx, idx = (key_of(snapshot, path) for path in INDEX)
    try:
        with closing(store.open(cdx)) as stream:
            packed = _Packed(Digested(stream))
            kept = (line for line in packed if not _names(line, unread)) if unread else iter(packed)
            yield from compared(kept if digests else map(without_digest, kept), given, cdx)
            yield from stated(cdx, told[INDEX[0]], packed.whole())
    except (AbsentError, UnreadableError) as error:
        yield _error(cdx, str(error))
    except BrokenMemberError as error:
        yield _error(cdx, f"at byte {error.offset}: {error.reason}")
    else:
        yield from _blocks(store, idx, told[INDEX[1]], packed.blocks)


def _blocks(store: Store, idx: str, line: Mapping[str, Any], expected: list[bytes]) -> Iterator[Finding]:
    try:
        with closing(store.open(idx)) as stream:
            yield from stated(idx, line, fingerprint(stream, gzipped=False))
        with closing(store.open(idx)) as stream:
            pairs = enumerate(zip_longest(stream, expected), 1)
            wrong = next((number for number, (kept, block) in pairs if kept != block), None)
    except (AbsentError, UnreadableError) as error:
        yield _error(idx, str(error))
        return
    if wrong:
        yield _error(f"{idx}, line {wrong}", "this is not what the blocks of the index are")


class _Packed:
    """The lines of the index, all its bytes fingerprinted and its blocks listed on the way."""

    def __init__(self, source: Digested) -> None:
        self._source = source
        self._plain = hashlib.sha256()
        self._size = 0
        self.blocks = [META]

    def __iter__(self) -> Iterator[bytes]:
        for member in members(self._source):
            self._plain.update(member.data)
            self._size += len(member.data)
            lines = member.data.splitlines(keepends=True)
            self.blocks.append(block_line(lines[0] if lines else b"", member.raw, member.offset))
            yield from lines

    def whole(self) -> Fingerprint:
        """What the file is, once all lines have been taken."""
        found = self._source.whole()
        return Fingerprint(found.size, found.sha256, self._size, self._plain.hexdigest())


def _names(line: bytes, files: set[str]) -> bool:
    return any(f'"filename":"{file}"'.encode() in line for file in files)


def _error(place: str, reason: str) -> Finding:
    return Finding("error", place, None, reason)
