"""Tampering with the chain, the signatures and the lists; and histories rewritten so that nothing in them shows it."""

from __future__ import annotations

from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING

import orjson

from archive import jsonl, manifest
from archive.chain import summary
from archive.fingerprint import fingerprint
from archive.signature import SIGNATURE
from archive.snapshot import MANIFEST, key_of

from .records import other_day, redigested, response_changed
from .shelf import ARTICLES, LOG, Shelf

if TYPE_CHECKING:
    from collections.abc import Callable


def an_article_with_its_manifest(shelf: Shelf) -> str:
    shelf.lines(ARTICLES, lambda found: found[0].update(headline="Моста нет"))
    return shelf.repair()


def a_manifest_with_its_entry(shelf: Shelf) -> str:
    """Up to the next entry, which names the one before as it was."""
    shelf.repair(settings="6" * 64)
    shelf.reenter()
    return shelf.entries[2].key


def an_entry_of_another_time(shelf: Shelf) -> str:
    shelf.edit(shelf.entries[1].key, lambda data: data.replace(b"2026-11-23", b"2026-11-21", 1))
    return shelf.entries[2].key


def an_entry_flipped(shelf: Shelf) -> str:
    return shelf.edit(shelf.entries[1].key, lambda data: data.replace(b'"links":5', b'"links":4'))


def an_entry_with_another_summary(shelf: Shelf) -> str:
    told = orjson.loads(shelf.read(shelf.entries[2].key))
    shelf.edit(
        shelf.entries[2].key,
        lambda _: manifest.canonical(told | {"summary": {**told["summary"], "links": 4}}),
    )
    shelf.rechain()
    return shelf.entries[2].key


def an_entry_removed(shelf: Shelf) -> str:
    shelf.store.delete(shelf.entries[1].key)
    return shelf.entries[2].key


def an_entry_removed_and_the_others_moved_up(shelf: Shelf) -> str:
    """Up to the head: no entry names the snapshot any more."""
    keys = [entry.key for entry in shelf.entries[1:4]]
    for key, after in pairwise(keys):
        told = orjson.loads(shelf.read(after))
        shelf.store.put(key, manifest.canonical({**told, "number": told["number"] - 1}))
    shelf.store.delete(keys[-1])
    shelf.rechain()
    return shelf.key(MANIFEST)


def the_last_entry_removed(shelf: Shelf) -> str:
    shelf.store.delete(shelf.entries[4].key)
    shelf.rechain()
    return key_of(shelf.entries[4].snapshot, MANIFEST)


def two_entries_swapped(shelf: Shelf) -> str:
    one, two = (shelf.read(entry.key) for entry in shelf.entries[1:3])
    shelf.store.put(shelf.entries[1].key, two)
    shelf.store.put(shelf.entries[2].key, one)
    return shelf.entries[1].key


def an_entry_with_another_number(shelf: Shelf) -> str:
    return shelf.edit(shelf.entries[1].key, lambda data: data.replace(b'"number":2', b'"number":3'))


def an_entry_that_is_garbage(shelf: Shelf) -> str:
    return shelf.edit(shelf.entries[1].key, lambda _: b"\0garbage")


def an_entry_that_is_empty(shelf: Shelf) -> str:
    return shelf.edit(shelf.entries[2].key, lambda _: b"")


def an_entry_without_its_schema(shelf: Shelf) -> str:
    return shelf.edit(shelf.entries[1].key, lambda data: data.replace(b'"chain/0.1.0"', b'"chain/9.9.9"'))


def an_entry_of_another_site(shelf: Shelf) -> str:
    key = shelf.entries[3].key.replace("00000004", "00000005")
    shelf.store.put(key, shelf.read(shelf.entries[4].key))
    return key


def an_entry_that_puts_a_snapshot_in_twice(shelf: Shelf) -> str:
    told = orjson.loads(shelf.read(shelf.entries[1].key))
    key = shelf.entries[3].key.replace("00000004", "00000005")
    shelf.store.put(key, manifest.canonical({**told, "number": 5}))
    shelf.rechain()
    return key


def something_else_in_the_chain(shelf: Shelf) -> str:
    shelf.store.put("chain/site=ria/series=main/note.txt", b"hello")
    return "chain/site=ria/series=main/note.txt"


def an_edition_out_of_the_chain(shelf: Shelf) -> str:
    shelf.store.delete(shelf.entries[3].key)
    shelf.rechain()
    return key_of(shelf.entries[0].snapshot, "editions/1/manifest.json")


