"""Tampering with what was derived, after which every hash was repaired, up to the head: what the records say gives it away."""

from __future__ import annotations

import re
import zlib
from typing import Any

from archive.snapshot import MANIFEST

from .shelf import ARTICLES, BLOCKS, INDEX, LEDGER, REJECTS, REPORT, Shelf, deeds


def an_article_changed(shelf: Shelf) -> str:
    return shelf.lines(ARTICLES, lambda found: found[0].update(headline="Моста нет"))


def an_article_dropped(shelf: Shelf) -> str:
    return shelf.lines(ARTICLES, lambda found: found.pop())


def an_article_doubled(shelf: Shelf) -> str:
    return shelf.lines(ARTICLES, lambda found: found.append(found[0]))


def articles_in_another_order(shelf: Shelf) -> str:
    return shelf.lines(ARTICLES, lambda found: found.reverse())


def an_article_invented(shelf: Shelf) -> str:
    return shelf.lines(ARTICLES, lambda found: found.append({**found[0], "identifier": "ria:10000009"}))


def an_article_with_another_provenance(shelf: Shelf) -> str:
    return shelf.lines(ARTICLES, lambda found: found[0]["capture"].update(offset=0))


def an_article_against_the_schema(shelf: Shelf) -> str:
    return shelf.lines(ARTICLES, lambda found: found[0].pop("articleBody"))


def an_article_moved_to_the_rejects(shelf: Shelf) -> str:
    taken: list[Any] = []
    shelf.lines(ARTICLES, lambda found: taken.append(found.pop()))
    fault = {"path": "/headline", "rule": "required", "value": "", "message": "headline is missing"}
    where = {
        name: taken[0]["capture"][told]
        for name, told in (("file", "warcFile"), ("offset", "offset"), ("length", "length"))
    }
    shelf.lines(
        REJECTS, lambda found: found.append({"article": taken[0], "errors": [fault], "address": where})
    )
    return shelf.key(REJECTS)


def a_reject_dropped(shelf: Shelf) -> str:
    return shelf.lines(REJECTS, lambda found: found.clear())


def a_reject_with_another_reason(shelf: Shelf) -> str:
    return shelf.lines(REJECTS, lambda found: found[0]["errors"][0].update(message="it did not please"))


def a_line_of_the_ledger_changed(shelf: Shelf) -> str:
    return shelf.lines(
        LEDGER, lambda found: found[1].update(outcome="robots", reason="robots.txt forbids it")
    )


def a_line_of_the_ledger_dropped(shelf: Shelf) -> str:
    return shelf.lines(LEDGER, lambda found: found.pop(2))


def a_ledger_in_another_order(shelf: Shelf) -> str:
    return shelf.lines(LEDGER, lambda found: found.reverse())


def a_report_that_lies(shelf: Shelf) -> str:
    return shelf.said(REPORT, lambda told: told.update(links=told["links"] + 1))


def a_manifest_that_lies_of_articles(shelf: Shelf) -> str:
    return shelf.repair(counts={"articles": 7})


def a_manifest_that_lies_of_links(shelf: Shelf) -> str:
    return shelf.repair(counts={"links": 7})


def a_manifest_that_lies_of_its_end(shelf: Shelf) -> str:
    return shelf.repair(status="partial", finish="shutdown")


def a_manifest_that_lies_of_its_time(shelf: Shelf) -> str:
    return shelf.repair(started="2026-11-01T00:00:00.000000Z")


def a_manifest_without_dependencies(shelf: Shelf) -> str:
    shelf.repair(dependencies=[])
    return shelf.key(shelf.warc)


def a_manifest_without_a_file(shelf: Shelf) -> str:
    shelf.said(MANIFEST, lambda told: told["files"].pop(2))
    shelf.repair()
    return shelf.key(MANIFEST)


def a_manifest_that_names_a_file_twice(shelf: Shelf) -> str:
    shelf.said(MANIFEST, lambda told: told["files"].append(told["files"][1]))
    return shelf.repair()


def a_manifest_of_another_snapshot(shelf: Shelf) -> str:
    return shelf.repair(snapshot=shelf.entries[0].snapshot)


def indexed_as(shelf: Shelf, old: bytes, new: bytes) -> str:
    shelf.index(lambda found: found.__setitem__(1, re.sub(old, new, found[1])))
    return shelf.key(shelf.warc)


def an_index_line_moved(shelf: Shelf) -> str:
    return shelf.index(lambda found: found.append(found.pop(0)))


def an_index_line_changed(shelf: Shelf) -> str:
    return indexed_as(shelf, rb'"status":"200"', b'"status":"404"')


def an_index_line_dropped(shelf: Shelf) -> str:
    shelf.index(lambda found: found.pop(1))
    return shelf.key(shelf.warc)


def an_index_line_doubled(shelf: Shelf) -> str:
    shelf.index(lambda found: found.insert(1, found[1]))
    return shelf.key(shelf.warc)


def an_index_line_of_nothing(shelf: Shelf) -> str:
    shelf.index(lambda found: found.append(found[-1].replace(b"-10000005.html", b"-10000009.html")))
    return shelf.key(shelf.warc)


def an_index_line_that_leads_elsewhere(shelf: Shelf) -> str:
    return indexed_as(shelf, rb'"offset":"\d+"', b'"offset":"0"')


def an_index_line_with_another_digest_of_its_member(shelf: Shelf) -> str:
    return indexed_as(shelf, rb'"recordDigest":"sha256:\w{4}', b'"recordDigest":"sha256:0000')


def a_block_of_the_index_that_leads_elsewhere(shelf: Shelf) -> str:
    return shelf.edit(shelf.key(BLOCKS), lambda data: data.replace(b'"offset":0', b'"offset":9'))


def a_block_of_the_index_with_another_digest(shelf: Shelf) -> str:
    return shelf.edit(shelf.key(BLOCKS), lambda data: re.sub(rb"sha256:\w{4}", b"sha256:0000", data))


def a_block_of_the_index_dropped(shelf: Shelf) -> str:
    return shelf.edit(shelf.key(BLOCKS), lambda data: data.partition(b"\n")[0] + b"\n")


def bomb(megabytes: int, letter: bytes) -> bytes:
    """A gzip member that would inflate to so much, and never ends."""
    deflate = zlib.compressobj(1, zlib.DEFLATED, 31)
    head = deflate.compress(letter * 2**20) + deflate.flush(zlib.Z_FULL_FLUSH)
    again = deflate.compress(letter * 2**20) + deflate.flush(zlib.Z_FULL_FLUSH)
    return head + again * (megabytes - 1)


def a_bomb_for_a_line(shelf: Shelf) -> str:
    return shelf.edit(shelf.key(ARTICLES), lambda _: bomb(80, b" "))


def a_bomb_for_an_index(shelf: Shelf) -> str:
    return shelf.edit(shelf.key(INDEX), lambda _: bomb(80, b" "))


KINDS = deeds(globals())
