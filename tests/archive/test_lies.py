"""Servers that answer and do not tell the truth: every store hears them again, or says so in one line."""

from __future__ import annotations

import re
import traceback
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from archive import chain
from archive.objects import Store, Stored, StoreError
from archive.s3 import S3
from archive.store import open_store
from tests.archive import read
from tests.archive.gateway import EVER, Gateway, Lie, gateway
from tests.archive.test_https import opened as published_by
from tests.seaweed import Server, lead

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEY = "snapshots/site=ria/snapshot=ria-20261122T060000Z/index.idx"
WORDS = bytes(range(256)) * 8
HTML = b"<html><head><title>502</title></head><body>Bad gateway</body></html>"
Made = tuple[int, dict[str, str], bytes]


def page(*_: object) -> Made:
    return 200, {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(HTML))}, HTML


def nothing(*_: object) -> Made:
    return 200, {}, b""


def without(tag: bytes) -> Lie:
    """A listing whose entries lack something."""
    return lambda status, headers, body: (status, headers, re.sub(rb"<%b>.*?</%b>" % (tag, tag), b"", body))


def saying(tag: bytes, value: bytes) -> Lie:
    return lambda status, headers, body: (
        status, headers, re.sub(rb"(<%b>).*?(</%b>)" % (tag, tag), rb"\g<1>%b\2" % value, body)
    )  # fmt: skip


def headed(**more: str) -> Lie:
    """Headers set, or taken away where they are empty."""

    def lie(status: int, headers: dict[str, str], body: bytes) -> Made:
        told = {name.replace("_", "-"): value for name, value in more.items()}
        kept = {name: value for name, value in headers.items() if name not in told}
        return status, kept | {name: value for name, value in told.items() if value}, body

    return lie


def endless(status: int, headers: dict[str, str], body: bytes) -> Made:
    return status, headers, body.replace(b"<IsTruncated>false", b"<IsTruncated>true")


def leading_nowhere(status: int, headers: dict[str, str], body: bytes) -> Made:
    """The same page again and again, each time with another token for the next."""
    token = b"<NextContinuationToken>%b</NextContinuationToken>" % uuid.uuid4().hex.encode()
    return status, headers, body.replace(b"<IsTruncated>false</IsTruncated>", b"<IsTruncated>true</IsTruncated>" + token)  # fmt: skip


