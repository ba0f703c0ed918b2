"""The house rules of the code: who may import whom, how large a file or function may grow."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CODE = sorted(path for room in ("crawler", "archive", "schemas") for path in (ROOT / room).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
SITES = sorted(path for path in (ROOT / "crawler" / "spiders").glob("*.py") if path.stem != "__init__")
PURE = {"article", "linked_data", "values", "text", "density", "generic", "sources"}


def name(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def taken(path: Path, *roots: str) -> list[str]:
    return [found for found in imports(path) if any(f"{found}.".startswith(f"{root}.") for root in roots)]


@pytest.mark.parametrize("path", [p for p in CODE if p.is_relative_to(ROOT / "archive")], ids=name)
def test_the_archive_knows_no_crawler(path: Path) -> None:
    assert taken(path, "crawler", "scrapy", "twisted", "lxml", "parsel") == []


@pytest.mark.parametrize("path", [p for p in CODE if p.is_relative_to(ROOT / "schemas")], ids=name)
def test_schemas_know_nobody(path: Path) -> None:
    assert taken(path, "crawler", "archive", "scrapy", "lxml", "parsel") == []


@pytest.mark.parametrize("path", [p for p in CODE if p.parent.name == "crawler" and p.stem in PURE], ids=name)
def test_reading_is_pure(path: Path) -> None:
    assert taken(path, "scrapy", "twisted", "archive", "crawler.spider", "crawler.wire") == []


@pytest.mark.parametrize("path", SITES, ids=name)
def test_a_site_knows_no_other_site(path: Path) -> None:
    assert taken(path, "crawler.spiders", "archive", "scrapy") == []


@pytest.mark.parametrize("path", SITES, ids=name)
def test_a_site_file_says_what_is_verified_and_what_is_assumed(path: Path) -> None:
    text = (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").lower()
    assert "verified" in text
    assert "assumed" in text


def code_lines(path: Path) -> int:
    """Lines that hold code: docstrings, comments and blank lines aside."""
    text = path.read_text("utf-8")
    lines = {
        n for n, line in enumerate(text.splitlines(), 1) if line.strip() and not line.strip().startswith("#")
    }
    for node in ast.walk(ast.parse(text)):
        holder = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if holder and ast.get_docstring(node) is not None:
            lines -= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return len(lines)


def test_four_of_the_five_site_files_have_at_most_40_lines_of_code() -> None:
    sizes = sorted((code_lines(path), path.stem) for path in SITES)
    assert len(sizes) >= 5
    assert [size for size in sizes if size[0] > 40][1:] == [], sizes


def hosts() -> set[str]:
    text = "".join(path.read_text("utf-8") for path in SITES)
    found = set(re.findall(r"https?:\\?/\\?/([a-z0-9.-]+\.[a-z]{2,})", text.replace("\\.", ".")))
    return found - {"schema.org"}


@pytest.mark.parametrize("path", [path for path in CODE if path not in SITES], ids=name)
def test_no_host_of_a_site_stands_outside_its_file(path: Path) -> None:
    text = path.read_text("utf-8")
    assert [host for host in hosts() if re.search(rf"(?<![\w.-]){re.escape(host)}", text)] == []


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Modules that are left when those that import no remaining module are taken away again and again."""
    left = dict(graph)
    while free := [module for module, needs in left.items() if not needs & left.keys()]:
        for module in free:
            del left[module]
    return sorted(left)


def test_no_imports_run_in_a_circle() -> None:
    names = {name(path) for path in CODE}
    graph = {
        name(path): {
            target
            for found in imports(path)
            for target in (found, found.rpartition(".")[0])
            if target in names and target != name(path)
        }
        for path in CODE
    }
    assert circle(graph) == []


@pytest.mark.parametrize("path", CODE, ids=name)
def test_a_file_holds_at_most_300_lines_and_a_function_60(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 300
    functions = [
        n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert [f.name for f in functions if (f.end_lineno or 0) - f.lineno >= 60] == []


def test_a_file_of_tests_holds_at_most_300_lines() -> None:
    sizes = {name(path): len(path.read_text("utf-8").splitlines()) for path in TESTS}
    assert {path: size for path, size in sizes.items() if size > 300} == {}


@pytest.mark.parametrize("path", [*CODE, *TESTS], ids=name)
def test_no_file_is_named_for_nothing(path: Path) -> None:
    assert path.stem not in {"utils", "helpers", "common", "base", "manager"}
