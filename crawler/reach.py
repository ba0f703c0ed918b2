"""What code can reach from a place, by name: the statements that it leans on, as plain as they can be written, and no others.

Names are followed through imports, base classes, decorators and bodies; a class is taken whole, and so is a module that is
used as a value (`getattr(module, name)`). Comments, docstrings, the annotations of functions and variables are no behaviour and
are left out; so is what only type checkers see. Statements that act when a module is imported stay with every module that is reached.
"""

import ast
import symtable
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import resolve_name

Find = Callable[[str], tuple[str, bool] | None]
"""Gives the source of a module by its name, and whether it is a package; None for what is not to be followed."""
ALL = "*"
Place = tuple[str, str]
"""A module's name, and a name in it; ALL for the whole module, empty for nothing but what acts on import."""
Function = ast.FunctionDef | ast.AsyncFunctionDef
# Any other decorator may enter what it decorates into a list that is read elsewhere.
MAKING = frozenset(
    {
        "asynccontextmanager",
        "cache",
        "contextmanager",
        "dataclass",
        "dataclasses",
        "final",
        "functools",
        "lru_cache",
        "overload",
    }
    | {"runtime_checkable", "total_ordering", "typing", "unique", "wraps"}
)


@dataclass(frozen=True, slots=True)
class Source:
    """A statement: its text, the names that it binds and uses, and what it imports.

    `whole` are the names that are used otherwise than for one attribute, `parts` the (name, attribute) pairs; `imports` maps a bound name
    to (module, name in it), the name empty for a module itself. An `acting` one does something when its module is imported.
    """

    text: str
    binds: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    parts: frozenset[tuple[str, str]] = frozenset()
    imports: tuple[tuple[str, str, str], ...] = ()
    acting: bool = False


@dataclass(frozen=True, slots=True)
class Module:
    """A module's statements in their order, imports one by one; where each name is bound, and what its imports name."""

    sources: tuple[Source, ...]
    bound: dict[str, list[int]]
    acting: list[int]
    imported: dict[str, tuple[str, str]]


@dataclass(slots=True)
class Reach:
    """What is reached from places: `foreign` names what lies outside, `packages` those of the modules reached that are packages."""

    find: Find
    foreign: set[str] = field(default_factory=set)
    packages: set[str] = field(default_factory=set)
    _kept: dict[str, set[int]] = field(default_factory=dict)
    _seen: set[Place] = field(default_factory=set)
    _queue: list[Place] = field(default_factory=list)

    def follow(self, places: Iterable[Place]) -> dict[str, str]:
        """Return the text of every module that is reached from the places, by name; raises SyntaxError."""
        self._queue += places
        while self._queue:
            place = self._queue.pop()
            if place not in self._seen:
                self._seen.add(place)
                self._visit(*place)
        return {name: self._text(name) for name in sorted(self._kept)}

    def _visit(self, name: str, wanted: str) -> None:
        module = self._module(name)
        if module is None:
            return
        self._kept.setdefault(name, set())
        self._queue += [(outer, "") for outer in _outer(name)]
        numbers = (
            range(len(module.sources)) if wanted == ALL else module.acting + module.bound.get(wanted, [])
        )
        for number in numbers:
            if number not in self._kept[name]:
                self._kept[name].add(number)
                self._keep(name, module, module.sources[number])

    def _keep(self, name: str, module: Module, source: Source) -> None:
        """Go on to what a statement uses and imports."""
        self._queue += [(name, used) for used in source.whole] + [(name, used) for used, _ in source.parts]
        for used, part in (*((used, ALL) for used in source.whole), *source.parts):
            if used in module.imported and (target := self._module_of(*module.imported[used])):
                self._queue.append((target, part))
        for bound, where, what in source.imports:
            if self.find(where) is None:
                self.foreign.add(where.partition(".")[0])
            elif target := self._module_of(where, what):
                # of `import a.b` the name a is used, and nothing tells which of b
                told = bound in source.binds and not target.startswith(f"{bound}.")
                self._queue += [(where, what), (target, "" if told else ALL)]
            else:
                self._queue.append((where, what))

    def _module_of(self, where: str, what: str) -> str | None:
        """Return the module that an import gives, by way of others that import it in turn; None where it gives a name in one."""
        module = self._module(where)
        if not what or module is None:
            return where if module else None
        if what in module.imported:
            return self._module_of(*module.imported[what])
        inner = f"{where}.{what}"
        return inner if what not in module.bound and self.find(inner) else None

    def _module(self, name: str) -> Module | None:
        found = self.find(name)
        if found and found[1]:
            self.packages.add(name)
        return parsed(found[0], name if found[1] else name.rpartition(".")[0]) if found else None

    def _text(self, name: str) -> str:
        module = self._module(name)
        return (
            "".join(f"{module.sources[number].text}\n" for number in sorted(self._kept[name]))
            if module
            else ""
        )