def half(status: int, headers: dict[str, str], body: bytes) -> Made:
    return status, headers, body[: len(body) // 2]


def ignoring(_: int, headers: dict[str, str], __: bytes) -> Made:
    """The whole where a range was asked for."""
    return 200, {name: value for name, value in headers.items() if name != "Content-Range"}, WORDS


def refusing(*_: object) -> Made:
    return 416, {"Content-Range": f"bytes */{len(WORDS)}"}, b""


@pytest.fixture(scope="module")
def way(seaweed: Server) -> Iterator[Gateway]:
    with pytest.MonkeyPatch.context() as patch, gateway(seaweed) as between:
        lead(patch, seaweed.environment(between.endpoint))
        patch.setattr("archive.s3.PAUSE", 0.0)
        yield between


@pytest.fixture(scope="module")
def holding(way: Gateway) -> S3:
    bucket, _, prefix = way.behind.store().removeprefix("s3://").partition("/")
    store = S3(bucket, prefix, timeout=10)
    store.create(KEY, WORDS)
    return store


@pytest.fixture
def store(holding: S3, way: Gateway) -> Iterator[S3]:
    yield holding
    way.faults.clear()
    way.lies.clear()


def whole(store: Store) -> bytes:
    return read(store, KEY)


def part(store: Store) -> bytes:
    return read(store, KEY, 100, 1000)


def listing(store: Store) -> list[Stored]:
    return list(store.list("snapshots/"))


def told(store: Store) -> tuple[Stored | None, str]:
    return store.stat(KEY), store.sha256(KEY)


LIES: dict[str, tuple[str, Callable[[Store], object], Lie]] = {
    "a page for a listing": ("list", listing, page),
    "nothing for a listing": ("list", listing, nothing),
    "a listing without keys": ("list", listing, without(b"Key")),
    "a listing without sizes": ("list", listing, without(b"Size")),
    "a listing without instants": ("list", listing, without(b"LastModified")),
    "sizes that are none": ("list", listing, saying(b"Size", b"many")),
    "sizes below nought": ("list", listing, saying(b"Size", b"-1")),
    "instants that are none": ("list", listing, saying(b"LastModified", b"yesterday")),
    "keys of others": ("list", listing, saying(b"Key", b"another/store/README")),
    "a listing that does not end": ("list", listing, endless),
    "a listing that leads nowhere": ("list", listing, leading_nowhere),
    "half a listing": ("list", listing, half),
    "a page for an object": ("get", whole, page),
    "nothing for an object": ("get", whole, nothing),
    "a page for a part": ("get", part, page),
    "the whole for a part": ("get", part, ignoring),
    "another part": ("get", part, headed(Content_Range="bytes 0-999/2048")),
    "a part of nothing": ("get", part, headed(Content_Range="bytes 100-1099/50")),
    "a part that cannot be read": ("get", part, headed(Content_Range="bytes all")),
    "no part where there is one": ("get", part, refusing),
    "a page for its size": ("head", told, page),
    "nothing for its size": ("head", told, nothing),
    "no size": ("head", told, headed(Content_Length="")),
    "a size that is none": ("head", told, headed(Content_Length="much")),
}  # fmt: skip


@pytest.mark.parametrize("name", LIES)
def test_what_makes_no_sense_is_asked_for_again_and_told_where_it_stays(
    name: str, store: S3, way: Gateway
) -> None:
    kind, act, lie = LIES[name]
    before = act(store)
    way.lies[kind] = [lie]
    if name != "no part where there is one":
        assert act(store) == before
        assert not way.lies[kind], "the lie was told"
    way.lies[kind] = [lie] * EVER
    with pytest.raises(StoreError) as caught:
        act(store)
    assert re.fullmatch(r"cannot (list|read|look at) .*s3://\S+: the (server|connection) .+; .+", str(caught.value))  # fmt: skip


def test_a_body_shorter_than_said_is_gone_on_with(store: S3, way: Gateway) -> None:
    before = part(store)
    way.lies["get"] = [half, half, half]
    assert part(store) == before
    assert not way.lies["get"]


def test_a_digest_that_is_none_is_not_believed(store: S3, way: Gateway) -> None:
    before = store.sha256(KEY)
    for odd in ("!", "AAAA", "x" * 43 + "=", "ä"):
        way.lies["head"] = [headed(**{"X-Amz-Checksum-Sha256": odd, "x-amz-checksum-sha256": odd})]
        assert store.sha256(KEY) == before or odd.startswith("x")


@pytest.mark.parametrize("fault", ["conflict", "taken"])
@pytest.mark.parametrize("times", [1, 2])
def test_who_meets_others_at_a_key_tries_again(fault: str, times: int, store: S3, way: Gateway) -> None:
    key = f"new/{fault}-{times}"
    way.faults["create"] = [fault] * times
    assert store.create(key, b"1")
    assert not store.create(key, b"2")
    assert read(store, key) == b"1"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("conflict", "others are writing it at this moment; nothing that was complete is lost, run"),
        ("taken", "the server says that it has it already, and does not show it; nothing"),
        ("unsupported", "the server answered 501 NotImplemented; check the endpoint"),
    ],
)
@pytest.mark.parametrize("first", [False, True])
def test_a_creation_that_cannot_be_is_told(
    fault: str, said: str, first: bool, store: S3, way: Gateway
) -> None:
    store.__dict__.pop("_honours_conditions", None)
    if not first:
        assert store.create(f"new/before-{fault}", b"1")
    way.faults["create"] = [fault] * EVER
    if first and fault != "conflict":  # it is taken for a server that knows such writes, or does not
        way.faults["put"] = ["down"] * EVER
        said = "the server says that it has it already" if fault == "taken" else "keeps answering 503"
    with pytest.raises(StoreError, match=f"cannot write .* in s3://.*: .*{said}"):
        store.create(f"new/never-{fault}-{first}", b"1")


