"""Tampering that repairs nothing: bytes, and whole files; each function gives the place where it must be found."""

from __future__ import annotations

import zlib
from functools import partial
from typing import TYPE_CHECKING

from archive import jsonl
from archive.signature import SIGNATURE
from archive.snapshot import MANIFEST
from crawler.reader import Reader

from .shelf import ARTICLES, BLOCKS, INDEX, LEDGER, LOG, REJECTS, REPORT, Shelf, rewritten

if TYPE_CHECKING:
    from collections.abc import Callable

DERIVED = (ARTICLES, REJECTS, LEDGER, INDEX, BLOCKS, REPORT, LOG)
EDITION = "editions/1/articles.jsonl.gz"


def flipped(path: str, shelf: Shelf) -> str:
    key = shelf.key(shelf.warc if path == "warc" else path)
    return shelf.flip(key, len(shelf.read(key)) // 2)


def missing(path: str, shelf: Shelf) -> str:
    key = shelf.key(shelf.warc if path == "warc" else path)
    shelf.store.delete(key)
    return key


def emptied(shelf: Shelf) -> str:
    return shelf.edit(shelf.key(LEDGER), lambda _: b"")


def longer(shelf: Shelf) -> str:
    return shelf.edit(shelf.key(ARTICLES), lambda data: data + b"more")


def zeros_behind(shelf: Shelf) -> str:
    return shelf.edit(shelf.key(shelf.warc), lambda data: data + bytes(100))


def packed_anew(shelf: Shelf) -> str:
    """The same lines, in other bytes."""
    return shelf.edit(
        shelf.key(ARTICLES), lambda data: jsonl.compressed(zlib.decompress(data, 31)) + jsonl.compressed(b"")
    )


def cut_inside_a_record(shelf: Shelf) -> str:
    return shelf.edit(shelf.key(shelf.warc), lambda data: data[: len(data) - 50])


def cut_between_records(shelf: Shelf) -> str:
    return shelf.records(lambda found: found.pop(), reindex=False)


def swapped_with_another_days(path: str, shelf: Shelf) -> str:
    mine, theirs = shelf.key(path), shelf.key(path, 0)
    shelf.store.put(mine, shelf.read(theirs))
    return mine


def a_segment_of_another_snapshot_added(shelf: Shelf) -> str:
    key = shelf.key(f"warc/{shelf.snapshot}-00001.warc.gz")
    shelf.store.put(key, shelf.read(shelf.key(f"warc/{shelf.entries[0].snapshot}-00000.warc.gz", 0)))
    return key


def a_file_added(shelf: Shelf) -> str:
    shelf.store.put(shelf.key("extra.txt"), b"was never here")
    return shelf.key("extra.txt")


def a_whole_snapshot_missing(shelf: Shelf) -> str:
    for stored in list(shelf.store.list(shelf.key(""))):
        shelf.store.delete(stored.key)
    return shelf.key(MANIFEST)


def a_whole_snapshot_replaced_by_another(shelf: Shelf) -> str:
    for stored in list(shelf.store.list(shelf.key("", 2))):
        path = stored.key.removeprefix(shelf.key("", 2))
        shelf.store.put(shelf.key(path), shelf.read(stored.key))
    return shelf.key(MANIFEST)


def a_manifest_in_another_form(shelf: Shelf) -> str:
    """The same JSON, with a blank."""
    return shelf.edit(shelf.key(MANIFEST), lambda data: data.replace(b":", b": ", 1))


def a_manifest_that_is_garbage(shelf: Shelf) -> str:
    return shelf.edit(shelf.key(MANIFEST), lambda _: b"[1, 2")


def reader(shelf: Shelf) -> str:
    return next(stored.key for stored in shelf.store.list("readers/"))


def a_reader_flipped(shelf: Shelf) -> str:
    return shelf.flip(reader(shelf), 5000)


def a_reader_missing(shelf: Shelf) -> str:
    key = reader(shelf)
    shelf.store.delete(key)
    return key


def a_reader_that_reads_otherwise(shelf: Shelf) -> str:
    def changed(data: bytes) -> bytes:
        sources = dict(Reader.unpacked(data).sources)
        sources["crawler/page.py"] += b"print('otherwise')\n"
        return Reader(sources).packed()

    return shelf.edit(reader(shelf), changed)


def a_signature_flipped(shelf: Shelf) -> str:
    return shelf.edit(shelf.key(SIGNATURE), lambda data: data + b"\0")


def the_claim_of_another(shelf: Shelf) -> str:
    key = f"claims/site=ria/{shelf.snapshot}.json"
    return shelf.edit(key, lambda data: data.replace(b"main", b"mine"))


def an_editions_article(shelf: Shelf) -> str:
    return shelf.edit(
        shelf.key(EDITION, 0),
        lambda data: jsonl.compressed(zlib.decompress(data, 31).replace("Мост".encode(), "Порт".encode())),
    )


def an_editions_file_missing(shelf: Shelf) -> str:
    shelf.store.delete(shelf.key("editions/1/report.json", 0))
    return shelf.key("editions/1/report.json", 0)


def an_editions_manifest_flipped(shelf: Shelf) -> str:
    return shelf.edit(
        shelf.key("editions/1/manifest.json", 0), lambda data: data.replace(b'"articles":3', b'"articles":2')
    )


def an_editions_manifest_missing(shelf: Shelf) -> str:
    shelf.store.delete(shelf.key("editions/1/manifest.json", 0))
    return shelf.key("editions/1/manifest.json", 0)


def a_record_changed(shelf: Shelf) -> str:
    """Only the WARC: neither its index nor any hash."""

    def changed(found: list[bytes]) -> None:
        place = next(n for n, raw in enumerate(found) if "дня 1".encode() in zlib.decompress(raw, 31))
        found[place] = rewritten(found[place], lambda data: data.replace("дня 1".encode(), "дня 2".encode()))

    return shelf.records(changed, reindex=False)


KINDS: dict[str, Callable[[Shelf], str]] = {
    "a byte of the WARC": partial(flipped, "warc"),
    **{f"a byte of {path}": partial(flipped, path) for path in DERIVED},
    "a byte of manifest.json": partial(flipped, MANIFEST),
    "a missing WARC": partial(missing, "warc"),
    **{f"a missing {path}": partial(missing, path) for path in (*DERIVED, MANIFEST, SIGNATURE)},
    **{f"{path} of another day": partial(swapped_with_another_days, path) for path in (*DERIVED, MANIFEST)},
    **{
        one.__name__.replace("_", " "): one
        for one in (
            emptied, longer, zeros_behind, packed_anew, cut_inside_a_record, cut_between_records, a_segment_of_another_snapshot_added,
            a_file_added, a_whole_snapshot_missing, a_whole_snapshot_replaced_by_another, a_manifest_in_another_form,
            a_manifest_that_is_garbage, a_reader_flipped, a_reader_missing, a_reader_that_reads_otherwise, a_signature_flipped,
            an_editions_article, an_editions_file_missing, an_editions_manifest_flipped,
            an_editions_manifest_missing, a_record_changed,
        )
    },
}  # fmt: skip
