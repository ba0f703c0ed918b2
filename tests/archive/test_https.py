"""The store behind a plain web server: what a real S3 server gives to anybody."""

import json
import re
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import pytest
import urllib3

from archive import chain
from archive.https import Https
from archive.objects import AbsentError, Store, StoreError
from archive.snapshot import key_of
from archive.store import open_store
from archive.verify import verify_chain, verify_files
from archive.web import RETRIES
from tests.archive import read
from tests.archive.gateway import EVER, Gateway, gateway
from tests.archive.published import publish
from tests.newsroom.tls import authority
from tests.seaweed import Server, lead

DOCS = Path(__file__).parents[2] / "docs" / "stores.md"
TIMEOUT = 0.4
QUICK = RETRIES.new(total=3, backoff_factor=0)


@pytest.fixture(scope="module")
def source(seaweed: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with pytest.MonkeyPatch.context() as patch:
        lead(patch, seaweed.environment())
        store = open_store(seaweed.store())
        publish(store, tmp_path_factory.mktemp("work"))
        yield store


@pytest.fixture
def way(seaweed: Server) -> Iterator[Gateway]:
    with gateway(seaweed, public=True) as between:
        yield between


@pytest.fixture
def store(source: Store, way: Gateway) -> Https:
    return opened(source, way)


def opened(source: Store, way: Gateway) -> Https:
    return Https(f"{way.endpoint}/{source.uri.removeprefix('s3://')}/", timeout=TIMEOUT, retries=QUICK)


def warc(source: Store) -> str:
    return max(source.list("snapshots/site=chronik/"), key=lambda stored: stored.size).key


def test_everything_is_read_as_it_is_kept_whole_and_in_part(source: Store, store: Https) -> None:
    for stored in source.list("snapshots/"):
        whole = read(source, stored.key)
        assert read(store, stored.key) == whole
        assert read(store, stored.key, 7) == whole[7:]
        assert read(store, stored.key, 7, 9) == whole[7:16]
        assert read(store, stored.key, 7, 0) == b""
        assert read(store, stored.key, len(whole) + 5, 5) == b""
        assert store.stat(stored.key) == stored
        assert store.sha256(stored.key) == source.sha256(stored.key)


def test_what_is_listed_is_what_the_bucket_lists(source: Store, store: Https) -> None:
    for prefix in ("", "chain/", "chain/site=blatt/", "chain/site=chronik/series=main/", "snap", "snapshots/site=blatt/", "snapshots/site=chronik/snapshot=chronik-20261123T120000Z/warc/", "l"):  # fmt: skip
        listed = [stored for stored in source.list(prefix) if not stored.key.startswith("claims/")]
        assert list(store.list(prefix)) == listed, prefix


def test_chains_and_snapshots_verify_over_https(source: Store, store: Https) -> None:
    entries = list(chain.snapshots(store))
    assert entries == list(chain.snapshots(source))
    assert list(verify_chain(store, "chronik")) == []
    for entry in entries:
        assert list(verify_files(store, entry.snapshot)) == []


def test_commits_that_the_convenience_file_does_not_know_are_found(source: Store, store: Https) -> None:
    before = read(source, chain.LIST)
    try:
        source.put(chain.LIST, before.splitlines(keepends=True)[0])  # blatt's alone
        assert len(list(store.list("chain/site=blatt/"))) == 1
        assert [entry.number for entry in chain.history(store, "chronik")] == [1, 2]
        source.put(chain.LIST, before.splitlines(keepends=True)[1])  # the first of chronik's
        assert [entry.number for entry in chain.history(store, "chronik")] == [1, 2]
        source.delete(chain.LIST)
        assert [entry.number for entry in chain.history(store, "chronik")] == [1, 2]
        with pytest.raises(StoreError, match=r"has no snapshots\.jsonl, and a web server lists nothing else"):
            list(store.list())
    finally:
        source.put(chain.LIST, before)


def test_absent_objects_are_told(store: Https) -> None:
    assert store.stat("nothing") is None
    for where in ((), (3,), (3, 4), (3, 0)):
        with pytest.raises(AbsentError, match="holds no nothing"):
            read(store, "nothing", *where)
    with pytest.raises(AbsentError):
        store.sha256("nothing")
    assert list(store.list("snapshots/site=chronik/snapshot=chronik-20200101T000000Z/")) == []


@pytest.mark.parametrize(
    "act",
    [
        lambda store: store.create("a", b"1"),
        lambda store: store.put("a", b"1"),
        lambda store: store.delete("a"),
        lambda store: store.protect("a"),
    ],
)
def test_nothing_is_written(act: Callable[[Https], object], store: Https) -> None:
    with pytest.raises(
        StoreError, match="an https store is read only; name a directory or s3://bucket/prefix"
    ):
        act(store)
    assert "put" not in dir(store._site)


@pytest.mark.parametrize("fault", ["500", "503", "slow", "cut", "refused", "unheard"])
@pytest.mark.parametrize("kind", ["get", "head"])
def test_a_fault_that_passes_changes_nothing(
    kind: str, fault: str, source: Store, store: Https, way: Gateway
) -> None:
    key = warc(source)
    way.faults[kind] = [fault, fault]
    assert read(store, key) == read(source, key)
    assert store.stat(key) == source.stat(key)
    assert not way.faults[kind]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("500", "the server answers 500; run the same command again"),
        ("down", "the server answers 503; run"),
        ("slow", "the server does not answer in time; run"),
        ("refused", "the connection broke; run"),
        (
            "expired",
            "the server answers 403; if it is a bucket, its policy must allow s3:GetObject and s3:ListBucket to all",
        ),
    ],
)
def test_a_fault_that_stays_is_told_in_one_line(
    fault: str, said: str, source: Store, store: Https, way: Gateway
) -> None:
    way.faults |= {"get": [fault] * EVER, "head": [fault] * EVER}
    for act in (lambda: read(store, warc(source)), lambda: store.stat(warc(source))):
        with pytest.raises(StoreError, match=said) as caught:
            act()
        assert "\n" not in str(caught.value)


