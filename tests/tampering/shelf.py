"""A store in somebody else's hands: what is needed to change it, and to repair the hashes so that it does not show."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import orjson

from archive import cdxj, jsonl, manifest
from archive.chain import Entry, lists, summary
from archive.fingerprint import TornError, fingerprint
from archive.framing import stored
from archive.history import History
from archive.member import BrokenMemberError, members
from archive.projection import FILES, project
from archive.record import BrokenRecordError, parse
from archive.signature import SIGNATURE
from archive.snapshot import MANIFEST, key_of
from crawler.derive import deriver
from crawler.look import loader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from archive.objects import Store

ARTICLES, REJECTS, LEDGER = "articles.jsonl.gz", "rejects.jsonl.gz", "ledger.jsonl.gz"
INDEX, BLOCKS, REPORT, LOG = "index.cdx.gz", "index.idx", "report.json", "crawl.log.gz"


class Shelf:
    """A store and what is done to one snapshot in it: the site's second of three, unless `snapshot` names another.

    What is changed stays as it is until hashes are repaired: in the manifest (`repair`), then in its entry too (`reenter`),
    then in all later entries (`rechain`). Whoever does that has no key: a repaired manifest is no longer signed.
    """

    def __init__(self, store: Store, entries: list[Entry]) -> None:
        self.store = store
        self.entries = entries
        self.snapshot = entries[1].snapshot
        self._repaired = False

    def read(self, key: str) -> bytes:
        with self.store.open(key) as stream:
            return stream.read()

    def key(self, path: str, day: int | None = None) -> str:
        return key_of(self.snapshot if day is None else self.entries[day].snapshot, path)

    @property
    def warc(self) -> str:
        return f"warc/{self.snapshot}-00000.warc.gz"

    def edit(self, key: str, change: Callable[[bytes], bytes]) -> str:
        self.store.put(key, change(self.read(key)))
        return key

    def flip(self, key: str, place: int) -> str:
        return self.edit(key, lambda data: data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])

    def said(self, path: str, change: Callable[[dict[str, Any]], object]) -> str:
        """Change a JSON document."""

        def changed(data: bytes) -> bytes:
            told = orjson.loads(data)
            change(told)
            return manifest.canonical(told)

        return self.edit(self.key(path), changed)

    def lines(self, path: str, change: Callable[[list[Any]], object]) -> str:
        """Change the lines of a JSONL file, which is compressed as it was."""

        def changed(data: bytes) -> bytes:
            found = list(jsonl.read(BytesIO(data)))
            change(found)
            return jsonl.compressed(b"".join(map(jsonl.line, found)))

        return self.edit(self.key(path), changed)

    def index(self, change: Callable[[list[bytes]], object]) -> str:
        """Change the lines of the index, with the blocks that name them."""
        found = [line + b"\n" for line in jsonl.plain_lines(BytesIO(self.read(self.key(INDEX))))]
        change(found)
        self._index(found)
        return self.key(INDEX)

    def records(self, change: Callable[[list[bytes]], object], *, reindex: bool = True) -> str:
        """Change the gzip members of the WARC, and if wanted the index as they then lie."""
        found = [member.raw for member in members(BytesIO(self.read(self.key(self.warc))))]
        change(found)
        data = b"".join(found)
        self.store.put(self.key(self.warc), data)
        if reindex:
            name = self.warc.rpartition("/")[2]
            lines = (cdxj.line_of(parse(member, name), member.raw) for member in members(BytesIO(data)))
            self._index(sorted(line for line in lines if line))
        return self.key(self.warc)

    def _index(self, lines: Iterable[bytes]) -> None:
        """Write lines in the order in which they are given."""
        data = b"".join(lines)
        packed = jsonl.compressed(data)
        blocks = BytesIO()
        cdxj.sorted_index([data.partition(b"\n")[0] + b"\n"] if data else [], BytesIO(), blocks)
        meta, *rest = blocks.getvalue().splitlines(keepends=True)
        where = {"offset": 0, "length": len(packed), "digest": cdxj.digest(packed), "filename": INDEX}
        first = [b" ".join((*line.split(b" ", 2)[:2], orjson.dumps(where))) + b"\n" for line in rest]
        self.store.put(self.key(INDEX), packed)
        self.store.put(self.key(BLOCKS), b"".join((meta, *first)))

    def derive(self) -> None:
        """Derive again what follows from the WARC as it is now."""
        site: Any = loader().load("ria")
        by = orjson.loads(self.read(self.key(MANIFEST)))["reader"]
        with TemporaryDirectory() as folder:
            segment = self.warc.rpartition("/")[2], BytesIO(self.read(self.key(self.warc)))
            project(Path(folder), [segment], deriver(site, by))
            for path in FILES:
                self.store.put(self.key(path), Path(folder) / path)

    def repair(self, counts: Mapping[str, int] = {}, **more: Any) -> str:
        """Let the manifest say what its files are now, and the report how many there are; gives the manifest's key."""
        place = self.key(MANIFEST)
        told = manifest.parse(self.read(place)) | {"signedBy": None}
        self.said(REPORT, lambda report: report.update(self._counted(told)))
        report = orjson.loads(self.read(self.key(REPORT)))
        told["counts"] = {name: report[name] for name in ("links", "articles", "rejects", "truncated")}
        told["counts"] |= {"records": sum(report["records"].values())} | counts
        told["files"] = [self._described(line) for line in told["files"]]
        self.store.put(place, manifest.canonical(told | more))
        self.store.delete(self.key(SIGNATURE))
        self._repaired = True
        return place

    def _counted(self, told: dict[str, Any]) -> dict[str, Any]:
        """What a report says of the numbers of articles, rejects and records, as they are now."""
        found: dict[str, Any] = {}
        with suppress(BrokenMemberError, BrokenRecordError):
            kinds = (parse(each, "").type for each in members(BytesIO(self.read(self.key(self.warc)))))
            found["records"] = dict(Counter(kinds))
        for line in map(self._described, told["files"]):
            name = line["path"].partition(".")[0]
            found |= {name: line["lines"]} if name in ("articles", "rejects") else {}
        return found

    def _described(self, line: dict[str, Any]) -> dict[str, Any]:
        data = self.read(self.key(line["path"]))
        try:
            return {"path": line["path"]} | manifest.stated(
                line["path"], fingerprint(BytesIO(data), gzipped=line["path"].endswith(".gz"))
            )
        except TornError:  # as if it were no gzip
            return line | {"size": len(data), "sha256": manifest.digest(data)}

    def reenter(self, **more: Any) -> str:
        """Let the chain's entry name the manifest as it is now; gives its key."""
        return self.entered(next(one.key for one in self.entries if one.snapshot == self.snapshot), **more)

    def entered(self, key: str, **more: Any) -> str:
        told = orjson.loads(self.read(key))
        data = self.read(self.key(MANIFEST))
        told |= {"manifest": manifest.digest(data), "summary": summary(manifest.parse(data))}
        self.store.put(key, manifest.canonical(told | more))
        return key

    def rechain(self) -> None:
        """Let every entry of every chain name the one before as it is now, and the lists say the same."""
        before: dict[tuple[str, str], str] = {}
        for stored_ in list(self.store.list("chain/")):
            told = orjson.loads(self.read(stored_.key))
            chain = told["site"], told["series"]
            told["previous"] = before.get(chain)
            data = manifest.canonical(told)
            self.store.put(stored_.key, data)
            before[chain] = manifest.digest(data)
        for key, data in lists(History.of(self.store).entries).items():
            self.store.put(key, data)

    def forge(self) -> None:
        """Repair, up to the head of the chain, everything that can be repaired without a key."""
        if not self._repaired:
            self.repair()
        self.reenter()
        self.rechain()


def rewritten(raw: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """A gzip member whose record is changed; its Content-Length is as long as its block."""
    data = change(zlib.decompress(raw, 31))
    head, _, rest = data.partition(b"\r\n\r\n")
    block = rest.removesuffix(b"\r\n\r\n")
    fields = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length:")]
    return stored(
        b"\r\n".join([*fields, b"Content-Length: %d" % len(block)]), b"\r\n\r\n", block, b"\r\n\r\n"
    )


def deeds(module: Mapping[str, Any]) -> dict[str, Callable[[Shelf], str]]:
    """What the functions of a module do to a shelf, by their names in words: those that say what they put there."""
    return {
        name.replace("_", " "): one
        for name, one in module.items()
        if callable(one)
        and getattr(one, "__module__", "") == module["__name__"]
        and re.match("(an?|two|articles)_", name)
    }
