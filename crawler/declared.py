"""Whether what a site declares can be meant, told when its file is loaded and not at the first article (pure)."""

import re
from collections.abc import Iterator
from string import Formatter

from crawler.page import ArticlePage


class DeclarationError(ValueError):
    """A page that could name no article; the message says which, why, and what to write instead."""


def check(site: str, page: type[ArticlePage]) -> None:
    """Hold what a page of a site says of its URLs together; raises DeclarationError.

    >>> check("gazeta", type("Page", (ArticlePage,), {"site": "gazeta", "urls": r"https://gazeta/(?P<slug>.+)"}))
    Traceback (most recent call last):
    crawler.declared.DeclarationError: site gazeta, Page: identity '{id}' asks for a group {id}, and urls has {slug}: write (?P<id>...) in urls, or set identity
    """
    for fault in _faults(site, page):
        raise DeclarationError(f"site {site}, {page.__name__}: {fault}")


def _faults(site: str, page: type[ArticlePage]) -> Iterator[str]:
    if page.site != site:
        yield f"it says site = {page.site!r}, and the spider's name is {site!r}: write the same for both"
    if not page.urls:
        return
    try:
        groups = re.compile(page.urls).groupindex
        wanted = [name for _, name, _, _ in Formatter().parse(page.identity) if name is not None]
    except (re.error, ValueError) as error:
        yield f"urls is no regular expression, or identity no format: {error}"
        return
    if not wanted:
        yield f"identity {page.identity!r} asks for no group of urls: all its articles would be one"
    has = ", ".join(f"{{{name}}}" for name in groups) or "no named group"
    for name in wanted:
        if name not in groups:
            remedy = f"write (?P<{name or 'id'}>...) in urls, or set identity"
            yield f"identity {page.identity!r} asks for a group {{{name}}}, and urls has {has}: {remedy}"