@lru_cache(maxsize=512)
def parsed(text: str, package: str) -> Module:
    """Return a module of a package as its source has it; raises SyntaxError."""
    tree = Plain(package).visit(ast.parse(text))
    sources = tuple(source for node in tree.body for source in _sources_of(node))
    bound: dict[str, list[int]] = {}
    for number, source in enumerate(sources):
        for name in source.binds:
            bound.setdefault(name, []).append(number)
    imported = {
        name: (where, what) for one in sources for name, where, what in one.imports if name in one.binds
    }
    return Module(sources, bound, [number for number, one in enumerate(sources) if one.acting], imported)


def _sources_of(node: ast.stmt) -> Iterator[Source]:
    if isinstance(node, ast.If) and ast.unparse(node.test) in (
        "TYPE_CHECKING",
        "typing.TYPE_CHECKING",
        "__name__ == '__main__'",
    ):
        for other in node.orelse:
            yield from _sources_of(other)
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from _imports(node)
    else:
        text, nodes = ast.unparse(node), list(ast.walk(node))
        imports = (one for one in nodes if isinstance(one, ast.Import | ast.ImportFrom))
        within = tuple(told for one in imports for told in _imported(one))
        whole, parts = _used(nodes, text)
        yield Source(text, frozenset(_bound(node, nodes)), whole, parts, within, acting=not _only_binds(node))


def _only_binds(node: ast.stmt) -> bool:
    """Whether a statement does nothing but give something a name."""
    if isinstance(node, Function | ast.ClassDef):
        names = (ast.unparse(one).partition("(")[0].partition(".")[0] for one in node.decorator_list)
        return MAKING.issuperset(names)
    return isinstance(node, ast.Assign) and all(
        isinstance(target, ast.Name | ast.Tuple) for target in node.targets
    )


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[Source]:
    for alias, told in zip(node.names, _imported(node), strict=True):
        if isinstance(node, ast.Import):
            one: ast.stmt = ast.Import([alias])
        else:
            one = ast.ImportFrom(node.module, [alias], node.level)
        acting = told[1] == "__future__" or alias.name == ALL
        yield Source(ast.unparse(one), frozenset([told[0]]), imports=(told,), acting=acting)


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str, str]]:
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            yield alias.asname or alias.name, node.module or "", alias.name
        else:
            yield alias.asname or alias.name.partition(".")[0], alias.name, ""


def _used(nodes: Sequence[ast.AST], text: str) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
    """Return the module's names that a statement uses: as they are, and for one attribute."""
    free = _free(symtable.symtable(text, "", "exec"))
    parts = [one for one in nodes if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name)]
    bases = {id(one.value) for one in parts}
    whole = {one.id for one in nodes if isinstance(one, ast.Name) and id(one) not in bases}
    pairs = {(one.value.id, one.attr) for one in parts if isinstance(one.value, ast.Name)}
    return frozenset(whole & free), frozenset(pair for pair in pairs if pair[0] in free)


def _free(table: symtable.SymbolTable) -> set[str]:
    outermost = table.get_type() == "module"
    found = {
        one.get_name()
        for one in table.get_symbols()
        if (outermost or one.is_global()) and one.is_referenced()
    }
    return found.union(*map(_free, table.get_children()))


def _bound(node: ast.stmt, nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the names of the module that a statement binds."""
    if isinstance(node, Function | ast.ClassDef):
        yield node.name
        return
    for one in nodes:
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            yield one.id
        elif isinstance(one, Function | ast.ClassDef):
            yield one.name
        elif isinstance(one, ast.Import | ast.ImportFrom):
            yield from (told[0] for told in _imported(one))


class Plain(ast.NodeTransformer):
    """A module's tree without what has no effect: constants that stand alone, annotations but for those of a class's own names.

    Imports are written in full, as from a module of the package.
    """

    def __init__(self, package: str) -> None:
        self._package = package

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom:
        """Return the import by the module's whole name."""
        if node.level:
            said = "." * node.level + (node.module or "")
            node.module, node.level = resolve_name(said, self._package), 0
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Return the node with its parts made plain."""
        super().generic_visit(node)
        if getattr(node, "body", None) == [] and not isinstance(node, ast.Module):
            node.body = [ast.Pass()]  # type: ignore[attr-defined]
        if isinstance(node, Function):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        """Drop a docstring, and what is like one."""
        return None if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        """Return the class with the annotations of its names: a dataclass is made of them."""
        own = {id(one) for one in node.body if isinstance(one, ast.AnnAssign)}
        made = (one if id(one) in own else self.visit(one) for one in node.body)
        node.body = [one for one in made if one] or [ast.Pass()]
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        """Return the assignment without its annotation."""
        plain = ast.Assign([node.target], node.value) if node.value else None
        return self.generic_visit(ast.copy_location(plain, node)) if plain else None


def _outer(module: str) -> Iterator[str]:
    while module := module.rpartition(".")[0]:
        yield module
