"""What several tests of the archive are handed."""

from pathlib import Path

import pytest

from archive.objects import Store
from archive.store import open_store
from tests.archive.checked import warc
from tests.seaweed import s3, seaweed

__all__ = ["s3", "seaweed", "store", "warc"]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A directory of its own."""
    return open_store(str(tmp_path / "data"))
