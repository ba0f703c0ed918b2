from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from archive.ledger import KEPT, Derived, DerivedError, Outcome
from archive.original import Original
from archive.record import Address
from archive.tally import Tally
from schemas import errors, schema

HERE = Address("chronik-20261122T120000Z-00000.warc.gz", 100, 10)
ID = "urn:uuid:00000000-0000-4000-8000-000000000001"


def at(offset: int) -> Address:
    return Address(HERE.file, offset, 10)


def article(identifier: str = "chronik:1", **more: Any) -> dict[str, Any]:
    return {
        "identifier": identifier,
        "url": "https://chronik.example/1/",
        "capture": {"warcFile": HERE.file},
    } | more


def read(
    identifier: str = "chronik:1", *, offset: int = 100, rank: int = 0, link: str | None = None, **more: Any
) -> Derived:
    return Derived(
        link or identifier, Outcome.ARTICLE, at(offset), ID, article(identifier, **more), rank=rank
    )


def failed(outcome: Outcome, offset: int = 100, reason: str = "") -> Derived:
    reject: dict[str, Any] | None = {"article": {}, "errors": []} if outcome is Outcome.REJECTED else None
    return Derived("chronik:1", outcome, at(offset), ID, reject=reject, reason=reason or None)


def settled(
    tmp_path: Path, *told: Derived | dict[str, Any]
) -> tuple[list[dict[str, Any]], list[bytes], list[bytes]]:
    """Ledger, articles and rejects after the given entries and readings."""
    places = map(at, count(150, 100))  # between what is read out of records at 100, 200, ...
    with Tally(tmp_path / "tally") as tally:
        for each in told:
            tally.answer(each) if isinstance(each, Derived) else tally.tell(each, next(places))
        tally.settle()
        return list(tally.ledger()), list(tally.articles()), list(tally.rejects())


def outcome(tmp_path: Path, *told: Derived | dict[str, Any]) -> dict[str, str]:
    return {line["identifier"]: line["outcome"] for line in settled(tmp_path, *told)[0]}


def decided(decision: str = "fetch", *numbers: int) -> dict[str, Any]:
    links = [
        {"identifier": f"chronik:{n}", "url": f"https://chronik.example/{n}/", "decision": decision}
        for n in numbers or (1,)
    ]
    return {"kind": "decision", "links": links}


def source(url: str, *links: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": "source",
        "source": url,
        "type": "Feed",
        "outcome": "read",
        "record": None,
        "reason": None,
        "links": list(links),
    }


def link(number: int, **more: Any) -> dict[str, Any]:
    return {"identifier": f"chronik:{number}", "url": f"https://chronik.example/{number}/"} | more


def failure(reason: str) -> dict[str, Any]:
    return {
        "kind": "failure",
        "link": "chronik:1",
        "url": "https://chronik.example/1/",
        "reason": reason,
        "message": "m",
        "record": None,
    }


def test_the_schema_names_the_same_outcomes_as_the_code() -> None:
    assert schema("ledger")["properties"]["outcome"]["enum"] == [outcome.value for outcome in Outcome]
    assert schema("report")["properties"]["outcomes"]["required"] == [outcome.value for outcome in Outcome]


def test_every_announced_link_stands_once_in_the_order_of_identifiers(tmp_path: Path) -> None:
    lines, _, _ = settled(
        tmp_path,
        source("https://b.example/", link(2), link(1), link(2)),
        source("https://a.example/", link(10, title="Т", published="вчера"), link(2)),
        decided("fetch", 1, 2, 10),
    )
    assert [line["identifier"] for line in lines] == ["chronik:1", "chronik:10", "chronik:2"]
    assert lines[1]["announced"] == [
        {
            "source": "https://a.example/",
            "url": "https://chronik.example/10/",
            "title": "Т",
            "published": "вчера",
        }
    ]
    assert [said["source"] for said in lines[2]["announced"]] == ["https://a.example/", "https://b.example/"]
    assert [fault for line in lines for fault in errors("ledger", line)] == []


