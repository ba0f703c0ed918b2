"""What reading costs: CPU of a page read to its article, as a multiple of one lxml parse of the same bytes.

`python benchmarks/reading.py [--pages 12] [--rounds 15] [FOLDER...]` reads invented pages of the five sites, filled up to
120 kB with the widgets and scripts that pages carry, and the saved pages of folders with a truth.jsonl. Both are timed in
turns, page by page, each round in a new order; a page counts with the least of its rounds, for what else the machine
does only adds; a row gives the medians of its pages. At the end: how the cost grows with the number of paragraphs.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import json
import random
import re
import statistics
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import etree

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.recording import SIZE, WORDS
from crawler.article import read
from crawler.charset import decode
from crawler.look import loader
from crawler.plain import PlainPage
from tests.newsroom.reading import answer
from tests.newsroom.site import sites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from crawler.page import ArticlePage

TODAY = date(2026, 11, 22)
AT = datetime(2026, 11, 22, 20, tzinfo=UTC)
SEEDS = (3, 104, 205)
BODY = re.compile(rb"<body[^>]*>", re.IGNORECASE)
ABOVE = 0.46  # of what is filled in
ROWS = ("div", "div", "aside")
INDENT = "\n" + 9 * " "
LATIN = [
    "most", "gorod", "ulica", "shkola", "remont", "reka", "park", "avtobus", "muzey", "zavod", "biblioteka", "stanciya", "novost",
    "sosed", "berezhok", "oblast", "doroga", "fonar", "ploshad", "sad", "utro", "pogoda", "otkryt", "zakryt", "pochinili", "vecherom",
]  # fmt: skip


@dataclass
class Page:
    """One page, who reads it, and the least that each of the two has cost."""

    url: str
    body: bytes
    readers: Sequence[type[ArticlePage]]
    any_url: bool = False
    headers: Sequence[tuple[str, str]] = ()
    parsed: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)

    def parse(self) -> object:
        return etree.fromstring(self.body, etree.HTMLParser(encoding="utf-8"))

    def read(self) -> object:
        return read(self.readers, self.url, self.body, self.headers, AT, any_url=self.any_url)

    @property
    def ratio(self) -> float:
        return min(self.whole) / min(self.parsed)


def filled(body: bytes, seed: int) -> bytes:
    """The page with what stands around articles above and below it, in its own charset, until it has 120 kB.

    In the measure of real news pages, the means of the Article Extraction Benchmark (scrapinghub, 181 pages): in each kB 6.4 elements (here
    6.5 to 7.4), of which 3.7 (2.8 to 3.4) outside of menus, asides and forms hold 0.9 stretches of text (1.1 to 1.2); 9.7 attributes (9.3),
    which take 400 bytes (430); 83 bytes of text (100 to 155, a Cyrillic letter takes two), 273 of scripts (255), 99 of styles (86) and 60
    of space between elements (55); gzip makes 22 % of them (22), one lxml parse takes 7.0 us a kB (6.7 to 7.8). 38 % of the elements stand
    above the title and 41 % below the text (44, 52).
    """
    chance, charset = random.Random(seed), decode(body)[1]
    opening = BODY.search(body)
    head, rest = (body[: opening.end()], body[opening.end() :]) if opening else (b"", body)
    text, mark, end = rest.rpartition(b"</body>")
    text, end = (text, mark + end) if mark else (end, b"")
    above, below = [_style(chance).encode(charset)], list[bytes]()
    size = len(body) + len(above[0])
    while size < SIZE:
        part = _around(chance).encode(charset)
        (above if len(above) < ABOVE * (len(above) + len(below)) else below).append(part)
        size += len(part)
    return b"".join([head, *above, text, *below, end])


def _style(chance: random.Random) -> str:
    """The rules of a page's looks, a tenth of it."""
    rules = "\n".join(
        f".{_slug(chance, 2)} {{ margin: {chance.randrange(99)}px; color: #{chance.getrandbits(24):06x} }}"
        for _ in range(190)
    )
    return f"<style>\n{rules}\n</style>\n"


def _around(chance: random.Random) -> str:
    """A menu, a row of cards and a script, of other words each time."""
    entries = "".join(
        f'<li><a class="menu__link" href="https://{_slug(chance, 1)}.example/{_slug(chance, 8)}/" data-place="{_slug(chance, 9)}">'
        f"{_said(chance, 2)}</a></li>{INDENT}"
        for _ in range(3)
    )
    row = chance.choice(ROWS)
    script = json.dumps({_slug(chance, 1): _slug(chance, 4) for _ in range(13)})
    return (
        f'<nav class="menu" role="navigation" aria-label="{_slug(chance, 3)}"><ul>{INDENT}{entries}</ul></nav>{INDENT}'
        f'<{row} class="row row_wide" id="row-{chance.getrandbits(20)}">{INDENT}{_card(chance)}{_card(chance)}</{row}>{INDENT}'
        f'<script type="text/javascript">window.queue.push({script})</script>{INDENT}'
    )


