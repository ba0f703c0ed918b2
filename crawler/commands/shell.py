"""`scrapy shell` with the page at hand: `page.headline`, `page.article()`, `page.all(".css")`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scrapy.commands.shell import Command as ScrapyShell

from crawler.gather import headers_of
from crawler.generic import GenericPage

if TYPE_CHECKING:
    from crawler.page import ArticlePage


class Command(ScrapyShell):
    """Scrapy's shell; nothing is recorded."""

    def update_vars(self, vars: dict[str, Any]) -> None:  # noqa: A002  Scrapy's name
        """Add `page`: the response as the site's page reads it, or the generic reader."""
        response = vars.get("response")
        if response is not None:
            vars["page"] = page_of(vars["spider"], response)


def page_of(spider: Any, response: Any) -> ArticlePage:
    """Return the response opened by the first page of the spider's site that fits it."""
    opened = GenericPage(response.url, response.body, headers_of(response), datetime.now(UTC))
    readers = (opened.over(page) for page in getattr(spider, "pages", ()) if page.identify(response.url))
    return next((reader for reader in readers if reader.fits()), opened)
