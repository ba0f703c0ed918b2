"""Letopis' settings: only departures, each with its reason, and together polite."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from scrapy.settings import Settings, default_settings

import crawler.settings
from crawler.addon import LetopisAddon
from crawler.politeness import refusal

SOURCE = Path(crawler.settings.__file__).read_text("utf-8")
NAMES = re.findall(r"^([A-Z][A-Z_]+) = ", SOURCE, re.MULTILINE)


def settings_of(**told: str) -> Settings:
    """Scrapy's settings as a crawl has them: the module's, then the command line's, then what the addon adds."""
    settings = Settings()
    settings.setmodule(crawler.settings)
    settings.setdict(told, priority="cmdline")
    LetopisAddon().update_settings(settings)
    return settings


@pytest.fixture(autouse=True)
def _nobody_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LETOPIS_CONTACT", raising=False)


@pytest.mark.parametrize("name", NAMES)
def test_each_line_departs_from_scrapys_default_and_says_why(name: str) -> None:
    assert getattr(crawler.settings, name) != getattr(default_settings, name, None)
    lines = SOURCE.split(f"\n{name} = ")[1].split("\n\n")[0].splitlines()
    assert any("  # " in line for line in lines[:1] + lines[-1:] + lines[1:3])


def test_no_other_word_of_the_module_becomes_a_setting() -> None:
    assert sorted(name for name in dir(crawler.settings) if name.isupper()) == sorted(NAMES)


@pytest.mark.parametrize("said", ["environment", "setting"])
def test_the_settings_with_a_contact_are_polite_enough_for_the_live_web(
    monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    if said == "environment":
        monkeypatch.setenv("LETOPIS_CONTACT", "crawl@example.org")
    settings = settings_of(**({"LETOPIS_CONTACT": "crawl@example.org"} if said == "setting" else {}))
    assert refusal(settings) is None
    assert re.fullmatch(r"letopis/\S+ \(\+crawl@example\.org\)", settings["USER_AGENT"])
    assert settings.getdict("DEFAULT_REQUEST_HEADERS")["From"] == "crawl@example.org"


def test_they_are_polite_enough_before_the_addon_has_named_the_contact() -> None:
    settings = Settings({"LETOPIS_CONTACT": "crawl@example.org"})
    settings.setmodule(crawler.settings)
    assert refusal(settings) is None


def test_a_contact_that_is_a_page_is_no_from_header() -> None:
    settings = settings_of(LETOPIS_CONTACT="https://example.org/bot")
    assert "From" not in settings.getdict("DEFAULT_REQUEST_HEADERS")
    assert "(+https://example.org/bot)" in settings["USER_AGENT"]


def test_without_a_contact_a_live_crawl_is_refused() -> None:
    assert "set LETOPIS_CONTACT" in (refusal(settings_of()) or "")


def test_only_gzip_is_asked_for() -> None:
    assert settings_of().getdict("DEFAULT_REQUEST_HEADERS")["Accept-Encoding"] == "gzip"
