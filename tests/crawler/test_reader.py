from __future__ import annotations

import ast
import hashlib
import importlib
import json
import sys
import zipfile
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crawler import retell
from crawler.cli import site_names
from crawler.look import loader
from crawler.reader import Reader, identity_of, reader
from tests.proving import some

from .fetched import fetched
from .gazeta import SITE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType

ROOT = Path(__file__).parent.parent.parent
SITES = site_names()
BY_NAME = "crawler/belief.py"  # its functions are asked for by getattr: the whole module is reached
Load = Callable[[str], Any]
Defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Import a site's source as `readersite` and give its spider class."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def load(text: str) -> Any:
        (tmp_path / "readersite.py").write_text(text, encoding="utf-8")
        for name in ("readersite", "readersite_pages"):
            sys.modules.pop(name, None)
        importlib.invalidate_caches()
        return importlib.import_module("readersite").GazetaSpider

    yield load
    for name in ("readersite", "readersite_pages"):
        sys.modules.pop(name, None)


@cache
def site(name: str) -> Any:
    return loader().load(name)


def module_of(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def defined(tree: ast.AST, inside: str = "") -> Iterator[tuple[str, Defined]]:
    """The functions and classes of a tree by their dotted names, methods too."""
    for node in getattr(tree, "body", ()):
        if isinstance(node, Defined):
            yield inside + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from defined(node, f"{inside}{node.name}.")


def functions(path: str) -> dict[str, Defined]:
    return dict(defined(ast.parse((ROOT / path).read_text("utf-8"))))


def reached(found: Reader) -> dict[str, set[str]]:
    """The functions and classes that a reader holds, by path."""
    return {
        path: {name for name, _ in defined(ast.parse(data))}
        for path, data in found.sources.items()
        if path.endswith(".py") and path != "__main__.py"
    }


def mutated(path: str, name: str, statement: str = "mutated = 1") -> dict[str, str]:
    """A module's source with a statement more at the end of one function or class."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    dict(defined(tree))[name].body += ast.parse(statement).body
    return {module_of(path): ast.unparse(tree)}


def test_a_reader_holds_the_pages_and_everything_they_lean_on(load: Load) -> None:
    found = reader(load(SITE))
    assert {
        "readersite.py",
        "crawler/page.py",
        "crawler/article.py",
        "crawler/capture.py",
        "crawler/derive.py",
    } <= set(found.sources)
    assert {"schemas/article/0.1.0.json", "archive/message.py"} <= set(found.sources)


def test_a_reader_holds_nothing_of_the_crawl(load: Load) -> None:
    found = reader(load(SITE))
    crawling = {"spider", "sources", "gather", "wire", "reader", "reach", "robots", "cli", "parallel"}
    assert {f"crawler/{name}.py" for name in crawling} & set(found.sources) == set()
    assert "GazetaSpider" not in found.sources["readersite.py"].decode()


def test_versions_of_what_reading_uses_are_part_of_it(load: Load) -> None:
    versions = json.loads(reader(load(SITE)).sources["versions.json"])
    assert {"python", "libxml2", "lxml", "trafilatura", "jsonschema"} <= set(versions)
    assert {"scrapy", "boto3", "fastwarc"} & set(versions) == set()


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ('mark = "h1"', 'mark = "h2"', False),
        ("(GazetaPage, GazetaAmpPage)", "(GazetaAmpPage, GazetaPage)", False),
        ("/news/", "/all/", True),
        ('Sitemap("http://gazeta.example/sitemap.xml", optional=True),', "", True),
        (
            "class GazetaPage(ArticlePage):",
            "class GazetaPage(ArticlePage):  # the paper\n    'Its page.'\n",
            True,
        ),
        ("class GazetaSpider", "def unread():\n    return 1\n\n\nclass GazetaSpider", True),
    ],
)
def test_the_identity_follows_the_pages_and_not_the_sources(
    load: Load, old: str, new: str, *, same: bool
) -> None:
    assert old in SITE
    first, second = reader(load(SITE)).identity, reader(load(SITE.replace(old, new))).identity
    assert (first == second) == same


def test_a_module_beside_the_site_is_part_of_it(load: Load, tmp_path: Path) -> None:
    apart = SITE.replace(
        "from crawler.article import ArticlePage", "from readersite_pages import ArticlePage"
    )
    beside = tmp_path / "readersite_pages.py"
    found = []
    for mark in ("h1", "h2"):
        beside.write_text(
            f"from crawler.article import ArticlePage as P\n\nclass ArticlePage(P):\n    mark = {mark!r}\n"
        )
        found.append(reader(load(apart)))
    assert "readersite_pages.py" in found[0].sources
    assert found[0].identity != found[1].identity


@pytest.mark.parametrize("name", SITES)
def test_every_function_that_runs_when_pages_are_read_is_part_of_the_reader(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = fetched(tmp_path, site(name), others=("ria", "smollenta"))
    ran: set[tuple[str, str]] = set()
    rooms = {str(ROOT / room) for room in ("crawler", "archive", "schemas")}

    def heard(frame: FrameType, event: str, _: Any) -> None:
        code: CodeType = frame.f_code
        if event == "call" and any(code.co_filename.startswith(room) for room in rooms):
            whole = code.co_qualname.partition(".<")[0]
            if not whole.startswith("<"):
                ran.add((Path(code.co_filename).relative_to(ROOT).as_posix(), whole))

    sys.setprofile(heard)
    try:
        retell.main(site(name).pages, ["0" * 64, *map(str, files)])
    finally:
        sys.setprofile(None)
    assert len(ran) > 100, "the pages were read"
    assert '"headline"' in capsys.readouterr().out
    held = reached(reader(site(name)))
    made = {"__init__", "__eq__", "__hash__", "__repr__", "__setattr__"}  # by dataclasses
    missing = {one for one in ran if one[1] not in held.get(one[0], ())}
    assert {one for one in missing if one[1].rpartition(".")[2] not in made} == set()


REACHED = sorted(
    (path, name) for path, names in reached(reader(site("rbc_kaliningrad"))).items() for name in names
)
CODE = sorted(
    path.relative_to(ROOT).as_posix()
    for room in ("crawler", "archive", "schemas")
    for path in (ROOT / room).rglob("*.py")
)
OTHERS = [(path, name) for path in CODE for name in functions(path) if (path, name) not in set(REACHED)]


@pytest.mark.proof("a change in any function that reading reaches changes the reader's identity")
def test_a_change_in_any_function_that_reading_reaches_changes_the_identity() -> None:
    read = site("rbc_kaliningrad")
    before = reader(read).identity
    same = [one for one in some(REACHED, 60) if reader(read, mutated(*one)).identity == before]
    assert same == []


@pytest.mark.proof("no change in a function that reading does not reach changes the reader's identity")
def test_a_change_in_any_other_function_leaves_the_identity() -> None:
    read = site("rbc_kaliningrad")
    before = reader(read).identity
    assert {("crawler/spider.py", "NewsSpider.parse"), ("crawler/derive.py", "deriver")} <= set(OTHERS)
    other = [one for one in some(OTHERS, 60) if reader(read, mutated(*one)).identity != before]
    assert other == []


@pytest.mark.proof("comments, docstrings and layout are no part of a reader's identity")
def test_comments_docstrings_and_layout_leave_the_identity() -> None:
    read = site("rbc_kaliningrad")
    before = reader(read)
    for path in some(sorted(reached(before)), 12):
        text = (ROOT / path).read_text("utf-8")
        told = mutated(path, name, "'No behaviour.'") if (name := next(iter(functions(path)), "")) else {}
        for changed in (
            {module_of(path): f"# a remark\n{text}\n\n\n# another\n"},
            {module_of(path): ast.unparse(ast.parse(text))},
            {} if path == BY_NAME else {module_of(path): f"{text}\n\ndef nobody_calls():\n    return 1\n"},
            told,
        ):
            assert reader(read, changed).identity == before.identity, path


def test_a_change_of_what_a_module_does_when_it_is_imported_changes_the_identity() -> None:
    read = site("ria")
    text = (ROOT / "crawler" / "text.py").read_text("utf-8")
    changed = reader(read, {"crawler.text": f"{text}\nprint('imported')\n"})
    assert changed.identity != reader(read).identity


def test_the_same_sources_are_packed_into_the_same_bytes() -> None:
    packed = Reader({"b.py": b"2", "a.py": b"1"}).packed()
    assert packed == Reader({"a.py": b"1", "b.py": b"2"}).packed()
    assert Reader.unpacked(packed).sources == {"a.py": b"1", "b.py": b"2"}


def test_a_packed_reader_is_told_by_its_bytes() -> None:
    packed = reader(site("ria"))
    assert identity_of(packed.packed()) == packed.identity


def test_the_identity_is_made_as_the_format_says() -> None:
    packed = reader(site("ria"))
    with zipfile.ZipFile(BytesIO(packed.packed())) as opened:
        files = {name: hashlib.sha256(opened.read(name)).hexdigest() for name in sorted(opened.namelist())}
    said = "{" + ", ".join(f'"{path}": "{digest}"' for path, digest in files.items()) + "}"
    assert hashlib.sha256(said.encode()).hexdigest() == packed.identity


@pytest.mark.proof("no changed byte of a packed reader leaves it its identity")
def test_no_changed_byte_of_a_packed_reader_leaves_it_its_identity() -> None:
    packed = Reader({"a.py": b"1", "crawler/b.py": b"print(2)\n" * 20})
    data = packed.packed()
    for place in some(range(len(data)), 100):
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        try:
            assert identity_of(changed) != packed.identity, place
        except ValueError:
            continue


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all" * 9])
def test_what_is_no_packed_reader_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="no packed reader"):
        identity_of(data)
