"""What of a crawl's settings must not come into its log, and a log without it."""

from __future__ import annotations

import logging
import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from scrapy.settings import BaseSettings

from archive.mask import Mask, without_userinfo
from crawler.recorder import MASKED, SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAST = 6  # a shorter value would take ordinary words out of the log
USER = re.compile(r"://([^/\s@]+)@")
# as Scrapy writes its settings into the log when a crawl begins
SHOWN = re.compile(
    rf"""(['"][^'"\n]*(?:{SECRET.pattern})[^'"\n]*['"]: )(['"]).+?\2(?=[,}}])""", re.IGNORECASE
)


class DiscreetFormatter(logging.Formatter):
    """Formats log records without secrets: those of the settings and the environment, users in URLs, MASK_QUERY."""

    def __init__(self, text: str, settings: BaseSettings) -> None:
        super().__init__(text)
        self._mask = Mask(query=tuple(settings.getlist("MASK_QUERY")))
        said = {name: settings[name] for name in settings if settings.getpriority(name)}
        values = {value for value in (*secrets(said), *secrets(dict(os.environ))) if len(value) >= LEAST}
        forms = sorted(values | {repr(value)[1:-1] for value in values}, key=len, reverse=True)
        self._values = re.compile("|".join(map(re.escape, forms))) if forms else None

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's text, traceback included."""
        text = SHOWN.sub(rf"\1'{MASKED}'", super().format(record))
        if self._values:
            text = self._values.sub(MASKED, text)
        return self._mask.text(without_userinfo(text.encode("utf-8", "replace"))).data.decode()


def secrets(value: Any, name: str = "") -> Iterator[str]:
    """Yield the values under a secret's name, and users and passwords of URLs, in settings however deep.

    >>> list(secrets({"API_KEY": "abc", "FEEDS": {"ftp://me:p%20w@host/a": {"format": "json"}}}))
    ['abc', 'me:p%20w', 'p%20w', 'p w']
    """
    if isinstance(value, BaseSettings | dict):
        for key in value:
            yield from secrets(str(key))
            yield from secrets(value[key], str(key))
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from secrets(one, name)
    elif isinstance(value, str):
        if SECRET.search(name) and value:
            yield value
        for user in USER.findall(value):
            yield from (user, user.partition(":")[2], unquote(user.partition(":")[2]))
