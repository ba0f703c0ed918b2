"""The JSON Schemas of everything Letopis writes, and what is wrong with a document that breaks one."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any
from urllib.parse import quote

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.protocols import Validator
from rfc3986_validator import validate_rfc3986

from schemas.proof import Proof, UnprovableError, proof

SHOWN = 80
"""Characters of a refused value that a fault repeats."""
HERE: Traversable = files(__name__)
"""The folder of this program's schemas: one folder each, one file for each version."""


class UnknownSchemaError(LookupError):
    """No schema of that name and version is part of this program."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason why a document is refused."""

    path: str
    rule: str
    value: str
    message: str


def versions(name: str, root: Traversable = HERE) -> list[str]:
    """Versions of one schema, oldest first: ``["0.1.0"]``."""
    folder = root / name
    found = [entry.name.removesuffix(".json") for entry in folder.iterdir()] if folder.is_dir() else []
    return sorted((v for v in found if v[:1].isdigit()), key=lambda v: [int(part) for part in v.split(".")])


def schema(name: str, version: str | None = None, root: Traversable = HERE) -> dict[str, Any]:
    """One schema as a dict, the newest version where none is named; raises UnknownSchemaError."""
    known = versions(name, root)
    wanted = version or (known[-1] if known else "any")
    if wanted not in known:
        raise UnknownSchemaError(
            f"schemas/{name}/{wanted}.json does not exist; known versions: {known or 'none'}"
        )
    document: dict[str, Any] = json.loads((root / name / f"{wanted}.json").read_text("utf-8"))
    return document


def errors(name: str, document: Any, version: str | None = None, root: Traversable = HERE) -> list[Fault]:
    """Every fault of a document, in the order of its paths; empty when it is valid."""
    quick, validator = _judges(name, version, root)  # type: ignore[arg-type]  # every folder there is can be hashed
    if quick(document):
        return []
    found = [fault for error in validator.iter_errors(document) for fault in _faults(error)]
    return sorted(found, key=lambda fault: (fault.path, fault.rule, fault.message))


def proved(name: str, version: str | None = None, root: Traversable = HERE) -> Proof:
    """What tells true only of documents in which `errors` finds nothing; raises UnknownSchemaError."""
    return _judges(name, version, root)[0]  # type: ignore[arg-type]  # every folder there is can be hashed


@cache
def _judges(name: str, version: str | None, root: Traversable) -> tuple[Proof, Validator]:
    """The quick proof of validity, and who has the last word."""
    # JSON Schema 2020-12 (7.2.1) treats "format" as a remark unless a checker asserts it.
    checker = FormatChecker(
        ["date", "date-time", "uri"]
    )  # fails where what jsonschema checks them with is missing
    checker.checks("iri", raises=UnicodeEncodeError)(_is_iri)
    said = schema(name, version, root)
    try:
        quick = proof(said, checker)
    except UnprovableError:
        quick = proof({"enum": []}, checker)  # then nothing is
    return quick, Draft202012Validator(said, format_checker=checker)


def _is_iri(document: object) -> bool:
    """Whether it is a URI once mapped as RFC 3987, 3.1 says; jsonschema's own check takes seconds to import."""
    if not isinstance(document, str):
        return True
    check: Callable[..., object] = validate_rfc3986
    return bool(check(quote(document, safe=bytes(range(128))), rule="URI"))


def _faults(error: ValidationError) -> Iterator[Fault]:
    """One fault per thing amiss: a missing or foreign key is named by its own path."""
    path = "".join(f"/{part}" for part in error.absolute_path)
    if error.validator == "required":
        name = _missing(error)
        yield Fault(f"{path}/{name}", "required", "", f"{name} is missing")
    elif error.validator == "additionalProperties":
        for name, value in _foreign(error):
            yield Fault(
                f"{path}/{name}", "additionalProperties", _short(value), f"{name} is not a field here"
            )
    else:
        yield Fault(path, str(error.validator), _short(error.instance), _sentence(error))


def _foreign(error: ValidationError) -> list[tuple[str, Any]]:
    document: Any = error.instance  # an object, since "additionalProperties" passes over anything else
    rules: Any = error.schema
    return sorted((name, document[name]) for name in set(document) - set(rules.get("properties", ())))


def _missing(error: ValidationError) -> str:
    # jsonschema reports one error per missing key and names the key only in its message.
    required: Any = error.validator_value
    return next(str(name) for name in required if error.message.startswith(repr(name)))


def _sentence(error: ValidationError) -> str:
    where = str(error.absolute_path[-1]) if error.absolute_path else "the document"
    rule = error.validator_value
    match error.validator:
        case "format" | "type":
            return f"{where} is not a {rule}: {_short(error.instance)}"
        case "enum" | "const":
            return f"{where} is {_short(error.instance)}, allowed: {_short(rule)}"
        case "pattern":
            return f"{where} does not have the form {rule}: {_short(error.instance)}"
        case "anyOf":
            return f"{where} fits none of the allowed forms: {_short(error.instance)}"
        case "minLength" | "minItems" | "minProperties":
            return f"{where} is empty"
        case _:
            return f"{where} breaks the rule {error.validator}: {_short(error.instance)}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
