"""An edition of a snapshot that was adopted from a machine that is lost: made, verified and brought like any other."""

import shutil
from pathlib import Path

import pytest

from archive.chain import history, manifest
from archive.edition import Source, commit
from archive.get import get
from archive.history import verify_chain
from archive.reading import lines
from archive.store import open_store
from archive.verify import verify_files
from tests.archive.crawled import FACTS, derive
from tests.archive.rivals import SENT, adopted, lost

OTHER = "8" * 64


@pytest.mark.parametrize("kind", ["directory", "s3"])
def test_an_adopted_snapshot_is_read_again_verified_and_brought(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    uri = request.getfixturevalue("s3").store() if kind == "s3" else str(tmp_path / "data")
    store = open_store(uri)
    work = lost(store, tmp_path / "first")
    shutil.rmtree(tmp_path / "first")
    (told,) = adopted(store, tmp_path / "second")
    assert told.finished
    source, again = Source.of(store, work.id), tmp_path / "again"
    again.mkdir()
    entry = commit(source, again, source.read(again, derive), {**FACTS, "reader": OTHER})
    assert [(one.kind, one.edition) for one in history(store, "chronik")] == [
        ("snapshot", None),
        ("edition", 1),
    ]
    assert get(store, tmp_path / "copy", what="all").lacking == ()
    for where in (store, open_store(str(tmp_path / "copy"))):
        assert manifest(where, work.id, 1)["reader"] == OTHER
        assert len(list(lines(where, entry.snapshot))) == SENT
        assert list(verify_chain(where, "chronik")) == []
        assert [found for number in (0, 1) for found in verify_files(where, work.id, number)] == []
