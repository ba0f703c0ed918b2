from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING

import pytest

from crawler.cli import site_names
from tests.newsroom import newsroom

from .desk import Desk, Done

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


TODAY = date(2026, 1, 2)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with newsroom(seed=7, today=TODAY) as room:
        yield Desk(room, tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def crawled(desk: Desk) -> Done:
    return desk.run("crawl", "ria", "smollenta", "--until", TODAY.isoformat(), "--limit", "4")


@pytest.fixture(scope="module")
def names(desk: Desk, crawled: Done) -> list[str]:
    assert crawled.returncode == 0, crawled.stdout + crawled.stderr
    return [json.loads(line)["snapshot"] for line in desk.run("snapshots", "--json").stdout.splitlines()]


def test_the_table_at_the_end_has_a_row_per_site_that_says_what_its_snapshot_says(
    desk: Desk, crawled: Done
) -> None:
    rows = [line.split() for line in crawled.stdout.splitlines() if line.endswith("0 ok  ")]
    kept = [json.loads(line) for line in desk.run("snapshots", "--json").stdout.splitlines()]
    told = [
        (one["snapshot"].partition("-")[0], *(str(one[name]) for name in ("links", "articles", "rejects")))
        for one in kept
    ]
    assert [(row[0], row[1], row[3], row[4]) for row in rows] == told
    assert [row[0] for row in rows] == ["ria", "smollenta"]
    assert all(int(row[1]) > int(row[2]) > 0 for row in rows)  # announced, captured


def test_a_log_has_plain_lines(crawled: Done) -> None:
    assert "ria: crawling" in crawled.stdout.splitlines()
    assert "\x1b" not in crawled.stdout
    assert "head sha256:" in crawled.stdout


def test_snapshots_lists_what_the_store_holds(desk: Desk, names: list[str]) -> None:
    shown = desk.run("snapshots", "smollenta").stdout.splitlines()
    assert shown[0].split() == ["snapshot", "edition", "status", "links", "articles", "rejects", "bytes"]
    assert [line.split()[0] for line in shown[1:]] == names[1:]


def test_show_tells_how_a_crawl_went(desk: Desk, names: list[str]) -> None:
    shown = desk.run("show", names[0]).stdout
    assert shown.startswith(f"{names[0]}: complete (finished, a rehearsal)")
    assert "over-limit" in shown
    assert "https://ria.ru/export/rss2/archive/index.xml" in shown
    both = json.loads(desk.run("show", names[0], "--json").stdout)
    assert both["manifest"]["snapshot"] == names[0]
    assert both["report"]["articles"] == both["manifest"]["counts"]["articles"]


def test_verify_finds_nothing_wrong_with_what_was_just_made(desk: Desk, names: list[str]) -> None:
    done = desk.run("verify", "--all")
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines() == [
        *(f"{name}: ok" for name in names),
        "chain of ria/main: ok",
        "chain of smollenta/main: ok",
    ]


def test_get_brings_snapshots_home_once_and_verify_reads_them_there(desk: Desk, names: list[str]) -> None:
    first = desk.run("get", "home", "--what", "all", "--json")
    got = json.loads(first.stdout)
    assert (first.returncode, got["snapshots"], got["fetched_files"]) == (0, len(names), got["files"])
    again = json.loads(desk.run("get", "home", "--what", "all", "--json").stdout)
    assert (again["files"], again["fetched_files"]) == (got["files"], 0)
    assert desk.run("verify", "--all", "--store", "home").returncode == 0


def test_verify_names_the_file_that_was_changed(desk: Desk, names: list[str]) -> None:
    (kept,) = desk.folder.glob(f"data/snapshots/*/snapshot={names[1]}/rejects.jsonl.gz")
    before = kept.read_bytes()
    kept.chmod(0o644)
    kept.write_bytes(before[:-1] + b"!")
    done = desk.run("verify", names[1])
    kept.write_bytes(before)
    assert done.returncode == 65
    assert "rejects.jsonl.gz" in done.stdout


def test_verify_checks_what_the_chain_names_whatever_the_list_beside_it_says(
    desk: Desk, names: list[str]
) -> None:
    listed = desk.folder / "data" / "snapshots.jsonl"
    before = listed.read_bytes()
    listed.chmod(0o644)
    listed.write_bytes(before.replace(names[0].encode(), names[1].encode()))
    done = desk.run("verify", "--all")
    listed.write_bytes(before)
    assert [line for line in done.stdout.splitlines() if line.startswith(names[0])] == [f"{names[0]}: ok"]


def test_verify_of_a_store_without_snapshots_says_that_nothing_was_checked(desk: Desk) -> None:
    (desk.folder / "empty").mkdir()
    done = desk.run("verify", "--all", "--store", "empty")
    assert (done.returncode, "nothing was checked" in done.stderr) == (64, True)


def test_verify_of_a_store_whose_chains_are_gone_names_what_no_chain_names(
    desk: Desk, names: list[str], tmp_path: Path
) -> None:
    shutil.copytree(desk.folder / "data", tmp_path / "data")
    shutil.rmtree(tmp_path / "data/chain")
    done = desk.run("verify", "--all", "--store", str(tmp_path / "data"))
    assert (done.returncode, done.stderr) == (65, "")
    for name in names:
        assert f"snapshot={name}/manifest.json: no entry of the chain names this snapshot" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "file"),
    [
        (("show",), "manifest.json"),
        (("show",), "report.json"),
        (("rebuild", "--dry-run"), "manifest.json"),
        (("rebuild", "--dry-run"), "ledger.jsonl.gz"),
    ],
)
def test_a_damaged_file_is_named_in_one_line(
    desk: Desk, names: list[str], arguments: tuple[str, ...], file: str, tmp_path: Path
) -> None:
    shutil.copytree(desk.folder / "data", tmp_path / "data")
    (place,) = tmp_path.glob(f"data/snapshots/*/snapshot={names[0]}/{file}")
    place.write_bytes(place.read_bytes()[:-20])
    done = desk.run(*arguments, names[0], "--store", str(tmp_path / "data"))
    assert (done.returncode, done.stderr.count("\n")) == (65, 1), done.stderr
    assert done.stderr.startswith(f"letopis {arguments[0]}: ")
    assert f"{names[0]}/{file}" in done.stderr


