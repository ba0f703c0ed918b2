"""How each command of `letopis` states its name, its options and the function that runs it."""

import argparse
import re
import sys
from typing import Any, NoReturn

from crawler.exits import Exit

SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


class Parser(argparse.ArgumentParser):
    """argparse's, with the exit code that a command line which cannot be meant has here."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and how the command is used, then exit."""
        self.print_usage(sys.stderr)
        self.exit(int(Exit.USAGE), f"{self.prog}: {message}\n")


def command(commands: Any, run: Any, *, store: bool = True, as_json: bool = True) -> argparse.ArgumentParser:
    """Return the parser of a new command, named and described as the function that runs it."""
    about = run.__doc__.rstrip(".")
    parser: argparse.ArgumentParser = commands.add_parser(run.__name__, help=about, description=f"{about}.")
    parser.set_defaults(run=run)
    if store:
        parser.add_argument(
            "--store", default="./data", help="a directory, s3://bucket/prefix or https://... (%(default)s)"
        )
    if as_json:
        parser.add_argument("--json", action="store_true", help="for programs: JSON, one document a line")
    return parser


def positive(text: str) -> int:
    """Return a number that is at least 1; raises argparse.ArgumentTypeError."""
    return _at_least(1, text)


def natural(text: str) -> int:
    """Return a number that is at least 0; raises argparse.ArgumentTypeError."""
    return _at_least(0, text)


def _at_least(least: int, text: str) -> int:
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} on")
    return int(text)


def setting(text: str) -> str:
    """Return NAME=VALUE as it is; raises argparse.ArgumentTypeError for what names no value.

    >>> setting("DISK_FLOOR=0")
    'DISK_FLOOR=0'
    """
    if not re.match(r"\w+=", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no setting; write NAME=VALUE")
    return text


def duration(text: str) -> int:
    """Return seconds; raises argparse.ArgumentTypeError for what is no time or none at all.

    >>> duration("90"), duration("110m"), duration("2h")
    (90, 6600, 7200)
    """
    match = re.fullmatch(r"(\d+)([smh]?)", text)
    if not match or not int(match[1]):
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write 90s, 110m or 2h")
    return int(match[1]) * SECONDS[match[2]]