def _card(chance: random.Random) -> str:
    """A title with its rubric; one in five has a picture."""
    place, title = _slug(chance, 9), _said(chance, 4)
    picture = (
        f'<a href="/2026/11/{place}.html"><img src="/images/{place}_300x200.jpg" alt="{title}"></a>{INDENT}'
    )
    return (
        f'<div class="card card_wide js-track" data-link="{place}" data-id="{chance.getrandbits(30)}">{INDENT}'
        f"{picture if not chance.randrange(5) else ''}<span>{_said(chance, 1)}</span>{INDENT}"
        f'<p class="card__title card__title_small">{title}</p>{INDENT}</div>{INDENT}'
    )


def _slug(chance: random.Random, words: int) -> str:
    """As addresses and identifiers are made: words in Latin letters, a number at their end."""
    return "-".join([*chance.choices(LATIN, k=words), f"{chance.getrandbits(20)}"])


def _said(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(WORDS, k=words)).capitalize()


def invented(name: str, count: int) -> Iterator[Page]:
    """Articles of a site of the newsroom, an equal share of each seed."""
    pages = loader().load(name).pages
    room = next(site for site in sites() if site.name == name)
    for seed in SEEDS:
        site = room(seed, TODAY)
        told = [one for one in site.expected() if one.article]
        for one in random.Random(seed).sample(told, count // len(SEEDS)):
            url, response = answer(site, pages[0].canonical(one.url))
            if response.status == 200 and read(pages, url, response.body, response.headers, AT).recognised:  # noqa: PLR2004
                yield Page(url, filled(response.body, seed), pages, headers=response.headers)


class Unknown(PlainPage):
    """A page of a site that nobody described."""


def saved(folder: Path) -> Iterator[Page]:
    """The pages of a folder, by the page of their URL, else of their marks, else as an unknown site's."""
    known: list[Any] = [loader().load(name) for name in loader().list()]
    marked = [page for site in known for page in site.pages if page.mark or page.scope]
    for line in (folder / "truth.jsonl").read_text("utf-8").splitlines():
        told = json.loads(line)
        body = (folder / told["file"]).read_bytes()
        body = gzip.decompress(body) if told["file"].endswith(".gz") else body
        own = next((page for page in marked if page.identify(told["url"])), None)
        yield Page(told["url"], body, (own,) if own else (*marked, Unknown), any_url=True)


def grown(paragraphs: int) -> Page:
    """A page of an unknown site with so many paragraphs."""
    chance = random.Random(paragraphs)
    text = "".join(f"<p>{' '.join(chance.choices(WORDS, k=14)).capitalize()}.</p>" for _ in range(paragraphs))
    html = f"<title>Открыт мост</title><body><div><h1>Открыт мост</h1><div>{text}</div></div>"
    return Page("https://unknown.example/1", html.encode(), (Unknown,), any_url=True)


def cost(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def measure(pages: Sequence[Page], rounds: int) -> None:
    """Time both on every page, in turns; the first round warms up and does not count."""
    for number in range(rounds + 1):
        for page in random.Random(number).sample(pages, len(pages)):
            gc.collect(0)
            pairs = [(page.parsed, page.parse), (page.whole, page.read)]
            for kept, work in pairs if number % 2 else reversed(pairs):
                kept.append(cost(work))
    for page in pages:
        page.parsed.pop(0)
        page.whole.pop(0)


def row(name: str, pages: Sequence[Page]) -> str:
    size = statistics.median(len(page.body) for page in pages) / 1000
    parse, whole = (
        1000 * statistics.median(map(min, kept))
        for kept in zip(*((p.parsed, p.whole) for p in pages), strict=True)
    )
    ratios = sorted(page.ratio for page in pages)
    spread = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    return f"| {name} | {len(pages)} | {size:.0f} | {parse:.2f} | {whole:.2f} | {spread} |"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what reading a page costs beside parsing it.")
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--pages", type=int, default=12, help="invented pages of each site")
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    if untold := [folder for folder in arguments.folders if not (folder / "truth.jsonl").is_file()]:
        parser.error(f"{untold[0]} is no folder with a truth.jsonl")
    groups = {site.name: list(invented(site.name, arguments.pages)) for site in sites()}
    groups |= {folder.name: list(saved(folder)) for folder in arguments.folders}
    groups |= {f"{count:,} paragraphs": [grown(count)] for count in (200, 2_000, 20_000)}
    print(
        "| pages | number | kB | parse, ms | read, ms | read / parse, median (least to most) |\n|---|---|---|---|---|---|"
    )
    for name, pages in groups.items():
        measure(pages, arguments.rounds if len(pages) > 1 else 3)
        print(row(name, pages), flush=True)


if __name__ == "__main__":
    main()
