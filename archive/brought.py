"""Which objects a copy of snapshots needs, so that what it holds can be proved, and the note on what it does not hold."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from archive import chain, manifest
from archive.chain import Entry
from archive.download import Wanted
from archive.durable import replacing
from archive.local import Directory
from archive.objects import Store
from archive.signature import SIGNATURE
from archive.snapshot import MANIFEST, key_of
from archive.verify import PARTIAL, partial_copy, wanted

What = Literal["articles", "warc", "all"]
KINDS = ("articles", "warc", "all")
"""From the least to the most."""


def manifests(entries: Sequence[Entry], snapshots: Iterable[str]) -> Iterator[Wanted]:
    """The manifests of snapshots and of all their editions, as the chain vouches for them."""
    chosen = set(snapshots)
    for entry in entries:
        if entry.snapshot in chosen and entry.kind in {"snapshot", "edition"}:
            path = manifest.inside(entry.edition or 0, MANIFEST)
            yield Wanted(key_of(entry.snapshot, path), entry.manifest)


def dependencies(folder: Path, snapshots: Iterable[str]) -> set[str]:
    """The other snapshots that hold what unchanged pages stand for; the manifests lie in the folder."""
    chosen = set(snapshots)
    told = (chain.manifest(Directory(folder), snapshot) for snapshot in chosen)
    return {other for one in told for other in one["dependencies"]} - chosen


def files(
    store: Store, folder: Path, entries: Sequence[Entry], snapshot: str, what: What
) -> Iterator[Wanted]:
    """The files of a snapshot, with the signatures of its manifests; the articles alone are those of its newest edition."""
    numbers = [
        entry.edition or 0 for entry in entries if entry.snapshot == snapshot and entry.kind != "removal"
    ]
    for number in numbers:
        told = chain.manifest(Directory(folder), snapshot, number)
        if told.get("signedBy"):
            yield from _unvouched(store, key_of(snapshot, manifest.inside(number, SIGNATURE)))
        if what == "all" and told["reader"]:
            yield from _unvouched(store, f"readers/{told['reader']}.zip")
        if what != "articles" or number == max(numbers):
            yield from _named(snapshot, number, told, what)


def _named(snapshot: str, number: int, told: dict[str, Any], what: What) -> Iterator[Wanted]:
    for line in manifest.files(told):
        if wanted(line["path"], what):
            key = key_of(snapshot, manifest.inside(number, line["path"]))
            yield Wanted(key, line["sha256"], line["size"])


def _unvouched(store: Store, key: str) -> Iterator[Wanted]:
    """An object for which no digest stands in a manifest: it proves itself, or is proved by a key."""
    if stored := store.stat(key):
        yield Wanted(key, store.sha256(key), stored.size)


def note(folder: Path, what: What) -> None:
    """Say in the folder that not everything is brought to it, and what is: the least of what was ever asked for."""
    before = partial_copy(Directory(folder))
    least = min((what, before or what), key=KINDS.index)
    with replacing(folder / PARTIAL) as stream:
        stream.write(manifest.canonical({"what": least}))


def settle(folder: Path) -> None:
    """Take the note away if everything is there that the chains in the folder lead to."""
    local = Directory(folder)
    entries = [entry for entry in chain.snapshots(local) if entry.kind != "removal"]
    removed = {entry.snapshot for entry in chain.snapshots(local) if entry.kind == "removal"}
    if all(_whole(folder, entry) for entry in entries if entry.snapshot not in removed):
        (folder / PARTIAL).unlink(missing_ok=True)


def _whole(folder: Path, entry: Entry) -> bool:
    place = folder / key_of(entry.snapshot, manifest.inside(entry.edition or 0, ""))
    if not (place / MANIFEST).exists():
        return False
    told = manifest.parse((place / MANIFEST).read_bytes())
    return all((place / line["path"]).exists() for line in manifest.files(told))
