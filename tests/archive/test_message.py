import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.message import (
    BrokenCodingError,
    ContentError,
    CutCodingError,
    TooLargeError,
    UnknownCodingError,
    dechunk,
)
from archive.record import Message
from tests.archive import PAGE, chunked

HEAD = b"HTTP/1.1 200 OK\r\n"


def message(*lines: bytes, body: bytes = b"") -> Message:
    return Message(b"\r\n".join((b"HTTP/1.1 200 OK", *lines, b"", body)))


def test_a_message_gives_its_parts_as_they_were_sent() -> None:
    read = Message(b"HTTP/1.1 404 Not  Found \r\nX-A:  1 \r\nx-a:2\r\nEmpty:\r\n\r\n\r\nbody\r\n")
    assert read.start_line == b"HTTP/1.1 404 Not  Found "
    assert (read.status, read.reason) == (404, "Not  Found ")
    assert read.headers == (("X-A", "1"), ("x-a", "2"), ("Empty", ""))
    assert read.get_all("X-a") == ["1", "2"]
    assert read.get("X-A") == "1"
    assert read.get("absent") is None
    assert read.body == b"\r\nbody\r\n"


def test_line_feeds_alone_end_lines_too() -> None:
    read = Message(b"HTTP/1.0 200 OK\nA: 1\nB: 2\n\nbody\r\n\r\n")
    assert (read.status, read.headers, read.body) == (200, (("A", "1"), ("B", "2")), b"body\r\n\r\n")


def test_a_header_may_end_its_lines_in_both_ways() -> None:
    assert Message(b"HTTP/1.0 200 OK\r\nA: 1\n\r\nbody").body == b"body"
    assert Message(b"HTTP/1.0 200 OK\nA: 1\r\n\nbody").body == b"body"


def test_folded_lines_are_joined_by_one_space() -> None:
    assert message(b"A: 1", b"  two", b"\tthree", b"B: 4").headers == (("A", "1 two three"), ("B", "4"))


def test_a_line_without_a_colon_or_a_name_is_left_out_but_stays_in_the_block() -> None:
    read = message(b"A: 1", b"nonsense", b": nameless", b"B: 2")
    assert read.headers == (("A", "1"), ("B", "2"))
    assert b"nonsense" in read.block


def test_bytes_above_ascii_are_latin_1_so_that_none_is_lost() -> None:
    read = message(b"X-N\xe4me: M\xfc\xa0\x85 ")
    assert read.headers == (("X-Näme", "Mü\xa0\x85"),)
    assert (
        Message(b"HTTP/1.1 200 \xcf\xee\xf0\xff\xe4\xee\xea\r\n\r\n")
        .reason.encode("latin-1")
        .decode("cp1251")
        == "Порядок"
    )


@pytest.mark.parametrize(
    ("line", "status", "reason"),
    [
        (b"HTTP/1.1 200", 200, ""),
        (b"HTTP/1.1 200 ", 200, ""),
        (b"HTTP/1.1  301  Moved", 301, "Moved"),
        (b"HTTP/2 200 OK", 200, "OK"),
        (b"GET / HTTP/1.1", 0, ""),
        (b"HTTP/1.1 OK", 0, ""),
        (b"HTTP/1.1 2000 OK", 0, ""),
        (b"", 0, ""),
    ],
)
def test_a_start_line_gives_status_and_reason_or_nothing(line: bytes, status: int, reason: str) -> None:
    read = Message(line + b"\r\n\r\n")
    assert (read.start_line, read.status, read.reason) == (line, status, reason)


def test_a_message_cut_in_its_header_has_no_body() -> None:
    read = Message(b"HTTP/1.1 200 OK\r\nA: 1\r\nB: ")
    assert (read.headers, read.body, read.content()) == ((("A", "1"), ("B", "")), b"", b"")


def test_nothing_at_all_is_a_message_without_parts() -> None:
    assert (Message(b"").status, Message(b"").headers, Message(b"").content()) == (0, (), b"")


