"""What became of every link: the outcomes there are, and what a reader says of a record."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from archive.original import Original
from archive.record import Address


class Outcome(StrEnum):
    """The one end that each link of a crawl has come to, in the order in which they count where several things happened to it."""

    ARTICLE = "article"
    """Read and valid."""
    UNRECOGNISED = "unrecognised"
    """Read by the generic reader because no page of the site fits: kept, and said."""
    DUPLICATE = "duplicate"
    """An article that is kept already, from another link or edition."""
    UNCHANGED = "unchanged"
    """The server or the payload says that nothing has changed since an earlier snapshot."""
    REJECTED = "rejected"
    """Read, but refused by the schema: kept in rejects.jsonl.gz."""
    NOT_AN_ARTICLE = "not-an-article"
    """The page, or its URL alone, is none of an article."""
    HTTP_ERROR = "http-error"
    """The server's last answer was an error."""
    ROBOTS = "robots"
    """robots.txt says no."""
    FAILED = "failed"
    """No answer that could be used."""
    TOO_OLD = "too-old"
    """Announced with a date before the crawl's window."""
    TOO_NEW = "too-new"
    """Announced with a date after the crawl's window."""
    OVER_LIMIT = "over-limit"
    """Beyond the number of articles that the crawl was told to fetch."""
    HELD = "held"
    """Not fetched again: the snapshot that this one continues holds its answer."""
    NOT_FETCHED = "not-fetched"
    """To be fetched, but the crawl ended before."""


KEPT = frozenset({Outcome.ARTICLE, Outcome.UNRECOGNISED})
"""Outcomes whose article stands in articles.jsonl.gz."""


class DerivedError(ValueError):
    """The reading code handed over what must not be written; the message names the record."""


@dataclass(frozen=True, slots=True)
class Derived:
    """One thing that the reading code says of a record, see Outcome for what an `article` or a `reject` must come with.

    `link` is the identifier of the link it answers; `rank` orders editions of one article (0 is the site's first page);
    `agreement` is the share, 0 to 1, of a text that a feed carried which the article holds too; `original` is the record
    that an unchanged page is known from.
    """

    link: str | None
    outcome: Outcome
    address: Address | None
    record_id: str | None
    article: dict[str, Any] | None = None
    reject: dict[str, Any] | None = None
    reason: str | None = None
    rank: int = 0
    agreement: float | None = None
    original: Original | None = None

    def check(self) -> None:
        """Raise DerivedError for an article without name or provenance, or an outcome without what belongs to it."""
        where = f"{self.record_id or 'no record'}, link {self.link}"
        if (self.outcome in KEPT) != (self.article is not None):
            raise DerivedError(
                f"{where}: outcome {self.outcome} {'without' if self.article is None else 'with'} an article"
            )
        if (self.outcome is Outcome.REJECTED) != (self.reject is not None):
            raise DerivedError(
                f"{where}: outcome {self.outcome} {'without' if self.reject is None else 'with'} a reject"
            )
        if self.original and self.outcome is not Outcome.UNCHANGED:
            raise DerivedError(f"{where}: outcome {self.outcome} with the original of an unchanged page")
        if self.article is not None and not (self.article.get("identifier") and self.article.get("capture")):
            raise DerivedError(f"{where}: an article needs its identifier and its capture")
        if (self.article or self.reject) and self.address is None:
            raise DerivedError(f"{where}: an article or a reject needs the address of its record")
