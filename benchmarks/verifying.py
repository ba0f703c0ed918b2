"""What verifying costs beside `fastwarc check -p` of the same files: CPU time in alternating pairs, pages of 120 kB.

`python benchmarks/verifying.py [--pages 600] [--pairs 7] [--coding gzip|identity]` makes a snapshot of invented pages,
seals and commits it into a directory, and measures three things in turns, in this process, on one core:

* `fastwarc check -p` is FastWARC's own command on the WARC files: every record's two digests;
* `the same files` is our look at these WARC files and nothing else: each file's own digest, every record with its
  digests, its rules, its id, its place beside the others, and the index line that it ought to have;
* `verify_files` is all that `letopis verify --no-derive` does: besides, the lines of articles, rejects and ledger against
  their schemas, the index, manifest, report and chain.

Then it is verified on one core and on two, by the clock, and the memory is told for it and for four times the size.
"""

from __future__ import annotations

import argparse
import gzip
import re
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastwarc.cli import check as fastwarc_check

if TYPE_CHECKING:
    from collections.abc import Callable

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from archive import manifest
from archive.chain import commit
from archive.history import History
from archive.journal import Journal
from archive.record import Exchange
from archive.seal import seal
from archive.snapshot import MANIFEST, claim, key_of
from archive.store import open_store
from archive.verify import Snapshot, verify_files
from archive.vouched import Job, examine
from archive.warc import WarcWriter
from archive.workers import Workers
from benchmarks.recording import SIZE, VARIANTS, Page, page
from crawler.derive import deriver

BEGAN = datetime(2026, 11, 22, 6, tzinfo=UTC)
SEGMENTS = 4
"""WARC files of the snapshot, for several cores to share."""


class Site:
    """The served pages, as a spider names them."""

    name = "bench"
    pages = (Page,)


def crawled(root: Path, pages: int, coding: str) -> str:
    """A committed snapshot of so many pages in root/data; its name."""
    store = open_store(str(root / "data"))
    work = claim(store, root / "work", "bench", "main", BEGAN)
    bodies = [_response(page(seed), coding) for seed in range(VARIANTS)]
    seconds = count()
    clock: Callable[[], datetime] = lambda: BEGAN + timedelta(seconds=next(seconds))  # noqa: E731
    size = pages * len(bodies[0]) // SEGMENTS if coding == "gzip" else pages * SIZE // 5 // SEGMENTS
    info = {"software": "bench", "isPartOf": work.id}
    writer = WarcWriter(work.warc, work.id, info=info, clock=clock, size=size, fsync="segment")
    journal = Journal(writer, work.id)
    journal.start(site="bench", series="main", arguments={}, clock=BEGAN.isoformat(), sources=[])
    urls = [f"https://bench.test/2026/05/31/news-{at}.html" for at in range(pages)]
    feed = ["https://bench.test/feed"]
    links: list[Any] = [
        {"identifier": f"bench:{at}", "url": url, "decision": "fetch", "via": feed}
        for at, url in enumerate(urls)
    ]
    journal.decision(links)
    for at, url in enumerate(urls):
        request = (
            f"GET /2026/05/31/news-{at}.html HTTP/1.1\r\nHost: bench.test\r\nAccept-Encoding: gzip\r\n\r\n"
        )
        fetch = {"link": links[at]["identifier"], "requested": url, "hop": 0, "attempt": 0}
        writer.exchange(Exchange(url, clock(), request.encode(), bodies[at % VARIANTS]), fetch=fetch)
    journal.end(reason="finished", stats={})
    writer.close()
    site: Any = Site
    facts: Any = {"schemas": {"article": "0.1.0", "ledger": "0.1.0"}}
    commit(store, seal(work, deriver(site), facts=facts))
    return work.id


def _response(body: bytes, coding: str) -> bytes:
    sent = gzip.compress(body, 6, mtime=0) if coding == "gzip" else body
    coded = "Content-Encoding: gzip\r\n" if coding == "gzip" else ""
    head = f"HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Type: text/html; charset=utf-8\r\n{coded}Content-Length: {len(sent)}\r\n\r\n"
    return head.encode() + sent


