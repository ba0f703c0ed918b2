"""REPLAY names WARC and WACZ files, whoever wrote them: what they hold answers, damage is told."""

from __future__ import annotations

import gzip
import random
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.settings import Settings

from archive.framing import digest
from archive.original import Original
from archive.record import BrokenRecordError
from crawler.held import NotHeldError, complaint, held, moment
from crawler.route import ConfigError
from tests.archive import exchange, framed, packed, response, writer
from tests.proving import some

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from archive.record import Exchange

PAGE = "https://chronik.example/2026/page.html"


def files(folder: Path, exchanges: Iterable[Exchange], **given: Any) -> Path:
    folder.mkdir(exist_ok=True)
    writing = writer(folder, **given)
    for one in exchanges:
        writing.exchange(one)
    (path,) = writing.close()
    return path


def found_in(*paths: Path, url: str = PAGE, **told: Any) -> Any:
    return held(Settings({"REPLAY": [*map(str, paths)]})).find(url, **told)


def test_an_answer_to_a_post_is_none_to_a_get(tmp_path: Path) -> None:
    asked = (
        exchange(
            1, response(method.lower().encode()), url=PAGE, request=f"{method} / HTTP/1.1\r\n\r\n".encode()
        )
        for method in ("GET", "POST")
    )
    path = files(tmp_path, asked)
    assert found_in(path).response.message.body == b"get"
    assert found_in(path, method="POST").response.message.body == b"post"
    with pytest.raises(NotHeldError, match=r"^HEAD .* is not in .*; held is .* \(POST\), .* \(GET\)$"):
        found_in(path, method="HEAD")


REVISIT = {
    "WARC-Type": "revisit",
    "WARC-Record-ID": "<urn:uuid:2>",
    "WARC-Date": "2026-11-23T06:00:00Z",
    "WARC-Target-URI": f"<{PAGE}>",
}


@pytest.mark.parametrize("by", ["WARC-Refers-To", "WARC-Refers-To-Target-URI", "WARC-Payload-Digest"])
def test_revisits_of_other_writers_lead_to_their_originals(tmp_path: Path, by: str) -> None:
    first = exchange(1, response(b"original"), url="https://chronik.example/old")
    path = files(tmp_path, [first])
    original = found_in(path, url=first.url).response
    said = {
        "WARC-Refers-To": f"<{original.id}>",
        "WARC-Refers-To-Target-URI": f"<{original.url}>",
        "WARC-Payload-Digest": original.get("WARC-Payload-Digest") or "",
    }
    more = {"WARC-Refers-To-Date": original.date} if by.endswith("URI") else {}
    with path.open("ab") as stream:
        stream.write(framed({**REVISIT, by: said[by], **more}, b"HTTP/1.1 200 OK\r\n\r\n"))
    answer = found_in(path)
    assert (answer.response, answer.revisit) == (original, True)


def resource(url: str, media: str = "text/html; charset=utf-8") -> bytes:
    said = {"WARC-Type": "resource", "WARC-Record-ID": f"<urn:uuid:{len(url)}>", "WARC-Target-URI": url}
    return framed({**said, "WARC-Date": "2026-11-23T06:00:00Z", "Content-Type": media}, b"<h1>kept</h1>")


def test_a_resource_of_the_web_answers_with_its_body_and_media_type_and_nothing_else_does(
    tmp_path: Path,
) -> None:
    path = tmp_path / "resource.warc.gz"
    path.write_bytes(resource(PAGE) + resource("urn:letopis:settings") + resource(f"urn:view:{PAGE}"))
    found = found_in(path)
    message = found.response.message
    assert (message.status, message.get("Content-Type")) == (200, "text/html; charset=utf-8")
    assert (message.content(), found.request) == (b"<h1>kept</h1>", None)
    assert found.response.get("WARC-Payload-Digest") in (None, digest(b"<h1>kept</h1>"))
    for url in ("urn:letopis:settings", f"urn:view:{PAGE}"):
        with pytest.raises(NotHeldError):
            found_in(path, url=url)


