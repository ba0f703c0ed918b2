"""What a store keeps of a snapshot: its report, and whether it still is what was promised, derived again included."""

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from archive.chain import manifest
from archive.finding import Finding
from archive.objects import Store
from archive.seal import Derive, seal
from archive.snapshot import MANIFEST, Work, key_of
from archive.verify import verify_files

DERIVED = ("articles.jsonl.gz", "rejects.jsonl.gz", "ledger.jsonl.gz", "report.json")


def verify_snapshot(store: Store, snapshot: str) -> Iterator[Finding]:
    """Yield everything wrong with a snapshot's files, and then, if they are whole, with what they were derived to."""
    wrong = list(verify_files(store, snapshot))
    yield from wrong
    if not any(finding.severity == "error" for finding in wrong):
        yield from verify_derived(store, snapshot)


def verify_derived(store: Store, snapshot: str) -> Iterator[Finding]:
    """Yield what differs between the kept lines and those that the records give when they are read again.

    The same reader that differs is an error. Where the code has changed since, a difference is what the change brought:
    a warning. Raises what sealing raises for records that cannot be read.
    """
    told = manifest(store, snapshot)
    derive, same = _reading(told)
    if derive is None:
        reason = f"no site {told['site']} is known here: its articles cannot be read again"
        yield Finding("warning", snapshot, None, reason)
        return
    with TemporaryDirectory(prefix="letopis-") as folder:
        work = Work(Path(folder), snapshot, told["site"], told["series"])
        _fetch(store, work, told)
        found = seal(work, derive, facts={})
    yield from _differences(snapshot, told, found.manifest, same=same)
    if told["dependencies"] != found.manifest["dependencies"]:
        reason = "the manifest names other dependencies than the revisit records"
        yield Finding("error", key_of(snapshot, MANIFEST), None, reason)


def _reading(told: dict[str, Any]) -> tuple[Derive | None, bool]:
    """Return what reads a snapshot again, None where its site is not known, and whether that is what read it first."""
    # all of it needs Scrapy, for a site's pages stand in one file with its spider
    from crawler.derive import deriver  # noqa: PLC0415
    from crawler.foreign import items_deriver  # noqa: PLC0415
    from crawler.look import loader  # noqa: PLC0415
    from crawler.reader import reader  # noqa: PLC0415

    if told["reader"] is None:
        return items_deriver(told["site"]), True
    if told["site"] not in loader().list():
        return None, False
    site: Any = loader().load(told["site"])
    return deriver(site, told["reader"]), told["reader"] == reader(site).identity


def _differences(snapshot: str, kept: Any, found: Any, *, same: bool) -> Iterator[Finding]:
    kept, found = ({line["path"]: line for line in side["files"]} for side in (kept, found))
    for name in DERIVED:
        if name not in kept or _content(kept[name]) == _content(found[name]):
            continue
        why = "" if same else "; the reader has changed since"
        reason = f"its records, read again, give other lines{why}"
        yield Finding("error" if same else "warning", key_of(snapshot, name), None, reason)


def _content(line: dict[str, Any]) -> str:
    return str(line.get("uncompressedSha256") or line["sha256"])


def _fetch(store: Store, work: Work, told: dict[str, Any]) -> None:
    """Bring the WARCs and the log into a folder of our own."""
    work.warc.mkdir()
    for line in told["files"]:
        if line["path"].startswith("warc/"):
            with (
                closing(store.open(key_of(work.id, line["path"]))) as source,
                (work.folder / line["path"]).open("wb") as target,
            ):
                shutil.copyfileobj(source, target)


def report_of(store: Store, snapshot: str) -> dict[str, Any]:
    """Return a snapshot's report."""
    with closing(store.open(key_of(snapshot, "report.json"))) as stream:
        found: dict[str, Any] = json.loads(stream.read())
    return found
