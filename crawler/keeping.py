"""The commands that concern what is kept: list it, show it, check it, finish what a crash left of it."""
# ruff: noqa: PLC0415  what is heavy is imported where it is needed, see crawler.cli

import argparse
from typing import Any

from archive.store import open_store
from crawler import verifying
from crawler.exits import Complaint, Exit
from crawler.options import command
from crawler.showing import print_json, print_lines, report_in_words


def add(commands: Any) -> None:
    """State the commands of this module."""
    command(commands, snapshots).add_argument("sites", nargs="*", metavar="SITE", help="only of these sites")
    command(commands, show).add_argument("snapshot", metavar="SNAPSHOT")
    verifying.add(commands)
    command(commands, recover).add_argument(
        "--work", default="./work", help="where crawls write (%(default)s)"
    )


def snapshots(told: argparse.Namespace) -> int:
    """List what the store holds, by site, the oldest first."""
    from archive.chain import snapshots as committed

    store = open_store(told.store)
    every = list(committed(store))
    held = sorted({entry.site for entry in every})
    if absent := [site for site in told.sites if site not in held]:
        raise Complaint(
            Exit.USAGE, f"no site {absent[0]!r} in {store.uri}; it holds {', '.join(held) or 'none'}"
        )
    entries = [entry for entry in every if entry.site in (told.sites or held)]
    lines = [
        {
            "snapshot": entry.snapshot,
            "series": entry.series,
            "kind": entry.kind,
            **entry.summary,
            "head": entry.sha256,
        }
        for entry in entries
    ]
    print_lines(lines, ("snapshot", "status", "links", "articles", "rejects", "bytes"), as_json=told.json)
    return Exit.OK


def show(told: argparse.Namespace) -> int:
    """Show one snapshot: how it went, outcomes, sources, fields, findings."""
    from archive.chain import manifest
    from crawler.kept import report_of

    store = open_store(told.store)
    found, report = manifest(store, told.snapshot), report_of(store, told.snapshot)
    if told.json:
        print_json([{"manifest": found, "report": report}])
    else:
        print("\n".join(report_in_words(told.snapshot, report)))
    return Exit.OK


def recover(told: argparse.Namespace) -> int:
    """Finish what crashes left: seal and commit dead crawls as partial, clear what was given up."""
    from crawler.look import loader, project
    from crawler.recovery import recovered

    settings = project()
    settings.set("WORK", told.work)
    found = list(recovered(open_store(told.store), settings, loader()))
    if told.json:
        print_json({"name": one.name, "did": one.did, "finished": one.finished} for one in found)
    else:
        print("\n".join(map(str, found)) or "nothing was left to be done")
    return Exit.OK if all(one.finished for one in found) else Exit.IO
