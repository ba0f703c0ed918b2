"""The newsroom crawled before and after its news went on: what has not changed is referred to, and not kept again."""

import json
import shutil
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from archive.chain import manifest
from archive.original import Original
from archive.reading import record
from archive.record import Address, Record, records
from archive.snapshot import key_of
from archive.store import open_store
from archive.verify import verify_files
from schemas import errors
from tests.newsroom.verdict import differences
from tests.twice import Edition, Twice, crawled_twice

PROFILE = "http://netpreserve.org/warc/1.1/revisit/"


@pytest.fixture(scope="module", params=["ria", "rbc_kaliningrad"])
def twice(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Twice:
    return crawled_twice(request.param, tmp_path_factory.mktemp(request.param), date(2026, 1, 2))


def revisits(twice: Twice) -> list[Record]:
    found = (record for path in twice.warcs(twice.second) for record in records(path))
    return [record for record in found if record.type == "revisit"]


def unchanged(twice: Twice) -> list[dict[str, Any]]:
    return [line for line in twice.second.ledger if line["outcome"] == "unchanged"]


def test_the_edited_article_is_kept_the_deleted_one_an_error_and_all_others_unchanged(twice: Twice) -> None:
    first, second = twice.first, twice.second
    amiss = differences(second.truth, second.articles, second.ledger, before=first.truth)
    assert not amiss, "\n".join(map(str, amiss))
    outcomes = Counter(line["outcome"] for line in second.ledger)
    assert (outcomes["article"], outcomes["unchanged"] >= 40) == (1, True)
    assert "edited since the first crawl" in {one.note for one in second.truth}


def test_pages_are_unchanged_by_the_servers_word_and_by_their_bytes(twice: Twice) -> None:
    kinds = Counter((one.get("WARC-Profile") or "").removeprefix(PROFILE) for one in revisits(twice))
    assert set(kinds) == {"server-not-modified", "identical-payload-digest"}


def test_a_revisit_names_the_page_of_the_first_snapshot_and_where_it_lies(twice: Twice) -> None:
    articles = {article["capture"]["recordId"]: article for article in twice.first.articles}
    assert revisits(twice)
    for revisit in revisits(twice):
        original = Original.of(revisit)
        assert original is not None
        capture = articles[original.record_id]["capture"]
        assert (original.url, original.date) == (revisit.url, capture["retrievedAt"])
        assert (original.snapshot, original.payload_digest) == (capture["snapshot"], capture["payloadDigest"])
        assert original.address == Address(capture["warcFile"], capture["offset"], capture["length"])


def test_the_ledger_leads_to_the_page_of_an_unchanged_link(twice: Twice) -> None:
    for line in unchanged(twice):
        said = line["original"]
        found = record(twice.store, said["snapshot"], Address(**said["address"]))
        assert (found.type, found.id, found.date) == ("response", said["record"], said["date"])
        assert line["record"] != said["record"]
        assert errors("ledger", line) == []


def test_the_manifest_names_the_snapshot_that_it_depends_on(twice: Twice) -> None:
    assert manifest(twice.store, twice.first.snapshot)["dependencies"] == []
    said = manifest(twice.store, twice.second.snapshot)
    assert (said["dependencies"], said["status"]) == ([twice.first.snapshot], "complete")


def test_sources_are_always_fetched_whole(twice: Twice) -> None:
    asked = (record for path in twice.warcs(twice.second) for record in records(path))
    requests = [record for record in asked if record.type == "request"]
    sources = [line for line in requests if line.url in {one["source"] for one in announcements(twice)}]
    assert sources
    assert not [one.url for one in sources if b"\r\nif-" in one.block.lower()]


def announcements(twice: Twice) -> list[dict[str, Any]]:
    return [told for line in twice.second.ledger for told in line["announced"]]


@pytest.mark.parametrize("number", ["first", "second"])
def test_live_items_equal_the_sealed_lines(twice: Twice, number: str) -> None:
    edition: Edition = getattr(twice, number)

    def place(item: dict[str, Any]) -> tuple[str, int]:
        return item["capture"]["warcFile"], item["capture"]["offset"]

    assert sorted(edition.live, key=place) == edition.articles


def test_the_second_crawl_is_far_smaller(twice: Twice) -> None:
    first, second = (
        sum(path.stat().st_size for path in twice.warcs(one)) for one in (twice.first, twice.second)
    )
    assert second < first / 1.5


def test_a_store_without_the_originals_is_told_so(twice: Twice, tmp_path: Path) -> None:
    shutil.copytree(twice.folder / "data", tmp_path / "data")
    shutil.rmtree(tmp_path / "data" / key_of(twice.first.snapshot))
    (found,) = verify_files(open_store(str(tmp_path / "data")), twice.second.snapshot)
    assert found.severity == "warning"
    assert f"unchanged pages lie in {twice.first.snapshot}" in found.reason


def test_verifying_finds_nothing(twice: Twice) -> None:
    command = [sys.executable, "-m", "crawler.cli", "verify", "--all", "--json", "--store", "data"]
    done = subprocess.run(command, cwd=twice.folder, capture_output=True, text=True, check=False)
    found = [finding for line in done.stdout.splitlines() for finding in json.loads(line)["findings"]]
    assert (found, done.returncode) == ([], 0), done.stderr
