import gzip
import multiprocessing
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from archive import cdxj, jsonl
from archive.ledger import Derived, DerivedError, Outcome
from archive.record import BrokenRecordError, Record
from archive.seal import SealError, seal, sealed_in
from archive.snapshot import Work
from archive.store import open_store
from schemas import errors
from tests.archive.crawled import FACTS, crawl, derive, name, url
from tests.archive.killed import killed


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return crawl(open_store(str(tmp_path / "data")), tmp_path / "work")


def copy(work: Work, folder: Path) -> Work:
    shutil.copytree(work.folder, folder)
    return Work(folder, work.id, work.site, work.series)


def contents(work: Work) -> dict[str, bytes]:
    return {
        str(p.relative_to(work.folder)): p.read_bytes() for p in sorted(work.folder.rglob("*")) if p.is_file()
    }


def lines(work: Work, file: str) -> list[Any]:
    with (work.folder / file).open("rb") as stream:
        return list(jsonl.read(stream))


def test_what_was_read_stands_in_the_order_of_its_records(work: Work) -> None:
    seal(work, derive, facts=FACTS)
    articles = lines(work, "articles.jsonl.gz")
    assert [article["identifier"] for article in articles] == [name(1), name(2), name(3)]
    assert [article["capture"]["offset"] for article in articles] == sorted(
        a["capture"]["offset"] for a in articles
    )
    assert [fault for article in articles for fault in errors("article", article)] == []
    assert [reject["article"]["identifier"] for reject in lines(work, "rejects.jsonl.gz")] == [name(91)]


def test_the_ledger_gives_every_link_its_one_outcome(work: Work) -> None:
    seal(work, derive, facts=FACTS)
    ledger = lines(work, "ledger.jsonl.gz")
    assert [fault for line in ledger for fault in errors("ledger", line)] == []
    assert {line["identifier"]: line["outcome"] for line in ledger} == {
        name(1): "article", name(2): "article", name(3): "article", name(91): "rejected", name(92): "http-error",
        name(93): "not-an-article", name(94): "robots", name(95): "too-old", "https://chronik.example/about/": "not-an-article",
    }  # fmt: skip
    assert len(ledger) == 9


def test_sealing_the_same_warcs_twice_gives_the_same_bytes(work: Work, tmp_path: Path) -> None:
    other = copy(work, tmp_path / "other")
    assert seal(work, derive, facts=FACTS).sha256 == seal(other, derive, facts=FACTS).sha256
    assert contents(work) == contents(other)


def test_a_sealed_work_folder_stays_as_it_is_whoever_seals_it_again(work: Work) -> None:
    before = seal(work, derive, facts=FACTS)
    bytes_before = contents(work)
    again = seal(work, lambda _: iter(()), facts={"software": {"letopis": "9.9.9"}})
    assert again == before
    assert contents(work) == bytes_before


@pytest.mark.parametrize(
    "file", ["articles.jsonl.gz", "report.json", "warc/chronik-20261122T120000Z-00000.warc.gz"]
)
def test_a_sealed_file_that_changed_is_named(file: str, work: Work) -> None:
    seal(work, derive, facts=FACTS)
    path = work.folder / file
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(SealError, match=file):
        seal(work, derive, facts=FACTS)


def test_a_sealed_file_that_is_gone_is_named(work: Work) -> None:
    seal(work, derive, facts=FACTS)
    (work.folder / "index.idx").unlink()
    with pytest.raises(SealError, match=r"index\.idx"):
        sealed_in(work)


def test_a_reader_that_dies_leaves_no_manifest_and_the_next_seal_is_whole(work: Work, tmp_path: Path) -> None:
    def dying(records: Iterable[Record]) -> Iterator[Derived]:
        yield from list(derive(records))[:2]
        raise RuntimeError("a page nobody thought of")

    undisturbed = seal(copy(work, tmp_path / "other"), derive, facts=FACTS)
    with pytest.raises(RuntimeError):
        seal(work, dying, facts=FACTS)
    assert not (work.folder / "manifest.json").exists()
    assert seal(work, derive, facts=FACTS).sha256 == undisturbed.sha256


