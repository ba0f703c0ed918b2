"""The identity of the code that reads a site: what an article was read by can be named, kept and run again."""

import ast
import hashlib
import importlib.util
import json
import platform
import sys
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from io import BytesIO
from pathlib import Path
from typing import ClassVar, Protocol

from lxml import etree

from crawler.page import ArticlePage

OURS = ("crawler", "schemas")
# The code between a record and its article that no page imports.
ALWAYS = ("crawler.derive", "crawler.capture", "crawler.article", "schemas")
DATA = ("schemas/article",)
VERSIONS = "versions.json"
EPOCH = (1980, 1, 1, 0, 0, 0)


class Site(Protocol):
    """What reading needs of a spider class."""

    pages: ClassVar[tuple[type[ArticlePage], ...]]


@dataclass(frozen=True)
class Reader:
    """The sources (and versions.json) that reading a site depends on, by path; their hash is its identity."""

    sources: dict[str, bytes]

    @cached_property
    def identity(self) -> str:
        """Return sha256 over the sorted paths and the sha256 of each source."""
        parts = {path: hashlib.sha256(data).hexdigest() for path, data in self.sources.items()}
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def packed(self) -> bytes:
        """Return the sources as a ZIP file, the same bytes for the same sources."""
        target = BytesIO()
        with zipfile.ZipFile(target, "w") as packed:
            for path, data in sorted(self.sources.items()):
                packed.writestr(zipfile.ZipInfo(path, EPOCH), data)
        return target.getvalue()


def reader(site: type[Site]) -> Reader:
    """Return the reader of a site: the modules that its pages and `derive` import, its file without the spider."""
    sources: dict[str, bytes] = {}
    foreign: set[str] = set()
    queue = [*ALWAYS, site.__module__, *(page.__module__ for page in site.pages)]
    while queue:
        name = queue.pop()
        if name not in OURS and name.partition(".")[0] not in OURS and name != site.__module__:
            foreign.add(name.partition(".")[0])
        elif (path := _file(name)) and _inside(name, path) not in sources:
            text = path.read_text("utf-8")
            text = _without(text, site.__name__) if name == site.__module__ else text
            sources[_inside(name, path)] = text.encode()
            queue += _imports(text)
    sources |= dict(_data())
    sources[VERSIONS] = json.dumps(_versions(foreign), sort_keys=True, indent=1).encode() + b"\n"
    return Reader(sources)


def _file(name: str) -> Path | None:
    """Return the source file of a module; None for a name inside a module."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        module = sys.modules.get(name)
        return Path(module.__file__) if module and module.__file__ else None
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None


def _inside(name: str, path: Path) -> str:
    """Return the path that names a module in the reader, wherever it is installed."""
    return name.replace(".", "/") + ("/__init__.py" if path.name == "__init__.py" else ".py")


def _without(text: str, spider: str) -> str:
    """Return a site's file without its spider class and without the imports that nothing else needs."""
    tree = ast.parse(text)
    kept = [node for node in tree.body if not (isinstance(node, ast.ClassDef) and node.name == spider)]
    body = [node for node in kept if not isinstance(node, ast.Import | ast.ImportFrom)]
    used = {node.id for part in body for node in ast.walk(part) if isinstance(node, ast.Name)}
    imported = [node for node in kept if isinstance(node, ast.Import | ast.ImportFrom)]
    gone = [node for node in tree.body if node not in kept] + [n for n in imported if not _bound(n) & used]
    lines = text.splitlines(keepends=True)
    for node in gone:
        decorators = [part.lineno for part in getattr(node, "decorator_list", ())]
        first = min([node.lineno, *decorators])
        lines[first - 1 : node.end_lineno] = [""] * ((node.end_lineno or first) - first + 1)
    return "".join(lines)


def _bound(node: ast.Import | ast.ImportFrom) -> set[str]:
    return {(alias.asname or alias.name).partition(".")[0] for alias in node.names}


def _imports(text: str) -> Iterator[str]:
    """Yield the modules that a source imports, and for `from a import b` a.b too, which may be one."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module.partition(".")[0] in OURS:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _data() -> Iterator[tuple[str, bytes]]:
    """Yield the schema that decides between article and reject."""
    for folder in DATA:
        package, _, rest = folder.partition("/")
        root = _file(package)
        for path in sorted((root.parent / rest).glob("*.json")) if root else ():
            yield f"{folder}/{path.name}", path.read_bytes()


def _versions(foreign: Iterable[str]) -> dict[str, str]:
    """Return the versions of Python, libxml2 and every library that the sources import."""
    found = {"python": platform.python_version(), "libxml2": ".".join(map(str, etree.LIBXML_VERSION))}
    for name in sorted(set(foreign) - sys.stdlib_module_names):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
