"""The entries of a sitemap's bytes, however large, gzipped, broken or hostile (sitemaps.org; Google's news extension)."""

import re
import zlib
from collections.abc import Iterator
from datetime import date
from io import BytesIO

from lxml import etree

# No source is read beyond this many bytes, before or after decompression (DESIGN.md 4).
LARGEST = 64 * 2**20
FIELDS = frozenset({"loc", "lastmod", "title", "publication_date"})
ENTRY_END = re.compile(rb"</(?:[\w-]+:)?(?:url|sitemap)\s*>")
ROOT_END = re.compile(rb"</(?:[\w-]+:)?(?:urlset|sitemapindex)\s*>")
TOO_LARGE = f"it is larger than {LARGEST // 2**20} MiB: only that much was read"


class Entries:
    """The entries of a sitemap, one at a time and in flat memory; `trouble` says afterwards what was wrong."""

    def __init__(self, data: bytes) -> None:
        data, self.trouble = _whole(data)
        # entities are never resolved and no DTD is loaded: a sitemap needs neither, an attack does
        self._events = etree.iterparse(
            BytesIO(data),
            events=("end",),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            recover=True,
        )

    def __iter__(self) -> Iterator[dict[str, str]]:
        """Yield {"kind": "url"|"sitemap", "loc"} with "lastmod", "title" and "publication_date" where stated."""
        entry: dict[str, str] = {}
        last = ""
        try:
            for _, element in self._events:
                last = _local(element)
                if last in {"url", "sitemap"}:
                    if "loc" in entry:
                        yield {"kind": last, **entry}
                    entry = {}
                    _forget(element)
                elif last in FIELDS and not _of_picture(element):
                    entry.setdefault(last, " ".join((element.text or "").split()))
        except etree.XMLSyntaxError as error:
            self.trouble = f"the XML is broken: {error.msg}"
        if last not in {"urlset", "sitemapindex"}:
            self.trouble = self.trouble or "this is no sitemap"


def _whole(data: bytes) -> tuple[bytes, str | None]:
    """Return XML up to its last whole entry, so that half a URL is never taken for one, and what was wrong."""
    if ROOT_END.search(data, max(0, len(data) - 1000)) or not (ends := list(ENTRY_END.finditer(data))):
        return data, None
    return data[: ends[-1].end()], "the XML ends early: what came before was kept"


def inflate(body: bytes) -> tuple[bytes, str | None]:
    """Return the body, ungzipped where it is gzip and at most LARGEST bytes of it, and what was wrong."""
    if not body.startswith(b"\x1f\x8b"):
        return body[:LARGEST], TOO_LARGE if len(body) > LARGEST else None
    inflater = zlib.decompressobj(31)
    try:
        data = inflater.decompress(body, LARGEST)
    except zlib.error as error:
        return b"", f"the gzip stream is broken: {error}"
    if inflater.unconsumed_tail:
        return data, TOO_LARGE
    return data, None if inflater.eof else "the gzip stream ends early"


def before(lastmod: str | None, since: date | None) -> bool:
    """Tell whether a W3C date (a day, month or year, with or without time) was over before `since`.

    >>> before("2026-10-31T23:59:00+03:00", date(2026, 11, 1)), before("2026-11", date(2026, 11, 20))
    (True, False)
    """
    if not since or not lastmod or not re.match(r"\d{4}(-\d\d){0,2}(T|$)", lastmod):
        return False
    day = lastmod.partition("T")[0]
    return day < since.isoformat()[: len(day)]


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _of_picture(element: etree._Element) -> bool:
    """Tell whether the element belongs to a picture or a video of the entry (`image:loc`, `video:title`)."""
    space = etree.QName(element).namespace or ""
    return "sitemap-image" in space or "sitemap-video" in space


def _forget(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
