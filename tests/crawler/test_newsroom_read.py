"""Every page of newsrooms that no reader was written against: each field as the newsroom wrote it."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from crawler.look import loader
from tests.newsroom.reading import article
from tests.newsroom.site import Site, sites
from tests.newsroom.verdict import differences
from tests.proving import some

DAYS = (date(2026, 1, 2), date(2026, 11, 22))


@pytest.mark.proof("every field of every page of unseen newsrooms is read as it was written")
@pytest.mark.parametrize("seed", some(range(100, 120), 2))
@pytest.mark.parametrize("site", list(sites()), ids=lambda site: site.name)
def test_every_page_is_read_as_it_was_written(site: type[Site], seed: int) -> None:
    room = site(seed, DAYS[seed % len(DAYS)])
    at = datetime.combine(room.today, time(23, 59, 59), ZoneInfo("Europe/Moscow"))
    pages = loader().load(site.name).pages
    expected = [
        one for one in room.expected() if one.article or one.outcome in ("rejected", "not-an-article")
    ]
    wrong = []
    for one in expected:
        item = article(room, pages, one, at)
        if item is None:
            continue
        if one.article:
            line = {"identifier": one.identifier, "outcome": one.outcome}
            wrong += differences([one], [item], [line])
        elif "articleBody" in item or (item and one.outcome == "not-an-article"):
            wrong.append(f"{one.identifier} {one.outcome} ({one.note}): found {str(item)[:300]}")
    assert not wrong, "\n".join(map(str, wrong))