def an_edition_under_another_number(shelf: Shelf) -> str:
    for stored in list(shelf.store.list(shelf.key("editions/1/", 0))):
        shelf.store.put(stored.key.replace("editions/1/", "editions/2/"), shelf.read(stored.key))
    told = orjson.loads(shelf.read(shelf.entries[3].key))
    shelf.store.put(shelf.entries[3].key, manifest.canonical({**told, "edition": 2}))
    shelf.rechain()
    return shelf.key("editions/2/manifest.json", 0)


def an_edition_of_other_lines(shelf: Shelf) -> str:
    """Repaired up to the head: read again by the same reader, its records give other lines."""
    shelf.snapshot = shelf.entries[0].snapshot
    path, place = "editions/1/articles.jsonl.gz", shelf.key("editions/1/manifest.json")
    shelf.lines(path, lambda found: found[0].update(headline="Моста нет"))
    told = manifest.parse(shelf.read(place)) | {"signedBy": None}
    data = shelf.read(shelf.key(path))

    stated = manifest.stated(ARTICLES, fingerprint(BytesIO(data), gzipped=True))
    told["files"] = [
        {"path": ARTICLES} | stated if line["path"] == ARTICLES else line for line in told["files"]
    ]
    made = manifest.canonical(told)
    shelf.store.put(place, made)
    shelf.store.delete(shelf.key(f"editions/1/{SIGNATURE}"))
    entry = orjson.loads(shelf.read(shelf.entries[3].key))

    said = {"manifest": manifest.digest(made), "summary": summary(told)}
    shelf.store.put(shelf.entries[3].key, manifest.canonical(entry | said))
    shelf.rechain()
    return shelf.key(path)


def a_list_of_snapshots_that_lies(shelf: Shelf) -> str:
    return shelf.edit("snapshots.jsonl", lambda data: data.replace(b'"links":5', b'"links":50', 1))


def a_list_of_the_latest_that_lies(shelf: Shelf) -> str:
    return shelf.edit("latest.json", lambda data: data.replace(b"20261124T", b"20261123T"))


KINDS: dict[str, Callable[[Shelf], str]] = {
    one.__name__.replace("_", " "): one
    for one in (
        an_article_with_its_manifest, a_manifest_with_its_entry, an_entry_of_another_time, an_entry_flipped, an_entry_with_another_summary,
        an_entry_removed, an_entry_removed_and_the_others_moved_up, the_last_entry_removed, two_entries_swapped,
        an_entry_with_another_number, an_entry_that_is_garbage, an_entry_that_is_empty, an_entry_without_its_schema,
        an_entry_of_another_site, an_entry_that_puts_a_snapshot_in_twice, something_else_in_the_chain, an_edition_out_of_the_chain,
        an_edition_under_another_number, an_edition_of_other_lines, a_list_of_snapshots_that_lies, a_list_of_the_latest_that_lies,
    )
}  # fmt: skip


def a_log_rewritten(shelf: Shelf) -> None:
    shelf.edit(shelf.key(LOG), lambda _: jsonl.compressed(b"12:00 nothing happened\n"))


def settings_rewritten(shelf: Shelf) -> None:
    shelf.repair(settings="6" * 64)


def software_rewritten(shelf: Shelf) -> None:
    shelf.repair(software={"letopis": "0.0.9"})


def a_warcinfo_rewritten(shelf: Shelf) -> None:
    def changed(data: bytes) -> bytes:
        return redigested(b"WARC-Block-Digest", b"", data.replace(b"letopis/0.1.0", b"letopis/0.0.9"))

    shelf.records(response_changed(changed, "WARC-Type: warcinfo"))
    shelf.derive()


def a_whole_day_rewritten(shelf: Shelf) -> None:
    """The page says something else, and all that follows from it was derived again."""

    def both(data: bytes) -> bytes:
        return redigested(
            b"WARC-Block-Digest", b"", redigested(b"WARC-Payload-Digest", b"\r\n\r\n", other_day(data))
        )

    shelf.records(response_changed(both))
    shelf.derive()


REWRITTEN: dict[str, Callable[[Shelf], None]] = {
    one.__name__.replace("_", " "): one
    for one in (
        a_log_rewritten,
        settings_rewritten,
        software_rewritten,
        a_warcinfo_rewritten,
        a_whole_day_rewritten,
    )
}
