import gzip
import hashlib
import io
import subprocess
import zlib
from pathlib import Path

import pytest

from archive import jsonl, manifest
from archive.fingerprint import TornError, fingerprint, sha256
from archive.seal import seal
from archive.store import open_store
from schemas import errors
from tests.archive.crawled import FACTS, crawl, derive


def packed(count: int) -> bytes:
    target = io.BytesIO()
    jsonl.write(target, (jsonl.line({"n": n}) for n in range(count)))
    return target.getvalue()


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 3500])
def test_lines_lie_in_members_of_a_thousand_whose_offsets_are_told(count: int) -> None:
    data = packed(count)
    found = fingerprint(io.BytesIO(data), gzipped=True)
    assert found.lines == count
    assert len(found.members) == max(1, -(-count // 1000))
    for place, begin in enumerate(found.members):
        first = zlib.decompressobj(31).decompress(data[begin:]).split(b"\n")[0]
        assert first == (b'{"n":%d}' % (place * 1000) if count else b"")


@pytest.mark.parametrize("count", [0, 1, 2500])
def test_lines_are_read_back_by_us_and_by_gzip(count: int) -> None:
    data = packed(count)
    assert list(jsonl.read(io.BytesIO(data))) == [{"n": n} for n in range(count)]
    assert gzip.decompress(data) == b"".join(b'{"n":%d}\n' % n for n in range(count))
    assert subprocess.run(["gzip", "-t"], input=data, check=False).returncode == 0


def test_a_member_tells_neither_time_nor_name() -> None:
    assert packed(1)[:10] == bytes([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3])


def test_a_line_keeps_the_order_of_its_keys_and_its_letters() -> None:
    assert jsonl.line({"б": "«ё»", "a": None}) == '{"б":"«ё»","a":null}\n'.encode()


def test_a_line_longer_than_what_is_read_at_once_comes_back_whole() -> None:
    target, value = io.BytesIO(), {"text": "я" * 3_000_000}
    jsonl.write(target, [jsonl.line(value), jsonl.line(1)])
    assert list(jsonl.read(io.BytesIO(target.getvalue()))) == [value, 1]


def test_a_stream_is_compressed_piece_by_piece_into_one_member() -> None:
    target, text = io.BytesIO(), b"12:00 a line of the log\n" * 100_000
    jsonl.compress(io.BytesIO(text), target)
    assert gzip.decompress(target.getvalue()) == text
    assert fingerprint(io.BytesIO(target.getvalue()), gzipped=True).members == (0,)


@pytest.mark.parametrize("cut", [1, 8, 9, 500])
def test_a_torn_file_is_told_by_fingerprint_and_by_reading(cut: int) -> None:
    data = packed(2500)[:-cut]
    with pytest.raises(TornError, match="cut off"):
        fingerprint(io.BytesIO(data), gzipped=True)
    with pytest.raises(TornError, match="cut off"):
        list(jsonl.read(io.BytesIO(data)))


def test_what_is_no_gzip_is_told_with_its_place() -> None:
    data = packed(1000)
    for broken in (data + b"zeros\0\0", data[:50] + b"\0\0\0\0" + data[54:]):
        with pytest.raises(TornError, match=r"member at byte \d+ cannot be read"):
            fingerprint(io.BytesIO(broken), gzipped=True)
        with pytest.raises(TornError, match="cannot be read"):
            list(jsonl.read(io.BytesIO(broken)))


def test_a_last_line_without_its_end_is_torn() -> None:
    with pytest.raises(TornError, match="last line"):
        list(jsonl.read(io.BytesIO(jsonl.compressed(b'{"n":1}\n{"n":2}'))))


def test_a_fingerprint_is_of_the_bytes_and_of_what_they_hold() -> None:
    data = packed(10)
    found = fingerprint(io.BytesIO(data), gzipped=True)
    plain = gzip.decompress(data)
    assert (found.size, found.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert (found.plain_size, found.plain_sha256) == (len(plain), hashlib.sha256(plain).hexdigest())
    assert sha256(io.BytesIO(data)) == fingerprint(io.BytesIO(data), gzipped=False).sha256 == found.sha256


def test_canonical_json_is_that_of_rfc_8785() -> None:
    assert (
        manifest.canonical({"б": 1.0, "a": [True, None, "\n\u20ac"]})
        == '{"a":[true,null,"\\n€"],"б":1}'.encode()
    )


@pytest.mark.parametrize(
    ("data", "complaint"),
    [(b"[]", "a JSON object"), (b"1", "a JSON object"), (b"", "this is none"), (b"{", "this is none")],
)
def test_what_is_no_object_is_no_manifest(data: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        manifest.parse(data)


def test_the_manifest_names_every_file_as_it_lies_there(tmp_path: Path) -> None:
    sealed = seal(crawl(open_store(str(tmp_path / "data")), tmp_path / "work"), derive, facts=FACTS)
    folder = sealed.work.folder
    told = {line["path"]: line for line in sealed.manifest["files"]}
    kept = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.*")
        if path.suffix in {".gz", ".idx", ".json"}
    }
    assert set(told) == kept - {"manifest.json", "claim.json"}
    for path, line in told.items():
        data = (folder / path).read_bytes()
        assert (line["size"], line["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
        assert ("uncompressedSha256" in line) == (path.endswith(".gz") and not path.startswith("warc/"))
        if "uncompressedSha256" in line:
            assert line["uncompressedSha256"] == hashlib.sha256(gzip.decompress(data)).hexdigest()


def test_the_manifest_is_valid_and_canonical_and_says_who_made_it(tmp_path: Path) -> None:
    sealed = seal(crawl(open_store(str(tmp_path / "data")), tmp_path / "work"), derive, facts=FACTS)
    data = (sealed.work.folder / "manifest.json").read_bytes()
    told = manifest.parse(data)
    assert errors("manifest", told) == []
    assert manifest.canonical(told) == data
    assert sealed.sha256 == hashlib.sha256(data).hexdigest()
    assert {name: told[name] for name in FACTS} == dict(FACTS)
    assert told["zlib"] == zlib.ZLIB_RUNTIME_VERSION
    assert told["counts"] == {"links": 9, "articles": 3, "rejects": 1, "truncated": 0, "records": 30}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("snapshot", "ria"),
        ("status", "whole"),
        ("started", "yesterday"),
        ("files", []),
        ("settings", "abc"),
        ("dependencies", ["x"]),
    ],
)
def test_a_manifest_that_breaks_its_schema_is_refused(field: str, value: object, tmp_path: Path) -> None:
    sealed = seal(crawl(open_store(str(tmp_path / "data")), tmp_path / "work"), derive, facts=FACTS)
    faults = errors("manifest", dict(sealed.manifest) | {field: value})
    assert [fault.path.split("/")[1] for fault in faults] == [field]
