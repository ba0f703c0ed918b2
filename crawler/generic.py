"""The generic reader: any news page, without a word of configuration."""

from crawler.page import ArticlePage


class GenericPage(ArticlePage):
    """Reads a page that no site's page fits."""
