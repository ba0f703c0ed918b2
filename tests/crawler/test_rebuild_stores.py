"""A snapshot read again where it is kept: on a directory, in a bucket, behind a web server."""

import json
from pathlib import Path
from typing import Any

import pytest

from archive.local import Directory
from archive.snapshot import key_of
from archive.store import open_store
from crawler.cli import main
from crawler.look import loader
from tests.archive.gateway import gateway
from tests.crawler.played import played
from tests.seaweed import Server, lead

SMOLLENTA: Any = loader().load("smollenta")


@pytest.fixture
def snapshot(tmp_path: Path) -> str:
    return played(Directory(tmp_path / "data"), tmp_path / "work", SMOLLENTA)


def letopis(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


def published(tmp_path: Path, server: Server) -> None:
    local, bucket = Directory(tmp_path / "data"), open_store(f"s3://{server.bucket}/published")
    for stored in local.list():
        bucket.put(stored.key, local.root / stored.key)


def test_a_bucket_gets_the_edition_that_a_directory_gets_and_what_is_only_read_says_so(
    snapshot: str,
    tmp_path: Path,
    seaweed: Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with gateway(seaweed, public=True) as between:
        lead(monkeypatch, between.behind.environment())
        published(tmp_path, between.behind)
        uri = f"s3://{between.behind.bucket}/published"
        web = f"{between.endpoint}/{between.behind.bucket}/published"
        assert letopis("rebuild", snapshot, "--jobs", "1", "--store", web) == 74
        assert "read" in (said := capsys.readouterr().err)
        assert said.count("\n") == 1
        assert letopis("rebuild", snapshot, "--jobs", "1", "--store", web, "--dry-run", "--json") == 0
        assert json.loads(capsys.readouterr().out)["difference"]["differing"] == 0
        for store in (uri, str(tmp_path / "data")):
            assert letopis("rebuild", snapshot, "--jobs", "1", "--store", store) == 0
        key = key_of(snapshot, "editions/1/manifest.json")
        assert open_store(uri).sha256(key) == Directory(tmp_path / "data").sha256(key)
