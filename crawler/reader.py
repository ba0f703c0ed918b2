"""The identity of the code that reads a site: what an article was read by can be named, kept and run again."""

import hashlib
import importlib.util
import json
import platform
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path
from typing import ClassVar, Protocol

from lxml import etree

from crawler.agent import installed
from crawler.page import ArticlePage
from crawler.reach import ALL, Find, Reach

OURS = ("crawler", "archive", "schemas")
ENTRANCE = ("crawler.retell", "main")
DATA = ("schemas/article",)
VERSIONS = "versions.json"
EPOCH = (1980, 1, 1, 0, 0, 0)


class Site(Protocol):
    """What reading needs of a spider class."""

    pages: ClassVar[tuple[type[ArticlePage], ...]]


@dataclass(frozen=True)
class Reader:
    """The sources (and versions.json) that reading a site depends on, by path; their hash is its identity.

    Of each source there is what reading can reach, see `crawler.reach`; `__main__.py` makes the whole a program, see `crawler.retell`.
    """

    sources: Mapping[str, bytes]

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

    @classmethod
    def unpacked(cls, data: bytes) -> "Reader":
        """Return the reader in a ZIP file; raises ValueError for bytes that `packed` does not give."""
        try:
            with zipfile.ZipFile(BytesIO(data)) as packed:
                found = cls({name: packed.read(name) for name in packed.namelist()})
        except (
            zipfile.BadZipFile,
            NotImplementedError,
            RuntimeError,
            EOFError,
            OSError,
            ValueError,
        ) as error:
            raise ValueError(f"this is no packed reader: {error}") from error
        if found.packed() != data:
            raise ValueError("this is no packed reader: its sources are packed into other bytes")
        return found


def identity_of(data: bytes) -> str:
    """Return the identity of a packed reader; raises ValueError for what is none."""
    return Reader.unpacked(data).identity


def reader(site: type[Site], changed: Mapping[str, str] | None = None) -> Reader:
    """Return the reader of a site: what can be reached from its pages and from what reads records with them.

    `changed` gives, by module, sources that stand in place of those that are installed.
    """
    reach = Reach(_finder(site, changed or {}))
    named = [(page.__module__, page.__qualname__) for page in site.pages]
    # a class that a function makes has no place of its own
    places = [(module, name if name.isidentifier() else ALL) for module, name in named]
    sources = {
        _inside(module, reach.packages): text.encode()
        for module, text in reach.follow([ENTRANCE, *places]).items()
    }
    sources["__main__.py"] = _program(named).encode()
    sources[VERSIONS] = json.dumps(versions_of(reach.foreign), sort_keys=True, indent=1).encode() + b"\n"
    return Reader(sources | dict(_data()))


@cache
def running(site: type[Site]) -> Reader:
    """Return the reader of a site as it was when it was first asked for: its code was loaded then, whatever its files say later."""
    return reader(site)


def _program(pages: Iterable[tuple[str, str]]) -> str:
    """Return the program that reads WARC files with the pages, in their order."""
    modules = sorted({module for module, _ in pages})
    listed = "".join(f"{module}.{name}, " for module, name in pages)
    imports = "".join(f"import {module}\n" for module in modules)
    return f"import sys\n{imports}from crawler.retell import main\nmain(({listed}), sys.argv[1:])\n"


def _finder(site: type[Site], changed: Mapping[str, str]) -> Find:
    """Return what gives the sources of our own modules and of those that lie beside the site's."""
    own = {one.__module__ for one in (site, *site.pages)}
    roots = {
        root
        for name in own
        if (path := _file(name)) and "site-packages" not in (root := _root(name, path)).parts
    }
    tops = dict.fromkeys((*OURS, *(name.partition(".")[0] for name in own)), True)
    known: dict[str, tuple[str, bool] | None] = {}

    def ours(top: str) -> bool:
        if top not in tops:
            path = None if top in sys.stdlib_module_names else _file(top)
            tops[top] = path is not None and _root(top, path) in roots
        return tops[top]

    def find(name: str) -> tuple[str, bool] | None:
        if name not in known:
            top = name.partition(".")[0]
            found = _installed(name) if top in OURS else _source(name) if ours(top) else None
            known[name] = (changed.get(name, found[0]), found[1]) if found else None
        return known[name]

    return find


@cache
def _installed(name: str) -> tuple[str, bool] | None:
    """Return a source of this program as it was when it was first asked for: what runs was loaded then, whatever is installed later."""
    return _source(name)


def _source(name: str) -> tuple[str, bool] | None:
    path = _file(name)
    return (path.read_text("utf-8"), path.name == "__init__.py") if path else None


def _root(name: str, path: Path) -> Path:
    """Return the folder from which a module is imported by its name."""
    return path.parents[name.count(".") + (path.name == "__init__.py")]


def _file(name: str) -> Path | None:
    """Return the source file of a module; None for a name inside a module."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        module = sys.modules.get(name)
        return Path(module.__file__) if module and module.__file__ else None
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None


def _inside(name: str, packages: Iterable[str]) -> str:
    """Return the path that names a module in the reader, wherever it is installed."""
    return name.replace(".", "/") + ("/__init__.py" if name in packages else ".py")


def _data() -> Iterator[tuple[str, bytes]]:
    """Yield the schema that decides between article and reject."""
    for folder in DATA:
        package, _, rest = folder.partition("/")
        root = _file(package)
        for path in sorted((root.parent / rest).glob("*.json")) if root else ():
            yield f"{folder}/{path.name}", path.read_bytes()


def versions_of(foreign: Iterable[str]) -> dict[str, str]:
    """Return the versions of Python, libxml2 and every library that the sources import."""
    found = {"python": platform.python_version(), "libxml2": ".".join(map(str, etree.LIBXML_VERSION))}
    named = ((name, installed(name)) for name in sorted(set(foreign) - sys.stdlib_module_names))
    return found | {name: version for name, version in named if version}
