"""Which article a URL is of, as the pages of a site say (pure)."""

from collections.abc import Sequence

from crawler.page import ArticlePage


def identify(pages: Sequence[type[ArticlePage]], url: str) -> tuple[str, str, int] | None:
    """Return (identifier, URL to fetch, rank of the page) of an article's URL; None when no page reads it."""
    for rank, page in enumerate(pages):
        if identifier := page.identify(url):
            return identifier, page.canonical(url), rank
    return None
