"""`letopis get`: snapshots brought home, with a bar on a terminal and a line at the end."""
# ruff: noqa: PLC0415  what is heavy is imported where it is needed, see crawler.cli

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.store import SCHEME
from crawler.exits import Complaint, Exit
from crawler.options import command, positive
from crawler.showing import print_json

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """State the command of this module."""
    one = command(commands, get)
    one.add_argument("directory", metavar="DIR", help="where to; a store itself afterwards")
    one.add_argument("--site", help="only of this site")
    one.add_argument("--since", help="first day on which a crawl began, YYYY-MM-DD")
    one.add_argument("--until", help="last day on which a crawl began, YYYY-MM-DD")
    one.add_argument(
        "--what", default="articles", choices=("articles", "warc", "all"), help="what to bring (%(default)s)"
    )
    one.add_argument("--jobs", type=positive, default=4, metavar="N", help="files at once (%(default)s)")


def get(told: argparse.Namespace) -> int:
    """Download snapshots into a directory, each file checked; what is there is not fetched again."""
    from archive import get as home
    from archive.store import open_store
    from crawler.bars import Bar

    since, until = _days(told)
    folder = _folder(told.directory)
    with Bar(shown=sys.stderr.isatty()) as bar:
        got = home.get(
            open_store(told.store),
            folder,
            site=told.site,
            since=since,
            until=until,
            what=told.what,
            jobs=told.jobs,
            progress=lambda now: bar.at(now.bytes, now.of_bytes),
        )
    if not got.snapshots:
        raise Complaint(
            Exit.DATA, f"no crawl of {told.site or told.store} began on these days; only the chains came"
        )
    if told.json:
        print_json([asdict(got)])
    else:
        fetched = f"{got.fetched_files} fetched now ({got.fetched_bytes / 1e6:.1f} MB)"
        print(f"{got.snapshots} snapshots, {got.files} files checked ({got.bytes / 1e6:.1f} MB), {fetched}")  # noqa: T201
        if got.originals:
            came = f"with them came {len(got.originals)} that hold unchanged pages"
            print(f"{came}: {', '.join(got.originals)}")  # noqa: T201
    for name in got.lacking:
        lacking = f"unchanged pages lie in {name}, which {told.store} does not hold"
        print(f"letopis get: {lacking}", file=sys.stderr)  # noqa: T201
    return Exit.OK


def _folder(text: str) -> Path:
    """The folder that is meant: on this machine, for nothing else is written to."""
    if SCHEME.match(text):
        raise Complaint(
            Exit.USAGE, f"{text} is no directory; name one on this machine, and the store with --store"
        )
    return Path(text)


def _days(told: argparse.Namespace) -> tuple[date | None, date | None]:
    since, until = _day(told.since, "--since"), _day(told.until, "--until")
    if since and until and since > until:
        raise Complaint(Exit.USAGE, f"--since {since} is after --until {until}")
    return since, until


def _day(text: str | None, option: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Complaint(Exit.USAGE, f"{option} {text!r} is no day; write YYYY-MM-DD") from error
