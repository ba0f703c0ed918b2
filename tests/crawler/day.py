"""A day of the paper: its server gives every kind of answer once."""

from __future__ import annotations

from tests.crawler.gazeta import AMP, HOME, Answer, article, listing, moved, rss

RSS = tuple((f"{HOME}/n/{n}", f"Новость {n}") for n in range(1, 7))
DAY: dict[str, Answer] = {
    f"{HOME}/robots.txt": Answer("User-agent: *\nAllow: /\n"),
    f"{HOME}/rss": rss(*RSS),
    f"{HOME}/news/": listing(f"{HOME}/n/1", f"{HOME}/n/7", f"{AMP}/n/5"),
    **{f"{HOME}/n/{n}": article(f"Новость {n}") for n in (1, 2, 4, 7)},
    f"{HOME}/n/3": moved(f"{HOME}/n/30"),
    f"{HOME}/n/30": article("Новость 3"),
    f"{HOME}/n/5": Answer(status=404),
    f"{AMP}/n/5": article("Новость 5"),
    f"{HOME}/n/6": Answer(status=410),
}
