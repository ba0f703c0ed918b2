"""`scrapy shell` with the page at hand: `page.article()`, `page.found("headline")`, `page.all(".css")`; with REPLAY from an archive."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scrapy.commands.shell import Command as ScrapyShell

from crawler.commands.refusal import refused
from crawler.exits import Exit
from crawler.gather import headers_of
from crawler.generic import GenericPage

if TYPE_CHECKING:
    import argparse

    from crawler.page import ArticlePage


class Command(ScrapyShell):
    """Scrapy's shell; nothing is recorded."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Open the shell; `-c` for a URL that REPLAY does not hold exits 65."""
        self._scripted = bool(opts.code)
        if not refused(self, opts.spider):
            super().run(args, opts)

    def update_vars(self, vars: dict[str, Any]) -> None:  # noqa: A002  Scrapy's name
        """Add `page`: the response as the site's page reads it, or the generic reader."""
        response, request = vars.get("response"), vars.get("request")
        if response is not None:
            vars["page"] = page_of(vars["spider"], response)
        elif self._scripted and request is not None and "refused" in request.meta:
            sys.stderr.write(f"scrapy shell: {request.meta['refused']}\n")
            sys.exit(int(Exit.DATA))


def page_of(spider: Any, response: Any) -> ArticlePage:
    """Return the response opened by the first page of the spider's site that fits it, as on the day it was captured."""
    captured = response.meta.get("captured")
    at = datetime.fromisoformat(captured.date) if captured else datetime.now(UTC)
    opened = GenericPage(response.url, response.body, headers_of(response), at)
    pages = [page for page in getattr(spider, "pages", ()) if page.identify(response.url)]
    readers = (opened.over(page) for page in pages if page.until is None or at.date() <= page.until)
    return next((reader for reader in readers if reader.fits()), opened)
