"""The index of a snapshot beside the one that its records give: two sorted streams of lines, compared as they pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive import cdxj
from archive.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PLACE = "index.cdx.gz"
MOST = 1000
"""Differences that are held, to be told line by line."""


def compared(kept: Iterable[bytes], given: Iterable[bytes], place: str = PLACE) -> Iterator[Finding]:
    """What is wrong with the lines that are kept, given those that the records give in byte order.

    `place` names the index. Memory holds the lines that differ, and of many the first.
    """
    alone: list[bytes] = []
    missing: list[bytes] = []
    for mine, theirs in _pairs(_ordered(kept, place, faults := list[Finding]()), given):
        if len(alone) + len(missing) == MOST:
            faults.append(_error(place, f"more than {MOST} lines differ from those that the records give"))
            break
        if mine is None:
            missing.append(theirs or b"")
        else:
            alone.append(mine)
    yield from faults
    yield from _told(alone, missing, place)


def _pairs(kept: Iterable[bytes], given: Iterable[bytes]) -> Iterator[tuple[bytes | None, bytes | None]]:
    """Each line that only one side has, where both are sorted; equal lines leave nothing."""
    mine, theirs = iter(kept), iter(given)
    left, right = next(mine, None), next(theirs, None)
    while left is not None or right is not None:
        if left == right:
            left, right = next(mine, None), next(theirs, None)
        elif right is None or (left is not None and left < right):
            yield left, None
            left = next(mine, None)
        else:
            yield None, right
            right = next(theirs, None)


def _ordered(lines: Iterable[bytes], place: str, faults: list[Finding]) -> Iterator[bytes]:
    """The lines, each once, and once a finding if they are not in order."""
    before, told = b"", False
    for number, line in enumerate(lines, 1):
        if line == before:
            faults.append(_error(_place(line) or place, "the index names this record twice"))
            continue
        if line < before and not told:
            told = True
            faults.append(
                _error(f"{place}, line {number}", "the lines are not in byte order: some cannot be found")
            )
        before = line
        yield line


def _told(alone: list[bytes], missing: list[bytes], place: str) -> Iterator[Finding]:
    """Lines of one record beside each other, whatever place in the order they have."""
    by_place: dict[tuple[str, str], bytes] = {}
    for text in alone:
        try:
            line = cdxj.parse_line(text)
        except ValueError as error:
            yield _error(place, str(error))
            continue
        where = line.fields.get("filename", ""), line.fields.get("offset", "")
        if where in by_place:
            yield _error("@".join(where), "the index names this record twice")
        by_place[where] = text
    for text in missing:
        line = cdxj.parse_line(text)
        found = by_place.pop((line.fields["filename"], line.fields["offset"]), None)
        if found != text:  # else it only stands out of order, which was told
            yield _differing(found, line)
    for file, offset in by_place:
        yield _error(f"{file}@{offset}", "the index names a record that does not lie here")


def _differing(found: bytes | None, expected: cdxj.Line) -> Finding:
    address = cdxj.address_of(expected)
    if found is None:
        reason = "the index does not name this record"
    else:
        reason = f"the index line disagrees: {_difference(cdxj.parse_line(found), expected)}"
    place = f"{address.file}@{address.offset}+{address.length}"
    return Finding("error", place, expected.fields.get("recordId"), reason)


def _place(text: bytes) -> str | None:
    try:
        fields = cdxj.parse_line(text).fields
    except ValueError:
        return None
    return f"{fields.get('filename')}@{fields.get('offset')}"


def _difference(found: cdxj.Line, expected: cdxj.Line) -> str:
    names = [
        name
        for name in {**expected.fields, **found.fields}
        if found.fields.get(name) != expected.fields.get(name)
    ]
    if (found.key, found.timestamp) != (expected.key, expected.timestamp):
        names.insert(0, "key or time")
    return ", ".join(names) or "its form"


def _error(place: str, reason: str) -> Finding:
    return Finding("error", place, None, reason)
