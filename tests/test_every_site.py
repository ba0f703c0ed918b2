"""The demo's crawls of every site: repeated, read again and verified wherever they are kept, with the same result to the byte."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from archive import edition
from archive.edition import Source
from archive.finding import Finding
from archive.objects import Store
from archive.projection import FILES
from archive.snapshot import key_of
from archive.store import open_store
from crawler.audit import Asked, Audit
from crawler.derive import deriver
from crawler.finish import facts_of, keep_reader
from crawler.look import loader, project
from crawler.reader import Reader, reader
from tests.archive.gateway import gateway
from tests.proving import some
from tests.repeating import repeats
from tests.seaweed import Server, lead
from tests.twice import Twice, crawled_twice

SITES = ("rbc_kaliningrad", "ria", "smollenta", "sn_gazeta", "vybor_naroda")
TODAY = date(2026, 1, 2)
LATER = datetime(2027, 1, 2, tzinfo=UTC)


@pytest.fixture(scope="module", params=some(SITES, 1))
def twice(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Twice:
    return crawled_twice(request.param, tmp_path_factory.mktemp("twice"), TODAY)


@contextmanager
def kept(twice: Twice, server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Store]]:
    """The store as a directory, the same in a bucket, and that bucket behind a web server."""
    with gateway(server, public=True) as between:
        lead(monkeypatch, between.behind.environment())
        uri = between.behind.store()
        bucket = open_store(uri)
        for stored in twice.store.list():
            bucket.put(stored.key, twice.folder / "data" / stored.key)
        web = open_store(uri.replace("s3:/", between.endpoint))
        yield {"directory": twice.store, "s3": bucket, "https": web}


def another(by: Reader) -> Reader:
    """A reader that reads as the code at hand does, under another identity."""
    return Reader({**by.sources, "crawler/another.py": b""})


def read_again(store: Store, snapshot: str, folder: Path, site: Any, by: Reader) -> None:
    """An edition like the snapshot itself, by another reader, where the store can be written to; else what it would hold."""
    source = Source.of(store, snapshot)
    folder.mkdir()
    found = source.read(folder, deriver(site, by.identity))
    if store.uri.startswith("http"):
        return
    keep_reader(store, by)
    edition.commit(source, folder, found, facts_of(project(), by), clock=lambda: LATER)


def digests(store: Store) -> dict[str, str]:
    """Every object but the lists, which are conveniences."""
    return {one.key: store.sha256(one.key) for one in store.list() if "/" in one.key}


def verified(store: Store) -> list[tuple[str, list[Finding]]]:
    return [(name, list(findings)) for name, findings in Audit(store, Asked()).parts()]


@pytest.mark.proof(
    "the crawls of each site, repeated offline from their snapshots, give its articles line for line"
)
def test_every_sites_crawls_give_their_articles_again(twice: Twice) -> None:
    repeats(twice, twice.first)
    repeats(twice, twice.second)


@pytest.mark.proof(
    "each site's snapshots, read again and verified, give the same bytes and findings on a directory, S3 and https"
)
def test_every_sites_snapshots_are_rebuilt_and_verified_alike_wherever_they_are_kept(
    twice: Twice, tmp_path: Path, seaweed: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshots = [twice.first.snapshot, twice.second.snapshot]
    site: Any = loader().load(snapshots[0].rpartition("-")[0])
    by = reader(site)
    with kept(twice, seaweed, monkeypatch) as stores:
        for name, store in stores.items():
            for snapshot in snapshots:
                folder = tmp_path / f"{name}-{snapshot}"
                folder.mkdir()
                Source.of(store, snapshot).read(folder, deriver(site, by.identity))
                for file in FILES:
                    with store.open(key_of(snapshot, file)) as stream:
                        assert (folder / file).read_bytes() == stream.read(), (name, file)
                read_again(store, snapshot, tmp_path / f"{name}-{snapshot}-again", site, another(by))
        for snapshot in snapshots:
            for file in FILES:
                with stores["https"].open(key_of(snapshot, f"editions/1/{file}")) as stream:
                    again = tmp_path / f"https-{snapshot}-again" / file
                    assert again.read_bytes() == stream.read(), file
        found = {name: verified(store) for name, store in stores.items()}
        assert not [findings for _, findings in found["directory"] if findings]
        assert [f"{one} edition 1" in dict(found["directory"]) for one in snapshots] == [True, True]
        assert found["directory"] == found["s3"] == found["https"]
        assert digests(stores["directory"]) == digests(stores["s3"])