def test_an_unchanged_link_says_where_its_page_lies(tmp_path: Path) -> None:
    there = Address("chronik-20261121T120000Z-00000.warc.gz", 7, 8)
    original = Original(ID, "https://chronik.example/1/", "2026-11-21T12:00:00.000000Z", "sha256:ab", there)
    told = replace(failed(Outcome.UNCHANGED), original=original)
    ((line,), *_) = settled(tmp_path, decided("fetch"), told)
    assert line["original"] == {
        "snapshot": "chronik-20261121T120000Z",
        "record": ID,
        "date": "2026-11-21T12:00:00.000000Z",
        "address": {"file": there.file, "offset": 7, "length": 8},
    }
    assert errors("ledger", line) == []


def test_only_an_unchanged_link_has_an_original() -> None:
    original = Original(ID, "https://chronik.example/1/", "", "", HERE)
    with pytest.raises(DerivedError, match="original of an unchanged page"):
        replace(failed(Outcome.HTTP_ERROR), original=original).check()


@pytest.mark.parametrize("decision", ["too-old", "too-new", "over-limit", "not-an-article"])
def test_a_link_that_was_not_wanted_keeps_what_was_decided(decision: str, tmp_path: Path) -> None:
    assert outcome(tmp_path, decided(decision)) == {"chronik:1": decision}


def test_a_link_to_be_fetched_that_nothing_is_said_of_was_not_fetched(tmp_path: Path) -> None:
    assert outcome(tmp_path, decided("fetch")) == {"chronik:1": "not-fetched"}


def test_a_link_that_was_announced_but_never_decided_was_not_fetched(tmp_path: Path) -> None:
    assert outcome(tmp_path, source("https://a.example/", link(1))) == {"chronik:1": "not-fetched"}


def test_a_link_that_fits_no_page_stands_under_its_url(tmp_path: Path) -> None:
    foreign = {"identifier": None, "url": "https://chronik.example/about/"}
    told = (
        source("https://a.example/", foreign),
        {"kind": "decision", "links": [foreign | {"decision": "not-an-article"}]},
    )
    assert (
        outcome(tmp_path, *told)
        == outcome(tmp_path, told[0])
        == {"https://chronik.example/about/": "not-an-article"}
    )


def test_robots_is_an_outcome_of_its_own_among_failures(tmp_path: Path) -> None:
    assert outcome(tmp_path, decided(), failure("robots")) == {"chronik:1": "robots"}
    lines, _, _ = settled(tmp_path, decided(), failure("timeout"))
    assert (lines[0]["outcome"], lines[0]["reason"]) == ("failed", "timeout: m")


def test_an_article_after_failures_is_an_article(tmp_path: Path) -> None:
    told = (decided(), failure("timeout"), failed(Outcome.HTTP_ERROR, 50), read())
    assert outcome(tmp_path, *told) == outcome(tmp_path, *reversed(told)) == {"chronik:1": "article"}


@pytest.mark.parametrize(
    ("weightier", "lighter"), list(zip(list(Outcome)[2:8], list(Outcome)[3:9], strict=True))
)
def test_outcomes_weigh_in_the_order_in_which_they_are_declared(
    weightier: Outcome, lighter: Outcome, tmp_path: Path
) -> None:
    told = (failed(weightier), failed(lighter, 10))
    assert outcome(tmp_path, *told) == outcome(tmp_path, *reversed(told)) == {"chronik:1": weightier.value}


def test_of_several_errors_the_last_attempt_is_told(tmp_path: Path) -> None:
    told = (failed(Outcome.HTTP_ERROR, 10, "status 503"), failed(Outcome.HTTP_ERROR, 20, "status 404"))
    assert settled(tmp_path, *told)[0][0]["reason"] == "status 404"


def test_of_two_editions_the_lower_rank_is_kept_in_whatever_order_they_came(tmp_path: Path) -> None:
    full, amp = read(offset=200, rank=0, headline="full"), read(offset=100, rank=1, headline="amp")
    for told in ((full, amp), (amp, full)):
        lines, articles, _ = settled(tmp_path, decided(), *told)
        assert [b'"full"' in text for text in articles] == [True]
        assert [(line["outcome"], line["address"]["offset"]) for line in lines] == [("article", 200)]


