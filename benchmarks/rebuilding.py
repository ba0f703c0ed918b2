"""What rebuilding a snapshot costs: CPU of `letopis rebuild` on one core, as a multiple of the bare cost of the same pages.

`python benchmarks/rebuilding.py [--pages 120] [--pairs 7] [--site ria ...]` writes a snapshot of each site of the newsroom with
pages of 120 kB, gzip-encoded. Bare is FastWARC iterating over its WARC, gzip undone, one lxml parse of each page, nothing
else; rebuild is the whole command but for its start: reading, checking, comparing, writing and committing the edition. Both
are timed in turns; the ratio is that of the least each has taken, for what else the machine does only adds, with those of the
pairs beside it. Then the wall clock of one and two processes, in turns, the best pair
beside the median where other programs use the machine too, and the resident memory after as many pages and ten times as many: of
one process, then of one that two others read for, and of the larger of these.
"""

from __future__ import annotations

import argparse
import gzip
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count, islice, product
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from fastwarc.warc import ArchiveIterator, WarcRecordType
from lxml import etree

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from archive import chain
from archive.seal import seal
from archive.snapshot import claim, key_of
from archive.store import open_store
from benchmarks.reading import TODAY, filled
from crawler.article import read
from crawler.derive import deriver
from crawler.look import loader
from crawler.rebuild import Rebuilder
from tests.crawler.played import EARLIER, written
from tests.newsroom.reading import answer
from tests.newsroom.site import sites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archive.manifest import Facts
    from archive.objects import Store

AT = datetime(2026, 11, 22, 20, tzinfo=UTC)
SITES = ("ria", "rbc_kaliningrad", "smollenta", "sn_gazeta", "vybor_naroda")
OK = 200


def pages(name: str) -> Iterator[tuple[str, int, bytes, Any]]:
    """Articles of a site of the newsroom, of one seed after another, filled up to 120 kB."""
    room, site = next(one for one in sites() if one.name == name), loader().load(name)
    known: set[str] = set()
    for seed in count(3, 101):
        played = room(seed, TODAY)
        for told in played.expected():
            if not told.article:
                continue
            url, response = answer(played, site.pages[0].canonical(told.url))
            if (
                url not in known
                and response.status == OK
                and read(site.pages, url, response.body, (), AT).recognised
            ):
                known.add(url)
                yield url, OK, filled(response.body, seed), response.headers


def snapshot(store: Store, root: Path, name: str, size: int) -> str:
    """A committed snapshot with so many articles, read before by another reader."""
    work = claim(store, root, name, "main", AT)
    written(work, loader().load(name), islice(pages(name), size))
    facts: Facts = {"software": {}, "settings": "5" * 64, "reader": EARLIER, "schemas": {"article": "0.1.0"}}
    return chain.commit(store, seal(work, deriver(loader().load(name), EARLIER), facts=facts)).snapshot


def bare(warcs: list[Path]) -> int:
    """The least that can be done to see the pages of a snapshot."""
    parsed = 0
    for path in warcs:
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=True):
                body = record.reader.read()
                if record.http_headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                etree.fromstring(body, etree.HTMLParser(encoding="utf-8"))
                parsed += 1
    return parsed


def rebuild(store: Store, name: str, jobs: int = 1) -> None:
    """The whole of it, in a copy of the store that goes with it."""
    with TemporaryDirectory(prefix="rebuilding-") as folder:
        copy = Path(folder) / "data"
        shutil.copytree(store.root, copy, copy_function=os.link)  # type: ignore[attr-defined]
        Rebuilder(open_store(str(copy)), jobs, write=True).rebuild(name)


