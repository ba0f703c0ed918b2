"""`scrapy check`, offline: each site's pages against its fixtures."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from scrapy.commands.check import Command as ScrapyCheck

from crawler.commands.refusal import refuse, refused
from crawler.exits import Exit
from crawler.fixtures import FixtureContract, NotReadError, fixture, root_of, waiting

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from scrapy import Spider
    from scrapy.http import Response

    from crawler.fixtures import Fixture


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
        root, self._amiss = root_of(self.settings), list[str]()
        found = {site: self._fixtures(site, root) for site in args or loader.list()}
        for site, ones in found.items():
            if not [*(root / site).glob("*")] and hasattr(loader.load(site), "pages"):
                sys.stderr.write(f"{site} has no fixtures in {root / site}\n")
            for one in ones:
                _promise(loader.load(site), one)
        warcs = [str(one.warc) for ones in found.values() for one in ones]
        if warcs:
            self.settings.set("REPLAY", warcs, "cmdline")
        self.settings.set("SPIDER_CONTRACTS", {FixtureContract: 1}, "cmdline")
        super().run(args, opts)
        for said in self._amiss:  # below the verdict on the others, where it is seen
            refuse(self, Exit.DATA, said)

    def _fixtures(self, site: str, root: Path) -> list[Fixture]:
        """Return the fixtures of a site that can be checked; those that cannot be are noted."""
        found = []
        for path in sorted((root / site).glob("*.json")):
            try:
                found.append(fixture(path))
            except NotReadError as error:
                self._amiss.append(str(error))
        for warc in waiting(site, root):
            name = warc.name.removesuffix(".warc.gz")
            remedy = f"`scrapy fixture {site} URL --name {name} --accept` once it is right"
            self._amiss.append(f"{warc}: what it reads was not accepted yet: {remedy}")
        return found


def _promise(spidercls: type[Spider], fixture: Fixture) -> None:
    """Give a spider class a callback of its own for a fixture, because Scrapy checks one request for each."""

    def callback(self: Any, response: Response) -> Iterator[Any]:
        yield from self.parse(response)

    path = quote(str(fixture.warc.with_name(f"{fixture.name}.json")))
    callback.__name__ = f"parse_{fixture.name}"
    callback.__doc__ = f"Read the fixture.\n\n@fixture {path}\n"
    named: Callable[..., Any] = callback
    setattr(spidercls, callback.__name__, named)
