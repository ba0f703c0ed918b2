"""`scrapy runspider`; with REPLAY from an archive."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from scrapy.commands.runspider import Command as ScrapyRunspider

from crawler.exits import Exit
from crawler.held import complaint

if TYPE_CHECKING:
    import argparse


class Command(ScrapyRunspider):
    """Scrapy's runspider; nothing is recorded."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Run the spider of a file."""
        if said := complaint(self.settings):
            sys.stderr.write(f"scrapy runspider: {said}\n")
            self.exitcode = Exit.CONFIG
        else:
            super().run(args, opts)
