"""`letopis rebuild`: snapshots read again with the pages of today, shown or kept as an edition."""
# ruff: noqa: PLC0415  what is heavy is imported where it is needed, see crawler.cli

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from crawler.exits import Complaint, Exit
from crawler.options import command, positive
from crawler.showing import print_json

if TYPE_CHECKING:
    import argparse

    from rich.console import Console

    from archive.objects import Store
    from crawler.rebuild import Rebuilder


def add(commands: Any) -> None:
    """State the command of this module."""
    one = command(commands, rebuild)
    one.add_argument("names", nargs="*", metavar="SNAPSHOT|SITE", help="snapshots; with --all, sites")
    one.add_argument("--all", action="store_true", help="every snapshot of the named sites, or of all")
    one.add_argument("--dry-run", action="store_true", help="only show what would change; nothing is written")
    one.add_argument("--fields", metavar="A,B", help="with --dry-run: compare only these fields")
    one.add_argument(
        "--jobs",
        type=positive,
        default=os.cpu_count() or 1,
        metavar="N",
        help="processes that read (%(default)s)",
    )


def rebuild(told: argparse.Namespace) -> int:
    """Read snapshots again with the pages of today: show what changes, and keep it as an edition beside the old."""
    from rich.console import Console

    from archive.store import open_store
    from crawler.bars import Bar
    from crawler.finish import check_key
    from crawler.look import project
    from crawler.rebuild import Rebuilder

    _check(told)
    if not told.dry_run:
        check_key(project())
    store = open_store(told.store)
    chosen = _chosen(store, told)
    fields = _fields(told.fields or "")
    console, shown = Console(), sys.stderr.isatty() and not told.json
    with Bar(shown=shown, total=sum(chosen.values()), console=console) as bar:
        rebuilder = Rebuilder(store, told.jobs, not told.dry_run, fields, bar.more)
        codes = [_one(rebuilder, name, told, console) for name in chosen]
    return max(codes)


def _one(rebuilder: Rebuilder, name: str, told: argparse.Namespace, console: Console) -> Exit:
    """Read one snapshot again and tell it; what is wrong with one keeps none of the others."""
    from archive.fingerprint import TornError
    from archive.ledger import DerivedError
    from archive.objects import DamagedError, StoreError
    from archive.record import BrokenRecordError
    from archive.snapshot import UnknownSnapshotError
    from crawler.sides import show

    try:
        rebuilt = rebuilder.rebuild(name)
    except Complaint as complaint:
        return _complain(complaint.code, complaint)
    except UnknownSnapshotError as error:
        return _complain(Exit.USAGE, error)
    except (BrokenRecordError, DamagedError, DerivedError, TornError) as error:
        return _complain(Exit.DATA, error)
    except (StoreError, OSError) as error:
        return _complain(Exit.IO, error)
    if told.json:
        print_json([rebuilt.told()])
    else:
        show(console, told.store, rebuilt, whole=told.dry_run)
    if rebuilt.difference and (broken := rebuilt.difference.broken):
        reason = f"{broken} pages that were read before break today's code, so no edition is made"
        return _complain(Exit.SOFTWARE, f"{name}: {reason}; `--dry-run` names them, mend the site's pages")
    return Exit.OK


def _check(told: argparse.Namespace) -> None:
    if told.fields and not told.dry_run:
        raise Complaint(Exit.USAGE, "an edition is always whole: --fields goes with --dry-run")
    if not told.names and not told.all:
        raise Complaint(
            Exit.USAGE, f"name snapshots or say --all; `letopis snapshots --store {told.store}` lists them"
        )


def _fields(text: str) -> list[str]:
    from crawler.difference import OURS, TOLD_OF_CAPTURE
    from schemas import schema

    known = {*schema("article")["properties"], *(f"capture.{name}" for name in TOLD_OF_CAPTURE)} - {*OURS}
    fields = [name.strip() for name in text.split(",") if name.strip()]
    if unknown := [name for name in fields if name not in known]:
        raise Complaint(Exit.USAGE, f"no field {unknown[0]!r}; articles have {', '.join(sorted(known))}")
    return fields


def _chosen(store: Store, told: argparse.Namespace) -> dict[str, int]:
    """The snapshots that are meant, in their order in history, each with the bytes of its files."""
    from archive.chain import snapshots

    entries = list(snapshots(store))
    removed = {entry.snapshot for entry in entries if entry.kind == "removal"}
    held = {entry.snapshot: entry for entry in entries if entry.kind == "snapshot"}
    if not told.all:
        return {name: held[name].summary["bytes"] if name in held else 0 for name in told.names}
    wanted = set(told.names) or {entry.site for entry in held.values()}
    if absent := sorted(wanted - {entry.site for entry in held.values()}):
        raise Complaint(Exit.USAGE, f"{store.uri} holds no snapshot of a site {absent[0]}")
    chosen = [one for one in held.values() if one.site in wanted and one.snapshot not in removed]
    if not chosen:
        raise Complaint(Exit.USAGE, f"{store.uri} holds no snapshot: nothing was read again")
    return {entry.snapshot: entry.summary["bytes"] for entry in chosen}


def _complain(code: Exit, error: Exception | str) -> Exit:
    """Say what is wrong with a snapshot; gives the code back."""
    print(f"letopis rebuild: {' '.join(str(error).split())}", file=sys.stderr)  # noqa: T201
    return code
