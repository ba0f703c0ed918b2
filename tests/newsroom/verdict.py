"""What a crawl of the newsroom got wrong: its articles and outcomes held against the truth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .story import Expected

KEPT = frozenset({"article", "duplicate"})
"""Outcomes of a page that a later crawl knows, whatever else was kept of it."""

UNJUDGED = frozenset({"origins", "capture", "datePublishedRaw", "dateModifiedRaw"})
"""Fields of an article that say how it was read, not what it says."""


@dataclass(frozen=True)
class Difference:
    """One field of one article that is not what the newsroom wrote; "outcome" is judged like a field."""

    identifier: str
    field: str
    wanted: Any
    found: Any
    note: str

    def __str__(self) -> str:
        return (
            f"{self.identifier} {self.field} ({self.note})\n  wanted {self.wanted!r}\n  found  {self.found!r}"
        )


def differences(
    expected: Iterable[Expected],
    articles: Iterable[dict[str, Any]],
    ledger: Iterable[dict[str, Any]],
    before: Iterable[Expected] = (),
) -> list[Difference]:
    """Every difference, missing and surplus articles among them.

    `before` is what an earlier crawl of the same store met: what is still the same must be unchanged, without an article.
    """
    known = {one.identifier: one for one in before if one.outcome in KEPT}
    wanted = {one.identifier: _since(known.get(one.identifier), one) for one in expected}
    found = {article["identifier"]: article for article in articles}
    outcomes = {line["identifier"]: line["outcome"] for line in ledger}
    surplus = [
        Difference(key, "article", None, found[key]["url"], "") for key in found.keys() - wanted.keys()
    ]
    return [*surplus, *(d for one in wanted.values() for d in _judged(one, found, outcomes))]


def _since(before: Expected | None, now: Expected) -> Expected:
    if before is None or (before.outcome, before.article) != (now.outcome, now.article):
        return now
    return replace(now, outcome="unchanged", article=None)


def _judged(
    one: Expected, found: dict[str, dict[str, Any]], outcomes: dict[str, str]
) -> Iterator[Difference]:
    if outcomes.get(one.identifier) != one.outcome:
        yield Difference(one.identifier, "outcome", one.outcome, outcomes.get(one.identifier), one.note)
        return  # what it says is judged once it is the right thing
    wanted = one.article or {}
    article = {name: value for name, value in found.get(one.identifier, {}).items() if name not in UNJUDGED}
    for name in dict.fromkeys([*wanted, *article]):
        if _comparable(name, wanted.get(name)) != _comparable(name, article.get(name)):
            yield Difference(one.identifier, name, wanted.get(name), article.get(name), one.note)


def _comparable(name: str, value: Any) -> Any:
    # what was assumed is a set; the order in which a reader noticed it says nothing
    return sorted(value or []) if name == "assumed" else value
