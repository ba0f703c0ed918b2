import multiprocessing

from archive.chain import Entry
from archive.history import History
from archive.objects import Store
from archive.verify import Snapshot
from archive.workers import Workers


def test_what_processes_died_of_is_looked_at_here(store: Store, entry: Entry) -> None:
    history, heard = History.of(store), list[int]()
    with Workers(store, 2, heard.append) as workers:
        before = Snapshot(store, entry.snapshot, history=history, workers=workers)
        for process in multiprocessing.active_children():
            process.kill()
        assert list(before.findings()) == []
        after = Snapshot(store, entry.snapshot, history=history, workers=workers)
        assert list(after.findings()) == []
    assert heard
