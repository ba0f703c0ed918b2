"""`scrapy parse`; with REPLAY from an archive, and 65 for what is not held there."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from scrapy.commands.parse import Command as ScrapyParse

from crawler.exits import Exit
from crawler.held import complaint
from crawler.replay import MISSES

if TYPE_CHECKING:
    import argparse


class Command(ScrapyParse):
    """Scrapy's parse; nothing is recorded."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Parse the URL by its spider and print what that gives."""
        if said := complaint(self.settings):
            sys.stderr.write(f"scrapy parse: {said}\n")
            self.exitcode = Exit.CONFIG
            return
        super().run(args, opts)
        stats = self.pcrawler.stats if self.pcrawler else None
        if stats and stats.get_value(MISSES):
            self.exitcode = Exit.DATA