@pytest.mark.proof("HTTP messages are taken apart rightly, whatever bytes they hold")
@given(st.binary(max_size=400))
def test_no_bytes_make_a_message_fail(block: bytes) -> None:
    for read in (
        Message(block),
        Message(HEAD + block),
        Message(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + block),
    ):
        assert read.block[read.head.size :] == read.body
        assert len(read.payload()) <= len(read.block)
        assert read.start_line in read.block


NAMES = st.text("abcdefghijklmnopqrstuvwxyzABC-0123456789", min_size=1, max_size=12)


VALUES = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=30).map(
    lambda value: value.strip(" \t")
)


@pytest.mark.proof("HTTP messages are taken apart rightly, whatever bytes they hold")
@given(
    st.lists(st.tuples(NAMES, VALUES), max_size=8), st.binary(max_size=60), st.sampled_from([b"\r\n", b"\n"])
)
def test_headers_come_back_in_order_and_case(headers: list[tuple[str, str]], body: bytes, end: bytes) -> None:
    lines = [f"{name}: {value}".encode("latin-1") for name, value in headers]
    read = Message(end.join((b"HTTP/1.1 200 OK", *lines, b"", body)))
    assert read.headers == tuple(headers)
    assert read.body == body


@pytest.mark.proof("HTTP messages are taken apart rightly, whatever bytes they hold")
@given(st.lists(st.binary(min_size=1, max_size=50), max_size=6))
def test_chunk_framing_is_undone_whatever_the_chunks_hold(chunks: list[bytes]) -> None:
    assert Message(chunked(*chunks)).payload() == b"".join(chunks)


@pytest.mark.proof("HTTP messages are taken apart rightly, whatever bytes they hold")
@given(st.lists(st.binary(min_size=1, max_size=15), min_size=1, max_size=4), st.integers(min_value=0))
def test_a_chunked_body_cut_anywhere_gives_a_beginning_of_it(chunks: list[bytes], cut: int) -> None:
    whole = chunked(*chunks).partition(b"\r\n\r\n")[2]
    body = whole[
        : 3 + cut % len(whole)
    ]  # before the first size line has ended nobody can tell a cut from an untrue header
    assert b"".join(chunks).startswith(dechunk(body))


@pytest.mark.parametrize(
    ("body", "payload"),
    [
        (b"3\r\nabc\r\n0\r\n\r\n", b"abc"),
        (b"3\r\nabc\r\n", b"abc"),
        (b"3\r\nab", b"ab"),
        (b"3\nabc\n0\n\n", b"abc"),
        (b"0003  \r\nabc\r\n0\r\n\r\n", b"abc"),
        (b'3;name=value;q="x"\r\nabc\r\n0;last\r\nTrailer: 1\r\n\r\n', b"abc"),
        (b"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", b"0123456789" * 2),
        (b"3\r\nabc\r\nzz\r\nabc\r\n", b"abc"),
        (b"0\r\n\r\n", b""),
        (b"", b""),
        (b"<html>not chunked at all", b"<html>not chunked at all"),
    ],
)
def test_chunked_bodies_give_what_is_there(body: bytes, payload: bytes) -> None:
    assert message(b"Transfer-Encoding: Chunked", body=body).payload() == payload


def test_content_length_ends_the_payload_unless_it_is_chunked_or_in_doubt() -> None:
    assert message(b"Content-Length: 3", body=b"abcdef").payload() == b"abc"
    assert message(b"Content-Length: 30", body=b"abcdef").payload() == b"abcdef"
    assert message(b"Content-Length: 3", b"Content-Length: 4", body=b"abcdef").payload() == b"abcdef"
    assert message(b"Content-Length: 3", b"Content-Length: 3", body=b"abcdef").payload() == b"abc"
    assert message(b"Content-Length: three", body=b"abcdef").payload() == b"abcdef"
    assert (
        message(b"Content-Length: 1", b"Transfer-Encoding: chunked", body=b"2\r\nab\r\n0\r\n\r\n").payload()
        == b"ab"
    )
    assert message(b"Content-Length: 5", b"Transfer-Encoding: gzip", body=b"abcdef").payload() == b"abcdef"


