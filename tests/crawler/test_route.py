"""Requests go where they may: a rehearsal's own server, a proxy, a public address."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.settings import Settings

from archive.journal import entries
from crawler.route import ConfigError, Refused, Route
from tests.crawler.odds import EARLY, HELLO
from tests.crawler.wirecrawl import Outcome, crawl, written
from tests.newsroom.tls import authority
from tests.oddserver import Answer, OddServer

if TYPE_CHECKING:
    from pathlib import Path

    from archive.record import Record

ANSWER = [Answer((HELLO,))]


def of(records: list[Record], kind: str, host: str = "") -> list[Record]:
    return [record for record in records if record.type == kind and host in (record.url or "")]


def reasons(records: list[Record], host: str = "") -> list[str]:
    return [
        entry["reason"] for entry in entries(records) if entry["kind"] == "failure" and host in entry["url"]
    ]


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    return authority(tmp_path_factory.mktemp("tls"), ["safe.test", "old.test"])


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory, tls: tuple[Path, ssl.SSLContext]) -> list[Record]:
    """One crawl: a TLS 1.2 server, one with a certificate for another host, one with a certificate of nobody's."""
    ca, context = tls
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old.load_cert_chain(ca.with_name("newsroom.pem"))
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    old.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
    _, unknown = authority(tmp_path_factory.mktemp("unknown"), ["unknown.test"])
    work = tmp_path_factory.mktemp("certified") / "tls-20260101T000000Z"
    contexts = {"old.test": old, "other.test": context, "unknown.test": unknown}
    servers = {host: OddServer({host: ANSWER}, tls) for host, tls in contexts.items()}
    with servers["old.test"] as a, servers["other.test"] as b, servers["unknown.test"] as c:
        route = {f"{host}:443": f"127.0.0.1:{s.port}" for host, s in zip(contexts, (a, b, c), strict=True)}
        crawl(
            [{"url": f"https://{host}/"} for host in contexts], {"RECORD": str(work), "CONNECT_TO": route}, ca
        )
    assert servers["other.test"].seen["other.test"].requests == []
    assert servers["unknown.test"].seen["unknown.test"].requests == []
    return written(work)


def test_tls_1_2_is_recorded_with_its_iana_name(certified: list[Record]) -> None:
    [record] = of(certified, "response")
    assert record.get_all("WARC-Protocol") == ["http/1.1", "tls/1.2"]
    assert record.get("WARC-Cipher-Suite") == "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"


@pytest.mark.parametrize("host", ["other.test", "unknown.test"])
def test_a_certificate_of_another_host_or_of_nobody_is_a_tls_failure(
    certified: list[Record], host: str
) -> None:
    assert reasons(certified, host) == ["tls"]


@dataclass
class Proxied:
    """A crawl through a proxy, over a tunnel, and past a proxy of the environment."""

    outcome: Outcome
    proxy: OddServer
    direct: OddServer
    records: list[Record]


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory, tls: tuple[Path, ssl.SSLContext]) -> Proxied:
    ca, context = tls
    work = tmp_path_factory.mktemp("proxied") / "proxy-20260101T000000Z"
    proxy = OddServer({"far.test": ANSWER, "safe.test": [Answer((EARLY + HELLO,))]}, tunnel=context)
    nowhere = {"http_proxy": "http://me:geheim@192.0.2.1:3128"}
    with proxy, OddServer({"near.test": ANSWER}) as direct:
        meta = {"proxy": f"http://me:geheim@127.0.0.1:{proxy.port}"}
        asked: list[dict[str, Any]] = [{"url": "http://near.test/"}]
        asked += [
            {"url": url, "meta": meta}
            for url in ("http://far.test/a", "https://safe.test/1", "https://safe.test/2")
        ]
        asked.append({"url": "http://out.test/", "meta": {"proxy": "http://192.0.2.1:3128"}})
        route = {"near.test:80": f"127.0.0.1:{direct.port}"}
        outcome = crawl(asked, {"RECORD": str(work), "CONNECT_TO": route}, ca, env=nowhere)
    return Proxied(outcome, proxy, direct, written(work))


