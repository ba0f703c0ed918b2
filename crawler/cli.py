"""`letopis`: the commands of whoever runs crawls, and of whoever uses what they left.

What is heavy is imported inside the command that needs it: `letopis --help`, and what reads only manifests, start fast.
"""
# ruff: noqa: PLC0415

import argparse
import json
import os
import pkgutil
import re
import signal
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from time import monotonic
from typing import Any

from archive.objects import DamagedError, StoreError, UnknownStoreError
from archive.snapshot import UnknownSnapshotError
from archive.store import check_there
from crawler import getting, keeping, rebuilding, spiders, tracing
from crawler.exits import Complaint, Exit
from crawler.options import Parser, command, duration, setting
from crawler.showing import print_json, print_lines
from crawler.streams import open_streams

GROUPS = (keeping, rebuilding, tracing, getting)
"""Modules with commands of their own, which their `add` states."""
FIRST_TO_WAKE = timezone(timedelta(hours=14))
"""Where each day begins first."""
CONNECT_TO = "LETOPIS_CONNECT_TO"
"""Environment variable for rehearsals: the setting CONNECT_TO as JSON, for every command."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; exits with a code of crawler.exits."""
    open_streams()
    # wherever the user stands, and whichever Scrapy project is there
    os.environ["SCRAPY_SETTINGS_MODULE"] = "crawler.settings"
    told = _parser().parse_args(arguments)
    try:
        if told.command != "crawl" and "store" in told:
            check_there(told.store)
        code = told.run(told)
        sys.stdout.flush()
    except Complaint as complaint:
        code = _complain(told, complaint.code, complaint)
    except UnknownSnapshotError as error:
        code = _complain(told, Exit.USAGE, error)
    except UnknownStoreError as error:
        code = _complain(told, Exit.CONFIG, error)
    except DamagedError as error:
        code = _complain(told, Exit.DATA, error)
    except (StoreError, OSError) as error:
        code = _complain(told, Exit.IO, error)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a second one ends at once what is still on its way
        code = _complain(told, Exit.STOPPED, "stopped")
    sys.exit(int(code))


def crawl(told: argparse.Namespace) -> int:
    """Crawl sites, one process each, and print a table at the end."""
    from crawler import fleet, watching
    from crawler.decide import ArgumentError, Arguments

    sites = list(dict.fromkeys(told.sites)) or site_names()
    if unknown := [site for site in sites if site not in site_names()]:
        raise Complaint(Exit.USAGE, f"no site {unknown[0]!r}; known are {', '.join(site_names())}")
    try:
        said = Arguments.parse(
            {name: value for name in ("since", "until", "limit") if (value := getattr(told, name))}
        )
    except ArgumentError as error:
        raise Complaint(Exit.USAGE, f"--{error}") from error
    if said.since and said.since > datetime.now(FIRST_TO_WAKE).date():
        raise Complaint(
            Exit.USAGE, f"--since={said.since} has not begun anywhere yet; nothing is published for it"
        )
    deadline = monotonic() + told.max_runtime if told.max_runtime else None
    console = watching.console()
    watcher = watching.Silence(console) if told.json else watching.watcher(console)
    with watcher:
        outcomes = fleet.Fleet(_crawl_options(told), watcher, deadline).crawl(sites)
    if told.json:
        print_json(outcome.told() for outcome in outcomes)
    else:
        console.print(watching.table(outcomes))
    return fleet.worst(outcomes)


def sites(told: argparse.Namespace) -> int:
    """List the sites that can be crawled, with their hosts and sources."""
    from crawler.look import loader

    found: list[Any] = [loader().load(name) for name in sorted(loader().list())]
    lines = [
        {"site": one.name, "hosts": one.allowed_domains, "sources": [s.url for s in one.sources]}
        for one in found
    ]
    print_lines(lines, ("site", "hosts", "sources"), as_json=told.json)
    return Exit.OK


def read(told: argparse.Namespace) -> int:
    """Print the article of one page, from a file or from the web, as JSON with the origin of each field."""
    from crawler.look import LookError, from_file, from_web, look

    try:
        if re.match(r"https?://", told.page):
            page = from_web(told.page, _rehearsal())
        else:
            page = from_file(Path(told.page), told.url)
        found = look(page, told.site)
    except LookError as error:
        raise Complaint(Exit.CONFIG if error.config else Exit.UNAVAILABLE, str(error)) from error
    if found.article is None:
        raise Complaint(
            Exit.DATA, f"{page.url} holds no article: no headline, or neither text nor date ({found.by})"
        )
    print(json.dumps(found.article, ensure_ascii=False, indent=2))
    print(
        f"read by {found.by}, charset {found.charset}, usage signals {json.dumps(found.usage)}",
        file=sys.stderr,
    )
    for fault in found.faults:
        print(f"the schema refuses it: {fault}", file=sys.stderr)
    return Exit.DATA if found.faults else Exit.OK


def site_names() -> list[str]:
    """Return the names of the sites, which are those of the files in crawler/spiders."""
    return sorted(module.name for module in pkgutil.iter_modules(spiders.__path__))


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="letopis",
        description="A news archiver: crawls news sites, keeps every HTTP exchange, proves what it read.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_crawl(commands)
    command(commands, sites, store=False)
    _add_read(commands)
    for group in GROUPS:
        group.add(commands)
    return parser


def _add_crawl(commands: Any) -> None:
    one = command(commands, crawl)
    one.add_argument("sites", nargs="*", metavar="SITE", help="sites to crawl; without any, all of them")
    one.add_argument("--since", help="first day, YYYY-MM-DD; without it the day before --until")
    one.add_argument("--until", help="last day, YYYY-MM-DD; without it today")
    one.add_argument("--limit", help="articles per site, the newest first")
    one.add_argument(
        "--work", default="./work", help="where crawls write until the store has confirmed (%(default)s)"
    )
    one.add_argument(
        "--max-runtime", type=duration, metavar="TIME", help="stop and seal after so long: 90s, 110m, 2h"
    )
    one.add_argument(
        "-s",
        dest="settings",
        type=setting,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting of Scrapy or Letopis",
    )


def _add_read(commands: Any) -> None:
    one = command(commands, read, store=False, as_json=False)
    one.add_argument("page", metavar="FILE-or-URL")
    one.add_argument(
        "--site", help="read it by the pages of this site; without it, of the site that knows the URL"
    )
    one.add_argument("--url", help="the URL that a file's page was served at")


def _crawl_options(told: argparse.Namespace) -> list[str]:
    said = {"since": told.since, "until": told.until, "limit": told.limit}
    options = [part for name, value in said.items() if value for part in ("-a", f"{name}={value}")]
    rehearsal = [f"{name}={value}" for name, value in _rehearsal().items()]
    settings = [f"STORE={told.store}", f"WORK={told.work}", *rehearsal, *told.settings]
    return [*options, *(part for setting in settings for part in ("-s", setting))]


def _rehearsal() -> dict[str, str]:
    """Return the settings of a rehearsal, if the environment asks for one: no delay is needed there."""
    told = os.environ.get(CONNECT_TO)
    return {"CONNECT_TO": told, "DOWNLOAD_DELAY": "0"} if told else {}


def _complain(told: argparse.Namespace, code: Exit, error: Exception | str) -> Exit:
    print(f"letopis {told.command}: {' '.join(str(error).split())}", file=sys.stderr)
    return code


if __name__ == "__main__":
    main()
