"""Files and folders that others left anywhere in a store: no command trips over them, verification tells of those that could be meant."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from archive.known import gather
from archive.lease import every, leased
from archive.local import Directory
from archive.snapshot import claim
from archive.store import open_store
from crawler.cli import main
from crawler.continuing import continued
from crawler.look import loader, project
from crawler.recovery import recovered
from tests.tampering.paper import written

if TYPE_CHECKING:
    from archive.chain import Entry
    from archive.objects import Store
    from tests.seaweed import Server

NAMES = (
    ".DS_Store",
    "README",
    "Thumbs.db",
    "00000001.json.bak",
    "copy of manifest (1).json",
    "Ärger\n",
    "0",
    "x/00000001.json",
)
"""Some of them in each folder, all of them where entries and leases lie; none holds anything, nor does a folder that is marked by a key ending in a slash."""


class Kept:
    """A store with a history, and the hand of a stranger in it."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder = store, folder
        self.entries: list[Entry] = written(store, folder)
        work = claim(store, folder / "work", "ria", "main", datetime.now(UTC))
        with leased(store, work):
            pass

    def plant(self) -> None:
        """Put strangers' files into every folder."""
        keys = [stored.key for stored in self.store.list()]
        folders = {str(folder) + "/" for key in keys for folder in list(Path(key).parents)[:-1]} | {""}
        assert len(folders) > 20
        for number, folder in enumerate(sorted(folders)):
            for name in NAMES if "series=" in folder else NAMES[number % len(NAMES) :][:2]:
                self._put(f"{folder}{name}")
            self._put(f"{folder}empty/")

    def _put(self, key: str) -> None:
        if isinstance(self.store, Directory):
            path = self.store.root / key
            (path if key.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
            if not key.endswith("/"):
                path.touch()
        else:
            bucket, _, prefix = self.store.uri.removeprefix("s3://").partition("/")
            boto3.client("s3").put_object(Bucket=bucket, Key=f"{prefix}/{key}")


@pytest.fixture(params=["directory", "s3"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    if request.param == "directory":
        return Kept(open_store(str(tmp_path / "data")), tmp_path)
    server: Server = request.getfixturevalue("s3")
    return Kept(open_store(server.store()), tmp_path)


def told(capsys: pytest.CaptureFixture[str], store: Store, *arguments: str) -> tuple[Any, str]:
    """Exit code and output of a command; whatever is no exit is what must not happen."""
    with pytest.raises(SystemExit) as end:
        main([*arguments, "--store", store.uri])
    said = capsys.readouterr()
    assert said.err.count("\n") <= 1, said.err
    return end.value.code, said.out


def test_what_strangers_leave_in_a_store_stops_nothing(
    kept: Kept, capsys: pytest.CaptureFixture[str]
) -> None:
    store, folder, name = kept.store, kept.folder, kept.entries[0].snapshot
    commands = (
        ("snapshots", "--json"), ("show", name), ("trace", "ria:10000001"), ("trace", "ria:10000001", "--open", str(folder / "page")),
    )  # fmt: skip
    before = [told(capsys, store, *command) for command in commands]
    assert {code for code, _ in before} == {0}
    kept.plant()
    assert [told(capsys, store, *command) for command in commands] == before
    code, said = told(capsys, store, "verify", "--all", "--jobs", "1")
    assert code == 65, "a chain is no place for other files"
    assert "chain/site=ria/series=main/README: this is no place of an entry" in said
    assert re.search(rf"snapshot={name}/\S+: the manifest does not name this object", said)
    assert told(capsys, store, "get", str(folder / "home"), "--what", "all")[0] == 0
    assert told(capsys, open_store(str(folder / "home")), "verify", "--all", "--jobs", "1")[0] == 0
    assert told(capsys, store, "recover", "--work", str(folder / "elsewhere"))[0] == 0

    begin(kept)


def begin(kept: Kept) -> None:
    """All that a crawl asks of its store before it fetches anything."""
    store, settings, site = kept.store, project(), loader().load("ria")
    settings.set("WORK", str(kept.folder / "elsewhere"))
    assert all(found.finished for found in recovered(store, settings, loader(), "ria"))
    work = claim(store, kept.folder / "elsewhere", "ria", "main", datetime.now(UTC))
    with leased(store, work):
        assert work.id in [held.snapshot for held in every(store)]
        assert gather(store, work, 3, rehearsal=False) == []
        continued(store, "ria", "main", getattr(site, "pages", ()), rehearsal=False)
