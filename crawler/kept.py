"""What a store keeps of a snapshot: its report, and whether it still is what was promised, derived again included."""

import json
import shutil
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from archive import jsonl, reading
from archive.chain import manifest
from archive.edition import Source
from archive.finding import Finding
from archive.fingerprint import TornError, fingerprint
from archive.ledger import DerivedError
from archive.local import Directory
from archive.manifest import RECORDED, files, inside, packed, stated
from archive.objects import AbsentError, DamagedError, Store, UnreadableError
from archive.projection import FILES
from archive.record import BrokenRecordError
from archive.seal import Derive
from archive.snapshot import MANIFEST, UnknownSnapshotError, Work, key_of
from archive.verify import partial_copy
from crawler.difference import Changes, Difference

UNREADABLE = (AbsentError, DamagedError, UnreadableError, BrokenRecordError, UnknownSnapshotError)
"""What says that a snapshot's records are damaged or gone."""
SHOWN = 80
"""Characters of a value that a finding repeats."""


def verify_reader(store: Store, snapshot: str, edition: int = 0) -> Iterator[Finding]:
    """Yield what is wrong with the reader that a manifest names, as the store keeps it; a partial copy need not have it."""
    from crawler.recorded import RecordedReaderError, key_of, stored  # noqa: PLC0415  needs the reading code

    identity = manifest(store, snapshot, edition)["reader"]
    if identity is None or (partial_copy(store) and store.stat(key_of(identity)) is None):
        return
    try:
        stored(store, identity)
    except RecordedReaderError as error:
        yield Finding("error", key_of(identity), None, str(error))


def verify_derived(
    store: Store, snapshot: str, edition: int = 0, *, recorded: bool = False, jobs: int = 1
) -> Iterator[Finding]:
    """Yield what differs between the kept lines (of an edition) and those that the records give when they are read again.

    They are read by the code at hand, in so many processes, or by the reader that the store keeps. The same reader that differs is an
    error; where the code has changed since, a difference is what the change brought: warnings, by value. Raises StoreError where the
    store cannot be asked.
    """
    try:
        told, own = manifest(store, snapshot, edition), manifest(store, snapshot)
        warcs = [line["path"] for line in files(own) if line["path"].startswith(RECORDED)]
        if all(store.stat(key_of(snapshot, path)) is None for path in warcs):
            return  # a copy without its WARCs, which was told
        with TemporaryDirectory(prefix="letopis-") as folder:
            again = _Again(store, snapshot, edition, told, Path(folder))
            yield from again.recorded() if recorded else again.current(jobs)
    except UNREADABLE as error:  # of an edition, whose own files are whole
        place = key_of(snapshot, inside(edition, MANIFEST))
        yield Finding("error", place, None, f"its records cannot be read again: {error}")