def test_through_a_proxy_the_absolute_form_is_recorded_and_no_address(proxied: Proxied) -> None:
    [response] = of(proxied.records, "response", "far.test")
    [request] = of(proxied.records, "request", "far.test")
    assert request.block.startswith(b"GET http://far.test/a HTTP/1.1\r\n")
    assert response.get("WARC-IP-Address") is None
    assert any(f"http://127.0.0.1:{proxied.proxy.port}" in value for _, value in response.fields)


def test_the_proxys_password_is_sent_and_not_kept(proxied: Proxied) -> None:
    [request] = of(proxied.records, "request", "far.test")
    assert b"Proxy-Authorization: Basic " in proxied.proxy.seen["far.test"].requests[0]
    assert b"Proxy-Authorization: masked\r\n" in request.block
    assert b"Proxy-Authorization: Basic " in proxied.proxy.connects[0]
    secrets = [
        r for r in proxied.records if b"geheim" in r.block or "geheim" in str(r.fields) or b"Basic" in r.block
    ]
    assert secrets == []


def test_through_a_tunnel_the_page_is_recorded_and_not_the_connect(proxied: Proxied) -> None:
    records = proxied.records
    assert [record.block for record in of(records, "response", "safe.test")] == [HELLO, HELLO]
    assert [record.block for record in of(records, "request", "safe.test")] == proxied.proxy.seen[
        "safe.test"
    ].requests
    assert not [record for record in records if b"CONNECT safe.test" in record.block]
    response = of(records, "response", "safe.test")[0]
    assert response.get("WARC-IP-Address") is None
    assert response.get_all("WARC-Protocol") == ["http/1.1", "tls/1.3"]


def test_a_rehearsal_pays_no_heed_to_a_proxy_of_the_environment(proxied: Proxied) -> None:
    assert proxied.outcome.results[0]["status"] == 200
    assert proxied.direct.seen["near.test"].requests[0].startswith(b"GET / HTTP/1.1\r\n")


def test_a_rehearsal_goes_through_no_proxy_outside_this_machine(proxied: Proxied) -> None:
    assert reasons(proxied.records, "out.test") == ["not-rehearsed"]


def test_a_rehearsal_goes_nowhere_else_unless_a_star_says_so() -> None:
    route = Route.from_settings(Settings({"CONNECT_TO": {"a.test:80": "127.0.0.1:1"}}))
    with pytest.raises(Refused, match=r"b\.test:80 is not in CONNECT_TO"):
        route.endpoint(None, "b.test", 80)
    star = Route.from_settings(Settings({"CONNECT_TO": '{"*": "127.0.0.1:1"}'}))
    assert star.rehearsal
    assert star.target("b.test", 80) == ("127.0.0.1", 1)


@pytest.mark.parametrize("target", ["192.0.2.1:80", "127.0.0.1", "localhost:80", "127.0.0.1:http"])
def test_a_rehearsal_is_told_where_it_would_leave_this_machine(target: str) -> None:
    with pytest.raises(ConfigError, match="loopback only"):
        Route.from_settings(Settings({"CONNECT_TO": {"a.test:80": target}}))


def test_outside_a_rehearsal_no_private_address_is_connected_to(tmp_path: Path) -> None:
    work = tmp_path / "live-20260101T000000Z"
    with OddServer({"127.0.0.1": ANSWER, "localhost": ANSWER}) as server:
        asked = [{"url": f"http://{host}:{server.port}/"} for host in ("127.0.0.1", "localhost")]
        outcome = crawl(asked, {"RECORD": str(work)})
    assert [result["error"] for result in outcome.results] == ["Refused", "Refused"]
    assert "no public address" in outcome.results[0]["message"]
    assert reasons(written(work)) == ["private-address"] * 2
    assert server.seen["127.0.0.1"].connections == server.seen["localhost"].connections == 0
