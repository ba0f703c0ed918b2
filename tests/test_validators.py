"""Other people's validators over the WARCs of a newsroom crawled twice: what they refuse is what FORMAT.md excuses, record by record."""

import base64
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import pytest

from archive.framing import DEFLATE, frame
from archive.record import Record, records
from tests.twice import Twice, crawled_twice

PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
ID = re.compile(r"<(urn:uuid:[0-9a-f-]{36})>")
warcat_only = pytest.mark.skipif(not find_spec("warcat"), reason="warcat is not installed")


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Twice:
    return crawled_twice("rbc_kaliningrad", tmp_path_factory.mktemp("twice"), date(2026, 1, 2))


@pytest.fixture(scope="module")
def warcs(twice: Twice) -> list[Path]:
    return [*twice.warcs(twice.first), *twice.warcs(twice.second)]


@pytest.fixture(scope="module")
def kept(warcs: list[Path]) -> list[Record]:
    return [record for path in warcs for record in records(path)]


@pytest.fixture(scope="module")
def chunked(kept: list[Record]) -> set[str]:
    """Responses whose body came in chunks: tools hash it with its framing (warcio#74), the standard's payload is without."""
    answers = [record for record in kept if record.type == "response"]
    return {record.id for record in answers if record.message.get("Transfer-Encoding")}


@pytest.fixture(scope="module")
def revisits(kept: list[Record]) -> set[str]:
    """Records that repeat the payload digest of another one: tools hash the block, which holds no payload."""
    return {record.id for record in kept if record.type == "revisit"}


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    tool = shutil.which(str(command[0]), path=PATH)
    if tool is None:
        pytest.skip(f"{command[0]} is not installed")
    line = [tool, *map(str, command[1:])]
    return subprocess.run(line, capture_output=True, text=True, timeout=300, check=False)


def test_the_crawls_hold_what_the_tools_are_known_to_misjudge(chunked: set[str], revisits: set[str]) -> None:
    assert chunked
    assert revisits


def test_warcio_check_refuses_payload_digests_of_chunked_responses_and_nothing_else(
    warcs: list[Path], chunked: set[str]
) -> None:
    said = run("warcio", "check", *warcs).stdout
    assert set(re.findall(r"(\w+) digest failed", said)) == {"payload"}
    assert set(ID.findall(said)) == chunked


def test_fastwarc_check_accepts_every_block(warcs: list[Path], kept: list[Record]) -> None:
    done = [run("fastwarc", "check", path) for path in warcs]
    assert [one.returncode for one in done] == [0] * len(warcs)
    counts = [
        int(count) for one in done for count in re.findall(r"(\d+) records were", one.stdout + one.stderr)
    ]
    assert sum(counts) == len(kept)


def test_fastwarc_check_refuses_payload_digests_of_chunked_responses_and_of_revisits(
    warcs: list[Path], chunked: set[str], revisits: set[str]
) -> None:
    done = [run("fastwarc", "check", "-p", path) for path in warcs]
    assert {found for one in done for found in ID.findall(one.stdout + one.stderr)} == chunked | revisits


def warcat(path: Path) -> tuple[set[str], list[tuple[str, str]]]:
    """The ids that `python -m warcat verify` refuses, and every problem it names with its section of the standard."""
    said = run(sys.executable, "-m", "warcat", "verify", path).stderr
    refused = re.findall(r"Record <(\S+)> failed validation", said)
    return set(refused), re.findall(r"VerifyProblem: \('([^']*)', '([^']*)'", said)


@warcat_only
def test_warcat_reads_no_digest_in_base16_and_finds_nothing_else_wrong(
    warcs: list[Path], kept: list[Record]
) -> None:
    problems = [problem for path in warcs for problem in warcat(path)[1]]
    payloads = [record for record in kept if record.get("WARC-Payload-Digest")]
    assert set(problems) == {("Bad block digest.", "5.8"), ("Bad payload digest.", "5.9")}
    assert problems.count(("Bad block digest.", "5.8")) == len(kept)
    assert problems.count(("Bad payload digest.", "5.9")) == len(payloads)


@warcat_only
def test_warcat_accepts_the_same_records_with_the_same_digests_in_base32(
    warcs: list[Path], chunked: set[str], revisits: set[str], tmp_path: Path
) -> None:
    """But for the payloads that the others misjudge as well."""
    refused, problems = set(), set()
    for path in warcs:
        found = warcat(respelled(path, tmp_path / path.name))
        refused |= found[0]
        problems |= set(found[1])
    assert problems == {("Bad payload digest.", "5.9")}
    assert refused == chunked | revisits


def respelled(path: Path, target: Path) -> Path:
    """The file's records with their digests in Base32, everything else as it is."""
    with target.open("wb") as stream:
        for record in records(path):
            fields = [
                (name, base32(value) if name.endswith("-Digest") else value) for name, value in record.fields
            ]
            stream.write(
                frame([field for field in fields if field[0] != "Content-Length"], record.block, DEFLATE)
            )
    return target


def base32(value: str) -> str:
    name, _, digits = value.partition(":")
    return f"{name}:{base64.b32encode(bytes.fromhex(digits)).decode()}"


def test_cdxj_indexer_finds_each_exchange_where_our_index_says(twice: Twice) -> None:
    for edition in (twice.first, twice.second):
        paths = twice.warcs(edition)
        done = run("cdxj-indexer", "--sort", "--records", "response,revisit", *paths)
        assert done.returncode == 0, done.stderr
        ours = gzip.decompress((paths[0].parents[1] / "index.cdx.gz").read_bytes()).decode().splitlines()
        assert sorted(map(place, done.stdout.splitlines())) == sorted(map(place, ours))


def place(line: str) -> tuple[str, ...]:
    """Time, URL, status and address of an index line."""
    fields = json.loads(line.split(" ", 2)[2])
    return line.split(" ")[1], *(fields[name] for name in ("url", "status", "filename", "offset", "length"))
