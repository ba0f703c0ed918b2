import json
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.check import check
from archive.journal import LINKS, Announced, Decided, Journal, entries, entry
from archive.record import Address, Captured, Record, records
from tests.archive import SNAPSHOT, exchange, writer

FEED = "https://chronik.example/feed/"
LINK: Announced = {"url": "https://chronik.example/a-1.html", "identifier": "chronik:1", "title": "Мост", "published": "вчера", "text": "Всё."}  # fmt: skip
DECIDED: Decided = {
    "identifier": "chronik:1",
    "url": LINK["url"],
    "decision": "fetch",
    "via": [FEED],
    "editions": [],
}


def kept(tmp_path: Path, write: Callable[[Journal], object]) -> list[Record]:
    writing = writer(tmp_path)
    write(Journal(writing, SNAPSHOT))
    (path,) = writing.close()
    assert list(check(path)) == []
    return list(records(path))[1:]


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (
            lambda journal: journal.start(
                site="chronik", series="main", arguments={"since": "2026-11-01"}, clock="2026-11-22T09:00:00+03:00", sources=[FEED], continues="chronik-1"
            ),
            {
                "kind": "start", "at": "2026-11-22T06:00:00.123456Z", "snapshot": SNAPSHOT, "site": "chronik", "series": "main",
                "arguments": {"since": "2026-11-01"}, "clock": "2026-11-22T09:00:00+03:00", "sources": [FEED], "rehearsal": False, "continues": "chronik-1",
            },
        ),
        (
            lambda journal: journal.source(source=FEED, type="Feed", record="urn:uuid:1", outcome="cut", reason="over 64 MiB", links=[LINK]),
            {
                "kind": "source", "at": "2026-11-22T06:00:00.123456Z", "source": FEED, "type": "Feed", "record": "urn:uuid:1", "outcome": "cut",
                "reason": "over 64 MiB", "links": [LINK],
            },
        ),
        (
            lambda journal: journal.decision([DECIDED]),
            {"kind": "decision", "at": "2026-11-22T06:00:00.123456Z", "links": [DECIDED]},
        ),
        (
            lambda journal: journal.failure(link=None, url=FEED, reason="dns", message="no such host"),
            {"kind": "failure", "at": "2026-11-22T06:00:00.123456Z", "link": None, "url": FEED, "reason": "dns", "message": "no such host", "record": None},
        ),
        (
            lambda journal: journal.item({"name": "Мост"}, response="urn:uuid:1"),
            {"kind": "item", "at": "2026-11-22T06:00:00.123456Z", "item": {"name": "Мост"}, "response": "urn:uuid:1"},
        ),
        (
            lambda journal: journal.end(reason="finished", stats={"item_scraped_count": 3}),
            {"kind": "end", "at": "2026-11-22T06:00:00.123456Z", "reason": "finished", "stats": {"item_scraped_count": 3}},
        ),
    ],
    ids=["start", "source", "decision", "failure", "item", "end"],
)  # fmt: skip
def test_each_kind_is_kept_as_compact_json_in_a_record_of_its_own(
    tmp_path: Path, write: Callable[[Journal], object], said: dict[str, object]
) -> None:
    (record,) = kept(tmp_path, write)
    assert record.block == json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    assert list(json.loads(record.block)) == list(said)
    assert record.url == f"urn:x-letopis:{SNAPSHOT}:journal:{said['kind']}"
    assert (record.type, record.get("Content-Type"), record.date) == (
        "metadata",
        "application/json",
        said["at"],
    )
    assert entry(record) == said


def test_the_word_on_a_fetch_is_read_beside_its_response(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    captured = writing.exchange(
        exchange(1), fetch={"link": "chronik:1", "requested": FEED, "hop": 0, "attempt": 2}
    )
    read = list(records(writing.close()[0]))
    assert list(entries(read)) == [
        {"kind": "fetch", "at": captured.date, "link": "chronik:1", "requested": FEED, "hop": 0, "attempt": 2}
    ]
    assert read[-1].get("WARC-Concurrent-To") == f"<{captured.record_id}>"


def test_many_decisions_are_parted(tmp_path: Path) -> None:
    links: list[Decided] = [{**DECIDED, "identifier": f"chronik:{number}"} for number in range(2 * LINKS + 1)]
    read = kept(tmp_path, lambda journal: journal.decision(links))
    assert [len(json.loads(record.block)["links"]) for record in read] == [LINKS, LINKS, 1]
    assert [link for found in entries(read) for link in found["links"]] == links  # type: ignore[typeddict-item]


def test_no_decision_leaves_no_record(tmp_path: Path) -> None:
    written: list[Captured] = []
    assert (
        len(
            kept(
                tmp_path,
                lambda journal: (written.extend(journal.decision([])), journal.end(reason="a", stats={})),
            )
        )
        == 1
    )
    assert written == []


def test_entries_keep_the_order_in_which_they_were_written(tmp_path: Path) -> None:
    def write(journal: Journal) -> None:
        for number in range(5):
            journal.failure(link=str(number), url=FEED, reason="timeout", message="")

    assert [found["link"] for found in entries(kept(tmp_path, write))] == list("01234")  # type: ignore[typeddict-item]


def record(type_: str, url: str, block: bytes) -> Record:
    fields = (("WARC-Type", type_), ("WARC-Record-ID", "<urn:uuid:1>"), ("WARC-Target-URI", url))
    return Record(Address("a", 0, 1), "WARC/1.1", fields, block)


@pytest.mark.parametrize(
    ("type_", "url"),
    [
        ("resource", "urn:x-letopis:a:journal:end"),
        ("metadata", "urn:x-letopis:a:interim"),
        ("metadata", "https://a/:journal:"),
    ],
)
def test_other_records_are_no_entries(type_: str, url: str) -> None:
    assert entry(record(type_, url, b"not json")) is None


@pytest.mark.parametrize("block", [b"", b"not json", b"[]", b'"end"', b'{"at":"2026"}', b'{"kind":"gossip","at":"2026"}', b'{"kind":"end"}', b'{"kind":["end"],"at":""}'])  # fmt: skip
def test_an_entry_that_cannot_be_read_is_no_silence(block: bytes) -> None:
    with pytest.raises(ValueError, match="record urn:uuid:1 is no"):
        entry(record("metadata", "urn:x-letopis:a:journal:end", block))


def test_what_json_cannot_hold_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    with pytest.raises(TypeError):
        Journal(writing, SNAPSHOT).item({"set": {1}})
    assert writing.close() == []
