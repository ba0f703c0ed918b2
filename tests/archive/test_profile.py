import os
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from archive.check import check
from archive.framing import digest
from archive.mask import Mask
from archive.record import records
from tests.archive import (
    FETCH,
    ID,
    INFO,
    INTERIM,
    PAGE,
    REQUEST,
    SNAPSHOT,
    URL,
    exchange,
    gzipped,
    inflated,
    recorded,
    response,
    writer,
)


def test_an_exchange_is_written_record_by_record_as_the_profile_says(tmp_path: Path) -> None:
    answer = response()
    info, got, asked, early, why = recorded(tmp_path, exchange(1, answer, interim=INTERIM), fetch=FETCH)
    said = (
        f"software: letopis/0.1.0\r\nisPartOf: {SNAPSHOT}\r\nformat: WARC File Format 1.1\r\n"
        "conformsTo: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n"
        "digest-encoding: sha256, lower-case Base16; payload digests over the de-chunked, still content-encoded body\r\n"
        "fidelity: responses are the bytes received, verbatim; requests the bytes sent, secrets masked where "
        "WARC-Letopis-Masked says so; 1xx responses stand in metadata records\r\n"
    ).encode()
    assert (
        info
        == (
            f"WARC/1.1\r\nWARC-Type: warcinfo\r\nWARC-Record-ID: <{ID}5>\r\nWARC-Date: 2026-11-22T06:00:00.123456Z\r\n"
            f"WARC-Filename: {SNAPSHOT}-00000.warc.gz\r\nWARC-Block-Digest: {digest(said)}\r\n"
            f"Content-Type: application/warc-fields\r\nContent-Length: {len(said)}\r\n\r\n"
        ).encode()
        + said
        + b"\r\n\r\n"
    )
    shared = (
        f"WARC-Date: 2026-11-22T06:01:00.123456Z\r\nWARC-Target-URI: {URL}\r\nWARC-Warcinfo-ID: <{ID}5>\r\n"
    )
    assert (
        got
        == (
            f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <{ID}1>\r\n{shared}"
            "WARC-IP-Address: 203.0.113.7\r\nWARC-Protocol: http/1.1\r\nWARC-Protocol: tls/1.3\r\n"
            "WARC-Cipher-Suite: TLS_AES_256_GCM_SHA384\r\n"
            f"WARC-Block-Digest: {digest(answer)}\r\nWARC-Payload-Digest: {digest(PAGE)}\r\n"
            f"Content-Type: application/http;msgtype=response\r\nContent-Length: {len(answer)}\r\n\r\n"
        ).encode()
        + answer
        + b"\r\n\r\n"
    )
    assert (
        asked
        == (
            f"WARC/1.1\r\nWARC-Type: request\r\nWARC-Record-ID: <{ID}2>\r\n{shared}"
            f"WARC-Concurrent-To: <{ID}1>\r\nWARC-IP-Address: 203.0.113.7\r\nWARC-Block-Digest: {digest(REQUEST)}\r\n"
            f"Content-Type: application/http;msgtype=request\r\nContent-Length: {len(REQUEST)}\r\n\r\n"
        ).encode()
        + REQUEST
        + b"\r\n\r\n"
    )
    assert (
        early
        == (
            f"WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: <{ID}3>\r\nWARC-Date: 2026-11-22T06:01:00.123456Z\r\n"
            f"WARC-Target-URI: urn:x-letopis:{SNAPSHOT}:interim\r\nWARC-Warcinfo-ID: <{ID}5>\r\nWARC-Concurrent-To: <{ID}1>\r\n"
            f"WARC-IP-Address: 203.0.113.7\r\nWARC-Block-Digest: {digest(INTERIM)}\r\n"
            f"Content-Type: application/http;msgtype=response\r\nContent-Length: {len(INTERIM)}\r\n\r\n"
        ).encode()
        + INTERIM
        + b"\r\n\r\n"
    )
    entry = b'{"kind":"fetch","at":"2026-11-22T06:01:00.123456Z","link":"chronik:1","requested":"https://chronik.example/old","hop":1,"attempt":1}'  # fmt: skip
    assert (
        why
        == (
            f"WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: <{ID}4>\r\nWARC-Date: 2026-11-22T06:01:00.123456Z\r\n"
            f"WARC-Target-URI: urn:x-letopis:{SNAPSHOT}:journal:fetch\r\nWARC-Warcinfo-ID: <{ID}5>\r\n"
            f"WARC-Concurrent-To: <{ID}1>\r\nWARC-Block-Digest: {digest(entry)}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(entry)}\r\n\r\n"
        ).encode()
        + entry
        + b"\r\n\r\n"
    )


