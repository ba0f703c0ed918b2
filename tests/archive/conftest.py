"""What several tests of the archive are handed."""

from pathlib import Path

import pytest

from archive.chain import Entry, commit
from archive.objects import Store
from archive.store import open_store
from tests.archive.checked import warc
from tests.archive.crawled import sealed
from tests.archive.published import kept

__all__ = ["kept", "store", "warc"]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A directory of its own."""
    return open_store(str(tmp_path / "data"))


@pytest.fixture
def entry(store: Store, tmp_path: Path) -> Entry:
    """The entry of a snapshot that was committed to it."""
    return commit(store, sealed(store, tmp_path / "work"))
