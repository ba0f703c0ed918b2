"""`scrapy runspider`; with REPLAY from an archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.commands.runspider import Command as ScrapyRunspider

from crawler.commands.refusal import refused

if TYPE_CHECKING:
    import argparse


class Command(ScrapyRunspider):
    """Scrapy's runspider; nothing is recorded."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Run the spider of a file."""
        if not refused(self):
            super().run(args, opts)
