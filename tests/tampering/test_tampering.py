"""Whatever somebody changes in a store is found, and the finding says where; a store that nobody touched gives none."""

from __future__ import annotations

import random
import shutil
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from archive.member import LIMIT
from archive.signature import PublicKey
from archive.store import open_store
from crawler.audit import Asked, Audit
from tests.proving import PROVING, some

from . import bytes_and_files, contents, histories, records
from .paper import written
from .shelf import Shelf

if TYPE_CHECKING:
    from pathlib import Path

    from archive.chain import Entry
    from archive.finding import Finding

UNREPAIRED = {**bytes_and_files.KINDS, **histories.KINDS}
REPAIRED = {**contents.KINDS, **records.KINDS}
REWRITTEN = histories.REWRITTEN
RECORDS = "-00000.warc.gz"


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Entry]]:
    folder: Path = tmp_path_factory.mktemp("paper")
    return folder, written(open_store(str(folder / "data")), folder)


@pytest.fixture
def shelf(paper: tuple[Path, list[Entry]], tmp_path: Path) -> Shelf:
    shutil.copytree(paper[0] / "data", tmp_path / "data")
    return Shelf(open_store(str(tmp_path / "data")), paper[1])


@pytest.mark.parametrize("seed", some(range(25), 1))
@pytest.mark.proof(
    "4 clean snapshots and an edition give no finding, by today's reader and by the one that was kept"
)
def test_a_history_that_nobody_touched_gives_no_finding(seed: int, tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "data"))
    entries = written(store, tmp_path, seed)
    heads = entries[3].sha256, entries[4].sha256
    key = PublicKey.read(str(tmp_path / "public.pem"))
    for recorded in (False, True) if PROVING else (False,):
        assert Audit(store, Asked(heads=heads, key=key, recorded=recorded)).findings() == []


@pytest.fixture
def head(paper: tuple[Path, list[Entry]]) -> str:
    """What somebody noted of the chain before."""
    return paper[1][3].sha256


@pytest.fixture
def key(paper: tuple[Path, list[Entry]]) -> PublicKey:
    return PublicKey.read(str(paper[0] / "public.pem"))


def found_at(place: str, findings: list[Finding]) -> list[Finding]:
    """Findings on an object: its key, or for a WARC the file's name with an offset."""
    file = place.rpartition("/")[2]
    return [
        one
        for one in findings
        if one.place.startswith(place) or (file.endswith(RECORDS) and file in one.place)
    ]


def test_there_are_at_least_forty_kinds() -> None:
    assert len(UNREPAIRED) + len(REPAIRED) + len(REWRITTEN) >= 40


@pytest.mark.parametrize("share", some(range(20), 1))
@pytest.mark.proof("one changed bit, wherever it lies in a store, is found in the object that holds it")
def test_one_changed_bit_anywhere_in_a_store_is_found(share: int, shelf: Shelf, key: PublicKey) -> None:
    chance = random.Random(share)
    asked = Asked(derive=False, heads=(shelf.entries[3].sha256, shelf.entries[4].sha256), key=key)
    # a claim only saves crawls from taking the same name; what it says is nowhere believed afterwards
    objects = [one for one in shelf.store.list("") if not one.key.startswith("claims/")]
    for one in objects if PROVING else chance.sample(objects, 20):
        shelf.flip(one.key, place := chance.randrange(one.size))
        findings = Audit(shelf.store, asked).findings()
        # the last entry of a chain is told by its digest alone
        where = "chain/" if one.key.startswith("chain/") else one.key
        assert found_at(where, findings), (one.key, place)
        shelf.flip(one.key, place)
    assert Audit(shelf.store, asked).findings() == []


@pytest.mark.parametrize("kind", some(list(UNREPAIRED), 30))
@pytest.mark.proof("each kind of tampering is found where it was done")
def test_what_was_changed_is_found_where_it_was_changed(kind: str, shelf: Shelf) -> None:
    place = UNREPAIRED[kind](shelf)
    findings = Audit(shelf.store, Asked()).findings()
    assert found_at(place, findings), findings


@pytest.mark.parametrize("kind", some(list(REPAIRED), 25))
@pytest.mark.proof(
    "each kind of tampering is found though every hash was repaired, up to the head of the chain"
)
def test_what_the_records_do_not_say_is_found_though_every_hash_was_repaired(kind: str, shelf: Shelf) -> None:
    place = REPAIRED[kind](shelf)
    shelf.forge()
    findings = Audit(shelf.store, Asked()).findings()
    assert [one for one in found_at(place, findings) if one.severity == "error"], findings


@pytest.mark.parametrize("kind", some([kind for kind in REPAIRED if "index" in kind], 4))
@pytest.mark.proof("without the derivation an index is checked but for the digests of gzip members")
def test_an_index_with_repaired_hashes_is_seen_through_without_the_derivation_but_for_members_digests(
    kind: str, shelf: Shelf
) -> None:
    place = REPAIRED[kind](shelf)
    shelf.forge()
    findings = Audit(shelf.store, Asked(derive=False)).findings()
    assert bool(found_at(place, findings)) == (kind != "an index line with another digest of its member")


@pytest.mark.parametrize("kind", some(list(REWRITTEN), 2))
@pytest.mark.proof(
    "a history that was rewritten without a trace is found by a head that somebody noted, and by the key"
)
def test_what_was_rewritten_without_a_trace_is_found_by_a_noted_head_and_by_the_key(
    kind: str, shelf: Shelf, head: str, key: PublicKey
) -> None:
    REWRITTEN[kind](shelf)
    shelf.forge()
    assert Audit(shelf.store, Asked()).findings() == []
    assert [
        one.place for one in Audit(shelf.store, Asked(heads=(head,))).findings() if head in one.reason
    ] == ["chain/"]
    unsigned = Audit(shelf.store, Asked(key=key)).findings()
    assert found_at(shelf.key("manifest.json"), unsigned), unsigned


def test_a_bomb_is_found_before_it_fills_memory(shelf: Shelf) -> None:
    records.a_bomb_for_a_record(shelf)
    tracemalloc.start()
    try:
        assert Audit(shelf.store, Asked()).findings()
        assert tracemalloc.get_traced_memory()[1] < 1.5 * LIMIT
    finally:
        tracemalloc.stop()