def test_an_entry_that_is_none_stops_its_own_site_alone_and_what_is_no_entry_nobody(
    desk: Desk, names: list[str], tmp_path: Path
) -> None:
    shutil.copytree(desk.folder / "data", tmp_path / "data")
    chain = tmp_path / "data/chain"
    (chain / "site=ria/series=main/00000001.json").write_text("rubbish")
    (chain / "site=smollenta/series=main/00000001.json~").write_text("rubbish")
    store = ("--store", str(tmp_path / "data"))
    listed = desk.run("snapshots", *store)
    assert (listed.returncode, listed.stderr.count("\n")) == (65, 1)
    assert "site=ria/series=main/00000001.json in file:" in listed.stderr
    (held,) = [name for name in names if name.startswith("smollenta")]
    assert [line.split()[0] for line in listed.stdout.splitlines()] == ["snapshot", held]
    for arguments in (("show", held), ("get", "home", "--site", "smollenta"), ("verify", held)):
        done = desk.run(*arguments, *store)
        assert arguments[0] == "verify" or done.returncode == 0, done.stderr
    assert "00000001.json~: this is no place of an entry" in done.stdout


def test_read_prints_the_article_of_a_url_with_origins_and_writes_nothing(desk: Desk) -> None:
    url = next(one.url for one in desk.room.truth["ria"] if one.outcome == "article")
    before = sorted(desk.folder.rglob("*"))
    done = desk.run("read", url)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["url"] == url
    assert found["origins"]["headline"]
    assert "read by RiaPage of ria" in done.stderr
    assert sorted(desk.folder.rglob("*")) == before


PAGE = """<html><head><link rel="canonical" href="https://ria.ru/20260102/most-2039174868.html">
<meta property="og:title" content="Мост открыт"><meta property="article:published_time" content="2026-01-02T10:00:00+03:00">
</head><body><h1>Мост открыт</h1><p>Движение по мосту началось утром, объезд сняли к полудню без задержек.</p>
<p>До конца недели на берегу работает пункт, где раздают новые схемы движения всем желающим.</p></body></html>"""


