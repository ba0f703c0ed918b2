"""`letopis trace`: every capture of a link over time, who announced it, what became of it; and the exact bytes."""
# ruff: noqa: PLC0415  what is heavy is imported where it is needed, see crawler.cli

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.exits import Complaint, Exit
from crawler.options import command
from crawler.showing import print_json

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from archive.objects import Store
    from archive.record import Record
    from archive.trace import Seen, Sighting, Target

STDIN = STDOUT = "-"
WEB = ("http://", "https://")
PLACE = frozenset({"snapshot", "warcFile", "offset"})
SHORT = 19
"""Letters of a digest that are shown to people: its kind and twelve digits."""


def add(commands: Any) -> None:
    """State the command of this module."""
    one = command(commands, trace)
    one.add_argument(
        "what", metavar="URL|IDENTIFIER|LINE", help="LINE of articles.jsonl; - reads it from stdin"
    )
    one.add_argument(
        "--open", metavar="FILE", help="write the HTTP response's exact bytes there, - for stdout"
    )
    one.add_argument("--at", metavar="DATE", help="with --open: the capture nearest to then, else the newest")


def trace(told: argparse.Namespace) -> int:
    """Show every capture of a link, its sources and its outcomes, and write a capture's exact bytes out."""
    from archive.store import open_store

    if told.at and not told.open:
        raise Complaint(Exit.USAGE, "--at says which capture --open writes out")
    store = open_store(told.store)
    target, site, own = _target(sys.stdin.readline() if told.what == STDIN else told.what)
    broken: dict[str, Exception] = {}
    sightings = _sightings(store, target, site, broken)
    code = _tell_broken(store, broken)
    if not sightings:
        raise Complaint(Exit.DATA, f"{store.uri} holds nothing of {target.identifier or target.url}")
    if told.open:
        _open(store, _chosen(sightings, own, told.at), told.open)
    if told.open != STDOUT:
        _show(sightings, as_json=told.json)
    return code


def _sightings(
    store: Store, target: Target, site: str | None, broken: dict[str, Exception]
) -> list[Sighting]:
    """Return what the snapshots say that can be read; `broken` takes why the others cannot."""
    from archive.trace import Target, trace

    wanted = [target]
    if target.url:
        from crawler.held import form

        wanted += [Target(target.identifier, plain)] if (plain := form(target.url)) != target.url else []
    told = (list(trace(store, one, site, broken=broken.__setitem__)) for one in wanted)
    return next(filter(None, told), [])


def _tell_broken(store: Store, broken: dict[str, Exception]) -> Exit:
    """Say what could not be read, a line for each snapshot; what was not brought to a copy is no damage."""
    from archive.objects import AbsentError

    absent = [name for name, error in broken.items() if isinstance(error, AbsentError)]
    if absent and _is_copy(store):
        lacking = f"{store.uri} is a copy that lacks what is read of {len(absent)} snapshots"
        print(f"letopis trace: {lacking}; `letopis get --what all` brings it", file=sys.stderr)
        broken = {name: error for name, error in broken.items() if name not in absent}
    for name, error in broken.items():
        print(f"letopis trace: {_with_remedy(name, error)}", file=sys.stderr)
    return Exit.DATA if broken else Exit.OK


def _is_copy(store: Store) -> bool:
    from archive.verify import partial_copy

    return partial_copy(store) is not None


def _with_remedy(snapshot: str, error: Exception) -> str:
    """Return in one line why something of a snapshot cannot be read, and what to do."""
    reason, remedy = " ".join(str(error).split()), f"run `letopis verify {snapshot}`"
    return reason if remedy in reason else f"{snapshot} cannot be read: {reason}; {remedy}"


def _target(what: str) -> tuple[Target, str | None, dict[str, Any] | None]:
    """Return what is looked for, the site to look in (None: all), and the capture that a line names."""
    from archive.trace import Target

    if what.lstrip().startswith("{"):
        return _told_by(what)
    if what.startswith(WEB):
        identifier = _identified(what)
        return Target(identifier, what), identifier and identifier.partition(":")[0], None
    site, colon, rest = what.strip().partition(":")
    if not colon or not rest:
        raise Complaint(
            Exit.USAGE,
            f"{what.strip()!r} is no URL, no identifier (ria:2039174868) and no line of articles.jsonl",
        )
    return Target(what.strip()), site, None