def test_a_revisit_without_its_original_is_a_miss_that_says_what_is_lacking(tmp_path: Path) -> None:
    path = tmp_path / "revisit.warc.gz"
    path.write_bytes(
        framed({**REVISIT, "WARC-Refers-To-Date": "2026-11-22T06:00:00Z"}, b"HTTP/1.1 200 OK\r\n\r\n")
    )
    with pytest.raises(
        NotHeldError, match=r"was unchanged since .* of 2026-11-22T06:00:00Z, which is not in"
    ):
        found_in(path)


def test_an_original_in_another_file_that_is_named_is_found(tmp_path: Path) -> None:
    first = files(tmp_path / "1", [exchange(1, response(b"original"), url=PAGE)])
    record = found_in(first).response
    writing = writer(tmp_path / "1", new_id=lambda: "urn:uuid:9")
    original = Original(record.id, PAGE, record.date, record.get("WARC-Payload-Digest") or "", record.address)
    (tmp_path / "2").mkdir()
    writing = writer(tmp_path / "2", new_id=iter([f"urn:uuid:2-{n}" for n in range(9)]).__next__)
    writing.exchange(exchange(2, response(b"original"), url=PAGE), original=original)
    (second,) = writing.close()
    assert found_in(second, first).response == record
    with pytest.raises(NotHeldError):
        found_in(second)


@pytest.fixture
def wacz(tmp_path: Path) -> Path:
    """A WACZ that holds two WARC files, one of them inside a further WACZ, and a third that was compressed again."""
    paths = [
        files(tmp_path / str(n), [exchange(1, response(b"%d" % n), url=f"{PAGE}?{n}")]) for n in range(3)
    ]
    with zipfile.ZipFile(tmp_path / "inner.wacz", "w") as inner:
        inner.write(paths[1], "archive/inner.warc.gz")
    with zipfile.ZipFile(tmp_path / "outer.wacz", "w") as outer:
        outer.writestr("pages/pages.jsonl", "{}" * 1000, zipfile.ZIP_DEFLATED)
        outer.write(paths[0], "archive/data.warc.gz")
        outer.write(tmp_path / "inner.wacz", "inner.wacz")
        outer.write(paths[2], "archive/again.warc.gz", zipfile.ZIP_DEFLATED)
    return tmp_path / "outer.wacz"


def test_a_wacz_is_read_without_unpacking_it_and_what_cannot_be_is_told(wacz: Path) -> None:
    one = held(Settings({"REPLAY": str(wacz)}))
    assert [one.find(f"{PAGE}?{n}").response.message.body for n in (1, 0)] == [b"1", b"0"]
    with pytest.raises(NotHeldError):
        one.find(f"{PAGE}?2")
    assert [trouble.partition(" in ")[0] for trouble in one.troubles] == ["archive/again.warc.gz"]


def test_a_wacz_that_is_torn_or_empty_is_told(wacz: Path, tmp_path: Path) -> None:
    torn, empty = tmp_path / "torn.wacz", tmp_path / "empty.wacz"
    torn.write_bytes(wacz.read_bytes()[:1000])
    with zipfile.ZipFile(empty, "w") as made:
        made.writestr("pages/pages.jsonl", "{}")
    one = held(Settings({"REPLAY": f"{torn},{empty}"}))
    with pytest.raises(NotHeldError):
        one.find(PAGE)
    assert one.troubles[0].startswith(f"{torn} is no whole zip file")
    assert one.troubles[1:] == [f"{empty} is a zip file without a WARC file"]


@pytest.mark.parametrize("seed", some(range(200), 20))
def test_no_damage_to_a_file_ends_in_more_than_a_word_about_it(wacz: Path, seed: int) -> None:
    chance, bytes_ = random.Random(seed), bytearray(wacz.read_bytes())
    for _ in range(chance.randrange(1, 6)):
        bytes_[chance.randrange(len(bytes_))] = chance.randrange(256)
    wacz.write_bytes(bytes_)
    one = held(Settings({"REPLAY": str(wacz)}))
    for n in range(2):
        with suppress(NotHeldError, BrokenRecordError):
            one.find(f"{PAGE}?{n}")


