"""A bucket as tests of S3 meet it: straight, or through a gateway; with parts as small as S3 takes them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.objects import Store
from archive.s3 import S3
from archive.store import open_store
from tests.archive.gateway import Gateway, gateway
from tests.seaweed import Server, lead

KEY = "snapshots/site=ria/snapshot=ria-20261122T060000Z/warc/ria-00000.warc.gz"
OTHER = "snapshots/site=ria/snapshot=ria-20261122T060000Z/manifest.json"
SMALL_PART = 5 << 20  # S3 takes none smaller, but for the last
LARGE = SMALL_PART + 17
TIMEOUT = 0.4


@pytest.fixture
def store(s3: Server, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr("archive.content.PART", SMALL_PART)
    return open_store(s3.store())


@pytest.fixture
def way(s3: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    monkeypatch.setattr("archive.content.PART", SMALL_PART)
    with gateway(s3) as between:
        lead(monkeypatch, s3.environment(between.endpoint))
        yield between


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large"
    path.write_bytes(os.urandom(LARGE))
    return path


def opened(server: Server, timeout: float = 30) -> S3:
    bucket, _, prefix = server.store().removeprefix("s3://").partition("/")
    return S3(bucket, prefix, timeout=timeout)
