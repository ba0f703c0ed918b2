import io
import random
import zlib

import pytest

from archive import framing
from archive.member import BrokenMemberError, members
from archive.stored import stored
from archive.window import Window

SIZES = [0, 1, 300, 65_534, 65_535, 65_536, 200_000]


def content(size: int) -> bytes:
    return random.Random(size).randbytes(size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("have", [10, 11, 1000, 10**6])
def test_a_stored_member_is_read_as_zlib_reads_it_however_much_of_it_is_at_hand(size: int, have: int) -> None:
    member = framing.stored(content(size))
    stream = io.BytesIO(member + b"next")
    window = Window(stream, stream.read(have))
    assert stored(window, 2**20) == (len(member), content(size))
    assert window.take(len(member)) == member
    assert window.take(window.ahead) + stream.read() == b"next"
    assert zlib.decompress(member, 31) == content(size)


def test_what_zlib_stored_is_read_the_same_way() -> None:
    packing = zlib.compressobj(0, zlib.DEFLATED, 31)
    member = packing.compress(content(100_000)) + packing.flush()
    assert [each.data for each in members(io.BytesIO(member * 3))] == [content(100_000)] * 3


@pytest.mark.parametrize("place", [12, 13, 14, 20, 300, -1, -4, -5, -8])
def test_a_damaged_member_is_left_for_zlib_to_judge(place: int) -> None:
    damaged = bytearray(framing.stored(content(1000)))
    damaged[place] ^= 1
    assert stored(Window(io.BytesIO(), bytes(damaged)), 2**20) == (0, b"")
    with pytest.raises(BrokenMemberError, match="cannot be inflated"):
        list(members(io.BytesIO(bytes(damaged))))


def test_a_torn_member_is_torn_and_one_beyond_the_limit_is_refused() -> None:
    member = framing.stored(content(70_000))
    for size in (11, 15, 66_000, len(member) - 1):
        with pytest.raises(BrokenMemberError) as torn:
            list(members(io.BytesIO(member[:size])))
        assert torn.value.torn
    with pytest.raises(BrokenMemberError, match="more than 60000 bytes"):
        list(members(io.BytesIO(member), limit=60_000))
