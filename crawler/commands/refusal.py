"""Why a command does not begin, and what its archive lacks: told in one line each, however quiet the log is."""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crawler import replay
from crawler.exits import Exit
from crawler.held import complaint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.commands import ScrapyCommand


def refused(command: ScrapyCommand, *sites: str | None) -> bool:
    """Tell what keeps a command from beginning: a REPLAY that cannot answer, a site that is not known; False where nothing does."""
    if said := complaint(command.settings):
        refuse(command, Exit.CONFIG, said)
        return True
    named = [site for site in sites if site]
    if named and command.crawler_process:
        known = sorted(command.crawler_process.spider_loader.list())
        if unknown := [site for site in named if site not in known]:
            refuse(command, Exit.USAGE, f"there is no site {unknown[0]}; there are {', '.join(known)}")
            return True
    return False


def refuse(command: ScrapyCommand, code: Exit, said: str) -> None:
    """Say why a command ends, and set its exit code."""
    sys.stderr.write(f"scrapy {_name(command)}: {said}\n")
    command.exitcode = code


@contextmanager
def aloud(command: ScrapyCommand) -> Iterator[None]:
    """Say what the archive does not hold also where the log is off (`--nolog`)."""
    told = logging.StreamHandler()
    told.setLevel(logging.WARNING)
    told.setFormatter(logging.Formatter(f"scrapy {_name(command)}: %(message)s"))
    replay.logger.addHandler(told)
    try:
        yield
    finally:
        replay.logger.removeHandler(told)


def _name(command: ScrapyCommand) -> str:
    return type(command).__module__.rpartition(".")[2]
