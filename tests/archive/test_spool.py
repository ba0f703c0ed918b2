from pathlib import Path

import pytest

from archive import spool
from archive.spool import Spool, merged


@pytest.mark.parametrize("lines", [0, 1, 999])
def test_lines_come_back_in_byte_order_however_few_fit_into_memory(
    lines: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "PART", 50)
    monkeypatch.setattr(spool, "FILES", 3)
    given = [f"{n * 7919 % 1000} line {n % 5}\n".encode() for n in range(lines)]
    taking = [Spool(tmp_path, name) for name in ("a", "b")]
    for number, line in enumerate(given):
        taking[number % 2].add(line)
    files = [path for one in taking for path in one.close()]
    assert len(files) > 3 or lines < 2
    assert list(merged(files)) == sorted(given)
