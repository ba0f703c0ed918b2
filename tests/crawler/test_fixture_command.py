"""A page of an archive becomes a test of its site: cut out, looked at, accepted, checked."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from argparse import ArgumentParser
from datetime import date
from typing import TYPE_CHECKING

import pytest
from scrapy.settings import Settings

from archive.record import records
from crawler.commands.fixture import Command
from crawler.fixtures import ABOUT_READING, ROOT, fixtures
from tests.twice import crawled_once

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Keep = Callable[..., int]

SITE = "smollenta"
PAGES = [one.url for one in fixtures(SITE)]


@pytest.fixture
def keep(tmp_path: Path) -> Keep:
    """`scrapy fixture` over the fixtures that the project has, into a folder of its own; the exit code."""

    def run(*line: str, replay: str = str(ROOT / SITE), site: str = SITE) -> int:
        command = Command()
        command.settings = Settings()
        command.settings.setmodule("crawler.settings", priority="project")
        command.settings.setdict({"FIXTURES": str(tmp_path), "REPLAY": replay}, priority="cmdline")
        parser = ArgumentParser(conflict_handler="resolve")
        command.add_options(parser)
        opts, args = parser.parse_known_args([site, *line])
        command.run(args, opts)
        return command.exitcode

    return run


def scrapy(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("LETOPIS")}
    env |= {"SCRAPY_SETTINGS_MODULE": "crawler.settings", "PYTHONPATH": str(ROOT.parent.parent)}
    line = [sys.executable, "-m", "scrapy", *arguments]
    return subprocess.run(line, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False)


def test_a_page_of_a_snapshot_is_cut_out_looked_at_accepted_and_then_checked(tmp_path: Path) -> None:
    made = crawled_once(SITE, tmp_path, date(2026, 1, 2))
    article, root = made.articles[0], tmp_path / "sites"
    line = ("fixture", SITE, article["url"], "--name", "bridge", "-s", f"FIXTURES={root}")

    shown = scrapy(tmp_path, *line, "--at", article["capture"]["retrievedAt"])
    assert shown.returncode == 65, shown.stderr
    assert "look at it, then run the same again with --accept" in shown.stderr
    assert json.loads(shown.stdout)["article"]["headline"] == article["headline"]
    assert list(fixtures(SITE, root)) == []
    checked = scrapy(tmp_path, "check", SITE, "-s", f"FIXTURES={root}")
    assert checked.returncode == 65
    assert (
        "bridge.warc.gz: what it reads was not accepted yet: `scrapy fixture smollenta URL" in checked.stderr
    )
    cut = {record.type: record for record in records(root / SITE / "bridge.warc.gz")}
    assert [*cut] == ["warcinfo", "response", "request"]
    assert cut["response"].id == article["capture"]["recordId"]

    assert scrapy(tmp_path, *line, "--accept").returncode == 0
    (fixture,) = fixtures(SITE, root)
    told = {field: said for field, said in article.items() if field not in ABOUT_READING}
    assert (fixture.name, fixture.url, fixture.article) == ("bridge", article["url"], told)
    assert scrapy(tmp_path, "check", SITE, "-s", f"FIXTURES={root}").returncode == 0


def test_the_name_is_the_articles_own_part_of_its_identifier_fit_for_a_file(
    keep: Keep, tmp_path: Path
) -> None:
    assert keep(PAGES[0]) == 65
    (path,) = (tmp_path / SITE).iterdir()
    assert path.name == PAGES[0].removeprefix("https://smollenta.ru/").replace("/", "-") + ".warc.gz"


def test_what_is_read_otherwise_than_expected_is_shown_as_a_difference(
    keep: Keep, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [keep(PAGES[0], "--name", "a"), keep(PAGES[0], "--name", "a", "--accept")] == [65, 0]
    path = tmp_path / SITE / "a.json"
    said = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(said | {"article": said["article"] | {"headline": "Иначе"}}), "utf-8")
    capsys.readouterr()
    assert keep(PAGES[0], "--name", "a") == 65
    shown = capsys.readouterr().out
    assert '-  "headline": "Иначе",' in shown
    assert f'+  "headline": {json.dumps(said["article"]["headline"], ensure_ascii=False)},' in shown


def test_what_an_expectation_says_of_how_a_field_was_read_is_asked_for_again(
    keep: Keep, tmp_path: Path
) -> None:
    keep(PAGES[0], "--name", "a")
    keep(PAGES[0], "--name", "a", "--accept")
    path = tmp_path / SITE / "a.json"
    said = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(said | {"article": said["article"] | {"origins": {}}}), "utf-8")
    assert [keep(PAGES[0], "--name", "a"), keep(PAGES[0], "--name", "a", "--accept")] == [65, 0]
    assert json.loads(path.read_text("utf-8"))["article"]["origins"]["headline"]
    assert keep(PAGES[0], "--name", "a") == 0


def test_nothing_is_accepted_that_was_not_shown(
    keep: Keep, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert keep(PAGES[0], "--accept") == 64
    assert "run the same without --accept" in capsys.readouterr().err
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("told", "where", "code", "said"),
    [
        ((), {"replay": "nowhere"}, 78, "REPLAY names nowhere"),
        (("--at", "2030-99-99"), {}, 64, "--at '2030-99-99' is no date"),
        (("--at", ""), {}, 64, "--at '' is no date"),
        ((), {}, 65, "not-held is not in"),
        ((), {"site": "nosuch"}, 64, "there is no site nosuch"),
        (("--name", "../../x"), {}, 64, "--name '../../x' is no file's name"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    keep: Keep,
    capsys: pytest.CaptureFixture[str],
    *,
    told: tuple[str, ...],
    where: dict[str, str],
    code: int,
    said: str,
) -> None:
    assert keep("https://smollenta.ru/not-held", *told, **where) == code
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_a_name_that_is_taken_is_never_written_over(
    keep: Keep, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(PAGES[0], "--name", "taken")
    before = (tmp_path / SITE / "taken.warc.gz").read_bytes()
    assert keep(PAGES[1], "--name", "taken") == 64
    assert "choose another --name" in capsys.readouterr().err
    assert (tmp_path / SITE / "taken.warc.gz").read_bytes() == before


def test_another_capture_of_the_same_page_is_not_taken_for_the_one_that_is_kept(
    keep: Keep, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (kept,) = [one for one in fixtures(SITE) if one.url == PAGES[0]]
    later = tmp_path / "later.warc"
    other = {b"urn:uuid:": b"urn:uuid:0", b"WARC-Date: 20": b"WARC-Date: 21"}
    data = gzip.decompress(kept.warc.read_bytes())
    for old, new in other.items():
        data = data.replace(old, new)
    later.write_bytes(data)
    both = f"{kept.warc},{later}"
    assert [keep(PAGES[0], "--at", "2020-01-01", replay=both), keep(PAGES[0], replay=both)] == [65, 65]
    before = [path.read_bytes() for path in sorted((tmp_path / SITE).iterdir())]
    capsys.readouterr()
    assert keep(PAGES[0], "--at", "2120-01-01", replay=both) == 64
    assert "choose another --name, or leave --at out" in (said := capsys.readouterr().err)
    assert said.count("\n") == 1
    assert keep(PAGES[0], "--at", "2020-01-01", "--accept", replay=both) == 0
    assert [path.read_bytes() for path in sorted((tmp_path / SITE).glob("*.gz"))] == before


def test_a_folder_that_cannot_be_written_to_is_told_in_one_line(
    keep: Keep, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / SITE).touch()
    assert keep(PAGES[0]) == 74
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("scrapy fixture: ")
    assert f"{tmp_path / SITE}; make room or rights there, or name another folder" in line


@pytest.mark.parametrize(
    ("written", "said"), [("{", "is no JSON"), ("[]", "says no "), ('{"url": "a"}', "says no ")]
)
def test_an_expectation_that_cannot_be_read_is_named_and_the_others_are_checked(
    keep: Keep, tmp_path: Path, capsys: pytest.CaptureFixture[str], written: str, said: str
) -> None:
    names = ("bad", "good", "lone")
    assert {keep(PAGES[0], "--name", name, *then) for name in names for then in ((), ("--accept",))} == {
        65,
        0,
    }
    folder = tmp_path / SITE
    (folder / "bad.json").write_text(written, "utf-8")
    (folder / "lone.warc.gz").unlink()
    capsys.readouterr()
    assert keep(PAGES[0], "--name", "bad") == 65
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"scrapy fixture: {folder / 'bad.json'}: {said}")

    (tmp_path / "with space").mkdir()
    folder = folder.rename(tmp_path / "with space" / SITE)
    checked = scrapy(tmp_path, "check", SITE, "-s", f"FIXTURES={folder.parent}")
    assert checked.returncode == 65
    assert "Ran 1 contract " in checked.stderr
    bad, lone = [line for line in checked.stderr.splitlines() if line.startswith("scrapy check: ")]
    assert f"{folder / 'bad.json'}: {said}" in bad
    assert f"{folder / 'lone.json'}: its page is missing, lone.warc.gz" in lone
