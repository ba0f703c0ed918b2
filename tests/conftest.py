"""How often properties are tried, what `make prove` says at its end, and the one S3 server of a process."""

import signal
from collections import Counter

import pytest
from hypothesis import settings

from tests.proving import PROVING
from tests.seaweed import s3, seaweed

# here alone: each conftest or module that has the fixture would start a server of its own, and wait two seconds for it
__all__ = ["s3", "seaweed"]

settings.register_profile("test", max_examples=50, deadline=None, derandomize=True)
settings.register_profile("prove", max_examples=2000, deadline=None)
settings.load_profile("prove" if PROVING else "test")


def pytest_configure(config: pytest.Config) -> None:
    # a shell that starts the tests in the background lets them ignore Ctrl-C, and so would each command that is to be stopped by it
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line(
        "markers", "proof(claim): belongs to `make prove`, which counts its cases and repeats the claim"
    )


def pytest_make_parametrize_id(val: object) -> str | None:
    # a gzip stream tells the second in which it was made: processes that share the tests would call one by two names, and stop
    return "gzip" if isinstance(val, bytes) and val.startswith(b"\x1f\x8b") else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.user_properties += [("proof", mark.args[0]) for mark in item.iter_markers("proof")]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not PROVING:
        return
    _print_trials(terminalreporter)
    proved = Counter(
        claim
        for report in terminalreporter.getreports("passed")
        if report.when == "call"
        for name, claim in report.user_properties
        if name == "proof"
    )
    terminalreporter.section("proved")
    for claim, count in sorted(proved.items()):
        terminalreporter.write_line(f"{claim} ({count} {'test' if count == 1 else 'tests'})")


def _print_trials(terminalreporter: pytest.TerminalReporter) -> None:
    """What the fault suite put crawls through: each fault, on which store, how often, and how many exchanges were lost by it."""
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    told = [
        said
        for each in reports
        if each.when == "call"
        for name, said in each.user_properties
        if name == "trial"
    ]
    if not told:
        return
    terminalreporter.section("faults")
    row = "{:<52} {:<10} {:>7} {:>6}".format
    terminalreporter.write_line(row("fault", "store", "points", "lost"))
    for fault, store in dict.fromkeys(sorted((fault, store) for fault, store, _ in told)):
        lost = [number for *kind, number in told if kind == [fault, store]]
        terminalreporter.write_line(row(fault, store, len(lost), sum(lost)))
    terminalreporter.write_line(row("all", "", len(told), sum(lost for *_, lost in told)))
