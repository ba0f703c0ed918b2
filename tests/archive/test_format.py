"""FORMAT.md is run: each command in it, against a snapshot that the tests have sealed and committed."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from archive import journal
from archive.chain import commit
from archive.mask import Mask
from archive.original import Original
from archive.profile import DECLARED
from archive.record import records
from archive.seal import seal
from archive.signature import Signer
from archive.store import open_store
from schemas import schema
from tests.archive import URL, chunked, exchange, gzipped, writer
from tests.archive.crawled import FACTS, crawl, derive, sealed
from tests.archive.keys import private

TEXT = (Path(__file__).parents[2] / "archive" / "FORMAT.md").read_text()
TOOLS = ("jq", "warcio", "fastwarc", "cdxj-indexer", "wb-manager", "openssl")
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


@dataclass(frozen=True)
class Example:
    command: str
    output: str | None

    def __str__(self) -> str:
        return self.command.splitlines()[-1][:60]


def examples() -> list[Example]:
    fence = re.compile(r"```sh\n(?P<command>.*?)```\n(?:\n```text\n(?P<output>.*?)```\n)?", re.DOTALL)
    return [Example(found["command"], found["output"]) for found in fence.finditer(TEXT)]


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    for tool in TOOLS:
        if re.search(rf"\b{tool}\b", command) and not shutil.which(tool, path=PATH):
            pytest.skip(f"{tool} is not installed")
    environment = {**os.environ, "PATH": PATH, "LC_ALL": "C.UTF-8"}
    # no pipefail: `head` ends as soon as it has its bytes, and whoever writes to it is told so by a signal
    shell = ["bash", "-e", "-c", command]
    return subprocess.run(
        shell, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("archive")
    held = open_store(str(root / "data"))
    signer = Signer.configured(str(private(root)))
    assert signer
    commit(held, seal(crawl(held, root / "work"), derive, facts=FACTS | {"signer": signer}))
    return root / "data"


@pytest.fixture
def snapshot(store: Path, tmp_path: Path) -> Path:
    """A copy, for examples leave files behind."""
    shutil.copytree(store, tmp_path / "data")
    (folder,) = (tmp_path / "data" / "snapshots" / "site=chronik").iterdir()
    shutil.copy(store.parent / "public.pem", folder)
    return folder


@pytest.mark.parametrize("example", examples(), ids=str)
def test_each_command_does_what_is_written_beneath_it(example: Example, snapshot: Path) -> None:
    done = run(example.command, snapshot)
    assert done.returncode == 0, done.stderr
    if example.output is not None:
        pattern = ".*".join(re.escape(part) for part in example.output.strip().split("…"))
        assert re.fullmatch(pattern, done.stdout.replace("\r", "").strip(), re.DOTALL), done.stdout


def test_the_digests_that_the_examples_show_side_by_side_are_equal(snapshot: Path) -> None:
    shown = [
        example for example in examples() if "Digest" in example.command and "sha256sum" in example.command
    ]
    assert len(shown) == 2
    for example in shown:
        done = run(example.command, snapshot)
        computed, stated = done.stdout.split("  -")[0], re.findall(r"sha256:([0-9a-f]{64})", done.stdout)[0]
        assert computed == stated


def test_the_key_that_the_openssl_example_names_is_the_one_that_the_manifest_names(snapshot: Path) -> None:
    (example,) = (example for example in examples() if "openssl" in example.command)
    computed, stated = re.findall(r"[0-9a-f]{64}", run(example.command, snapshot).stdout)
    assert computed == stated


def test_a_chain_of_two_names_the_digest_of_its_first_entry(tmp_path: Path) -> None:
    held = open_store(str(tmp_path / "data"))
    for _ in range(2):
        commit(held, sealed(held, tmp_path / "work"))
    (example,) = (example for example in examples() if "chain/" in example.command)
    first = min((tmp_path / "data" / "snapshots" / "site=chronik").iterdir())
    said = run(example.command, first).stdout
    own, entry, _ = re.findall(r"^([0-9a-f]{64}) ", said, re.MULTILINE)
    assert f'"manifest": "{own}"' in said
    assert f'"previous": "{entry}"' in said


# Everything that is written is described.


def test_every_field_that_the_writer_writes_is_described(tmp_path: Path) -> None:
    writing = writer(tmp_path, mask=Mask(query=("token",)))
    captured = writing.exchange(
        exchange(
            1,
            gzipped(),
            request=b"GET / HTTP/1.1\r\nCookie: abcdef\r\n\r\n",
            interim=b"HTTP/1.1 103 Early\r\n\r\n",
        )
    )
    original = Original(captured.record_id, URL, captured.date, captured.payload_digest, captured.address)
    writing.exchange(exchange(2, gzipped(), proxy="http://proxy.example/"), original=original)
    writing.exchange(
        exchange(
            3, gzipped(b"abcdef"), truncated="time", request=b"GET / HTTP/1.1\r\nCookie: abcdef\r\n\r\n"
        ),
        fetch={},
    )
    names = {name for record in records(writing.close()[0]) for name, _ in record.fields}
    described = set(re.findall(r"^\| ([A-Za-z-]+)", TEXT, re.MULTILINE)) | {
        "WARC-Refers-To-Target-URI",
        "WARC-Refers-To-Date",
    }
    assert names - described == set()
    assert {"WARC-Letopis-Echoed", "WARC-Letopis-Proxy", "WARC-Truncated", "WARC-Profile"} <= names
    assert [name for name in DECLARED if f"`{name}`" not in TEXT] == []


@pytest.mark.parametrize("kind", get_args(journal.Entry), ids=lambda kind: kind.__name__)
def test_every_key_of_every_journal_entry_is_described(kind: Any) -> None:
    hints = get_type_hints(kind)
    (name,) = get_args(hints["kind"])
    row = next(line for line in TEXT.splitlines() if line.startswith(f"| {name} |"))
    keys = [key for key in hints if key not in ("kind", "at")]
    assert row.split(" | ")[1] == ", ".join(keys)


@pytest.mark.parametrize("name", ["manifest", "chain", "ledger"])
def test_every_key_of_manifest_chain_and_ledger_is_described(name: str) -> None:
    assert [key for key in schema(name)["properties"] if f"`{key}`" not in TEXT] == []


def test_every_file_of_a_snapshot_is_described(snapshot: Path) -> None:
    files = json.loads((snapshot / "manifest.json").read_bytes())["files"]
    names = [file["path"] for file in files if not file["path"].startswith("warc/")]
    assert [name for name in names if name not in TEXT] == []


# The exceptions that are listed are still needed: when a tool is mended, its line goes.


@pytest.fixture
def odd(tmp_path: Path) -> dict[str, Path]:
    made = {}
    for name in ("chunked", "revisit"):
        (tmp_path / name).mkdir()
        writing = writer(tmp_path / name)
        captured = writing.exchange(exchange(1, gzipped()))
        original = Original(captured.record_id, URL, captured.date, captured.payload_digest, captured.address)
        writing.exchange(
            exchange(2, chunked(b"abc")) if name == "chunked" else exchange(2, gzipped()), original=original
        )
        made[name] = writing.close()[0]
    return made


def test_warcio_hashes_chunk_framing_and_nothing_else_wrongly(odd: dict[str, Path], tmp_path: Path) -> None:
    failed = run(f"warcio check {odd['chunked']}", tmp_path)
    assert failed.returncode == 1
    assert re.findall(r"(\w+) digest failed", failed.stdout) == ["payload"]
    assert run(f"warcio check {odd['revisit']}", tmp_path).returncode == 0


def test_fastwarc_hashes_chunk_framing_and_revisits_wrongly_only_when_asked_for_payloads(
    odd: dict[str, Path], tmp_path: Path
) -> None:
    for path in odd.values():
        assert run(f"fastwarc check --quiet {path}", tmp_path).returncode == 0
        assert run(f"fastwarc check --quiet -p {path}", tmp_path).returncode == 1


@pytest.mark.skipif(not find_spec("warcat"), reason="warcat is not installed")
def test_warcat_finds_nothing_but_digests_that_it_cannot_read(odd: dict[str, Path], tmp_path: Path) -> None:
    for path in odd.values():
        said = run(f"{sys.executable} -m warcat verify {path}", tmp_path).stderr
        problems = set(re.findall(r"VerifyProblem: \('([^']*)', '([^']*)', True\)", said))
        assert problems == {("Bad block digest.", "5.8"), ("Bad payload digest.", "5.9")}
