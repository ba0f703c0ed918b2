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

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)


class Sites(SpiderLoader):
    """Scrapy's loader, but a file that cannot be loaded is told in one line and keeps none of the others out.

    Scrapy's own, told to warn only, ends the walk at that file, and ends the command for what is neither ImportError nor SyntaxError.
    """

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Return the loader of what SPIDER_MODULES names."""
        names = [name for root in settings.getlist("SPIDER_MODULES") for name in _loaded(root)]
        return cls(BaseSettings({"SPIDER_MODULES": names}))


def _loaded(name: str) -> Iterator[str]:
    """Yield a module and those in it, as far as they can be imported."""
    try:
        module = import_module(name)
    except Exception as error:  # noqa: BLE001  whatever a site's file does, the others are sites all the same
        own = f"{name.rpartition('.')[2]}.py"
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if Path(frame.filename).name == own]
        place = f"{own}, line {lines[-1]}: " if lines else ""
        _tell(f"{name} cannot be loaded, its site is left out: {place}{type(error).__name__}: {error}")
        return
    within = [each.name for each in iter_modules(getattr(module, "__path__", ()))]
    if not within:
        yield name
    for each in within:
        yield from _loaded(f"{name}.{each}")


@cache
def _tell(trouble: str) -> None:
    """Say it once in a process, however often sites are loaded."""
    logger.error("%s", " ".join(trouble.split()))
