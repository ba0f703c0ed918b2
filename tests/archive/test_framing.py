import gzip
import os
import zlib
from datetime import datetime, timedelta, timezone
from uuid import RFC_4122, UUID

import pytest

from archive.framing import new_id, stamp, stored


@pytest.mark.parametrize("size", [0, 1, 0xFFFF - 4, 0xFFFF - 3, 0xFFFF + 1, 2 * 0xFFFF, 300_000])
def test_what_is_stored_is_one_member_that_inflates_to_it(size: int) -> None:
    head, block = b"head", os.urandom(max(0, size - 4))
    member = stored(head, block)
    inflate = zlib.decompressobj(31)
    assert inflate.decompress(member) == head + block
    assert inflate.eof
    assert inflate.unused_data == b""
    assert gzip.decompress(member * 2) == (head + block) * 2


def test_a_stored_member_is_what_zlib_makes_of_the_same_bytes() -> None:
    data = os.urandom(5000)
    deflate = zlib.compressobj(0, zlib.DEFLATED, 31)
    assert stored(data) == deflate.compress(data) + deflate.flush()


def test_each_id_is_a_random_uuid_of_its_own() -> None:
    drawn = [UUID(new_id().removeprefix("urn:uuid:")) for _ in range(100)]
    assert {(one.version, one.variant) for one in drawn} == {(4, RFC_4122)}
    assert len(set(drawn)) == len(drawn)


def test_an_instant_is_told_in_utc_to_the_microsecond() -> None:
    assert (
        stamp(datetime(2026, 11, 22, 9, tzinfo=timezone(timedelta(hours=3)))) == "2026-11-22T06:00:00.000000Z"
    )
    with pytest.raises(ValueError, match="has no zone"):
        stamp(datetime(2026, 11, 22))  # noqa: DTZ001  that is the case
