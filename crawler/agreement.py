"""How far a text that a feed carried agrees with the text of the page (pure)."""

import re

SIZE = 4


def agreement(feed: str, page: str) -> float:
    """Return the share, 0 to 1, of the feed text's runs of four words that the page's text holds too.

    >>> agreement("<p>Мост через реку открыт сегодня.</p>", "Мост через реку открыт сегодня. Движение началось.")
    1.0
    """
    said, found = shingles(re.sub(r"<[^>]*>", " ", feed)), shingles(page)
    return round(len(said & found) / len(said), 4) if said else 0.0


def shingles(text: str) -> set[tuple[str, ...]]:
    """Return the runs of four words of a text, all its words as one run where it has fewer."""
    words = re.findall(r"\w+", text.lower().replace("ё", "е"))
    return {tuple(words[at : at + SIZE]) for at in range(max(1, len(words) - SIZE + 1))} if words else set()
