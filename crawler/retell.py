"""What a stored reader does when it is run by itself: WARC files in, what it reads out of their records as JSON lines."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path

from archive.record import records
from crawler.derive import derived
from crawler.page import ArticlePage


def main(pages: Sequence[type[ArticlePage]], arguments: Sequence[str]) -> None:
    """Write a line of JSON for each `Derived`; the arguments are the reader's identity and the WARC files in their order."""
    identity, *files = arguments
    site = type("Site", (), {"pages": pages})
    for told in derived(site, identity, chain.from_iterable(records(Path(file)) for file in files)):
        sys.stdout.write(json.dumps(asdict(told)) + "\n")
