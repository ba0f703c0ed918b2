"""The sites of a project, loaded file by file."""

from __future__ import annotations

import logging
import traceback
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Self

from scrapy.settings import BaseSettings
from scrapy.spiderloader import SpiderLoader

from crawler.exits import Complaint, Exit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from scrapy import Spider

logger = logging.getLogger(__name__)


class Sites(SpiderLoader):
    """Scrapy's loader, but a file that cannot be loaded is told in one line and keeps none of the others out.

    Scrapy's own, told to warn only, ends the walk at that file, and ends the command for what is neither ImportError nor SyntaxError.
    """

    left_out: Collection[str] = ()
    """The names of the files that could not be loaded."""

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Return the loader of what SPIDER_MODULES names."""
        left_out: set[str] = set()
        names = [name for root in settings.getlist("SPIDER_MODULES") for name in _loaded(root, left_out)]
        found = cls(BaseSettings({"SPIDER_MODULES": names}))
        found.left_out = left_out
        return found

    def load(self, spider_name: str) -> type[Spider]:
        """Return a site's spider; raises KeyError where there is none, Complaint where its file could not be loaded."""
        try:
            return super().load(spider_name)
        except KeyError:
            if spider_name in self.left_out:
                reason = "its file cannot be loaded; what is said above tells why, and what to write"
                raise Complaint(Exit.CONFIG, reason) from None
            raise


def _loaded(name: str, left_out: set[str]) -> Iterator[str]:
    """Yield a module and those in it, as far as they can be imported; the names of the others are put into `left_out`."""
    try:
        module = import_module(name)
    except Exception as error:  # noqa: BLE001  whatever a site's file does, the others are sites all the same
        own = f"{name.rpartition('.')[2]}.py"
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if Path(frame.filename).name == own]
        place = f"{own}, line {lines[-1]}: " if lines else ""
        left_out.add(name.rpartition(".")[2])
        _tell(f"{name} cannot be loaded, its site is left out: {place}{type(error).__name__}: {error}")
        return
    within = [each.name for each in iter_modules(getattr(module, "__path__", ()))]
    if not within:
        yield name
    for each in within:
        yield from _loaded(f"{name}.{each}", left_out)


@cache
def _tell(trouble: str) -> None:
    """Say it once in a process, however often sites are loaded."""
    logger.error("%s", " ".join(trouble.split()))