def test_every_record_but_warcinfo_names_its_warcinfo(tmp_path: Path) -> None:
    writing = writer(tmp_path, size=1)
    writing.exchange(exchange(1), fetch=FETCH)
    writing.exchange(exchange(2), fetch=FETCH)
    for path in writing.close():
        info, *others = records(path)
        assert info.get("WARC-Warcinfo-ID") is None
        assert {record.get("WARC-Warcinfo-ID") for record in others} == {f"<{info.id}>"}


def test_info_is_kept_in_its_order_and_may_say_more_of_what_is_declared(tmp_path: Path) -> None:
    info = {
        **INFO,
        "operator": "Beispiel <crawl@chronik.example>",
        "fidelity": "as told",
        "robots": "obey; RFC 9309",
    }
    writing = writer(tmp_path, info=info)
    writing.exchange(exchange(1))
    block = next(records(writing.close()[0])).block.decode()
    assert [line.partition(":")[0] for line in block.splitlines()] == [
        *(
            "software",
            "isPartOf",
            "operator",
            "fidelity",
            "robots",
            "format",
            "conformsTo",
            "digest-encoding",
        ),
    ]
    assert "fidelity: as told\r\n" in block


def test_info_of_more_than_one_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'operator' has more than one line"):
        writer(tmp_path, info={**INFO, "operator": "a\r\nWARC-Type: response"})


def test_instants_are_written_in_utc_to_the_microsecond(tmp_path: Path) -> None:
    moscow = datetime(2026, 11, 22, 9, 0, 0, 5, tzinfo=timezone(timedelta(hours=3)))
    writing = writer(tmp_path)
    assert writing.exchange(replace(exchange(1), began=moscow)).date == "2026-11-22T06:00:00.000005Z"
    with pytest.raises(ValueError, match="has no zone"):
        writing.exchange(replace(exchange(1), began=datetime(2026, 11, 22)))  # noqa: DTZ001
    writing.close()


