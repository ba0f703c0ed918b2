"""A quick proof that a document is valid: what it finds right is right, what it does not prove is for jsonschema to judge.

Articles are checked one by one and nearly all are valid; over one of them jsonschema takes as long as lxml over its page.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import FormatChecker

Proof = Callable[[Any], object]
"""Tells something true of a value that is valid for certain."""
Rule = tuple[type, Proof]
"""The class that a value must have, `object` for any, and what is to be true of it then."""

REMARKS = frozenset({"$schema", "$id", "$comment", "$defs", "title", "description", "examples", "default"})
TYPES: Mapping[str, Proof] = {
    "string": lambda value: isinstance(value, str),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    # 1.0 is an integer too, but that is not proved here
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
}
LIMITS: Mapping[str, tuple[Any, Callable[[Any, Any], bool]]] = {
    "minLength": (str, lambda value, least: len(value) >= least),
    "minItems": (list, lambda value, least: len(value) >= least),
    "minProperties": (dict, lambda value, least: len(value) >= least),
    "minimum": (int | float, lambda value, least: value >= least),
    "maximum": (int | float, lambda value, most: value <= most),
    "uniqueItems": (list, lambda value, unique: not unique or _unique(value)),
}
KINDS: Mapping[str, type] = {"string": str, "object": dict, "array": list, "boolean": bool, "integer": int}
"""Types that one look at a value's class tells."""
OBJECTS = frozenset(
    {"type", "required", "properties", "additionalProperties", "propertyNames", "minProperties"}
)
DAY = (  # all but 29 February
    r"[1-9]\d{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
)
WEB = (
    r"https?://[a-z0-9][a-z0-9.-]*(?::[0-9]{1,5})?"
    r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@/-]*)?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@/?-]*)?"
)
PLAIN: Mapping[str, re.Pattern[str]] = {
    "date": re.compile(DAY, re.ASCII),
    "date-time": re.compile(
        DAY + r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)", re.ASCII
    ),
    "uri": re.compile(WEB),
    "iri": re.compile(WEB),
}
"""Formats of most values, of which jsonschema need not be asked; RFC 3339, RFC 3986 section 3."""


class UnprovableError(LookupError):
    """The schema says something about which nothing is proved here."""


@dataclass(frozen=True, slots=True)
class Prover:
    """Makes proofs of one schema document, whose parts may refer to each other; `formats` are checked as jsonschema does."""

    document: Mapping[str, Any]
    formats: FormatChecker

    def proof(self, schema: Any) -> Proof:
        """What tells True only of what is valid under a part of the document; raises UnprovableError."""
        kind, asked = self._rule(schema)
        return asked if kind is object else lambda value: type(value) is kind and asked(value)

    def _rule(self, schema: Any) -> Rule:
        if isinstance(schema, bool):
            return object, lambda _: schema
        words = [word for word in schema if word not in REMARKS]
        kind = KINDS.get(schema["type"]) if isinstance(schema.get("type"), str) else None
        if kind is dict and OBJECTS.issuperset(words) and isinstance(schema.get("propertyNames", {}), dict):
            return dict, self._object(schema)
        if kind is None:
            return object, _every([self._word(word, schema) for word in words])
        return kind, _every([self._known(kind, word, schema) for word in words if word != "type"])

    def _known(self, kind: type, word: str, schema: Mapping[str, Any]) -> Proof:  # noqa: PLR0911  a table
        """What proves a word of values whose class is known: without a function of Python's where one of C's will do."""
        rule = schema[word]
        match kind.__name__, word:
            case "str", "pattern":
                return re.compile(rule).search
            case ("str", "minLength") | ("list", "minItems") if rule == 1:
                return len
            case "str", "enum" if all(isinstance(value, str) for value in rule):
                return frozenset(rule).__contains__
            case "str", "format" if rule in PLAIN:
                plain, conforms = PLAIN[rule].fullmatch, self.formats.conforms
                return lambda value: plain(value) or conforms(value, rule)
            case "int", "minimum":
                return rule.__le__  # type: ignore[no-any-return]
            case "int", "maximum":
                return rule.__ge__  # type: ignore[no-any-return]
            case "list", "items" if "prefixItems" not in schema:
                return _all(self._rule(rule))
            case _:
                return self._word(word, schema)

    def _object(self, schema: Mapping[str, Any]) -> Proof:
        """What objects are proved by: their names, and each value in one loop."""
        needed = frozenset(schema.get("required", ()))
        rules = {name: self._rule(each) for name, each in schema.get("properties", {}).items()}
        other = self._rule(schema.get("additionalProperties", True))
        least = schema.get("minProperties", 0)
        _, named = self._rule({"type": "string"} | schema.get("propertyNames", {}))
        any_name = "propertyNames" not in schema

        def proved(value: Any) -> bool:
            if not needed <= value.keys() or len(value) < least or not (any_name or all(map(named, value))):
                return False
            for name, each in value.items():
                kind, asked = rules.get(name, other)
                if (type(each) is not kind and kind is not object) or not asked(each):
                    return False
            return True

        return proved

    def _word(self, word: str, schema: Mapping[str, Any]) -> Proof:
        rule = schema[word]
        match word:
            case "type":
                return _typed([rule] if isinstance(rule, str) else rule)
            case "enum" | "const":
                return _one_of([rule] if word == "const" else rule)
            case "format":
                return self._formed(rule)
            case "anyOf":
                choices = [self.proof(each) for each in rule]
                return _any(choices)
            case "$ref":
                return self.proof(self._referred(rule))
            case _:
                return _of(*((*LIMITS[word], rule) if word in LIMITS else self._within(word, schema)))

    def _formed(self, name: str) -> Proof:
        conforms = self.formats.conforms
        if name not in PLAIN:
            return lambda value: conforms(value, name)
        plain = PLAIN[name].fullmatch
        return lambda value: (isinstance(value, str) and plain(value) is not None) or conforms(value, name)

    def _referred(self, pointer: str) -> Any:
        found: Any = {"#": self.document}
        for part in pointer.split("/"):
            found = found[part]
        return found

    def _within(self, word: str, schema: Mapping[str, Any]) -> tuple[Any, Callable[[Any, Any], bool], Any]:
        """Which kind of value a word speaks of, what it asks of that, and the rule."""
        rule = schema[word]
        match word:
            case "pattern":
                return str, lambda value, search: search(value) is not None, re.compile(rule).search
            case "required":
                return dict, lambda value, names: names <= value.keys(), frozenset(rule)
            case "properties":
                return dict, _properties, {name: self.proof(each) for name, each in rule.items()}
            case "additionalProperties" if "patternProperties" not in schema:
                return dict, _additional, (frozenset(schema.get("properties", ())), self.proof(rule))
            case "propertyNames":
                return dict, lambda value, each: all(map(each, value)), self.proof(rule)
            case "items" if "prefixItems" not in schema:
                return list, lambda value, each: all(map(each, value)), self.proof(rule)
            case _:
                raise UnprovableError(word)


