import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from scrapy.settings import Settings

from crawler.article import ArticlePage
from crawler.declared import DeclarationError, check
from crawler.loading import Sites

GOOD = """
from crawler.article import ArticlePage
from crawler.spider import NewsSpider


class GazetaPage(ArticlePage):
    site = "{name}"
    urls = r"https://gazeta/(?P<{group}>\\d+)"


class GazetaSpider(NewsSpider):
    name = "{name}"
    pages = (GazetaPage,)
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of site files, a good one before and after whatever a test puts between them."""
    folder = tmp_path / f"sites_{tmp_path.name}"
    folder.mkdir()
    for file in ("__init__", "afirst", "zlast"):
        text = "" if file == "__init__" else GOOD.format(name=file, group="id")
        (folder / f"{file}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.startswith(folder.name)]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nothing", "middle.py, line 1: NameError: name 'nothing' is not defined"),
        ("import nowhere_at_all", "middle.py, line 1: ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("def broken(:", "SyntaxError: invalid syntax (middle.py, line 1)"),
        (
            GOOD.format(name="middle", group="nr"),
            "middle.py, line 11: DeclarationError: site middle, GazetaPage: identity '{id}' asks for a group {id}, and urls has {nr}: write (?P<id>...) in urls, or set identity",
        ),
    ],
)
def test_a_file_that_cannot_be_loaded_is_told_in_one_line_and_keeps_no_other_out(
    package: Path, caplog: pytest.LogCaptureFixture, text: str, said: str
) -> None:
    (package / "middle.py").write_text(text, encoding="utf-8")
    with caplog.at_level(logging.ERROR):
        found = [Sites.from_settings(Settings({"SPIDER_MODULES": [package.name]})) for _ in range(2)]
    assert [loader.list() for loader in found] == [["afirst", "zlast"]] * 2
    assert caplog.messages == [f"{package.name}.middle cannot be loaded, its site is left out: {said}"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"urls": r"https://gazeta/(?P<nr>\d+)"}, "asks for a group {id}, and urls has {nr}"),
        ({"urls": r"https://gazeta/\d+"}, "and urls has no named group"),
        ({"urls": r"https://gazeta/(?P<id>\d+)", "identity": "{y}/{id}"}, "asks for a group {y}"),
        ({"urls": r"https://gazeta/(?P<id>\d+)", "identity": "{}"}, "asks for a group {}"),
        ({"urls": r"https://gazeta/(?P<id>\d+)", "identity": "article"}, "all its articles would be one"),
        ({"urls": r"https://gazeta/(?P<id>\d+", "identity": "{id}"}, "urls is no regular expression"),
        ({"urls": r"https://gazeta/(?P<id>\d+)", "identity": "{id"}, "identity no format"),
        ({"urls": r"https://gazeta/(?P<id>\d+)", "site": "gazette"}, "write the same for both"),
    ],
)
def test_a_page_that_could_name_no_article_is_refused_by_site_and_class(
    words: dict[str, str], said: str
) -> None:
    page = type("GazetaPage", (ArticlePage,), {"site": "gazeta", **words})
    with pytest.raises(DeclarationError, match=r"^site gazeta, GazetaPage: ") as refused:
        check("gazeta", page)
    assert said in str(refused.value)


def test_the_sites_of_this_project_are_all_loaded() -> None:
    files = Path(__file__).parents[2].glob("crawler/spiders/[a-z]*.py")
    assert Sites.from_settings(Settings({"SPIDER_MODULES": ["crawler.spiders"]})).list() == sorted(
        file.stem for file in files
    )
