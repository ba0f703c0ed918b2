"""A page of an invented site, and the text that most of its tests read."""

from datetime import UTC, datetime

from crawler.article import ArticlePage

URL = "https://a.example/2026/01/02/most-1.html"
AT = datetime(2026, 1, 3, tzinfo=UTC)
BODY = (
    "<h1>Мост открыт</h1><div itemprop='articleBody'><p>Мост открыли утром.</p><p>Ждали три года.</p></div>"
)


class Page(ArticlePage):
    site = "a"
    urls = r"https?://(?:www\.|m\.)?a\.example/.*-(?P<id>\d+)\.html"
    home = "https://a.example"
