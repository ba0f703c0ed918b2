"""What checked uploading costs: the S3 store against boto3's own transfer of the same file, to the same server, in the same run.

`python benchmarks/uploading.py [--megabytes 256] [--pairs 4]` starts SeaweedFS on loopback and uploads a file of random bytes by turns: with
boto3's `upload_file` as it comes, and with the store, which measures digests first, sends them along and confirms the object by HEAD.
The ratio is the median of those of the pairs. Peak memory is that of a fresh process which only uploads with the store; --megabytes 1000
shows that it does not grow with the file.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from archive.store import open_store  # noqa: E402
from tests.seaweed import Server, binary, serving  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

MEGABYTE = 10**6


def main() -> None:
    told = _arguments()
    if told.upload:
        open_store(told.upload[0]).put("memory.warc.gz", Path(told.upload[1]))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    elif binary() is None:
        print("skipped: there is no SeaweedFS for this platform")
    else:
        with tempfile.TemporaryDirectory() as folder, serving() as server:
            os.environ.update(server.environment())
            _measure(server, _file(Path(folder), told.megabytes), told.pairs)


def _measure(server: Server, file: Path, pairs: int) -> None:
    import boto3  # noqa: PLC0415  where the environment leads to the server

    client, store = boto3.client("s3"), open_store(server.store())
    ways: dict[str, Callable[[str], None]] = {
        "boto3's own transfer": lambda name: client.upload_file(str(file), server.bucket, f"plain/{name}"),
        "the store, checked": lambda name: store.put(f"{name}.warc.gz", file),
    }
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(pairs + 1):
        for way, upload in random.sample(sorted(ways.items()), len(ways)):
            begun = time.perf_counter()
            upload(str(number))
            seconds[way].append(time.perf_counter() - begun)
            client.delete_objects(Bucket=server.bucket, Delete={"Objects": _all(client, server.bucket)})
    size = file.stat().st_size / MEGABYTE
    plain, checked = (taken[1:] for taken in seconds.values())  # the first ones warm up
    for way, taken in zip(ways, (plain, checked), strict=True):
        print(f"{way}: {size / statistics.median(taken):.0f} MB/s (median of {pairs}, {size:.0f} MB)")
    ratios = [theirs / ours for theirs, ours in zip(plain, checked, strict=True)]
    print(
        f"ratio: {statistics.median(ratios):.2f} (median of {pairs} pairs, {min(ratios):.2f} to {max(ratios):.2f})"
    )
    peak = subprocess.run(
        [sys.executable, __file__, "--upload", store.uri, str(file)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    print(f"peak memory of a process that uploads {size:.0f} MB: {int(peak)} MB")


def _all(client: object, bucket: str) -> list[dict[str, str]]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)  # type: ignore[attr-defined]
    return [{"Key": each["Key"]} for page in pages for each in page.get("Contents", ())]


def _file(folder: Path, megabytes: int) -> Path:
    path = folder / "segment"
    with path.open("wb") as stream:
        for number in range(megabytes):
            stream.write(random.Random(number).randbytes(MEGABYTE))
    return path


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--pairs", type=int, default=4)
    parser.add_argument("--upload", nargs=2, metavar=("STORE", "FILE"), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