def proof(schema: Mapping[str, Any], formats: FormatChecker) -> Proof:
    """What tells True only of documents that are valid under a JSON Schema (2020-12); raises UnprovableError."""
    return Prover(schema, formats).proof(schema)


def _of(kind: Any, asked: Callable[[Any, Any], bool], rule: Any) -> Proof:
    """Words pass over values of other kinds than theirs."""
    return lambda value: not isinstance(value, kind) or asked(value, rule)


def _every(parts: list[Proof]) -> Proof:
    if len(parts) == 1:
        return parts[0]

    def proved(value: Any) -> bool:
        for part in parts:  # noqa: SIM110  a generator takes as long again as what it asks
            if not part(value):
                return False
        return True

    return proved


def _all(rule: Rule) -> Proof:
    kind, asked = rule

    def proved(value: Any) -> bool:
        for each in value:  # noqa: SIM110  as above
            if (type(each) is not kind and kind is not object) or not asked(each):
                return False
        return True

    return proved


def _any(choices: list[Proof]) -> Proof:
    def proved(value: Any) -> bool:
        for choice in choices:  # noqa: SIM110  as above
            if choice(value):
                return True
        return False

    return proved


def _typed(names: list[str]) -> Proof:
    if not TYPES.keys() >= set(names):
        raise UnprovableError("type")
    if len(names) == 1:
        return TYPES[names[0]]
    kinds = [TYPES[name] for name in names]
    return lambda value: any(kind(value) for kind in kinds)


def _one_of(values: list[Any]) -> Proof:
    if not all(value is None or isinstance(value, str | bool | int) for value in values):
        raise UnprovableError("enum")
    known = {(type(value), value) for value in values}  # in Python True equals 1
    kinds = {kind for kind, _ in known}
    return lambda value: type(value) in kinds and (type(value), value) in known


def _properties(value: dict[str, Any], proofs: Mapping[str, Proof]) -> bool:
    for name, each in value.items():  # noqa: SIM110  as above
        if name in proofs and not proofs[name](each):
            return False
    return True


def _additional(value: dict[str, Any], rule: tuple[frozenset[str], Proof]) -> bool:
    known, other = rule
    return known >= value.keys() or all(other(value[name]) for name in value.keys() - known)


def _unique(value: list[Any]) -> bool:
    return all(isinstance(each, str) for each in value) and len(set(value)) == len(value)
