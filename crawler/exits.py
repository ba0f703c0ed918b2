"""What a command's exit code tells cron: the words of sysexits.h, one meaning each."""

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of `scrapy crawl` and `letopis`; of several crawls the worst (the highest) is told."""

    OK = 0
    """Every source was read, and something was captured or is unchanged."""
    USAGE = 64
    """The command line cannot be meant: an unknown site, a day that is none."""
    DATA = 65
    """Nothing was captured, or what was read or verified is not as it should be."""
    UNAVAILABLE = 69
    """A source could not be read: the site is down, refuses, or has changed."""
    SOFTWARE = 70
    """Letopis itself broke, or a page broke its reader; the log says where. What was captured is sealed."""
    IO = 74
    """Something could not be written or read: disk full, store gone."""
    TEMPORARY = 75
    """The crawl was stopped (signal, time limit, little space) and is sealed as partial, or another one runs; the next one goes on."""
    CONFIG = 78
    """A setting is missing or not allowed; the message says what to set."""
    STOPPED = 130
    """Ctrl-C ended a command that crawls nothing; run it again."""


class Complaint(Exception):  # noqa: N818  no error of the program
    """Why a command ends early: one line for the user, and the exit code."""

    def __init__(self, code: Exit, message: str) -> None:
        super().__init__(message)
        self.code = code
