"""Whether a folder may take what a store holds: never over a history of its own, nor half a copy into a store that is crawled into."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from archive import chain
from archive.entries import KEY, Entry
from archive.local import Directory
from archive.objects import Store, StoreError

CLAIMS = "claims/"
"""What only a store has that crawls or rebuilds write to."""


class RefusedError(StoreError):
    """Nothing was written, because something would have been lost or misrepresented."""


def is_original(folder: Path) -> bool:
    """Whether crawls or rebuilds write to this folder: it is more than a copy."""
    return any(Directory(folder).list(CLAIMS))


def refuse_same(store: Store, folder: Path) -> None:
    """Raise RefusedError where the folder is the store."""
    if isinstance(store, Directory) and store.root.resolve() == folder.resolve():
        raise RefusedError(f"{folder} is the store itself; name another directory")


def refuse_original(folder: Path, *, whole: bool) -> None:
    """Raise RefusedError where a part only would come into a store that promises to be whole."""
    if not whole and is_original(folder):
        raise RefusedError(
            f"{folder} is a store that crawls write to, and what comes there must be whole; "
            "say --what all without days, or name an empty directory"
        )


def refuse_other_history(store: Store, folder: Path, entries: Sequence[Entry]) -> None:
    """Raise RefusedError where the folder's chains say anything else than these entries of the store."""
    told = {entry.key: entry for entry in entries}
    last = {(entry.site, entry.series): entry for entry in entries}
    vouched = {_subject(entry): entry.manifest for entry in entries}
    for key, entry in _held(Directory(folder)):
        if key in told:
            same = entry is not None and entry.sha256 == told[key].sha256
        else:
            same = entry is None or (
                vouched.get(_subject(entry), entry.manifest) == entry.manifest
                and _follows(entry, last.get((entry.site, entry.series)))
            )
        if not same:
            raise _other(store, folder, key)


def _held(local: Directory) -> Iterator[tuple[str, Entry | None]]:
    """The entries in a folder, None for what is none."""
    for stored in local.list(chain.ROOT):
        if KEY.fullmatch(stored.key):
            with local.open(stored.key) as stream:
                data = stream.read()
            try:
                yield stored.key, Entry.parse(data)
            except ValueError:
                yield stored.key, None


def _follows(entry: Entry, last: Entry | None) -> bool:
    """Whether an entry may stand after the last one of the store: the copy may be ahead of a store that fell behind."""
    return last is None or entry.number != last.number + 1 or entry.previous == last.sha256


def _subject(entry: Entry) -> tuple[str, str, int]:
    return entry.kind, entry.snapshot, entry.edition or 0


def _other(store: Store, folder: Path, key: str) -> RefusedError:
    match = KEY.fullmatch(key)
    site, entry = (match["site"] if match else "its site"), Path(key).stem
    return RefusedError(
        f"{folder} holds another history of {site}: entry {entry} differs from that of {store.uri}; name an empty directory"
    )
