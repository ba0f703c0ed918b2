"""The shape of JSON that others wrote: whether all is there that is read of it, and is what it is read as.

Whether it is right as well, its schema tells, and verification. This much is looked at wherever a document is read, so that one that is
damaged is told as that and breaks nothing.
"""

from collections.abc import Callable, Mapping
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Any

Test = Callable[[Any], bool]
"""Whether a value, or MISSING, can be meant."""
MISSING = object()
LARGEST = 2**63 - 1
"""No size and no offset is larger, nor could a database keep it."""


def misfit(said: Any, tests: Mapping[str, Test]) -> str | None:
    """The first name whose value cannot be meant; None where all can.

    >>> misfit({"size": 1}, {"size": number, "path": text}), misfit({"size": 1}, {"size": number})
    ('path', None)
    """
    if not isinstance(said, dict):
        return next(iter(tests))
    for name, test in tests.items():
        if not test(said.get(name, MISSING)):
            return name
    return None


def text(value: Any) -> bool:
    """A text."""
    return isinstance(value, str)


def number(value: Any) -> bool:
    """A count, a size or an offset."""
    return type(value) is int and 0 <= value <= LARGEST


def truth(value: Any) -> bool:
    """True or false."""
    return isinstance(value, bool)


def table(value: Any) -> bool:
    """An object of whatever content."""
    return isinstance(value, dict)


def instant(value: Any) -> bool:
    """An instant with its offset, which stays one whatever the zone in which it is told."""
    try:
        found = datetime.fromisoformat(value)
    except (ValueError, TypeError):
        return False
    return found.tzinfo is not None and MINYEAR < found.year < MAXYEAR


def nullable(test: Test) -> Test:
    """What must be there, and may be null."""
    return lambda value: value is None or test(value)


def maybe(test: Test) -> Test:
    """What may be missing, or null."""
    return lambda value: value is MISSING or value is None or test(value)


def many(test: Test) -> Test:
    """A list of such values."""
    return lambda value: isinstance(value, list) and all(map(test, value))


def named(test: Test) -> Test:
    """An object whose values are such."""
    return lambda value: isinstance(value, dict) and all(map(test, value.values()))


def having(**tests: Test) -> Test:
    """An object of which these members are read."""
    return lambda value: isinstance(value, dict) and misfit(value, tests) is None


address = having(file=text, offset=number, length=lambda value: number(value) and value > 0)
"""Where a record lies."""