RAW_DEFLATE = zlib.compress(PAGE)[2:-4]


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        (b"gzip", gzip.compress(PAGE, mtime=0)),
        (b"GZip", gzip.compress(PAGE, mtime=0)),
        (b"x-gzip", gzip.compress(PAGE, mtime=0)),
        (b"gzip", gzip.compress(PAGE[:10], mtime=0) + gzip.compress(PAGE[10:], mtime=0)),
        (b"gzip", gzip.compress(PAGE, mtime=0) + b"\0\0\0padding"),
        (b"deflate", zlib.compress(PAGE)),
        (b"deflate", RAW_DEFLATE),
        (b"identity", PAGE),
        (b"deflate, gzip", gzip.compress(zlib.compress(PAGE), mtime=0)),
        (b"", PAGE),
    ],
)
def test_content_coding_is_undone(coding: bytes, body: bytes) -> None:
    assert message(b"Content-Encoding: " + coding, body=body).content() == PAGE


def test_chunking_and_content_coding_are_undone_in_their_order() -> None:
    packed_page = gzip.compress(PAGE)
    framed = chunked(packed_page[:7], packed_page[7:]).replace(
        b"Content-Type", b"Content-Encoding: gzip\r\nContent-Type"
    )
    assert Message(framed).content() == PAGE
    assert Message(framed).payload() == packed_page


def test_an_empty_body_needs_no_decoding() -> None:
    assert message(b"Content-Encoding: gzip").content() == b""
    assert message(b"Content-Encoding: br").content() == b""


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_bomb_ends_at_the_limit(coding: str) -> None:
    wbits = 31 if coding == "gzip" else 15
    deflate = zlib.compressobj(9, zlib.DEFLATED, wbits)
    bomb = deflate.compress(bytes(50_000_000)) + deflate.flush()
    read = message(b"Content-Encoding: " + coding.encode(), body=bomb)
    with pytest.raises(TooLargeError, match="more than 1000 bytes") as caught:
        read.content(limit=1000)
    assert caught.value.partial == bytes(1000)


def test_a_bomb_inside_a_bomb_ends_at_the_limit() -> None:
    bomb = gzip.compress(gzip.compress(bytes(10_000_000)))
    with pytest.raises(TooLargeError):
        message(b"Content-Encoding: gzip, gzip", body=bomb).content(limit=20_000)


def test_content_of_exactly_the_limit_is_given() -> None:
    assert message(b"Content-Encoding: gzip", body=gzip.compress(bytes(1000))).content(limit=1000) == bytes(
        1000
    )
    assert message(body=bytes(1000)).content(limit=1000) == bytes(1000)
    with pytest.raises(TooLargeError):
        message(body=bytes(1001)).content(limit=1000)


def test_a_cut_body_is_told_and_given_as_far_as_it_goes() -> None:
    body = gzip.compress(PAGE * 50, mtime=0)
    for size in range(1, len(body)):
        with pytest.raises(CutCodingError) as caught:
            message(b"Content-Encoding: gzip", body=body[:size]).content()
        assert (PAGE * 50).startswith(caught.value.partial)


def test_a_broken_body_is_told_and_given_as_far_as_it_goes() -> None:
    wrong = bytearray(gzip.compress(PAGE))
    wrong[-8] ^= 1
    for body in (bytes(wrong), b"<html>", gzip.compress(PAGE) + b"\x1f\x8b\x08\xff"):
        with pytest.raises(BrokenCodingError) as caught:
            message(b"Content-Encoding: gzip", body=body).content()
        assert PAGE.startswith(caught.value.partial)


@pytest.mark.parametrize("coding", [b"br", b"zstd", b"aes128gcm"])
def test_a_coding_that_was_never_asked_for_is_named(coding: bytes) -> None:
    with pytest.raises(UnknownCodingError, match=coding.decode()):
        message(b"Content-Encoding: " + coding, body=b"x").content()


@pytest.mark.proof("HTTP messages are taken apart rightly, whatever bytes they hold")
@given(st.binary(max_size=300), st.sampled_from([b"gzip", b"deflate", b"gzip, deflate"]))
def test_content_fails_only_in_named_ways(body: bytes, coding: bytes) -> None:
    try:
        content = message(b"Content-Encoding: " + coding, body=body).content(limit=10_000)
    except ContentError as error:
        content = error.partial
    assert len(content) <= 10_000
