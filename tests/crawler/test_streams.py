"""Commands whose output nobody reads to its end."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from archive.store import open_store
from tests.tampering.paper import written

from .gazeta import ROOT


@pytest.mark.parametrize(("arguments", "code"), [(("verify", "--all"), 65), (("snapshots",), 0)])
def test_a_reader_who_has_gone_changes_no_verdict(
    arguments: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    paper = tmp_path / "paper"
    paper.mkdir()
    written(open_store(str(tmp_path / "data")), paper)
    next((tmp_path / "data").rglob("articles.jsonl.gz")).write_bytes(b"")
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "crawler.cli", *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            cwd=tmp_path,
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (code, "")
