"""A live crawl begins only if somebody answers for it and it is slow enough; a rehearsal always."""

from __future__ import annotations

from typing import Any

import pytest
from scrapy.settings import Settings

from crawler.politeness import refusal

POLITE: dict[str, Any] = {
    "LETOPIS_CONTACT": "crawl@example.org",
    "USER_AGENT": "letopis/1 (+crawl@example.org)",
    "ROBOTSTXT_OBEY": True,
    "DOWNLOAD_DELAY": 2.5,
    "DOWNLOAD_DELAY_JITTER": 0.2,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
}


def said(*urls: str, **changed: Any) -> str | None:
    return refusal(Settings(POLITE | changed), urls)


@pytest.fixture(autouse=True)
def _nobody_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LETOPIS_CONTACT", raising=False)


def test_polite_settings_are_not_refused() -> None:
    assert said("https://example.org/feed?a=b@c") is None


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"LETOPIS_CONTACT": " "}, "set LETOPIS_CONTACT to an e-mail address or URL"),
        ({"LETOPIS_CONTACT": "x"}, "nobody can be reached there"),
        ({"LETOPIS_CONTACT": "https://"}, "nobody can be reached there"),
        ({"USER_AGENT": "Mozilla/5.0"}, "USER_AGENT must name your LETOPIS_CONTACT"),
        ({"USER_AGENT": None}, "USER_AGENT must name your LETOPIS_CONTACT"),
        ({"ROBOTSTXT_OBEY": False}, "set ROBOTSTXT_OBEY to True"),
        ({"DOWNLOAD_DELAY": 1}, "DOWNLOAD_DELAY waits as little as 0.8 s"),
        ({"DOWNLOAD_DELAY": 2, "DOWNLOAD_DELAY_JITTER": 0.5}, "DOWNLOAD_DELAY waits as little as 1 s"),
        ({"CONCURRENT_REQUESTS_PER_DOMAIN": 8}, "CONCURRENT_REQUESTS_PER_DOMAIN allows 8 requests"),
        ({"CONCURRENT_REQUESTS_PER_DOMAIN": 0}, "allows any number of requests"),
        ({"WARC_FSYNC": "never"}, 'WARC_FSYNC is "never": it is one of exchange, segment'),
        ({"WARC_SIZE": 0}, "WARC_SIZE"),
        ({"DISK_FLOOR": "abc"}, "DISK_FLOOR is 'abc': it is a whole number, 0 or more"),
        ({"LOOK_BACK": "-1"}, "LOOK_BACK is '-1': it is a whole number, 0 or more"),
        ({"DOWNLOAD_SLOTS": {"a.test": {"delay": 1}}}, 'DOWNLOAD_SLOTS["a.test"] waits as little as 0.8 s'),
        ({"DOWNLOAD_SLOTS": {"a.test": {"concurrency": 2}}}, 'DOWNLOAD_SLOTS["a.test"] allows 2 requests'),
    ],
)
def test_what_is_impolite_is_named_with_its_remedy(changed: dict[str, Any], words: str) -> None:
    assert words in (said(**changed) or "")


def test_a_user_agent_that_nobody_sets_will_name_the_contact() -> None:
    settings = Settings({name: value for name, value in POLITE.items() if name != "USER_AGENT"})
    assert refusal(settings) is None


def test_every_complaint_is_made_at_once() -> None:
    complaint = said(LETOPIS_CONTACT="", DOWNLOAD_DELAY=0, ROBOTSTXT_OBEY=False) or ""
    assert complaint.count(";") == 2


def test_the_contact_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LETOPIS_CONTACT", "crawl@example.org")
    assert said(LETOPIS_CONTACT=None) is None


def test_a_rehearsal_may_be_fast_and_anonymous() -> None:
    hasty = {"LETOPIS_CONTACT": "", "DOWNLOAD_DELAY": 0, "CONCURRENT_REQUESTS_PER_DOMAIN": 8}
    assert said(**hasty, CONNECT_TO={"*": "127.0.0.1:40123"}) is None


def test_a_rehearsal_that_leaves_this_machine_is_refused() -> None:
    assert "loopback only" in (said(CONNECT_TO={"*": "192.0.2.1:80"}) or "")


@pytest.mark.parametrize("route", [{}, {"*": "127.0.0.1:40123"}])
def test_a_url_with_a_password_is_refused_and_the_password_not_repeated(route: dict[str, str]) -> None:
    complaint = said("https://me:geheim@example.org/feed", CONNECT_TO=route) or ""
    assert "the URL of example.org carries a user or password" in complaint
    assert "geheim" not in complaint
