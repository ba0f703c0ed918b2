"""`scrapy fetch`; with REPLAY from an archive, and 65 for what is not held there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.commands.fetch import Command as ScrapyFetch

from crawler.commands.refusal import aloud, refused
from crawler.exits import Exit

if TYPE_CHECKING:
    import argparse


class Command(ScrapyFetch):
    """Scrapy's fetch; nothing is recorded."""

    _printed = False

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print what the URL gives."""
        if refused(self, opts.spider):
            return
        with aloud(self):
            super().run(args, opts)
        if self.settings and self.settings.get("REPLAY") and not self._printed:
            self.exitcode = Exit.DATA

    def _print_response(self, response: Any, opts: argparse.Namespace) -> None:
        self._printed = True
        super()._print_response(response, opts)
