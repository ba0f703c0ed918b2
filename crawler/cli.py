"""`letopis`: the commands of whoever runs crawls, and of whoever uses what they left.

What is heavy is imported inside the command that needs it: `letopis --help`, and what reads only manifests, start fast.
"""
# ruff: noqa: PLC0415

import argparse
import json
import os
import pkgutil
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from archive.objects import StoreError
from archive.snapshot import UnknownSnapshotError
from crawler import spiders
from crawler.exits import Complaint, Exit
from crawler.getting import get
from crawler.keeping import recover, show, snapshots, verify
from crawler.showing import print_json, print_lines

SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}
CONNECT_TO = "LETOPIS_CONNECT_TO"
"""Environment variable for rehearsals: the setting CONNECT_TO as JSON, for every command."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; exits with a code of crawler.exits."""
    # wherever the user stands, and whichever Scrapy project is there
    os.environ["SCRAPY_SETTINGS_MODULE"] = "crawler.settings"
    told = _parser().parse_args(arguments)
    try:
        code = told.run(told)
        sys.stdout.flush()
    except Complaint as complaint:
        code = _complain(told, complaint.code, complaint)
    except UnknownSnapshotError as error:
        code = _complain(told, Exit.USAGE, error)
    except (
        BrokenPipeError
    ):  # `letopis snapshots | head`: Python would complain once more when it closes stdout
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = Exit.OK
    except (StoreError, OSError) as error:
        code = _complain(told, Exit.IO, error)
    sys.exit(int(code))


def crawl(told: argparse.Namespace) -> int:
    """Crawl sites, one process each, and print a table at the end."""
    from crawler import fleet, watching
    from crawler.decide import ArgumentError, Arguments

    sites = told.sites or site_names()
    if unknown := [site for site in sites if site not in site_names()]:
        raise Complaint(Exit.USAGE, f"no site {unknown[0]!r}; known are {', '.join(site_names())}")
    try:
        Arguments.parse(
            {name: value for name in ("since", "until", "limit") if (value := getattr(told, name))}
        )
    except ArgumentError as error:
        raise Complaint(Exit.USAGE, f"--{error}") from error
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
    parser = argparse.ArgumentParser(
        prog="letopis",
        description="A news archiver: crawls news sites, keeps every HTTP exchange, proves what it read.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    one = _command(commands, crawl)
    one.add_argument("sites", nargs="*", metavar="SITE", help="sites to crawl; without any, all of them")
    one.add_argument("--since", help="first day, YYYY-MM-DD; without it the day before --until")
    one.add_argument("--until", help="last day, YYYY-MM-DD; without it today")
    one.add_argument("--limit", help="articles per site, the newest first")
    one.add_argument(
        "--work", default="./work", help="where crawls write until the store has confirmed (%(default)s)"
    )
    one.add_argument(
        "--max-runtime", type=_duration, metavar="TIME", help="stop and seal after so long: 90s, 110m, 2h"
    )
    one.add_argument(
        "-s",
        dest="settings",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting of Scrapy or Letopis",
    )
    _command(commands, sites, store=False)
    _command(commands, snapshots).add_argument("sites", nargs="*", metavar="SITE", help="only of these sites")
    _command(commands, show).add_argument("snapshot", metavar="SNAPSHOT")
    one = _command(commands, read, store=False, as_json=False)
    one.add_argument("page", metavar="FILE-or-URL")
    one.add_argument(
        "--site", help="read it by the pages of this site; without it, of the site that knows the URL"
    )
    one.add_argument("--url", help="the URL that a file's page was served at")
    one = _command(commands, verify)
    one.add_argument("snapshots", nargs="*", metavar="SNAPSHOT")
    one.add_argument("--all", action="store_true", help="every snapshot of the store")
    one = _command(commands, get)
    one.add_argument("directory", metavar="DIR", help="where to; a store itself afterwards")
    one.add_argument("--site", help="only of this site")
    one.add_argument("--since", help="first day on which a crawl began, YYYY-MM-DD")
    one.add_argument("--until", help="last day on which a crawl began, YYYY-MM-DD")
    one.add_argument("--what", default="articles", choices=("articles", "warc", "all"), help="%(default)s")
    one.add_argument("--jobs", type=int, default=4, metavar="N", help="files at once (%(default)s)")
    _command(commands, recover).add_argument(
        "--work", default="./work", help="where crawls write (%(default)s)"
    )
    return parser


def _command(commands: Any, run: Any, *, store: bool = True, as_json: bool = True) -> argparse.ArgumentParser:
    about = run.__doc__.rstrip(".")
    parser: argparse.ArgumentParser = commands.add_parser(run.__name__, help=about, description=f"{about}.")
    parser.set_defaults(run=run)
    if store:
        parser.add_argument(
            "--store", default="./data", help="a directory, s3://bucket/prefix or https://... (%(default)s)"
        )
    if as_json:
        parser.add_argument("--json", action="store_true", help="for programs: JSON, one document a line")
    return parser


def _duration(text: str) -> int:
    match = re.fullmatch(r"(\d+)([smh]?)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write 90s, 110m or 2h")
    return int(match[1]) * SECONDS[match[2]]


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


def _complain(told: argparse.Namespace, code: Exit, error: Exception) -> Exit:
    print(f"letopis {told.command}: {' '.join(str(error).split())}", file=sys.stderr)
    return code


if __name__ == "__main__":
    main()
