"""`scrapy check`, offline: each site's pages against its fixtures."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from scrapy.commands.check import Command as ScrapyCheck

from crawler.commands.refusal import refused
from crawler.fixtures import Fixture, FixtureContract, fixtures, root_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from scrapy import Spider
    from scrapy.http import Response


class Command(ScrapyCheck):
    """Scrapy's check; a site's fixtures become its contracts, and their WARCs answer for the web."""

    def short_desc(self) -> str:
        """Return the line of `scrapy -h`."""
        return "Check the sites' pages against their fixtures, offline"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check the sites named, or all."""
        if refused(self, *args):
            return
        assert self.settings is not None  # noqa: S101  scrapy.cmdline has set both; for mypy
        assert self.crawler_process is not None  # noqa: S101
        loader = self.crawler_process.spider_loader
        root = root_of(self.settings)
        found = {site: list(fixtures(site, root)) for site in args or loader.list()}
        for site, ones in found.items():
            if not ones and hasattr(loader.load(site), "pages"):
                sys.stderr.write(f"{site} has no fixtures in {root / site}\n")
            for one in ones:
                _promise(loader.load(site), one, root)
        warcs = [str(one.warc) for ones in found.values() for one in ones]
        if warcs:
            self.settings.set("REPLAY", warcs, "cmdline")
        self.settings.set("SPIDER_CONTRACTS", {FixtureContract: 1}, "cmdline")
        super().run(args, opts)


def _promise(spidercls: type[Spider], fixture: Fixture, root: Path) -> None:
    """Give a spider class a callback of its own for a fixture, because Scrapy checks one request for each."""

    def callback(self: Any, response: Response) -> Iterator[Any]:
        yield from self.parse(response)

    callback.__name__ = f"parse_{fixture.name}"
    callback.__doc__ = f"Read the fixture.\n\n@fixture {fixture.name} {spidercls.name} {root}\n"
    named: Callable[..., Any] = callback
    setattr(spidercls, callback.__name__, named)
