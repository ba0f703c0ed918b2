"""What a revisit stands for: the record that holds the page, in whichever snapshot it lies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from archive.framing import uri
from archive.record import Address, unbracketed

if TYPE_CHECKING:
    from archive.framing import Field
    from archive.record import Record

ADDRESS = "WARC-Letopis-Refers-To-Address"
PLACE = re.compile(r"(?P<file>[^@\s]+)@(?P<offset>\d+)\+(?P<length>[1-9]\d*)")


@dataclass(frozen=True, slots=True)
class Original:
    """The response record, in a committed snapshot, that a revisit stands for."""

    record_id: str
    url: str
    date: str
    payload_digest: str
    address: Address

    @property
    def snapshot(self) -> str:
        """The snapshot that holds it: WARC files are named for theirs."""
        return self.address.file.rpartition("-")[0]

    def fields(self) -> list[Field]:
        """What a revisit says of it (WARC/1.1 section 6.7), and where it lies."""
        place = self.address
        return [
            ("WARC-Refers-To", f"<{self.record_id}>"),
            ("WARC-Refers-To-Target-URI", uri(self.url)),
            ("WARC-Refers-To-Date", self.date),
            (ADDRESS, f"{place.file}@{place.offset}+{place.length}"),
        ]

    @classmethod
    def of(cls, record: Record) -> Self | None:
        """What a revisit record names; None for one that does not say where its original lies, as other writers' do not."""
        place = PLACE.fullmatch(record.get(ADDRESS) or "") if record.type == "revisit" else None
        if place is None:
            return None
        return cls(
            unbracketed(record.get("WARC-Refers-To") or ""),
            record.get("WARC-Refers-To-Target-URI") or "",
            record.get("WARC-Refers-To-Date") or "",
            record.get("WARC-Payload-Digest") or "",
            Address(place["file"], int(place["offset"]), int(place["length"])),
        )