@pytest.mark.parametrize(
    ("given", "kept"), [("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("203.0.113.7", "203.0.113.7")]
)
def test_addresses_take_their_short_form(tmp_path: Path, given: str, kept: str) -> None:
    _, got, asked = recorded(tmp_path, exchange(1, ip=given))
    assert f"\r\nWARC-IP-Address: {kept}\r\n".encode() in got
    assert f"\r\nWARC-IP-Address: {kept}\r\n".encode() in asked


def test_a_proxy_is_named_without_its_password_and_hides_the_address(tmp_path: Path) -> None:
    _, got, asked = recorded(tmp_path, exchange(1, proxy="http://me:geheim@proxy.example:3128"))
    for record in (got, asked):
        assert b"WARC-Letopis-Proxy: http://masked@proxy.example:3128\r\n" in record
        assert b"WARC-IP-Address" not in record
        assert b"geheim" not in record


@pytest.mark.parametrize("reason", ["length", "time", "disconnect", "unspecified"])
def test_what_was_cut_short_says_why(tmp_path: Path, reason: str) -> None:
    _, got, asked = recorded(tmp_path, exchange(1, response()[:-9], truncated=reason))
    assert f"\r\nWARC-Truncated: {reason}\r\n".encode() in got
    assert b"WARC-Truncated" not in asked
    assert f"WARC-Payload-Digest: {digest(PAGE[:-9])}".encode() in got


def test_no_url_can_end_its_line(tmp_path: Path) -> None:
    (_, got, _) = recorded(tmp_path, exchange(1, url="https://chronik.example/a b\r\nWARC-Type: x\t\x85ü"))
    assert (
        b"\r\nWARC-Target-URI: https://chronik.example/a%20b%0D%0AWARC-Type:%20x%09%C2%85\xc3\xbc\r\n" in got
    )


def test_secrets_are_masked_wherever_a_request_shows_them_and_named(tmp_path: Path) -> None:
    url = "https://chronik.example/a?id=7&token=geheim"
    request = b"GET /a?id=7&token=geheim HTTP/1.1\r\nCookie: sid=krumel\r\nReferer: https://chronik.example/?token=geheim\r\n\r\n"
    writing = writer(tmp_path, mask=Mask(query=("token",)))
    writing.exchange(exchange(1, url=url, request=request), fetch={**FETCH, "requested": url})
    writing.metadata(b'{"url":"' + url.encode() + b'"}', "application/json", url="urn:x-letopis:a:note")
    (path,) = writing.close()
    _, got, asked, why, note = inflated(path)
    everything = got + asked + why + note + next(tmp_path.glob("*.cdxj")).read_bytes()
    assert b"geheim" not in everything
    assert b"krumel" not in everything
    assert b"WARC-Target-URI: https://chronik.example/a?id=7&token=masked\r\n" in got
    assert b"\r\nWARC-Letopis-Masked: query:token\r\n" in got
    assert b"\r\nWARC-Letopis-Masked: cookie, query:token\r\n" in asked
    assert (
        b"GET /a?id=7&token=masked HTTP/1.1\r\nCookie: masked\r\nReferer: https://chronik.example/?token=masked\r\n"
        in asked
    )
    assert b"\r\nWARC-Letopis-Masked: query:token\r\n" in why
    assert b"\r\nWARC-Letopis-Masked: query:token\r\n" in note
    assert list(check(path)) == []


def test_a_response_that_echoes_a_secret_is_kept_as_it_is_and_says_so(tmp_path: Path) -> None:
    url = "https://chronik.example/a?token=geheim"
    answer = gzipped(b"<p>your token is geheim</p>")
    writing = writer(tmp_path, mask=Mask(query=("token",)))
    writing.exchange(exchange(1, answer, url=url, request=b"GET /a?token=geheim HTTP/1.1\r\n\r\n"))
    writing.exchange(exchange(2, b"HTTP/1.1 302 Found\r\nLocation: /b?token=geheim\r\n\r\n", url=url))
    writing.exchange(exchange(3, gzipped(b"nothing of it"), url=url))
    _, echo, _, header, _, silent, _ = records(writing.close()[0])
    assert (echo.block, echo.get("WARC-Letopis-Echoed")) == (answer, "query:token")
    assert header.get("WARC-Letopis-Echoed") == "query:token"
    assert silent.get("WARC-Letopis-Echoed") is None


def test_a_broken_body_is_searched_for_echoes_as_far_as_it_goes(tmp_path: Path) -> None:
    answer = gzipped(b"geheim" + os.urandom(3000))[:-40]
    request = b"GET / HTTP/1.1\r\nAuthorization: Bearer geheim\r\n\r\n"
    _, got, _ = recorded(tmp_path, exchange(1, answer, request=request))
    assert b"WARC-Letopis-Echoed: authorization\r\n" in got


def test_a_url_with_a_password_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    with pytest.raises(ValueError, match=r"chronik\.example carries a user or password") as caught:
        writing.exchange(exchange(1, url="https://me:geheim@chronik.example/"))
    assert "geheim" not in str(caught.value)
    assert writing.close() == []
    assert list(tmp_path.iterdir()) == []