def test_a_probe_that_meets_another_one_is_made_again(store: S3, way: Gateway) -> None:
    for faults in (["conflict"], ["conflict"] * 3, ["500"]):
        store.__dict__.pop("_honours_conditions", None)
        way.faults["create"] = list(faults)
        assert store._honours_conditions


def test_credentials_that_expire_at_the_probe_are_not_taken_for_a_server_without_conditions(
    store: S3, way: Gateway
) -> None:
    store.__dict__.pop("_honours_conditions", None)
    expired = b"<Error><Code>ExpiredToken</Code></Error>"
    way.lies["create"] = [lambda *_: (400, {"Content-Type": "application/xml"}, expired)] * EVER
    with pytest.raises(StoreError, match="the credentials have expired"):
        store.create("new/expired", b"1")
    assert "_honours_conditions" not in store.__dict__


WEB: dict[str, tuple[str, Callable[[Store], Any], Lie, str]] = {
    "a page for a file": ("get", whole, page, "a page of HTML in place of the file"),
    "a page for a part": ("get", part, page, "a page of HTML"),
    "a page for a size": ("head", lambda store: store.stat(KEY), page, "a page of HTML"),
    "no size": ("head", lambda store: store.stat(KEY), headed(Content_Length=""), "does not tell how long"),
    "another part": ("get", part, headed(Content_Range="bytes 0-999/2048"), "gives another range"),
    "a part of nothing": ("get", part, headed(Content_Range="bytes 100-1099/50"), "gives another range"),
    "a refusal of what it has": ("get", part, refusing, "refuses bytes that it says it has"),
}


@pytest.mark.parametrize("name", WEB)
def test_a_web_server_that_lies_is_told(name: str, holding: S3, seaweed: Server) -> None:
    kind, act, lie, said = WEB[name]
    with gateway(seaweed, public=True) as way:
        store = published_by(holding, way)
        before = act(store)
        way.lies[kind] = [lie]
        with pytest.raises(
            StoreError, match=rf"^cannot read {store.uri}/\S+: the server .*{said}.*; check the"
        ):
            act(store)
        assert act(store) == before
        way.lies["get"] = [half, half]
        assert part(store) == WORDS[100:1100]


def test_a_web_server_whose_manifest_is_none_is_told(holding: S3, seaweed: Server) -> None:
    folder = "snapshots/site=ria/snapshot=ria-20261122T070000Z/"
    for told in (b"{}", b'{"files":3}', b'{"files":[{}]}', b'{"files":[{"path":"../x","size":"y"}]}', b"[]"):
        holding.put(f"{folder}manifest.json", told)
        with gateway(seaweed, public=True) as way, pytest.raises(StoreError, match=r"manifest of .* is none"):
            list(published_by(holding, way).list(folder))
    holding.put(chain.LIST, b'{"site":5}\n')
    with gateway(seaweed, public=True) as way, pytest.raises(StoreError, match="cannot be read; write it"):
        list(published_by(holding, way).list())


def test_an_address_with_a_password_in_the_environment_is_not_told(
    seaweed: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    said = []
    with gateway(seaweed) as way:
        lead(monkeypatch, seaweed.environment(way.endpoint.replace("//", "//user:geheim@")))
        store = open_store(seaweed.store())
        store.put(KEY, WORDS)
        for kind, act, lie in list(LIES.values())[::4]:
            way.lies[kind], way.faults[kind] = [lie] * EVER, ["refused"] if kind == "list" else []
            with pytest.raises(StoreError) as caught:
                act(store)
            said += [repr(caught.value), *traceback.format_exception(caught.value)]
            way.lies.clear()
    said += [record.getMessage() for record in caplog.records]
    assert [line for line in said if "geheim" in line or "Signature" in line or "AWS4" in line] == []
