"""What listing a bucket's snapshots takes: `letopis snapshots` as a whole command, and making its lists again from the chain alone.

`python benchmarks/listing.py [--snapshots 10000] [--rounds 3]` puts so many chain entries into SeaweedFS on loopback, and the lists that
commits leave beside them. Ends with 1 if the median of the rounds is 5 s or more.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from archive import chain  # noqa: E402
from archive.entries import SCHEMA, Entry  # noqa: E402
from archive.manifest import canonical  # noqa: E402
from archive.store import open_store  # noqa: E402
from tests.seaweed import binary, serving  # noqa: E402

MOST = 5.0
SUMMARY = {
    "status": "complete", "rehearsal": False, "started": "2026-11-22T12:00:00Z", "finished": "2026-11-22T12:30:00Z",
    "links": 40, "articles": 38, "rejects": 2, "bytes": 9_000_000,
}  # fmt: skip


def main() -> int:
    told = _arguments()
    if binary() is None:
        print("skipped: there is no SeaweedFS for this platform")
        return 0
    with serving() as server:
        os.environ.update(server.environment())
        store, entries = open_store(server.store()), _entries(told.snapshots)
        with ThreadPoolExecutor(12) as pool:
            list(pool.map(lambda entry: store.put(entry[0].key, entry[1]), entries))
        for key, data in chain.lists([entry for entry, _ in entries]).items():
            store.put(key, data)
        took = statistics.median(_listed(store.uri, told.snapshots) for _ in range(told.rounds))
        begun = time.perf_counter()
        chain.refresh(store, anew=True)
        anew = time.perf_counter() - begun
    print(
        f"{told.snapshots} snapshots listed in {took:.1f} s (median of {told.rounds}), under {MOST:.0f} s asked"
    )
    print(f"lists made again from the chain alone: {anew:.1f} s")
    return int(took >= MOST)


def _entries(number: int) -> list[tuple[Entry, bytes]]:
    """One series of so many snapshots, each entry with the digest of the one before."""
    made: list[tuple[Entry, bytes]] = []
    for n in range(1, number + 1):
        told = {
            "schema": SCHEMA, "site": "chronik", "series": "main", "number": n, "kind": "snapshot",
            "snapshot": f"chronik-20260101T{n // 3600:02}{n // 60 % 60:02}{n % 60:02}Z", "manifest": "0" * 64,
            "previous": made[-1][0].sha256 if made else None, "at": "2026-11-22T13:00:00Z", "summary": SUMMARY,
        }  # fmt: skip
        data = canonical(told)
        made.append((Entry.parse(data), data))
    return made


def _listed(uri: str, number: int) -> float:
    begun = time.perf_counter()
    letopis = [str(Path(sys.executable).parent / "letopis"), "snapshots", "--store", uri]
    out = subprocess.run(letopis, check=True, capture_output=True, text=True).stdout
    took = time.perf_counter() - begun
    if out.count("chronik-2026") != number:
        sys.exit(f"{out.count('chronik-2026')} snapshots were listed of {number}")
    return took


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--snapshots", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
