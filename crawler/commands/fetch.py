"""`scrapy fetch`; with REPLAY from an archive, and 65 for what is not held there."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from scrapy.commands.fetch import Command as ScrapyFetch

from crawler.exits import Exit
from crawler.held import complaint

if TYPE_CHECKING:
    import argparse


class Command(ScrapyFetch):
    """Scrapy's fetch; nothing is recorded."""

    _printed = False

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print what the URL gives."""
        if said := complaint(self.settings):
            name = type(self).__module__.rpartition(".")[2]  # `scrapy view` is one, too
            sys.stderr.write(f"scrapy {name}: {said}\n")
            self.exitcode = Exit.CONFIG
            return
        super().run(args, opts)
        if self.settings and self.settings.get("REPLAY") and not self._printed:
            self.exitcode = Exit.DATA

    def _print_response(self, response: Any, opts: argparse.Namespace) -> None:
        self._printed = True
        super()._print_response(response, opts)
