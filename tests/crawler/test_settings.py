"""Letopis' settings: only departures, each with its reason, and together polite."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from scrapy.settings import Settings, default_settings

import crawler.settings
from crawler.politeness import refusal

if TYPE_CHECKING:
    from types import ModuleType

SOURCE = Path(crawler.settings.__file__).read_text("utf-8")
NAMES = re.findall(r"^([A-Z][A-Z_]+) = ", SOURCE, re.MULTILINE)


def with_contact(monkeypatch: pytest.MonkeyPatch, contact: str) -> ModuleType:
    monkeypatch.setenv("LETOPIS_CONTACT", contact)
    return importlib.reload(crawler.settings)


@pytest.mark.parametrize("name", NAMES)
def test_each_line_departs_from_scrapys_default_and_says_why(name: str) -> None:
    assert getattr(crawler.settings, name) != getattr(default_settings, name, None)
    lines = SOURCE.split(f"\n{name} = ")[1].split("\n\n")[0].splitlines()
    assert any("  # " in line for line in lines[:1] + lines[-1:] + lines[1:3])


def test_no_other_word_of_the_module_becomes_a_setting() -> None:
    assert sorted(name for name in dir(crawler.settings) if name.isupper()) == sorted(NAMES)


def test_the_settings_with_a_contact_are_polite_enough_for_the_live_web(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = with_contact(monkeypatch, "crawl@example.org")
    settings = Settings()
    settings.setmodule(module)
    assert refusal(settings) is None
    assert module.USER_AGENT.startswith("letopis/")
    assert module.DEFAULT_REQUEST_HEADERS["From"] == "crawl@example.org"


def test_a_contact_that_is_a_page_is_no_from_header(monkeypatch: pytest.MonkeyPatch) -> None:
    module = with_contact(monkeypatch, "https://example.org/bot")
    assert "From" not in module.DEFAULT_REQUEST_HEADERS
    assert "(+https://example.org/bot)" in module.USER_AGENT


def test_without_a_contact_a_live_crawl_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    module = with_contact(monkeypatch, "")
    settings = Settings()
    settings.setmodule(module)
    assert "set LETOPIS_CONTACT" in (refusal(settings) or "")


def test_only_gzip_is_asked_for() -> None:
    assert crawler.settings.DEFAULT_REQUEST_HEADERS["Accept-Encoding"] == "gzip"
