"""The commands that concern what is kept: list it, show it, check it, finish what a crash left of it."""
# ruff: noqa: PLC0415  what is heavy is imported where it is needed, see crawler.cli

import argparse
import sys
from typing import Any

from archive.objects import DamagedError, NoDocumentError, Store
from archive.store import open_store
from crawler import verifying
from crawler.exits import Complaint, Exit
from crawler.options import command, natural
from crawler.showing import print_json, print_lines, report_in_words


def add(commands: Any) -> None:
    """State the commands of this module."""
    command(commands, snapshots).add_argument("sites", nargs="*", metavar="SITE", help="only of these sites")
    one = command(commands, show)
    one.add_argument("snapshot", metavar="SNAPSHOT")
    one.add_argument(
        "--edition", type=natural, metavar="N", help="0 for what its crawl read; without it the newest"
    )
    verifying.add(commands)
    command(commands, recover).add_argument(
        "--work", default="./work", help="where crawls write (%(default)s)"
    )


def snapshots(told: argparse.Namespace) -> int:
    """List what the store holds, by site, the oldest first."""
    from archive.chain import Entry
    from archive.chain import snapshots as committed

    store = open_store(told.store)
    held = _sites(store)
    if absent := [site for site in told.sites if site not in held]:
        raise Complaint(
            Exit.USAGE, f"no site {absent[0]!r} in {store.uri}; it holds {', '.join(held) or 'none'}"
        )
    code, entries = Exit.OK, list[Entry]()
    for site in sorted(set(told.sites) or held):
        try:
            entries += committed(store, site)
        except DamagedError as error:  # the history of one site keeps none of the others
            print(f"letopis snapshots: {error}", file=sys.stderr)
            code = Exit.DATA
    lines = [
        {
            "snapshot": entry.snapshot,
            "series": entry.series,
            "kind": entry.kind,
            "edition": entry.edition or 0,
            **entry.summary,
            "head": entry.sha256,
        }
        for entry in entries
    ]
    print_lines(
        lines, ("snapshot", "edition", "status", "links", "articles", "rejects", "bytes"), as_json=told.json
    )
    return code


def _sites(store: Store) -> list[str]:
    from archive.entries import KEY, ROOT, keys_of

    return sorted({match["site"] for key in keys_of(store, ROOT) if (match := KEY.fullmatch(key))})


def show(told: argparse.Namespace) -> int:
    """Show one snapshot, in its newest edition: how it went, outcomes, sources, fields, findings."""
    from archive.chain import manifest
    from archive.reading import newest, report

    store = open_store(told.store)
    edition = newest(store, told.snapshot) if told.edition is None else told.edition
    found, said = manifest(store, told.snapshot, edition), report(store, told.snapshot, edition)
    if told.json:
        print_json([{"manifest": found, "report": said}])
    else:
        name = f"{told.snapshot}, edition {edition}" if edition else told.snapshot
        try:
            print("\n".join(report_in_words(name, said)))
        except (LookupError, TypeError, AttributeError, ValueError) as error:
            reason = f"cannot be shown: it is none ({type(error).__name__}: {error})"
            raise NoDocumentError(
                f"the report of {name} in {store.uri} {reason}; run `letopis verify {told.snapshot}`"
            ) from error
    return Exit.OK


def recover(told: argparse.Namespace) -> int:
    """Finish what crashes left: seal and commit dead crawls as partial, clear what was given up."""
    from crawler.finish import check_key
    from crawler.look import loader, project
    from crawler.recovery import recovered

    settings = project()
    check_key(settings)
    settings.set("WORK", told.work)
    found = list(recovered(open_store(told.store), settings, loader()))
    if told.json:
        print_json({"name": one.name, "did": one.did, "finished": one.finished} for one in found)
    else:
        print("\n".join(map(str, found)) or "nothing was left to be done")
    return Exit.OK if all(one.finished or one.running for one in found) else Exit.IO
