"""The WARC writer: each exchange and each word of the journal into files that are valid after every write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from archive import cdxj, framing, segment
from archive.framing import DEFLATE, Field, digest, fields_block, frame, stamp
from archive.mask import Mask
from archive.original import Original
from archive.profile import DECLARED, Piece, Profile
from archive.record import Address, Captured
from archive.segment import NotRecorded, Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from archive.message import Message
    from archive.record import Exchange

__all__ = ["NotRecorded", "Original", "WarcWriter"]


class WarcWriter:
    """Writes `PREFIX-NNNNN.warc.gz` into a folder, with `PREFIX-NNNNN.cdxj` beside it.

    `info` becomes the warcinfo record of every file; its `isPartOf` is the snapshot. A new file begins before an
    exchange once `size` bytes are passed, so that no exchange straddles two. `fsync` "exchange" brings every write to
    disk before it returns, "segment" whole files only. `closed` hears of each file that has got its final name. The same
    exchanges, `clock` and `new_id` give the same bytes.
    """

    def __init__(
        self,
        folder: Path,
        prefix: str,
        *,
        info: Mapping[str, str],
        clock: Callable[[], datetime] = framing.now,
        new_id: Callable[[], str] = framing.new_id,
        size: int = 10**9,
        fsync: Literal["exchange", "segment"] = "exchange",
        mask: Mask = Mask(),  # noqa: B008  frozen
        create: segment.Create = segment.create,
        closed: Callable[[Path], object] | None = None,
    ) -> None:
        self._folder = folder
        self._prefix = prefix
        self._info = fields_block(
            [*info.items(), *((key, DECLARED[key]) for key in DECLARED if key not in info)]
        )
        self._profile = Profile(info["isPartOf"], mask, new_id)
        self._clock = clock
        self._new_id = new_id
        self._size = size
        self._sync = fsync == "exchange"
        self._create = create
        self._tell_closed = closed or (lambda _: None)
        self._segment: Segment | None = None
        self._warcinfo = ""
        self._closed: list[Path] = []

    def now(self) -> datetime:
        """The writer's clock."""
        return self._clock()

    def exchange(
        self, exchange: Exchange, *, fetch: Mapping[str, Any] | None = None, original: Original | None = None
    ) -> Captured:
        """Write response (or revisit), request, interim responses and journal entry of one exchange, in one write.

        With `original`, a 304 that was asked for or a 200 of the same payload becomes a revisit of it. Returns the
        response record.
        Raises ValueError for a URL with a user or password, NotRecorded when it cannot be written.
        """
        return self.write([self.pieces(exchange, fetch=fetch, original=original)])[0]

    def pieces(
        self, exchange: Exchange, *, fetch: Mapping[str, Any] | None = None, original: Original | None = None
    ) -> list[Piece]:
        """The records of an exchange, to be written as `exchange` would; raises ValueError as it does."""
        return self._profile.exchange(exchange, fetch, original)

    def metadata(
        self,
        block: bytes,
        content_type: str,
        *,
        url: str,
        concurrent_to: str | None = None,
        at: datetime | None = None,
    ) -> Captured:
        """Write one metadata record, dated `at` or now; raises NotRecorded."""
        return self._note(
            "metadata", block, content_type, url=url, at=at or self.now(), concurrent_to=concurrent_to
        )

    def resource(self, block: bytes, content_type: str, *, url: str) -> Captured:
        """Write one resource record: settings, lock file, whatever belongs beside the exchanges; raises NotRecorded."""
        return self._note("resource", block, content_type, url=url, at=self.now())

    def close(self) -> list[Path]:
        """Close the file that is open and return all that were written, in order; raises NotRecorded."""
        if self._segment:
            closed = self._segment.close()
            self._segment = None
            self._closed.extend(closed)
            for path in closed:
                self._tell_closed(path)
        return list(self._closed)

    def write(self, exchanges: Sequence[Sequence[Piece]]) -> list[Captured]:
        """Write the records of several exchanges in one write, all or none; the first record of each. Raises NotRecorded."""
        target = self._room()
        file, offset = target.path.name, target.size
        data = [] if offset else [self._begin(file)]
        offset += sum(map(len, data))
        lines: list[bytes] = []
        firsts: list[Captured] = []
        for pieces in exchanges:
            at = offset
            for piece in pieces:
                raw = frame(self._fields(piece), piece.block, piece.level)
                if piece.message:
                    lines.append(_line(piece, piece.message, Address(file, offset, len(raw)), raw))
                data.append(raw)
                offset += len(raw)
            firsts.append(_captured(pieces[0], Address(file, at, len(data[-len(pieces)]))))
        target.append(b"".join(data), b"".join(lines), sync=self._sync)
        return firsts

    def _note(
        self, kind: Literal["metadata", "resource"], block: bytes, content_type: str, **said: Any
    ) -> Captured:
        return self.write([[self._profile.note(kind, block, content_type, **said)]])[0]

    def _room(self) -> Segment:
        if self._segment and self._segment.size >= self._size:
            self.close()
        if not self._segment:
            path = self._folder / f"{self._prefix}-{len(self._closed):05d}.warc.gz"
            self._segment = Segment(path, self._create)
            self._warcinfo = self._new_id()
        return self._segment

    def _begin(self, file: str) -> bytes:
        fields = [
            ("WARC-Type", "warcinfo"),
            ("WARC-Record-ID", f"<{self._warcinfo}>"),
            ("WARC-Date", stamp(self.now())),
        ]
        fields += [("WARC-Filename", file), ("WARC-Block-Digest", digest(self._info))]
        return frame([*fields, ("Content-Type", "application/warc-fields")], self._info, DEFLATE)

    def _fields(self, piece: Piece) -> list[Field]:
        fields = [("WARC-Type", piece.type), ("WARC-Record-ID", f"<{piece.id}>"), ("WARC-Date", piece.date)]
        fields += [("WARC-Target-URI", piece.url), ("WARC-Warcinfo-ID", f"<{self._warcinfo}>"), *piece.fields]
        fields.append(("WARC-Block-Digest", digest(piece.block)))
        if piece.payload_digest:
            fields.append(("WARC-Payload-Digest", piece.payload_digest))
        fields.append(("Content-Type", piece.content_type))
        return fields


def _captured(answer: Piece, address: Address) -> Captured:
    payload_digest = answer.payload_digest or digest(answer.block)
    return Captured(address, answer.id, answer.date, payload_digest, answer.type == "revisit")


def _line(piece: Piece, message: Message, address: Address, raw: bytes) -> bytes:
    return cdxj.line(
        type=piece.type,
        record_id=piece.id,
        truncated=any(name == "WARC-Truncated" for name, _ in piece.fields),
        url=piece.url,
        date=piece.date,
        message=message,
        payload_digest=piece.payload_digest,
        address=address,
        raw=raw,
    )
