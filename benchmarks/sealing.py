"""What sealing a large crawl and committing it to a bucket takes: the resident memory at its peak, and the time.

`python benchmarks/sealing.py [--megabytes 1000]` writes a crawl of so many megabytes that cannot be compressed into a work folder, starts
SeaweedFS on loopback, and seals and commits in a process of its own. Ends with 1 if that process ever held more than 300 MB.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from archive.chain import commit  # noqa: E402
from archive.seal import seal  # noqa: E402
from archive.snapshot import claim, work_in  # noqa: E402
from archive.store import open_store  # noqa: E402
from tests.archive.crawled import FACTS, NOON, Crawl, derive, name  # noqa: E402
from tests.seaweed import binary, serving  # noqa: E402

MOST = 300
MEGABYTE = 10**6
SITE = "https://chronik.example"


def main() -> int:
    told = _arguments()
    if told.seal:
        return _seal(*told.seal)
    if binary() is None:
        print("skipped: there is no SeaweedFS for this platform")
        return 0
    with tempfile.TemporaryDirectory() as folder, serving() as server:
        os.environ.update(server.environment())
        store = server.store()
        work = _written(store, Path(folder), told.megabytes)
        return subprocess.run([sys.executable, __file__, "--seal", store, str(work)], check=False).returncode


def _written(store: str, root: Path, megabytes: int) -> Path:
    """A crawl's work folder with an article and so many films of a megabyte."""
    crawl = Crawl(claim(open_store(store), root, "chronik", "main", NOON))
    crawl.start()
    crawl.announce(f"{SITE}/feed/", 1)
    crawl.decide(1)
    crawl.fetch(1, f"{name(1)}|Headline|Text")
    for number in range(megabytes):
        crawl.get(f"{SITE}/film/{number}", random.Random(number).randbytes(MEGABYTE))
    return crawl.end().folder


def _seal(uri: str, folder: str) -> int:
    begun, store = time.perf_counter(), open_store(uri)
    sealed = seal(work_in(Path(folder)), derive, facts=FACTS)
    took = time.perf_counter() - begun
    commit(store, sealed)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // MEGABYTE
    size = sum(file.stat().st_size for file in Path(folder).rglob("*.warc.gz")) // MEGABYTE
    print(
        f"{size} MB of WARC sealed in {took:.1f} s, committed in {time.perf_counter() - begun - took:.1f} s"
    )
    print(f"peak memory: {peak} MB, at most {MOST} asked")
    return int(peak > MOST)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--seal", nargs=2, metavar=("STORE", "FOLDER"), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