def test_a_record_without_a_date_is_passed_over_and_told(tmp_path: Path) -> None:
    path = tmp_path / "old.warc"
    path.write_bytes(b"".join(plain(date, date.encode()) for date in ("yesterday", "2016")))
    one = held(Settings({"REPLAY": str(path)}))
    assert one.find(PAGE).response.message.body == b"2016"
    assert one.troubles == ["old.warc at offset 0 is passed over: 'yesterday' is no date"]


def plain(date: str, body: bytes) -> bytes:
    """A response record as it stands in a file without compression."""
    block = response(body)
    head = f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: {date}\r\n"
    rest = f"WARC-Target-URI: {PAGE}\r\nContent-Length: {len(block)}\r\n\r\n"
    return f"{head}{rest}".encode() + block + b"\r\n\r\n"


def test_a_file_that_is_torn_is_read_as_far_as_it_goes_and_that_is_told(tmp_path: Path) -> None:
    path = files(tmp_path, [exchange(n, url=f"{PAGE}?{n}") for n in (1, 2)])
    whole = found_in(path, url=f"{PAGE}?2").response
    path.write_bytes(path.read_bytes()[: whole.address.offset + 100])
    one = held(Settings({"REPLAY": str(path)}))
    assert one.find(f"{PAGE}?1").response.url == f"{PAGE}?1"
    with pytest.raises(NotHeldError):
        one.find(f"{PAGE}?2")
    assert len(one.troubles) == 1
    assert one.troubles[0].startswith(f"{path} is read no further than that")


@pytest.mark.parametrize(
    "data",
    [b"# Letopis\n", gzip.compress(b"# Letopis\n", mtime=0), b"\x00" * 2000, b"\n"],
    ids=["text", "gzip", "zeros", "line"],
)
def test_a_file_that_is_no_warc_is_told_before_anything_is_asked_of_it(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "README.md"
    path.write_bytes(data)
    assert complaint(Settings({"REPLAY": str(path)})) == f"REPLAY: {path} is no WARC or WACZ file"


@pytest.mark.parametrize("kept", [0, 2, 20, 300])
def test_a_file_that_is_torn_anywhere_is_named_all_the_same(tmp_path: Path, kept: int) -> None:
    whole = files(tmp_path, [exchange()])
    bare, packed_ = tmp_path / "bare.warc", tmp_path / "packed.warc.gz"
    packed_.write_bytes(whole.read_bytes()[:kept])
    bare.write_bytes(plain("2016", b"old")[:kept])
    assert complaint(Settings({"REPLAY": f"{bare},{packed_}"})) is None


def test_a_file_without_compression_and_with_rough_dates_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.warc"
    path.write_bytes(plain("2016-09", b"old"))
    answer = found_in(path)
    assert (answer.response.message.body, answer.request) == (b"old", None)
    assert packed(path.read_bytes())


@pytest.mark.parametrize("replay", ["", " ", ",", "data,", []])
def test_an_archive_that_is_named_by_nothing_is_told(replay: object) -> None:
    assert (complaint(Settings({"REPLAY": replay})) or "").startswith("REPLAY names nothing: ")


def test_an_instant_without_an_archive_is_told() -> None:
    assert (complaint(Settings({"REPLAY_AT": "2026-11-22"})) or "").startswith("REPLAY_AT is set, but not")
    assert complaint(Settings()) is None


def test_a_date_that_is_none_is_told(tmp_path: Path) -> None:
    path = files(tmp_path, [exchange()])
    assert "write 2026-11-22" in (complaint(Settings({"REPLAY": str(path), "REPLAY_AT": "soon"})) or "")
    with pytest.raises(ConfigError):
        moment("2026-13-01")