@dataclass(frozen=True, slots=True)
class _Again:
    """A snapshot (or edition) to be read again into a folder."""

    store: Store
    snapshot: str
    edition: int
    told: dict[str, Any]
    folder: Path

    def current(self, jobs: int) -> Iterator[Finding]:
        """What differs when the code at hand reads it."""
        derive, same = _reading(self.told, jobs)
        if derive is None:
            reason = f"no site {self.told['site']} is known here: its articles cannot be read again but by --reader recorded"
            yield Finding("warning", self._key(MANIFEST), None, reason)
        else:
            yield from self._compared(derive, same=same)

    def recorded(self) -> Iterator[Finding]:
        """What differs when the reader that the store keeps reads it."""
        from crawler.recorded import RecordedReaderError, differing, key_of, recorded  # noqa: PLC0415

        identity = self.told["reader"]
        if identity is None:  # items of another project's spider were not read out of pages
            yield from self.current(1)
            return
        try:
            work = Work(self.folder / "work", self.snapshot, self.told["site"], self.told["series"])
            self._bring(work)
            others = differing(self.store, identity)
            if others:
                reason = f"it reads with other libraries than it did: {', '.join(others)}"
                yield Finding("warning", key_of(identity), None, reason)
            yield from self._compared(recorded(self.store, identity, work), same=not others)
        except RecordedReaderError as error:
            yield Finding("error", key_of(identity), None, str(error))

    def _compared(self, derive: Derive, *, same: bool) -> Iterator[Finding]:
        # not Source.of, which asks the chain: that was done, and the records can be read in any case
        source = Source(self.store, self.snapshot, manifest(self.store, self.snapshot), "")
        try:
            found = source.read(self.folder, derive)
        except DerivedError as error:
            yield Finding("error", self._key(MANIFEST), None, f"what is read again cannot be kept: {error}")
            return
        differing = [name for name in FILES if not self._equal(name)]
        if same:
            yield from (self._error(name) for name in differing)
        elif differing:
            yield from self._by_value(differing)
        if self.told["dependencies"] != sorted(found.dependencies):
            reason = "the manifest names other dependencies than the revisit records"
            yield Finding("error", self._key(MANIFEST), None, reason)

    def _equal(self, name: str) -> bool:
        kept = next((line for line in files(self.told) if line["path"] == name), None)
        with (self.folder / name).open("rb") as stream:
            found = stated(name, fingerprint(stream, gzipped=packed(name)))
        by = "uncompressedSha256" if packed(name) else "sha256"
        return kept is None or kept.get(by) == found[by]  # what the manifest lacks was told

    def _error(self, name: str) -> Finding:
        """Where a file that ought to be equal begins to differ."""
        place, reason = self._key(name), "its records, read again, give other lines"
        if name.endswith(".jsonl.gz"):
            number, names = self._first(name)
            place = f"{place}, line {number}"
            reason = f"its records, read again, give other lines; this one is the first: {', '.join(names)}"
        return Finding("error", place, None, reason)

    def _first(self, name: str) -> tuple[int, list[str]]:
        """The first line that differs, counted from 1, and in which fields."""
        number = 0
        with (
            suppress(AbsentError, UnreadableError, TornError),
            closing(self.store.open(self._key(name))) as kept,
            (self.folder / name).open("rb") as found,
        ):
            pairs = zip_longest(jsonl.plain_lines(kept), jsonl.plain_lines(found))
            for number, (old, new) in enumerate(pairs, 1):
                if old is None or new is None:
                    return number, ["there is no such line" if new is None else "a line is missing here"]
                if old != new:
                    return number, _fields(orjson.loads(old), orjson.loads(new))
        return number, ["the last line"]

    def _by_value(self, names: list[str]) -> Iterator[Finding]:
        """What another reader reads otherwise."""
        try:
            changed = self._changed()
        except (
            AbsentError,
            UnreadableError,
            ValueError,
            KeyError,
            TypeError,
        ):  # lines that are damaged, which was told
            return
        reasons = [f"{name}: {_told(changes)}" for name, changes in sorted(changed.fields.items())]
        turns = sorted(changed.turns.items())
        reasons += [f"{count} links are {new} that were {was}" for (was, new), count in turns]
        for reason in reasons or [f"{', '.join(names)} differ, though no value does"]:
            yield Finding("warning", self._key(FILES[0]), None, f"the reader has changed since; {reason}")

    def _changed(self) -> Difference:
        changed = Difference()
        old = reading.lines(self.store, self.snapshot, FILES[0], self.edition)
        with (self.folder / FILES[0]).open("rb") as stream:
            changed.articles(old, jsonl.read(stream), self.folder / "compared", lambda _: True)
        old = reading.lines(self.store, self.snapshot, FILES[2], self.edition)
        with (self.folder / FILES[2]).open("rb") as stream:
            changed.ledgers(old, jsonl.read(stream))
        return changed

    def _bring(self, work: Work) -> None:
        """Have the WARCs in a folder, as files of their own only where the store is none."""
        work.warc.mkdir(parents=True)
        for line in files(manifest(self.store, self.snapshot)):
            if not line["path"].startswith(RECORDED):
                continue
            key, target = key_of(self.snapshot, line["path"]), work.folder / line["path"]
            if isinstance(self.store, Directory):
                target.symlink_to(self.store.root / key)
            else:
                with closing(self.store.open(key)) as source, target.open("wb") as copy:
                    shutil.copyfileobj(source, copy)

    def _key(self, path: str) -> str:
        return key_of(self.snapshot, inside(self.edition, path))


def _reading(told: dict[str, Any], jobs: int) -> tuple[Derive | None, bool]:
    """Return what reads a snapshot again, None where its site is not known, and whether that is what read it first."""
    # all of it needs Scrapy, for a site's pages stand in one file with its spider
    from crawler.derive import deriver  # noqa: PLC0415
    from crawler.foreign import items_deriver  # noqa: PLC0415
    from crawler.look import loader  # noqa: PLC0415
    from crawler.reader import running  # noqa: PLC0415

    if told["reader"] is None:
        return items_deriver(told["site"]), True
    if told["site"] not in loader().list():
        return None, False
    site: Any = loader().load(told["site"])
    return deriver(site, told["reader"], jobs), told["reader"] == running(site).identity


def _fields(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return names or ["the order of its fields"]


def _told(changes: Changes) -> str:
    """How many values changed, and the first of them."""
    counts = {"changed": changes.changed, "gained": changes.gained, "lost": changes.lost}
    said = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    one = changes.examples[0]
    values = f"{_short(one.old)} is now {_short(one.new)}"
    return f"{said}; {one.identifier} at {one.file}@{one.offset}+{one.length}: {values}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