def test_a_seal_killed_at_any_file_it_opens_or_names_is_made_whole_by_the_next(
    work: Work, tmp_path: Path
) -> None:
    undisturbed = seal(copy(work, tmp_path / "undisturbed"), derive, facts=FACTS)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        folders = pool.apply(_kill_everywhere, (work, tmp_path / "killed"))
    assert len(folders) > 8
    for folder in folders:
        left = _at(folder, work)
        assert seal(left, derive, facts=FACTS).sha256 == undisturbed.sha256, folder
        assert contents(left) == contents(undisturbed.work), folder


def _kill_everywhere(work: Work, root: Path) -> list[Path]:
    """Copies of a work folder, each left by a seal that was killed three steps later than the one before."""
    return list(
        killed(root, work.folder, lambda folder: seal(_at(folder, work), derive, facts=FACTS), every=3)
    )


def _at(folder: Path, work: Work) -> Work:
    return Work(folder, work.id, work.site, work.series)


def test_a_segment_that_is_still_open_is_not_sealed(work: Work) -> None:
    (work.warc / f"{work.id}-00001.warc.gz.open").write_bytes(b"")
    with pytest.raises(SealError, match=r"00001\.warc\.gz\.open is still open.*letopis recover"):
        seal(work, derive, facts=FACTS)


def test_a_crawl_that_captured_nothing_is_not_sealed(work: Work) -> None:
    shutil.rmtree(work.warc)
    with pytest.raises(SealError, match="nothing was captured"):
        seal(work, derive, facts=FACTS)


def test_an_article_without_its_capture_stops_the_seal(work: Work) -> None:
    def careless(records: Iterable[Record]) -> Iterator[Derived]:
        for said in derive(records):
            if said.article:
                del said.article["capture"]
            yield said

    with pytest.raises(DerivedError, match="chronik:1: an article needs its identifier and its capture"):
        seal(work, careless, facts=FACTS)
    assert not (work.folder / "manifest.json").exists()


def test_what_a_reader_does_not_look_at_is_counted_and_indexed_all_the_same(work: Work) -> None:
    sealed = seal(work, lambda _: iter(()), facts=FACTS)
    assert sealed.manifest["counts"]["records"] == 30
    assert sealed.manifest["counts"]["articles"] == 0
    outcomes = {line["identifier"]: line["outcome"] for line in lines(work, "ledger.jsonl.gz")}
    assert outcomes[name(1)] == Outcome.NOT_FETCHED


def test_the_index_finds_every_page(work: Work) -> None:
    seal(work, derive, facts=FACTS)
    index = map(cdxj.parse_line, gzip.decompress((work.folder / "index.cdx.gz").read_bytes()).splitlines())
    (line,) = (one for one in index if one.fields["url"] == url(2))
    capture = lines(work, "articles.jsonl.gz")[1]["capture"]
    assert (line.fields["filename"], line.fields["offset"]) == (capture["warcFile"], str(capture["offset"]))


def test_the_log_is_kept_as_it_was(work: Work) -> None:
    seal(work, derive, facts=FACTS)
    assert gzip.decompress((work.folder / "crawl.log.gz").read_bytes()) == work.log.read_bytes()


def test_a_crawl_without_a_log_is_sealed_without_one(work: Work) -> None:
    work.log.unlink()
    assert "crawl.log.gz" not in {line["path"] for line in seal(work, derive, facts=FACTS).manifest["files"]}


def test_nothing_but_the_snapshot_is_left_in_the_work_folder(work: Work) -> None:
    (work.folder / ".articles.jsonl.gz.torn").write_bytes(b"left by a crash")
    sealed = seal(work, derive, facts=FACTS)
    kept = {line["path"] for line in sealed.manifest["files"]} | {"manifest.json", "claim.json", "crawl.log"}
    index_beside_the_warc = {path for path in contents(work) if path.endswith(".cdxj")}
    assert set(contents(work)) - index_beside_the_warc == kept


def test_a_damaged_warc_is_named_with_its_place_and_not_sealed(work: Work) -> None:
    (segment,) = work.warc.glob("*.warc.gz")
    whole = segment.read_bytes()
    for damaged in (whole[:-5], whole[:3000] + bytes(50) + whole[3050:]):
        segment.write_bytes(damaged)
        with pytest.raises(BrokenRecordError, match=r"00000\.warc\.gz at offset \d+"):
            seal(work, derive, facts=FACTS)
        assert not (work.folder / "manifest.json").exists()