def theirs(root: Path, snapshot: str) -> None:
    """FastWARC's command on every WARC file."""
    for path in sorted((root / "data" / key_of(snapshot, "warc")).glob("*.warc.gz")):
        code = fastwarc_check.main(["--quiet", "-p", str(path)], standalone_mode=False)
        assert not code, path


def ours(root: Path, snapshot: str) -> None:
    """What `letopis verify --no-derive` does."""
    found = list(verify_files(open_store(str(root / "data")), snapshot, digests=False))
    assert [str(one) for one in found if "reader" not in one.place] == []


def same(root: Path, snapshot: str) -> None:
    """The part of it that looks at the WARC files."""
    store = open_store(str(root / "data"))
    with store.open(key_of(snapshot, MANIFEST)) as stream:
        told = manifest.parse(stream.read())
    with tempfile.TemporaryDirectory() as scratch:
        for line in manifest.files(told):
            if line["path"].startswith(manifest.RECORDED):
                name = line["path"].rpartition("/")[2]
                job = Job(snapshot, 0, line, {}, frozenset(), Path(scratch), name, digests=False)
                assert examine(store, job).findings == []


def begun(store: Any, snapshot: str, jobs: int) -> float:
    """Seconds by the clock that so many processes take, once they have begun."""
    history = History.of(store)
    with Workers(store, jobs) as workers:
        for _ in range(2):
            began = time.perf_counter()
            list(Snapshot(store, snapshot, history=history, workers=workers, digests=False).findings())
        return time.perf_counter() - began


def memory(root: Path, snapshot: str) -> int:
    """MiB that a process of its own holds at most while it verifies."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_peak, (root, snapshot))


def _peak(root: Path, snapshot: str) -> int:
    ours(root, snapshot)
    # not ru_maxrss, which a process has from the one that began it
    held = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
    assert held
    return int(held[1]) // 1024


def cpu(way: Callable[[Path, str], None], root: Path, snapshot: str) -> float:
    """Seconds of CPU that a way takes."""
    began = time.process_time()
    way(root, snapshot)
    return time.process_time() - began


def compared(root: Path, snapshot: str, pages: int, turns: int) -> None:
    """Print what a page costs in each way, and what ours cost beside FastWARC, the first turn left out."""
    ways = {"fastwarc check -p": theirs, "the same files": same, "verify_files": ours}
    costs: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(turns + 1):
        for name, way in ways.items():
            costs[name].append(cpu(way, root, snapshot))
    others = costs["fastwarc check -p"][1:]
    for name, found in costs.items():
        ratios = sorted(mine / other for mine, other in zip(found[1:], others, strict=True))
        print(
            f"{name:18} {statistics.median(found[1:]) / pages * 1e6:6.0f} us of CPU a page, "
            f"{statistics.median(ratios):.2f} times FastWARC's  ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        )


def main() -> None:
    """Run the benchmark."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--pages", type=int, default=600)
    arguments.add_argument("--pairs", type=int, default=7)
    arguments.add_argument("--coding", choices=("gzip", "identity"), default="gzip")
    told = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        snapshot = crawled(root, told.pages, told.coding)
        size = sum(path.stat().st_size for path in (root / "data").rglob("*.warc.gz"))
        print(f"{told.pages} pages of {SIZE} bytes, {told.coding}, {size // told.pages} bytes of WARC a page")
        compared(root, snapshot, told.pages, told.pairs)
        store = open_store(str(root / "data"))
        gains = sorted(begun(store, snapshot, 1) / begun(store, snapshot, 2) for _ in range(told.pairs))
        print(
            f"two processes are {statistics.median(gains):.2f} times as fast as one  ({gains[0]:.2f} to {gains[-1]:.2f})"
        )
        small, large = memory(root, snapshot), memory(root, crawled(root, 4 * told.pages, told.coding))
        print(f"{small} MiB at most for {told.pages} pages, {large} MiB for {4 * told.pages}")


if __name__ == "__main__":
    main()
