"""What a rebuild changes, told to people: a table of fields, examples side by side, and how to open their records."""

import json
import shlex
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from crawler.difference import KEPT, SETTLED, Changes, Difference, Example, Turn
from crawler.rebuild import Rebuilt
from crawler.showing import tabulated

SHOWN = 160
"""Characters of a value that are shown."""
BEFORE = 30
"""Characters that both values begin with, before the first that differs."""
NARROW = 60
"""Columns below which a terminal shows one value under the other."""


def show(console: Console, store: str, rebuilt: Rebuilt, *, whole: bool) -> None:
    """Print what became of a snapshot; with `whole` all that differs, without it one line, and what is gone in any case."""
    _line(console, headline(rebuilt))
    if (difference := rebuilt.difference) is None:
        return
    for turn in difference.examples:
        if _gone(turn):
            _line(console, f"  GONE  {_turned(turn)}", "bold red")
        elif whole:
            _line(console, f"  {_label(turn)}  {_turned(turn)}")
    if whole and difference.fields:
        _line(console, "")
        for line in tabulated(list(_rows(difference)), ("field", "changed", "gained", "lost")):
            _line(console, f"  {line}")
        for name, changes in sorted(difference.fields.items()):
            _examples(console, name, changes, f"REPLAY={rebuilt.snapshot}", store)


def headline(rebuilt: Rebuilt) -> str:
    """What became of a snapshot, in one line."""
    if rebuilt.difference is None:
        return f"{rebuilt.snapshot}: nothing to do, its newest edition was read by the reader of today"
    found = rebuilt.difference
    told = f"{rebuilt.articles} articles, {rebuilt.rejects} rejects; {found.differing} articles differ"
    told += f", {found.rescued} rescued" if found.rescued else ""
    told += f", {found.gone} GONE" if found.gone else ""
    if rebuilt.edition is None:
        return f"{rebuilt.snapshot}: {told}; nothing was written"
    return f"{rebuilt.snapshot}: edition {rebuilt.edition}, {told}; head sha256:{rebuilt.head}"


def excerpts(old: Any, new: Any) -> tuple[str, str]:
    """Two values shortened to where they begin to differ.

    >>> excerpts("Мост открыт", None)
    ('Мост открыт', '–')
    >>> [text[:12] for text in excerpts("а" * 50 + "б", "а" * 50 + "в")]
    ['…ааааааааааа', '…ааааааааааа']
    """
    texts = [_text(value) for value in (old, new)]
    pairs = enumerate(zip(*texts, strict=False))
    same = next((at for at, (one, other) in pairs if one != other), min(map(len, texts)))
    begin = max(0, same - BEFORE)
    return _cut(texts[0], begin), _cut(texts[1], begin)


def _text(value: Any) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cut(text: str, begin: int) -> str:
    end = begin + SHOWN
    shown = text[begin:end].replace("\n", "⏎")
    return ("…" if begin else "") + shown + ("…" if len(text) > end else "")


def _rows(difference: Difference) -> Iterator[dict[str, Any]]:
    for name, changes in sorted(difference.fields.items()):
        yield {"field": name, "changed": changes.changed, "gained": changes.gained, "lost": changes.lost}


def _examples(console: Console, name: str, changes: Changes, replay: str, store: str) -> None:
    for example in changes.examples:
        place = f"{example.file}@{example.offset}+{example.length}"
        _line(console, "")
        _line(console, f"  {name} {example.kind}: {example.identifier}  {place}", "bold")
        _values(console, example)
        _line(
            console,
            f"    {shlex.join(['scrapy', 'shell', example.url, '-s', replay, '-s', f'STORE={store}'])}",
        )


def _values(console: Console, example: Example) -> None:
    old, new = excerpts(example.old, example.new)
    if not console.is_terminal or console.width < NARROW:
        _line(console, f"    - {old}")
        _line(console, f"    + {new}")
        return
    table = Table("old", "new", box=None, padding=(0, 2, 0, 2), expand=True)
    for column in table.columns:
        column.ratio = 1
    table.add_row(Text(old, "red"), Text(new, "green"))
    console.print(table)


def _gone(turn: Turn) -> bool:
    return turn.old in KEPT and turn.new not in SETTLED


def _label(turn: Turn) -> str:
    return "rescued" if turn.old not in SETTLED and turn.new in KEPT else "outcome"


def _turned(turn: Turn) -> str:
    place = "{file}@{offset}+{length}".format(**turn.address) if turn.address else "no record"
    reason = f": {turn.reason}" if turn.reason else ""
    return f"{turn.identifier}  {turn.old} -> {turn.new}{reason}  {place}"


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)
