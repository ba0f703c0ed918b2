"""A crawl whose feed cannot be written says so and does not pass for a whole one; its snapshot is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.chain import history
from archive.store import open_store

from .gazeta import HOME, article, crawl, listing, rss, town

if TYPE_CHECKING:
    from pathlib import Path

DAY = {
    f"{HOME}/rss": rss((f"{HOME}/n/1", "Мост открыт")),
    f"{HOME}/news/": listing(),
    f"{HOME}/n/1": article("Мост открыт"),
}
TOLD = "1 of 1 feeds (-O, -o, FEEDS) were not written: the log says why"


def test_a_feed_that_is_not_written_is_told_by_the_exit_code(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    blocked = ("-O", "file/items.jsonl")
    with town(DAY) as played:
        live = crawl(played, tmp_path, *blocked)
        (entry,) = history(open_store(str(tmp_path / "data")), "gazeta")
        replay = ("-s", f"REPLAY={entry.snapshot}")
        again = crawl(played, tmp_path, *replay, *blocked)
        whole = crawl(played, tmp_path, *replay, "-O", "items.jsonl", "-O", "items.csv")
    assert [done.code for done in (live, again, whole)] == [74, 74, 0]
    assert [TOLD in done.err for done in (live, again, whole)] == [True, True, False]
    assert entry.summary["articles"] == 1
    assert (tmp_path / "items.jsonl").read_text("utf-8").count("\n") == 1
