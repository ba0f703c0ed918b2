"""`letopis verify`: what a store promised, checked; findings for people and for programs, a bar on a terminal."""
# ruff: noqa: PLC0415  what is heavy is imported where it is needed, see crawler.cli

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING, Any

from crawler.exits import Complaint, Exit
from crawler.options import command, positive
from crawler.showing import print_findings

if TYPE_CHECKING:
    from archive.signature import PublicKey
    from crawler.audit import Part

HEAD = re.compile(r"(?:sha256:)?[0-9a-fA-F]{64}")


def add(commands: Any) -> None:
    """State the command of this module."""
    one = command(commands, verify)
    one.add_argument("snapshots", nargs="*", metavar="SNAPSHOT")
    one.add_argument("--all", action="store_true", help="every snapshot of the store, and the store itself")
    one.add_argument(
        "--head",
        action="append",
        default=[],
        type=_head,
        metavar="HASH",
        help="digest of an entry that the chains must hold; may be repeated",
    )
    one.add_argument(
        "--key", metavar="PUBLIC.pem", help="the Ed25519 key that must have signed every manifest"
    )
    one.add_argument(
        "--reader",
        default="current",
        choices=("current", "recorded"),
        help="which code reads the records again: that at hand, or what the store keeps (%(default)s)",
    )
    one.add_argument(
        "--no-derive",
        action="store_true",
        help="do not read the records again, nor compare the digests of gzip members in the index",
    )
    one.add_argument("--jobs", type=positive, metavar="N", help="processes (as many as there are processors)")


def verify(told: argparse.Namespace) -> int:
    """Check snapshots: digests, chain, records, lines, and that deriving them again gives what is kept."""
    from archive.store import open_store
    from archive.workers import cores
    from crawler.audit import Asked, Audit
    from crawler.bars import Bar

    _check(told)
    asked = Asked(
        snapshots=None if told.all else tuple(dict.fromkeys(told.snapshots)),
        heads=tuple(told.head),
        key=_key(told.key),
        derive=not told.no_derive,
        recorded=told.reader == "recorded",
        jobs=told.jobs or cores(),
    )
    store = open_store(told.store)
    audit = Audit(store, asked)
    if audit.empty and told.all:
        raise Complaint(Exit.USAGE, f"{store.uri} holds no snapshot that a chain names: nothing was checked")
    with Bar(shown=sys.stderr.isatty(), total=audit.size) as bar:
        codes = [_told(part, as_json=told.json) for part in audit.parts(bar.more)]
    return max(codes, default=Exit.OK)


def _told(part: Part, *, as_json: bool) -> Exit:
    """Print what is wrong with one part; where it could not be found out, that is said, and keeps no other part waiting."""
    name, findings = part
    try:
        listed = list(findings)
    except Complaint as complaint:
        print(f"letopis verify: {name}: {complaint}", file=sys.stderr)  # noqa: T201
        return complaint.code
    print_findings(name, listed, as_json=as_json)
    return Exit.DATA if any(finding.severity == "error" for finding in listed) else Exit.OK


def _check(told: argparse.Namespace) -> None:
    if bool(told.snapshots) == told.all:
        which = f"`letopis snapshots --store {told.store}` lists them"
        raise Complaint(Exit.USAGE, f"name a snapshot or say --all; {which}")


def _key(path: str | None) -> PublicKey | None:
    from archive.signature import PublicKey, UnreadableKeyError

    try:
        return PublicKey.read(path) if path else None
    except UnreadableKeyError as error:
        raise Complaint(Exit.CONFIG, f"--key: {error}") from error


def _head(text: str) -> str:
    if not HEAD.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no sha256 of an entry: 64 hexadecimal digits")
    return text
