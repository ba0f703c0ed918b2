"""`scrapy fixture SITE URL`: a page out of the archive becomes a test of its site."""

from __future__ import annotations

import json
import re
import sys
from difflib import unified_diff
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader

from archive.objects import StoreError
from archive.record import BrokenRecordError, records
from archive.recover import in_words
from archive.urlkey import key
from crawler.commands.refusal import refuse
from crawler.cut import cut
from crawler.exits import Complaint, Exit
from crawler.fixtures import NotReadError, default_name, differences, expectation, looked_at, root_of, said
from crawler.held import STORE, NotHeldError, held, moment
from crawler.route import ConfigError

if TYPE_CHECKING:
    import argparse
    from datetime import datetime
    from pathlib import Path

    from crawler.held import Found
    from crawler.look import Look

NAME = re.compile(r"[\w][\w.-]*", re.ASCII)
LOOK = "look at it, then run the same again with --accept"


class Command(ScrapyCommand):
    """Cuts the exchange of a URL out of what REPLAY names, the store by default, and keeps what the page reads of it.

    The first call writes the WARC and shows the article; `--accept`, after a look at it, writes the JSON beside it.
    """

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """Return what follows the command's name."""
        return "SITE URL [--at DATE] [--name NAME] [--accept]"

    def short_desc(self) -> str:
        """Return the line of `scrapy -h`."""
        return "Keep a page of the archive as a test of its site"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options to Scrapy's."""
        super().add_options(parser)
        parser.add_argument(
            "--at", metavar="DATE", help="the capture nearest to this date; default: the newest"
        )
        parser.add_argument(
            "--name", help="the fixture's name; default: the article's own part of its identifier"
        )
        parser.add_argument("--accept", action="store_true", help="write the JSON: what was shown is right")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Cut, show, and accept where that is said; exits 65 where something is still to be looked at."""
        if len(args) != 2:  # noqa: PLR2004  SITE and URL
            raise UsageError
        try:
            site, url = args
            self.exitcode = self._keep(site, url, opts)
        except Complaint as complaint:
            refuse(self, complaint.code, str(complaint))
        except NotReadError as error:
            refuse(self, Exit.DATA, str(error))
        except OSError as error:
            refuse(
                self,
                Exit.IO,
                f"{in_words(error)}; make room or rights there, or name another folder, -s FIXTURES=DIR",
            )

    def _keep(self, site: str, url: str, opts: argparse.Namespace) -> Exit:
        assert self.settings is not None  # noqa: S101  scrapy.cmdline has set it; for mypy
        loader = get_spider_loader(self.settings)
        if site not in loader.list():
            raise Complaint(
                Exit.USAGE, f"there is no site {site}; there are {', '.join(sorted(loader.list()))}"
            )
        if not (pages := getattr(loader.load(site), "pages", ())):
            reason = "its items are its own, and Letopis reads no page for it; a fixture is of a NewsSpider's pages"
            raise Complaint(Exit.USAGE, f"{site} declares no pages: {reason}")
        at = None if opts.at is None else _instant(opts.at)
        name = opts.name or default_name(pages, url)
        if not NAME.fullmatch(name):
            raise Complaint(Exit.USAGE, f"--name {name!r} is no file's name: letters, digits, . _ and - only")
        warc = root_of(self.settings) / site / f"{name}.warc.gz"
        if not warc.exists():
            if opts.accept:
                raise Complaint(Exit.USAGE, f"nothing was shown yet of {warc}: run the same without --accept")
            self._cut(self._found(site, url, at), warc)
        elif at:
            _same(self._found(site, url, at), warc)
        captured, seen = looked_at(warc, site)
        if key(url) != key(captured):
            raise Complaint(Exit.USAGE, f"{warc} holds {captured}: choose another --name")
        return _judge(warc.with_name(f"{name}.json"), captured, seen, accept=opts.accept)

    def _found(self, site: str, url: str, at: datetime | None) -> Found:
        assert self.settings is not None  # noqa: S101
        if self.settings.get("REPLAY") is None:
            self.settings.set("REPLAY", [self.settings.get("STORE") or STORE], "cmdline")
        try:
            return held(self.settings, site).find(url, at)
        except ConfigError as error:
            raise Complaint(Exit.CONFIG, str(error)) from error
        except (NotHeldError, BrokenRecordError) as error:
            raise Complaint(Exit.DATA, str(error)) from error
        except (StoreError, OSError) as error:
            raise Complaint(Exit.IO, str(error)) from error

    def _cut(self, found: Found, warc: Path) -> None:
        warc.parent.mkdir(parents=True, exist_ok=True)
        warc.write_bytes(cut(found, warc.name))
        sys.stderr.write(f"{warc}: the capture of {found.response.date}\n")


def _instant(at: str) -> datetime:
    try:
        return moment(at)
    except ConfigError as error:
        raise Complaint(Exit.USAGE, f"--at {error}") from error


def _same(found: Found, warc: Path) -> None:
    """Raise Complaint for a WARC that holds another capture than the one that is asked for."""
    try:
        kept = next((record for record in records(warc) if record.type == "response"), None)
    except (BrokenRecordError, OSError) as error:
        raise Complaint(Exit.DATA, f"{warc}: {error}") from error
    if kept is not None and kept.id != found.response.id:
        told = (
            f"{warc} holds the capture of {kept.date}, and nearest to --at is that of {found.response.date}"
        )
        raise Complaint(Exit.USAGE, f"{told}: choose another --name, or leave --at out")


def _judge(path: Path, url: str, seen: Look, *, accept: bool) -> Exit:
    """Print what is read, or how it differs from what is expected so far; write it where it is accepted."""
    before = said(path) if path.exists() else None
    article = before["article"] if before else None
    now = expectation(url, seen.article, article or ())
    for fault in seen.faults:
        sys.stderr.write(f"the schema refuses it: {fault}\n")
    if accept:
        path.write_text(_text(now), "utf-8")
        sys.stderr.write(f"{path}: written\n")
        return Exit.OK
    if before and not differences(article, seen.article):
        sys.stderr.write(f"{path}: read as expected, by {seen.by}\n")
        return Exit.OK
    sys.stdout.write(_difference(before, now) if before else _text(now))
    sys.stderr.write(f"{path}: read by {seen.by}; {LOOK}\n")
    return Exit.DATA


def _text(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _difference(before: dict[str, Any], now: dict[str, Any]) -> str:
    old, new = (_text(told).splitlines(keepends=True) for told in (before, now))
    return "".join(unified_diff(old, new, "expected", "read"))