def test_of_two_equal_editions_the_earlier_record_is_kept(tmp_path: Path) -> None:
    early, late = read(offset=9, headline="early"), read(offset=10, headline="late")
    for told in ((early, late), (late, early)):
        assert [b'"early"' in text for text in settled(tmp_path, *told)[1]] == [True]


def test_a_link_whose_article_is_kept_from_another_link_is_a_duplicate(tmp_path: Path) -> None:
    told = (
        decided("fetch", 1, 2),
        read("chronik:1", offset=200),
        read("chronik:1", offset=100, rank=1, link="chronik:2"),
    )
    assert outcome(tmp_path, *told) == {"chronik:1": "article", "chronik:2": "duplicate"}


def test_the_reject_of_an_edition_is_kept_beside_the_article_of_another(tmp_path: Path) -> None:
    lines, articles, rejects = settled(tmp_path, decided(), failed(Outcome.REJECTED, 10), read(offset=20))
    assert [line["outcome"] for line in lines] == ["article"]
    assert (len(articles), len(rejects)) == (1, 1)


def test_articles_and_rejects_stand_in_the_order_of_their_records(tmp_path: Path) -> None:
    told = [read(f"chronik:{n}", offset=n) for n in (30, 4, 200)]
    _, articles, _ = settled(tmp_path, *told)
    assert [text.split(b'"')[3] for text in articles] == [b"chronik:4", b"chronik:30", b"chronik:200"]


def test_an_article_of_no_announced_link_stands_in_the_ledger_too(tmp_path: Path) -> None:
    said = Derived(None, Outcome.ARTICLE, HERE, ID, article())
    lines, _, _ = settled(tmp_path, said)
    assert [(line["identifier"], line["url"], line["announced"]) for line in lines] == [
        ("chronik:1", "https://chronik.example/1/", [])
    ]
    assert errors("ledger", lines[0]) == []


def test_the_tally_leaves_no_file_behind(tmp_path: Path) -> None:
    settled(tmp_path, read())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        (
            Derived("chronik:1", Outcome.ARTICLE, HERE, ID, article(identifier="")),
            "needs its identifier and its capture",
        ),
        (
            Derived("chronik:1", Outcome.ARTICLE, HERE, ID, {"identifier": "chronik:1"}),
            "needs its identifier and its capture",
        ),
        (Derived("chronik:1", Outcome.ARTICLE, None, ID, article()), "needs the address of its record"),
        (Derived("chronik:1", Outcome.UNRECOGNISED, HERE, ID), "outcome unrecognised without an article"),
        (Derived("chronik:1", Outcome.FAILED, HERE, ID, article()), "outcome failed with an article"),
        (Derived("chronik:1", Outcome.REJECTED, HERE, ID), "outcome rejected without a reject"),
        (Derived("chronik:1", Outcome.ARTICLE, HERE, ID, article(), {}), "outcome article with a reject"),
    ],
)
def test_what_must_not_be_written_is_refused_and_its_record_named(
    said: Derived, complaint: str, tmp_path: Path
) -> None:
    with Tally(tmp_path / "tally") as tally, pytest.raises(DerivedError, match=complaint) as caught:
        tally.answer(said)
    assert ID in str(caught.value)
    assert "chronik:1" in str(caught.value)


def test_only_articles_are_kept() -> None:
    assert {Outcome.ARTICLE, Outcome.UNRECOGNISED} == KEPT


def test_of_failures_the_last_in_the_warcs_counts_whenever_it_was_read(tmp_path: Path) -> None:
    early, late = failed(Outcome.FAILED, 50, "cut off"), failed(Outcome.FAILED, 999, "cut again")
    for told in ((decided(), early, failure("timeout")), (decided(), failure("timeout"), early)):
        (line,), _, _ = settled(tmp_path, *told)
        assert line["reason"].startswith("timeout")
    for told in ((decided(), failure("timeout"), late), (decided(), late, failure("timeout"))):
        (line,), _, _ = settled(tmp_path, *told)
        assert line["reason"] == "cut again"
