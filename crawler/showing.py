"""What commands print: tables of plain text, JSON for programs, and a snapshot's report in words."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from archive.finding import Finding

NUMBER = (int, float)


def tabulated(lines: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Iterator[str]:
    """Yield a table of the named values, numbers to the right; nothing but its headings where there are no lines.

    >>> list(tabulated([{"site": "ria", "links": 1200}], ("site", "links")))
    ['site  links', 'ria   1 200']
    """
    rows = [[_cell(line.get(name)) for name in names] for line in lines]
    right = [bool(lines) and all(isinstance(line.get(name), NUMBER) for line in lines) for name in names]
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    for row in (names, *rows):
        cells = [cell.rjust(w) if r else cell.ljust(w) for cell, w, r in zip(row, widths, right, strict=True)]
        yield "  ".join(cells).rstrip()


def report_in_words(snapshot: str, report: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a report tells, for people: how the crawl ended, outcomes, sources, how full the fields are, findings."""
    rehearsal = ", a rehearsal" if report["rehearsal"] else ""
    yield f"{snapshot}: {report['status']} ({report['finish']}{rehearsal}), {report['seconds']:.1f} s from {report['started']}"
    yield f"{report['links']} links, {report['articles']} articles, {report['rejects']} rejects, {report['warcBytes']} WARC bytes"
    yield from _section("Outcomes", ({"outcome": k, "links": v} for k, v in report["outcomes"].items() if v))
    yield from _section("Sources", report["sources"], ("outcome", "links", "type", "source", "reason"))
    yield from _section("Fields", _shares(report))
    yield from _section("Failures", ({"failure": k, "times": v} for k, v in report["failures"].items()))
    yield from _section("Findings", report["findings"])


def _section(title: str, lines: Any, names: Sequence[str] = ()) -> Iterator[str]:
    found = list(lines)
    if found:
        yield ""
        yield title
        shown = [name for name in names or found[0] if any(name in line for line in found)]
        yield from (f"  {line}" for line in tabulated(found, shown))


def _shares(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, count in report["fields"].items():
        yield {"field": name, "articles": count, "share": f"{count / report['articles']:.0%}"}


def _cell(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}".replace(",", " ")
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def print_lines(lines: Sequence[Mapping[str, Any]], names: Sequence[str], *, as_json: bool) -> None:
    """Print lines as a table of the named values, or whole for programs."""
    if as_json:
        print_json(lines)
    else:
        print("\n".join(tabulated(lines, names)))


def print_json(documents: Iterable[Any]) -> None:
    """Print one JSON document a line."""
    for document in documents:
        print(json.dumps(document, ensure_ascii=False))


def print_findings(name: str, findings: Sequence[Finding], *, as_json: bool) -> None:
    """Print what a check found, or that it found nothing."""
    if as_json:
        found = [
            {"severity": f.severity, "place": f.place, "record": f.record, "reason": f.reason}
            for f in findings
        ]
        print_json([{"checked": name, "findings": found}])
        return
    print(f"{name}: {'ok' if not findings else f'{len(findings)} findings'}")
    for finding in findings:
        print(f"  {finding}")
