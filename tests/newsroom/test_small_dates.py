"""Dates of the small sites: in every form, without a year, and not at all."""

from __future__ import annotations

from datetime import date

import pytest

from .smollenta import Smollenta
from .sn_gazeta import SnGazeta
from .test_small_sites import SEEDS, SITES, TODAY, articles, read
from .vybor_naroda import VyborNaroda


def test_dates_come_in_every_form() -> None:
    truths = [truth for made in SITES for seed in SEEDS for _, truth, _ in articles(made(seed, TODAY))]
    published = [truth.get("datePublished", "") for truth in truths]
    endings = {value[19:] if len(value) > 10 else len(value) for value in published}
    assert endings == {0, 10, "+00:00", "+03:00"}
    assumed = {tuple(truth.get("assumed", ())) for truth in truths}
    assert {(), ("datePublished.zone",), ("datePublished.year", "datePublished.zone")} <= assumed


def test_a_page_that_shows_no_date_has_none_in_its_truth() -> None:
    undated = [
        turn
        for turn in SnGazeta(1, TODAY).turns(1)
        if turn.outcome == "article" and not turn.theme.dates(turn.leaf)
    ]
    assert len(undated) >= 3
    assert not any("datePublished" in (turn.expected().article or {}) for turn in undated)


@pytest.mark.parametrize(
    "today", [date(2026, 1, 1), date(2026, 1, 2), date(2028, 1, 31), date(2028, 2, 1)], ids=str
)
def test_the_last_day_of_december_is_of_the_year_before_the_address(today: date) -> None:
    one = next(e for e in Smollenta(1, today).expected() if "31 December" in e.note)
    assert one.article is not None
    assert one.article["datePublished"] == f"{today.year - 1}-12-31T23:50:00+03:00"
    assert f"/{today.year}/01/" in one.url
    assert one.article["assumed"] == ["datePublished.year", "datePublished.zone"]


def test_visible_dates_of_smollenta_name_no_year() -> None:
    playing = Smollenta(5, TODAY)
    for turn, _, html in articles(playing):
        day = turn.leaf.story.published
        line = f"{day:%d} {('января', 'декабря')[day.month == 12]} {day:%H:%M}"
        assert line in read(html)


def test_words_for_days_are_counted_from_the_day_that_is_played() -> None:
    seen = set()
    for seed in range(4):
        for turn, truth, html in articles(VyborNaroda(seed, TODAY)):
            if turn.leaf.look.shown == "relative":
                word = "Сегодня" if truth["datePublished"].startswith(TODAY.isoformat()) else "Вчера"
                assert f"{word}, {turn.leaf.story.published:%H:%M}" in read(html)
                assert truth["assumed"] == ["datePublished.year", "datePublished.zone"]
                seen.add(word)
    assert seen == {"Сегодня", "Вчера"}
