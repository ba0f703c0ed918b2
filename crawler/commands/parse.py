"""`scrapy parse`; with REPLAY from an archive, and 65 for what is not held there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.commands.parse import Command as ScrapyParse
from scrapy.http import Request

from crawler.commands.refusal import aloud, refuse, refused
from crawler.exits import Complaint, Exit
from crawler.replay import MISSES

if TYPE_CHECKING:
    import argparse


class Command(ScrapyParse):
    """Scrapy's parse; nothing is recorded."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Parse the URL by its spider and print what that gives."""
        if refused(self, opts.spider):
            return
        try:
            with aloud(self):
                super().run(args, opts)
        except Complaint as said:
            refuse(self, said.code, str(said))
            return
        crawler = getattr(self, "pcrawler", None)  # none was made for `--depth 0`
        if crawler and crawler.stats.get_value(MISSES):
            self.exitcode = Exit.DATA

    def set_spidercls(self, url: str, opts: argparse.Namespace) -> None:
        """Choose the spider; raises Complaint where the URL is not that of one site."""
        assert self.crawler_process  # noqa: S101  scrapy.cmdline has set it; for mypy
        if not opts.spider:
            sites = self.crawler_process.spider_loader.find_by_request(Request(url))
            if len(sites) != 1:
                whose = f"{' and '.join(sorted(sites))} know" if sites else "no site knows"
                raise Complaint(Exit.USAGE, f"{whose} {url}: name the one to parse it by, --spider SITE")
        super().set_spidercls(url, opts)