def cpu(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began


def wall(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def ratios(store: Store, root: Path, sites: list[str], size: int, pairs: int) -> None:
    """A row for each site: bare and rebuilt milliseconds a page, their ratio, and those of the pairs."""
    print(f"{'site':<18}{'bare ms':>9}{'rebuild ms':>12}{'ratio':>8}   the pairs, their median")
    found = []
    for site in sites:
        name = snapshot(store, root, site, size)
        warcs = sorted((root.parent / "data" / key_of(name, "warc")).iterdir())
        rebuild(store, name)
        timed = [(cpu(lambda: bare(warcs)), cpu(lambda: rebuild(store, name))) for _ in range(pairs)]  # noqa: B023
        told = sorted(whole / least for least, whole in timed)
        least, whole = (1000 * min(column) / size for column in zip(*timed, strict=True))
        found.append(whole / least)
        spread = f"{told[0]:.2f} to {told[-1]:.2f}, {statistics.median(told):.2f}"
        print(f"{site:<18}{least:>9.2f}{whole:>12.2f}{found[-1]:>8.2f}   {spread}")
    print(f"median of the sites: {statistics.median(found):.2f}")


def second_core(store: Store, name: str, size: int, pairs: int) -> None:
    """How much sooner two processes are done than one, their start included."""
    timed = [
        (wall(lambda: rebuild(store, name)), wall(lambda: rebuild(store, name, 2))) for _ in range(pairs)
    ]
    gains = [one / two for one, two in timed]
    one, two = (1000 * min(column) / size for column in zip(*timed, strict=True))
    print(
        f"{size} pages: one process {one:.2f} ms a page, two {two:.2f}: {one / two:.2f} times as fast, "
        f"the pairs {min(gains):.2f} to {max(gains):.2f}, {statistics.median(gains):.2f} in the middle"
    )


def memory(root: Path, site: str, sizes: list[int]) -> None:
    """Resident memory of a process of its own that rebuilds so many pages, and of those that read for it, MB at the peak."""
    for size, jobs in product(sizes, (1, 2)):
        command = [sys.executable, __file__, "--alone", str(root), site, str(size), str(jobs)]
        shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        peaks = " and ".join(f"{int(kilobytes) / 1024:.0f}" for kilobytes in shown.split())
        print(f"{size} pages, {jobs} reading: {peaks} MB at the peak")


def alone(root: str, site: str, size: str, jobs: str) -> None:
    store = open_store(f"{root}/{size}/data")
    name = f"{site}-{AT:%Y%m%dT%H%M%SZ}"
    if not list(store.list(key_of(name, ""))):
        if os.fork() == 0:  # what it takes to write the snapshot is not measured
            snapshot(store, Path(root) / size / "work", site, int(size))
            os._exit(0)
        os.wait()
    done, readers = Event(), list[int]()
    watcher = Thread(target=watch, args=(done, readers))
    watcher.start()
    rebuild(store, name, int(jobs))
    done.set()
    watcher.join()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, *readers)


def watch(done: Event, peak: list[int]) -> None:
    """The most kilobytes that a process below this one has held, looked at now and then: the peak of each is kept by the system."""
    while not done.wait(0.1):
        for pid in below(os.getpid()):
            with suppress(OSError, StopIteration):
                told = Path(f"/proc/{pid}/status").read_text().splitlines()
                held = int(next(line for line in told if line.startswith("VmHWM")).split()[1])
                peak[:] = [max([held, *peak])]


def below(pid: int) -> Iterator[int]:
    with suppress(OSError):
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in map(int, children.read_text().split()):
                yield child
                yield from below(child)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=120)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--site", action="append", dest="sites", choices=SITES)
    parser.add_argument("--parts", default="ratio,cores,memory")
    told = parser.parse_args()
    sites = told.sites or list(SITES)
    with TemporaryDirectory(prefix="rebuilding-") as folder:
        root = Path(folder) / "work"
        store = open_store(f"{folder}/data")
        if "ratio" in told.parts:
            ratios(store, root, sites, told.pages, told.pairs)
        if "cores" in told.parts:
            other = open_store(f"{folder}/more/data")
            name = snapshot(other, root, sites[0], 10 * told.pages)
            second_core(other, name, 10 * told.pages, max(1, told.pairs // 2))
        if "memory" in told.parts:
            memory(Path(folder), sites[0], [told.pages, 10 * told.pages])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--alone"]:
        alone(*sys.argv[2:])
    else:
        main()
