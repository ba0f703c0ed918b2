"""Tampering with records, after which their index was made anew and every hash repaired, up to the head of the chain."""

from __future__ import annotations

import hashlib
import re
import zlib
from typing import TYPE_CHECKING

from archive.framing import stored

from .contents import bomb
from .shelf import ARTICLES, LEDGER, Shelf, deeds, rewritten

if TYPE_CHECKING:
    from collections.abc import Callable


def number(found: list[bytes], words: bytes) -> int:
    return next(n for n, raw in enumerate(found) if words in zlib.decompress(raw, 31))


def response_changed(change: Callable[[bytes], bytes], words: str = "дня 1") -> Callable[[list[bytes]], None]:
    def changed(found: list[bytes]) -> None:
        place = number(found, words.encode())
        found[place] = rewritten(found[place], change)

    return changed


def other_day(data: bytes) -> bytes:
    return data.replace("дня 1".encode(), "дня 2".encode())


def redigested(name: bytes, since: bytes, data: bytes) -> bytes:
    """A record whose digest of that name is repaired over what follows `since`."""
    head, _, rest = data.partition(b"\r\n\r\n")
    block = rest.removesuffix(b"\r\n\r\n")
    covered = block.partition(since)[2] if since else block
    made = hashlib.sha256(covered).hexdigest().encode()
    return re.sub(name + rb": sha256:\w+", name + b": sha256:" + made, head) + b"\r\n\r\n" + rest


def a_page_changed(shelf: Shelf) -> str:
    return shelf.records(response_changed(other_day))


def a_page_changed_with_its_block_digest(shelf: Shelf) -> str:
    return shelf.records(
        response_changed(lambda data: redigested(b"WARC-Block-Digest", b"", other_day(data)))
    )


def a_page_changed_with_its_payload_digest(shelf: Shelf) -> str:
    return shelf.records(
        response_changed(lambda data: redigested(b"WARC-Payload-Digest", b"\r\n\r\n", other_day(data)))
    )


def a_page_changed_with_both_digests(shelf: Shelf) -> str:
    """The record is sound in itself: its article says something else."""

    def both(data: bytes) -> bytes:
        changed = redigested(b"WARC-Payload-Digest", b"\r\n\r\n", other_day(data))
        return redigested(b"WARC-Block-Digest", b"", changed)

    shelf.records(response_changed(both))
    return shelf.key(ARTICLES)


def a_record_without_digests(shelf: Shelf) -> str:
    return shelf.records(
        response_changed(lambda data: re.sub(rb"WARC-(Block|Payload)-Digest: \S+\r\n", b"", data))
    )


def a_record_of_another_time(shelf: Shelf) -> str:
    return shelf.records(response_changed(lambda data: re.sub(rb"WARC-Date: 2026", b"WARC-Date: 2025", data)))


def a_record_of_another_address(shelf: Shelf) -> str:
    return shelf.records(response_changed(lambda data: data.replace(b"-10000002.html", b"-10000003.html", 1)))


def two_records_swapped(shelf: Shelf) -> str:
    def changed(found: list[bytes]) -> None:
        one, two = (number(found, b"Target-URI: https://ria.ru/20261122/most-1000000%d" % n) for n in (2, 3))
        found[one], found[two] = found[two], found[one]

    return shelf.records(changed)


def a_record_dropped(shelf: Shelf) -> str:
    return shelf.records(lambda found: found.pop(number(found, "дня 1".encode())))


def a_record_twice(shelf: Shelf) -> str:
    return shelf.records(lambda found: found.append(found[-1]))


def a_record_id_twice(shelf: Shelf) -> str:
    def changed(found: list[bytes]) -> None:
        ids = [re.search(rb"WARC-Record-ID: (\S+)", zlib.decompress(raw, 31)) for raw in found]
        first, last = ids[1], ids[-1]
        assert first
        assert last
        found[-1] = rewritten(found[-1], lambda data: data.replace(last[1], first[1], 1))

    return shelf.records(changed)


def a_record_that_is_not_compressed(shelf: Shelf) -> str:
    return shelf.records(lambda found: found.__setitem__(-1, zlib.decompress(found[-1], 31)), reindex=False)


def an_entry_of_the_journal_changed(shelf: Shelf) -> str:
    """A source announced another title: the ledger says what it announced."""

    def changed(data: bytes) -> bytes:
        return redigested(b"WARC-Block-Digest", b"", data.replace("Заголовок 10000002".encode(), b"Title", 1))

    shelf.records(response_changed(changed, "Заголовок 10000002"))
    return shelf.key(LEDGER)


def a_journal_that_is_no_json(shelf: Shelf) -> str:
    def changed(data: bytes) -> bytes:
        return redigested(b"WARC-Block-Digest", b"", data.replace(b'{"kind":"end"', b'{"kind":end'))

    return shelf.records(response_changed(changed, '"kind":"end"'))


def an_exchange_dropped(shelf: Shelf) -> str:
    """With its request and its journal entry: what is left is sound, but is no longer what was read."""

    def changed(found: list[bytes]) -> None:
        place = number(found, "дня 1".encode())
        del found[place : place + 3]

    shelf.records(changed)
    return shelf.key(ARTICLES)


def a_revisit_of_what_is_not_there(shelf: Shelf) -> str:
    def changed(data: bytes) -> bytes:
        return data.replace(b"WARC-Refers-To: <urn:uuid:0", b"WARC-Refers-To: <urn:uuid:1")

    return shelf.records(response_changed(changed, "WARC-Type: revisit"))


def a_revisit_of_another_place(shelf: Shelf) -> str:
    def changed(data: bytes) -> bytes:
        return re.sub(rb"(\.warc\.gz@)\d+", rb"\g<1>77", data)

    return shelf.records(response_changed(changed, "WARC-Type: revisit"))


def a_revisit_of_no_place(shelf: Shelf) -> str:
    def changed(data: bytes) -> bytes:
        return re.sub(rb"WARC-Refers-To[^:]*: [^\r]+\r\n", b"", data)

    return shelf.records(response_changed(changed, "WARC-Type: revisit"))


def a_bomb_for_a_record(shelf: Shelf) -> str:
    """A megabyte and a half that would fill 300."""
    return shelf.records(lambda found: found.append(bomb(300, b"\0")), reindex=False)


def a_name_of_another_segment(shelf: Shelf) -> str:
    def changed(data: bytes) -> bytes:
        return redigested(b"WARC-Block-Digest", b"", data.replace(b"-00000.warc.gz", b"-00001.warc.gz"))

    return shelf.records(response_changed(changed, "WARC-Type: warcinfo"))


def a_second_record_in_a_member(shelf: Shelf) -> str:
    def changed(found: list[bytes]) -> None:
        found[-2:] = [stored(*(zlib.decompress(raw, 31) for raw in found[-2:]))]

    return shelf.records(changed, reindex=False)


KINDS = deeds(globals())
