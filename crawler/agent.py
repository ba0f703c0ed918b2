"""How Letopis names itself: to the sites it asks, and in what it writes."""

from __future__ import annotations

import os
import platform
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

PRODUCT = "letopis"  # the token that robots.txt files address (RFC 9309 section 2.2.1)
CONTACT = "LETOPIS_CONTACT"
PARTS = ("scrapy", "twisted", "pyopenssl", "cryptography")


@cache
def installed(name: str) -> str | None:
    """The version of a distribution, None where it is not installed; read once, for that takes a millisecond and what runs was loaded before."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def version() -> str:
    """The installed version of Letopis, "0" where it runs without being installed."""
    return installed(PRODUCT) or "0"


def software() -> str:
    """What takes part in an exchange, as `name/version` separated by blanks."""
    versions = [f"letopis/{version()}", *(f"{name}/{installed(name) or 0}" for name in PARTS)]
    return " ".join([*versions, f"Python/{platform.python_version()}"])


def contact_in(settings: BaseSettings) -> str:
    """Who answers for a crawl: the setting LETOPIS_CONTACT, else the environment's; empty where nobody is named."""
    return str(settings.get(CONTACT) or os.environ.get(CONTACT, "")).strip()


def user_agent(contact: str) -> str:
    """The User-Agent of a crawl, as RFC 9110 section 10.1.5 wants it: product, version, whom to ask.

    >>> user_agent("crawl@example.org").partition(" ")[2]
    '(+crawl@example.org)'
    """
    return f"{PRODUCT}/{version()} (+{contact})" if contact else f"{PRODUCT}/{version()}"


def identity(contact: str) -> dict[str, str]:
    """The request headers that name a contact beside User-Agent: From, where it is an e-mail address (RFC 9110 section 10.1.2).

    >>> identity("crawl@example.org"), identity("https://example.org/@bot")
    ({'From': 'crawl@example.org'}, {})
    """
    return {"From": contact} if "@" in contact and "/" not in contact else {}
