"""A record cut out of an archive: the exchange as it lies there, in a WARC of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from archive.framing import DEFLATE, STORE, digest, fields_block, frame
from archive.profile import DECLARED
from crawler.agent import software

if TYPE_CHECKING:
    from archive.record import Record
    from crawler.held import Found

LENGTH = "content-length"


def cut(found: Found, file: str) -> bytes:
    """The bytes of WARC file `file`: a warcinfo that says where the exchange is from, then response and request.

    Fields and blocks are as they were, so are id and digests; only the gzip members are made anew. The same exchange gives
    the same bytes. A request that asked whether the page had changed belongs to another answer and is left out.
    """
    asked = [found.request] if found.request and not found.revisit else []
    members = [_warcinfo(found.response, file), *map(_again, (found.response, *asked))]
    return b"".join(members)


def _warcinfo(response: Record, file: str) -> bytes:
    where = response.address
    said = {
        "software": software(),
        "description": f"one exchange, cut out of {where.file} at offset {where.offset}, {where.length} bytes",
        "format": DECLARED["format"],
        "conformsTo": DECLARED["conformsTo"],
    }
    block = fields_block(list(said.items()))
    fields = [
        ("WARC-Type", "warcinfo"),
        ("WARC-Record-ID", f"<{uuid5(NAMESPACE_URL, f'{response.id}#cut').urn}>"),
    ]
    fields += [("WARC-Date", response.date), ("WARC-Filename", file), ("WARC-Block-Digest", digest(block))]
    return frame([*fields, ("Content-Type", "application/warc-fields")], block, DEFLATE)


def _again(record: Record) -> bytes:
    fields = [(name, value) for name, value in record.fields if name.lower() != LENGTH]
    encoded = record.type == "response" and record.message.get("Content-Encoding")
    return frame(fields, record.block, STORE if encoded else DEFLATE)
