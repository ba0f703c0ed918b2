"""`make demo`: five sites, played by the newsroom on loopback, crawled into an archive and held against the truth."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from archive.chain import snapshots
from archive.reading import ARTICLES, LEDGER, lines
from archive.store import open_store
from tests.seaweed import serving

from .server import newsroom
from .verdict import Difference, differences

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .server import Newsroom
    from .story import Expected

    Truth = Mapping[str, list[Expected]]

NEXT = """
What to try next:
  .venv/bin/letopis snapshots --store {store}
      what is in the archive
  .venv/bin/letopis show {snapshot} --store {store}
      one snapshot: counts, fields, findings
  .venv/bin/letopis verify --all --store {store}
      every hash, record and article again
  zcat {store}/snapshots/*/*/articles.jsonl.gz | head -n 1
      one article, with the origin of each field and the address of its bytes
  make crawl SITE=ria
      the same line against the live web (README: For real)
"""
BUCKET = "s3"
"""The store's name that stands for a server of the demo's own, which is gone with its data at the end."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--store", default="./data", help="a directory, or s3 for a server of the demo's own")
    parser.add_argument("--seed", type=int, default=1, help="another number, another newsroom")
    arguments = parser.parse_args()
    with newsroom(arguments.seed) as room, shelf(arguments.store) as store:
        print(f"The newsroom plays {len(room.sites)} sites on loopback (seed {arguments.seed}).", flush=True)
        wrong, last = play(room, store)
    for difference in wrong[:20]:
        print(difference)
    if wrong:
        sys.exit(f"{len(wrong)} values differ from what the newsroom wrote")
    print("Every article and every outcome is what the newsroom wrote.")
    if arguments.store != BUCKET:
        print(NEXT.format(store=arguments.store, snapshot=last))


@contextmanager
def shelf(name: str) -> Iterator[str]:
    """The store's URI, with an S3 server behind it and the environment that leads there where that is asked for."""
    if name != BUCKET:
        yield name
        return
    with serving() as server:
        os.environ.update(server.environment())
        print(f"SeaweedFS keeps the snapshots at {server.endpoint}, bucket {server.bucket}.", flush=True)
        yield server.store()


def play(room: Newsroom, store: str) -> tuple[list[Difference], str]:
    """Crawl all sites twice, the news having gone on between; what is wrong with the archive, and its last snapshot."""
    # whatever earlier demos have left in the store: the first crawl knows nothing, the second one the first
    first, before = crawl(room, store, look_back=0), room.truth
    room.edition(2)
    print(
        "An hour later, at each site one article is edited and one is gone; the others are unchanged:",
        flush=True,
    )
    second = crawl(room, store, look_back=1)
    verify([*first.values(), *second.values()], store)
    wrong = judge(before, store, first) + judge(room.truth, store, second, before)
    return wrong, next(iter(second.values()))


def crawl(room: Newsroom, store: str, look_back: int) -> dict[str, str]:
    """One snapshot per site, sealed and committed: {site: snapshot}; exits as the crawl did when it failed."""
    command = [sys.executable, "-m", "crawler.cli"]
    names = [site.name for site in room.sites]
    before = set(held(store))
    outcome = subprocess.run(
        [
            *command,
            "crawl",
            *names,
            "--store",
            store,
            "--until",
            room.today.isoformat(),
            "-s",
            f"LOOK_BACK={look_back}",
        ],
        env=rehearsal(room),
        check=False,
    )
    if outcome.returncode:
        sys.exit(outcome.returncode)
    return {site: name for name, site in held(store).items() if name not in before}


def verify(names: list[str], store: str) -> None:
    """Check every hash and record, and derive every line again; raises CalledProcessError for what is not as promised."""
    subprocess.run([sys.executable, "-m", "crawler.cli", "verify", *names, "--store", store], check=True)


def held(store: str) -> dict[str, str]:
    """The snapshots in a store: {snapshot: site}."""
    return {entry.snapshot: entry.site for entry in snapshots(open_store(store))}


def judge(truth: Truth, store: str, made: dict[str, str], before: Truth | None = None) -> list[Difference]:
    """What the archive holds otherwise than the newsroom wrote it, `before` in an earlier edition."""
    archive = open_store(store)
    return [
        difference
        for site, snapshot in made.items()
        for difference in differences(
            truth[site],
            lines(archive, snapshot, ARTICLES),
            lines(archive, snapshot, LEDGER),
            before[site] if before else (),
        )
    ]


def rehearsal(room: Newsroom) -> dict[str, str]:
    """The environment in which every command of Letopis meets the newsroom instead of the web."""
    return os.environ | {"LETOPIS_CONNECT_TO": json.dumps(room.connect_to), "SSL_CERT_FILE": str(room.ca)}


if __name__ == "__main__":
    main()
