import logging
from contextlib import suppress
from pathlib import Path

import pytest

from crawler.logfile import LogFile


def test_a_log_that_cannot_be_written_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    handler = LogFile("/dev/full", encoding="utf-8")
    for number in range(3):
        handler.handle(logging.makeLogRecord({"msg": f"line {number}"}))
    with suppress(OSError):
        handler.close()
    assert capsys.readouterr().err == (
        "/dev/full cannot be written: No space left on device; the crawl goes on\n"
    )


def test_a_line_that_cannot_be_formatted_is_still_told_as_what_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = LogFile(tmp_path / "crawl.log", encoding="utf-8")
    handler.handle(logging.makeLogRecord({"msg": "%d", "args": ("none",)}))
    handler.close()
    assert "TypeError" in capsys.readouterr().err