def _told_by(line: str) -> tuple[Target, str | None, dict[str, Any] | None]:
    from archive.trace import Target

    try:
        said = json.loads(line)
        article = said.get("article", said)  # a line of rejects.jsonl holds it inside
        identifier, own = article["identifier"], article.get("capture")
        whole = isinstance(identifier, str) and (own is None or own.keys() >= PLACE)
    except KeyError as error:
        raise Complaint(Exit.USAGE, f"that is no line of articles.jsonl: it has no {error}") from error
    except (ValueError, AttributeError) as error:
        raise Complaint(Exit.USAGE, f"that is no line of articles.jsonl: {error}") from error
    if not whole:
        raise Complaint(Exit.USAGE, "that is no line of articles.jsonl: its capture or identifier is none")
    if identifier.startswith(
        WEB
    ):  # what no page of its site reads bears its URL: the line does not say whose it is
        return Target(identifier, identifier), None, own
    return Target(identifier), identifier.partition(":")[0], own


def _identified(url: str) -> str | None:
    """Return the identifier of an article's URL, by the site that knows it."""
    from crawler.held import form
    from crawler.identify import identify
    from crawler.look import loader

    known = loader()
    pages = (getattr(known.load(name), "pages", ()) for name in sorted(known.list()))
    return next((found[0] for each in pages if (found := identify(each, form(url)))), None)


def _chosen(sightings: Sequence[Sighting], own: dict[str, Any] | None, at: str | None) -> Seen:
    """Return the capture that a line names, or else the one nearest in time."""
    from archive.holdings import NEWEST, instant
    from crawler.held import moment

    captures = [seen for one in sightings for seen in one.captures]
    if own and not at:
        place = (own["snapshot"], own["warcFile"], own["offset"])
        captures = [one for one in captures if (one.snapshot, one.address.file, one.address.offset) == place]
        if not captures:
            raise Complaint(
                Exit.DATA,
                f"the capture that the line names is not there: {place[1]}@{place[2]} of {place[0]}",
            )
    if not captures:
        outcomes = sorted({said["outcome"] for one in sightings for said in one.editions.values()})
        raise Complaint(Exit.DATA, f"there is no capture to open; its outcome: {', '.join(outcomes)}")
    try:
        when = moment(at) if at else NEWEST
    except ValueError as error:
        raise Complaint(Exit.USAGE, f"--at {error}") from error
    return min(reversed(captures), key=lambda seen: abs(when - instant(seen.at)))


def _open(store: Store, seen: Seen, target: str) -> None:
    from archive.trace import BROKEN, payload

    try:
        record = payload(store, seen)
    except BROKEN as error:
        raise Complaint(Exit.DATA, _with_remedy(seen.snapshot, error)) from error
    if target == STDOUT:
        sys.stdout.buffer.write(record.block)
    else:
        Path(target).write_bytes(record.block)
    told = f"{len(record.block)} bytes of {_place(record)}, {record.url} at {record.date}"
    if record.address != seen.address:
        told += f": the original of {_place(seen)}, which found it unchanged ({seen.status}) at {seen.at}"
    print(told, file=sys.stderr)


def _show(sightings: Sequence[Sighting], *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(one) for one in sightings)
    else:
        print("\n\n".join("\n".join(_in_words(one)) for one in sightings))


def _in_words(one: Sighting) -> Iterator[str]:
    """Yield what a snapshot says of a link, for people."""
    yield "  ".join(filter(None, (one.snapshot, one.identifier, one.url)))
    for edition, said in one.editions.items():
        name = f"edition {edition}" if edition else "outcome"
        yield f"  {name:<10} {said['outcome']}" + (f": {said['reason']}" if "reason" in said else "")
        if "original" in said:
            place = said["original"]["address"]
            yield f"  {'':<10} original {place['file']}@{place['offset']}+{place['length']} of {said['original']['date']}"
    for said in one.announced:
        title = f" «{said['title']}»" if "title" in said else ""
        yield f"  announced  {said['source']}{title}" + (
            f", {said['published']}" if "published" in said else ""
        )
    for seen in one.captures:
        yield f"  captured   {seen.at}  {seen.status}  {_place(seen)}  {seen.digest[:SHORT]}  {seen.url}"


def _place(seen: Seen | Record) -> str:
    return f"{seen.address.file}@{seen.address.offset}+{seen.address.length}"
