from __future__ import annotations

import random

import pytest

from archive.glance import Glance
from archive.message import Message

NAMES = ("content-type", "Content-Length", "transfer-encoding", "ETag", "Last-Modified", "x")
PIECES = (
    b"\r\n",
    b"\n",
    b"\r",
    b" ",
    b"\t",
    b":",
    b": ",
    b"3",
    b"\xe9\xc0",
    b"\x85",
    b"HTTP/1.1 200 OK",
    b"HTTP/1.1 404",
    b"\r\nContent-Type: text/html",
    b"\r\ncontent-length: 3",
    b"\r\nTransfer-Encoding: chunked",
    b"\r\nETAG:\x0b 1",
    b"\r\nlast-modified:\t2 \r\n",
    b"\r\n\r\n",
)


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nA: 1\n\nrest\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: 1\r\n folded\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nETag : 1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nETag: 1\r\n",
    ],
)
def test_an_unusual_head_is_left_to_the_message(head: bytes) -> None:
    assert Glance.of(head, 0, len(head)) is None


def test_the_head_is_sought_only_where_the_message_lies() -> None:
    data = b"before\r\n\r\nHTTP/1.1 200 OK\r\nETag: 1\r\n\r\nbody"
    found = Glance.of(data, 10, len(data))
    assert found
    assert (found.status, found.get("etag"), found.size) == (200, "1", len(data) - 14)
    assert Glance.of(data, 10, 37) is None


def test_the_payload_is_framed_by_one_length_that_fits_or_by_none() -> None:
    lines = {
        b"": True,
        b"Content-Length: 3\r\n": True,
        b"Content-Length: 03\r\n": False,
        b"Content-Length: 3\r\ncontent-length: 3\r\n": False,
        b"Transfer-Encoding: chunked\r\n": False,
    }
    for line, framed in lines.items():
        assert Glance(b"HTTP/1.1 200 OK\r\n" + line + b"\r\n").frames(3) is framed


def test_it_says_of_any_bytes_what_the_message_says_or_nothing() -> None:
    chance, glanced = random.Random(3), 0
    for _ in range(3000):
        data = b"".join(chance.choices(PIECES, k=chance.randint(1, 12)))
        message = Message(data)
        if found := Glance.of(data, 0, len(data)):
            glanced += 1
            assert (found.size, found.status) == (message.head.size, message.status)
            assert [found.get(name) for name in NAMES] == [message.get(name) for name in NAMES]
            if found.frames(size := len(message.body)):
                assert message.get("transfer-encoding") is None
                assert message.get_all("content-length") in ([], [str(size)])
    assert glanced > 100
