"""`scrapy view`; with REPLAY from an archive, and 65 for what is not held there."""

from __future__ import annotations

from scrapy.commands.view import Command as ScrapyView

from crawler.commands.fetch import Command as Fetch


class Command(Fetch, ScrapyView):
    """Scrapy's view, which fetches and shows in a browser what comes; nothing is recorded."""