def test_read_takes_a_saved_page_by_its_own_url(desk: Desk) -> None:
    (desk.folder / "page.html").write_text(PAGE, encoding="utf-8")
    done = desk.run("read", "page.html")
    found = json.loads(done.stdout)
    assert found["identifier"] == "ria:2039174868"
    assert "read by the generic reader" in done.stderr


def test_read_says_when_a_page_is_no_article(desk: Desk) -> None:
    (desk.folder / "empty.html").write_text("<p>Ничего</p>", encoding="utf-8")
    done = desk.run("read", "empty.html", "--url", "https://gazeta.example/1")
    assert done.returncode == 65
    assert done.stderr.startswith("letopis read: https://gazeta.example/1 holds no article")


def test_a_live_page_is_not_asked_for_without_a_name(desk: Desk) -> None:
    env = {name: value for name, value in desk.env.items() if not name.startswith("LETOPIS")}
    done = desk.run("read", "https://gazeta.example/1", env=env)
    assert done.returncode == 78
    assert "LETOPIS_CONTACT" in done.stderr


def test_sites_are_the_files_of_the_folder(desk: Desk) -> None:
    shown = [json.loads(line)["site"] for line in desk.run("sites", "--json").stdout.splitlines()]
    assert shown == site_names() == ["rbc_kaliningrad", "ria", "smollenta", "sn_gazeta", "vybor_naroda"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("crawl", "rea"), 64, "letopis crawl: no site 'rea'; known are "),
        (("crawl", "ria", "--since", "friday"), 64, "letopis crawl: --since='friday' is no day"),
        (("show", "ria"), 64, "letopis show: 'ria' is no snapshot"),
        (("show", "ria-20200101T000000Z"), 64, "letopis show: "),
        (("verify",), 64, "letopis verify: name a snapshot or say --all"),
        (("read", "nowhere.html"), 74, "letopis read: "),
        (("snapshots", "--store", "s3://a_b"), 78, "letopis snapshots: that is no store; name s3://"),
        (("snapshots", "--store", "ftp://a.example"), 78, "letopis snapshots: ftp://a.example is no store"),
        (("read", "https://ria.ru:99999/"), 78, "letopis read: 'https://ria.ru:99999/' is no URL: "),
        (("crawl", "ria", "--since", "2999-01-01"), 64, "letopis crawl: --since=2999-01-01 has not begun"),
        (("get", "s3://bucket/x"), 64, "letopis get: s3://bucket/x is no directory; name one"),
        (
            ("get", "x", "--since", "2020-01-02", "--until", "2020-01-01"),
            64,
            "letopis get: --since 2020-01-02 is after",
        ),
        (("get", "none", "--since", "2999-01-01"), 65, "letopis get: no crawl of ./data began on these days"),
        (
            ("rebuild", "--all", "--dry-run", "--fields", "nofield"),
            64,
            "letopis rebuild: no field 'nofield'; ",
        ),
        (("get", "none", "--site", "rea"), 64, "letopis get: "),
        (("snapshots", "rea"), 64, "letopis snapshots: no site 'rea' in "),
        (("read", "page.html", "--site", "rea"), 64, "letopis read: no site 'rea'"),
    ],
)
def test_an_error_is_one_line(
    desk: Desk, names: list[str], arguments: tuple[str, ...], code: int, said: str
) -> None:
    assert names
    (desk.folder / "page.html").write_text(PAGE, encoding="utf-8")
    done = desk.run(*arguments)
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1


def test_a_closed_output_disturbs_no_command(desk: Desk, names: list[str]) -> None:
    assert names
    command = shlex.join([sys.executable, "-m", "crawler.cli", "snapshots"])
    done = subprocess.run(
        ["/bin/sh", "-c", f"{command} <&- >&-"],
        env=desk.env,
        cwd=desk.folder,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("arguments", [("--help",), ("snapshots",)])
def test_what_reads_only_manifests_imports_no_scrapy(
    desk: Desk, names: list[str], arguments: tuple[str, ...]
) -> None:
    assert names
    code = (
        "import sys\nfrom crawler.cli import main\ntry:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "print({'scrapy', 'twisted', 'lxml', 'rich', 'jsonschema', 'requests'} & set(sys.modules))"
    )
    line = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(line, env=desk.env, cwd=desk.folder, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"