def test_a_stream_that_breaks_goes_on_where_it_stopped(source: Store, store: Https, way: Gateway) -> None:
    key = warc(source)
    way.faults["get"] = ["cut"] * 9
    assert read(store, key) == read(source, key)
    assert way.calls.count("get") >= 10


def test_a_server_without_ranges_is_read_from_its_beginning(source: Store, seaweed: Server) -> None:
    key = warc(source)
    with gateway(seaweed, public=True, deaf=True) as way:
        store = opened(source, way)
        way.faults["get"] = ["cut", "", "cut"]
        assert read(store, key) == read(source, key)
        assert read(store, key, 1000, 20) == read(source, key, 1000, 20)


def test_a_page_for_what_is_missing_is_not_taken_for_an_entry(store: Https, way: Gateway) -> None:
    way.faults["get"] = ["", "swallowed"]
    with pytest.raises(StoreError, match="is no entry of a chain; does the server answer 200 for what"):
        list(store.list("chain/"))


def test_a_certificate_is_checked(
    source: Store, seaweed: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca, context = authority(tmp_path, ["127.0.0.1"])
    with gateway(seaweed, public=True, tls=context) as way:
        with pytest.raises(StoreError, match="certificate is not trusted; set SSL_CERT_FILE"):
            opened(source, way).stat(chain.LIST)
        monkeypatch.setenv("SSL_CERT_FILE", str(ca))
        assert opened(source, way).stat(chain.LIST) == source.stat(chain.LIST)


@pytest.mark.parametrize("uri", ["http://data.example/letopis", "http://192.0.2.1/"])
def test_plain_http_is_for_this_machine_alone(uri: str, source: Store, way: Gateway) -> None:
    with pytest.raises(StoreError, match="is no store that this version knows"):
        open_store(uri)
    here = open_store(f"{way.endpoint}/{source.uri.removeprefix('s3://')}")
    assert here.stat(chain.LIST) == source.stat(chain.LIST)


def test_the_proxy_of_the_environment_is_asked_and_its_password_not_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with proxy() as (address, asked):
        monkeypatch.setenv("http_proxy", f"http://user:geheim@{address}")
        monkeypatch.setenv("no_proxy", "")
        store = Https("http://data.example/letopis", retries=urllib3.Retry(0))
        with pytest.raises(StoreError) as caught:
            store.stat("latest.json")
    assert asked == ["http://data.example/letopis/latest.json"]
    assert str(caught.value).startswith(
        "cannot read http://data.example/letopis/latest.json: the server answers 407"
    )
    assert "geheim" not in str(caught.value)


class proxy:  # noqa: N801  a context
    """A proxy that lets nothing through, and what it was asked for."""

    def __enter__(self) -> tuple[str, list[str]]:
        asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                asked.append(self.path)
                self.send_response_only(407)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        return f"127.0.0.1:{self.server.server_address[1]}", asked

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def test_the_policy_and_the_rules_of_the_docs_publish_a_bucket(s3: Server, tmp_path: Path) -> None:
    said = [json.loads(block.replace("BUCKET", "letopis-public")) for block in re.findall(r"```json\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)]  # fmt: skip
    client, public = boto3.client("s3"), f"{s3.endpoint}/letopis-public"
    client.create_bucket(Bucket="letopis-public")
    publish(open_store("s3://letopis-public/data"), tmp_path)
    with pytest.raises(StoreError, match="the server answers 403; if it is a bucket, its policy"):
        open_store(f"{public}/data").stat(chain.LIST)
    client.put_bucket_policy(
        Bucket="letopis-public", Policy=json.dumps(next(one for one in said if "Principal" in str(one)))
    )
    client.put_bucket_cors(
        Bucket="letopis-public", CORSConfiguration=next(one for one in said if "CORSRules" in one)
    )
    store = open_store(f"{public}/data")
    assert store.stat("nothing") is None
    assert [list(verify_files(store, entry.snapshot)) for entry in chain.snapshots(store)] == [[], [], []]
    origin = {
        "Origin": "https://reader.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "range",
    }
    answer = urllib3.request("OPTIONS", f"{public}/data/{chain.LIST}", headers=origin)
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) in {
        (200, "*"),
        (204, "*"),
        (200, origin["Origin"]),
    }
    assert urllib3.request("PUT", f"{public}/data/x", body=b"1").status == 403


def test_a_snapshot_that_the_chain_names_and_nobody_has_lists_nothing(source: Store, store: Https) -> None:
    key = key_of("blatt-20261122T120000Z", "manifest.json")
    kept = read(source, key)
    source.delete(key)
    try:
        assert list(store.list("snapshots/site=blatt/")) == []
    finally:
        source.put(key, kept)
