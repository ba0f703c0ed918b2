import json
from pathlib import Path
from typing import Any

import pytest

from archive import chain
from archive.objects import Store
from archive.reading import REJECTS, lines
from archive.snapshot import key_of
from archive.store import open_store
from archive.verify import verify_chain, verify_files
from crawler.cli import main
from crawler.look import loader
from crawler.page import Article, ArticlePage
from crawler.reader import reader
from schemas import errors
from tests.archive.crawled import sealed as sealed_elsewhere
from tests.crawler.played import EARLIER, played

SMOLLENTA: Any = loader().load("smollenta")
READER = reader(SMOLLENTA).identity


class Clumsy(*SMOLLENTA.pages[:1]):  # type: ignore[misc]
    """The site's page as it was before somebody mended it."""

    def article(self) -> Article | None:
        found = super().article()
        if found:
            found.headline = f"Смоллента: {found.headline}"
            found.author = []
            found.articleBody = "" if len(found.articleBody) % 5 == 0 else found.articleBody
        return found


class Before:
    name = "smollenta"
    pages: tuple[type[ArticlePage], ...] = (Clumsy,)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path / "data"))


def letopis(tmp_path: Path, *arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--store", str(tmp_path / "data")])
    return int(ended.value.code or 0)


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def objects(store: Store) -> dict[str, str]:
    return {stored.key: store.sha256(stored.key) for stored in store.list()}


def test_a_dry_run_tells_what_would_change_by_field_and_writes_nothing(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    snapshot = played(store, tmp_path / "work", SMOLLENTA, reads=Before)
    before, articles = objects(store), list(lines(store, snapshot))
    assert letopis(tmp_path, "rebuild", snapshot, "--dry-run", "--jobs", "1", "--json") == 0
    (found,) = told(capsys)
    assert objects(store) == before
    assert found["edition"] is None
    difference = found["difference"]
    assert difference["fields"]["headline"]["changed"] == len(articles)
    assert difference["fields"]["author"]["gained"] > 0
    assert difference["same"] == difference["gone"] == 0
    refused = len(list(lines(store, snapshot, REJECTS)))
    assert difference["rescued"] == refused - found["rejects"] > 0
    example = difference["fields"]["headline"]["examples"][0]
    assert example["old"] == f"Смоллента: {example['new']}"
    address = next(one["capture"] for one in articles if one["identifier"] == example["identifier"])
    assert [example[name] for name in ("offset", "length")] == [address["offset"], address["length"]]


def test_what_is_told_to_people_names_records_and_how_to_open_them(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    snapshot = played(store, tmp_path / "work", SMOLLENTA, reads=Before)
    told = ("rebuild", snapshot, "--dry-run", "--jobs", "1", "--fields", "headline")
    assert letopis(tmp_path, *told) == 0
    shown = capsys.readouterr().out
    article = next(lines(store, snapshot))
    place = "{warcFile}@{offset}+{length}".format(**article["capture"])
    assert f"headline changed: {article['identifier']}  {place}" in shown
    assert f"- {article['headline'][:60]}" in shown
    assert f"scrapy shell {article['url']} -s REPLAY={snapshot} -s STORE={tmp_path / 'data'}" in shown
    assert "rescued" in shown
    assert "author" not in shown


def test_a_rebuild_writes_an_edition_with_its_reader_and_the_next_finds_nothing_to_do(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    snapshot = played(store, tmp_path / "work", SMOLLENTA, reads=Before)
    before = objects(store)
    assert letopis(tmp_path, "rebuild", snapshot, "--jobs", "1", "--json") == 0
    (found,) = told(capsys)
    assert (found["edition"], found["reader"]) == (1, READER)
    kept = objects(store)
    assert {
        key: kept[key] for key in before if key not in {"snapshots.jsonl", "latest.json"}
    }.items() <= before.items()
    assert f"readers/{READER}.zip" in kept
    articles = list(lines(store, snapshot))
    assert [fault for article in articles for fault in errors("article", article)] == []
    assert {article["capture"]["reader"] for article in articles} == {READER}
    assert {article["capture"]["reader"] for article in lines(store, snapshot, edition=0)} == {EARLIER}
    assert len(list(lines(store, snapshot, REJECTS))) == found["rejects"]
    assert found["head"] == chain.history(store, "smollenta")[-1].sha256
    assert [
        str(finding) for finding in (*verify_files(store, snapshot), *verify_chain(store, "smollenta"))
    ] == []
    assert letopis(tmp_path, "rebuild", snapshot, "--jobs", "1") == 0
    assert "nothing to do" in capsys.readouterr().out
    assert objects(store) == kept


def test_two_processes_make_the_edition_that_one_makes(store: Store, tmp_path: Path) -> None:
    snapshot = played(store, tmp_path / "work", SMOLLENTA, reads=Before)
    other = open_store(str(tmp_path / "other" / "data"))
    assert played(other, tmp_path / "other" / "work", SMOLLENTA, reads=Before) == snapshot
    assert letopis(tmp_path, "rebuild", snapshot, "--jobs", "2") == 0
    assert letopis(tmp_path / "other", "rebuild", snapshot, "--jobs", "1") == 0
    key = key_of(snapshot, "editions/1/manifest.json")
    assert store.sha256(key) == other.sha256(key)


def test_an_article_that_is_refused_now_is_told_loudly(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = played(store, tmp_path / "work", SMOLLENTA)
    monkeypatch.setattr(SMOLLENTA, "pages", (Clumsy,))
    for more in (("--dry-run",), ()):
        assert letopis(tmp_path, "rebuild", snapshot, "--jobs", "1", *more) == 0
        shown = capsys.readouterr().out
        assert "GONE" in shown.splitlines()[0]
        assert "article -> rejected: articleBody is missing" in shown


class Broken(*SMOLLENTA.pages[:1]):  # type: ignore[misc]
    """The site's page as somebody mended it in haste."""

    def article(self) -> Article | None:
        found = super().article()
        if found and len(found.articleBody or "") % 5 == 0:
            raise LookupError("no such word")
        return found


@pytest.mark.parametrize("reads", [None, Before], ids=["as articles", "as rejects"])
def test_code_that_breaks_on_pages_read_before_makes_no_edition(
    reads: Any,
    store: Store,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    snapshot = played(store, tmp_path / "work", SMOLLENTA, reads=reads)
    articles = list(lines(store, snapshot))
    monkeypatch.setattr(SMOLLENTA, "pages", (Broken,))
    for more in ((), ("--dry-run",)):
        assert letopis(tmp_path, "rebuild", snapshot, "--jobs", "1", *more) == 70
        shown = capsys.readouterr()
        shows = bool(more) or not reads  # what is gone in any case, all else when asked
        assert ("-> failed: reading it broke: LookupError: no such word" in shown.out) == shows
        assert "break today's code, so no edition is made" in shown.err
    assert list(lines(store, snapshot)) == articles
    assert chain.editions(store, snapshot) == []


def test_all_snapshots_of_a_site_are_read_again_and_one_that_cannot_be_keeps_no_other(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [played(store, tmp_path / "work", SMOLLENTA, reads=Before) for _ in range(3)]
    path = next((tmp_path / "data" / key_of(names[1])).rglob("*.warc.gz"))
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-9])
    assert letopis(tmp_path, "rebuild", "smollenta", "--all", "--jobs", "1", "--json") == 65
    said = capsys.readouterr()
    assert [json.loads(line)["snapshot"] for line in said.out.splitlines()] == [names[0], names[2]]
    assert path.name in said.err
    assert len(said.err.splitlines()) == 1
    assert [len(chain.editions(store, name)) for name in names] == [1, 0, 1]


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        ((), 64, "name snapshots or say --all"),
        (("--all",), 64, "holds no snapshot"),
        (("ria", "--all"), 64, "holds no snapshot of a site ria"),
        (("ria-20261122T060000Z",), 64, "holds no sealed snapshot"),
        (("ria-20261122T060000Z", "--fields", "author"), 64, "--fields goes with --dry-run"),
    ],
)
def test_what_cannot_be_meant_is_told_in_one_line(
    arguments: tuple[str, ...], code: int, complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()
    assert letopis(tmp_path, "rebuild", *arguments) == code
    said = capsys.readouterr().err
    assert complaint in said
    assert said.count("\n") == 1


def test_a_snapshot_of_a_site_that_is_not_known_here_is_refused(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = chain.commit(store, sealed_elsewhere(store, tmp_path / "work"))
    assert letopis(tmp_path, "rebuild", entry.snapshot) == 64
    assert "no site chronik is known here" in capsys.readouterr().err


@pytest.mark.parametrize("gone", ["manifest.json", "warc/{}-00000.warc.gz", None])
def test_an_edition_whose_records_are_damaged_or_gone_is_told_and_ends_no_verification(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], gone: str | None
) -> None:
    snapshot = played(store, tmp_path / "work", SMOLLENTA)
    assert letopis(tmp_path, "rebuild", snapshot, "--jobs", "1") == 0
    if gone:
        store.put(key_of(snapshot, gone.format(snapshot)), b"nothing of the kind")
    else:
        store.delete(key_of(snapshot, "manifest.json"))
    capsys.readouterr()
    assert letopis(tmp_path, "verify", "--all", "--jobs", "1", "--json") == 65
    place = key_of(snapshot, "editions/1/manifest.json")
    (reason,) = [one["reason"] for part in told(capsys) for one in part["findings"] if one["place"] == place]
    assert reason.startswith("its records cannot be read again: ")
