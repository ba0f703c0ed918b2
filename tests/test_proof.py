"""The quick proof never finds right what jsonschema refuses."""

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from schemas import errors, schema
from schemas.proof import PLAIN, UnprovableError, proof
from tests.test_schemas import ARTICLE, LINK

FORMATS = FormatChecker(["date", "date-time", "uri"])
ODD: list[Any] = [
    None, True, False, 0, 1, -1, 1.0, 1.5, 10**20, "", " ", "x", "ria:1", "2026-01-01", "2026-01-01T10:00:00Z", "html", "0.1.0",
    "https://ria.ru/", "ria.ru", "sha256:" + "0" * 64, [], [1], ["x", "x"], ["x", 1], [True, 1], {}, {"name": ""}, {"name": "x"}, {"x": 1},
]  # fmt: skip
FULL: dict[str, Any] = ARTICLE | {
    "author": [{"name": "А. Б."}],
    "keywords": ["мост", "река"],
    "image": [{"url": "https://ria.ru/1.jpg", "caption": "Мост"}],
    "assumed": ["datePublished.zone"],
    "isAccessibleForFree": True,
    "publisher": {"name": "РИА"},
}
RULES: list[dict[str, Any]] = [
    {"enum": ["a", 1, True, None]},
    {"const": 1},
    {"const": True},
    {"type": ["integer", "null"], "minimum": 0, "maximum": 9},
    {"uniqueItems": True},
    {"items": {"type": "string", "pattern": "^[a-z]"}, "minItems": 1},
    {"anyOf": [{"format": "date"}, {"format": "date-time"}]},
    {"propertyNames": {"enum": ["name"]}, "additionalProperties": {"type": "string"}, "minProperties": 1},
    {"properties": {"name": {"minLength": 1}}, "required": ["name"], "additionalProperties": False},
    {"properties": {"x": False}},
    {
        "type": "object",
        "properties": {"name": {"type": "string", "minLength": 1}},
        "required": ["name"],
        "additionalProperties": False,
    },
    {"type": "object", "additionalProperties": {"type": "integer"}},
    {"type": "string", "pattern": "^[a-z]"},
    {"type": "string", "format": "uri"},
    {"type": "string", "enum": ["x", "html"]},
    {"type": "integer", "minimum": 0, "maximum": 9},
    {"type": "integer", "minimum": 0.5},
    {"type": "array", "uniqueItems": True},
    {"type": "array", "items": {"type": "string"}, "minItems": 1},
    {"type": "array", "items": {"minimum": 1}, "minItems": 2},
    {"type": "object", "propertyNames": {"enum": ["name"]}, "additionalProperties": {"enum": ["x", 1]}},
    {"type": "object", "propertyNames": False, "minProperties": 0},
    {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string", "enum": [""]}},
    {"$ref": "#/$defs/x", "$defs": {"x": {"type": "number"}}},
]
JSON = st.recursive(
    st.sampled_from(ODD),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x", "name"]), inner),
)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_word_is_proved_for_odd_values_only_where_they_are_valid(rule: dict[str, Any]) -> None:
    proved, judge = proof(rule, FORMATS), Draft202012Validator(rule, format_checker=FORMATS)
    wrong = [value for value in ODD if proved(value) and not judge.is_valid(value)]
    assert wrong == []
    assert any(proved(value) for value in ODD)
    assert any(not proved(value) for value in ODD)


@given(value=JSON, rule=st.sampled_from(RULES))
def test_what_is_proved_of_any_value_is_so(value: Any, rule: dict[str, Any]) -> None:
    if proof(rule, FORMATS)(value):
        assert Draft202012Validator(rule, format_checker=FORMATS).is_valid(value)


@pytest.mark.parametrize(("name", "document"), [("article", FULL), ("ledger", LINK)])
def test_a_document_changed_in_one_place_is_judged_as_by_jsonschema(
    name: str, document: dict[str, Any]
) -> None:
    formats = FormatChecker(["date", "date-time", "uri"])
    proved, judge = proof(schema(name), formats), Draft202012Validator(schema(name), format_checker=formats)
    assert proved(document)
    seen = {True: 0, False: 0}
    every = list(mutants(document))
    for changed in random.Random(5).sample(every, min(300, len(every))):
        valid = judge.is_valid(changed)
        assert valid or not proved(changed), changed
        seen[proved(changed)] += 1
    assert min(seen.values()) > 5


@given(data=st.data(), name=st.sampled_from(["date", "date-time", "uri"]))
def test_what_one_look_takes_for_a_date_or_an_address_is_one(data: st.DataObject, name: str) -> None:
    text = data.draw(st.from_regex(PLAIN[name], fullmatch=True))
    assert FORMATS.conforms(text, name)


@pytest.mark.parametrize(
    "day", ["2026-02-29", "2026-02-30", "2026-04-31", "2026-13-01", "2026-00-01", "2026-01-00", "0000-01-01"]
)
def test_days_that_no_calendar_has_are_not_taken_for_dates_at_one_look(day: str) -> None:
    assert not PLAIN["date"].fullmatch(day)
    assert not PLAIN["date-time"].fullmatch(f"{day}T10:00:00Z")


def mutants(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The document with each value replaced by each odd one, and without each key."""
    for path in paths(document):
        for value in [*ODD, KeyError]:
            changed = copy.deepcopy(document)
            node: Any = changed
            for part in path[:-1]:
                node = node[part]
            if value is KeyError:
                del node[path[-1]]
            else:
                node[path[-1]] = value
            yield changed


def paths(node: Any, *parts: Any) -> Iterator[tuple[Any, ...]]:
    if parts:
        yield parts
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        yield from paths(value, *parts, key)


@pytest.mark.parametrize(
    "rule", [{"oneOf": []}, {"enum": [1.5]}, {"type": "any"}, {"prefixItems": [], "items": {}}], ids=str
)
def test_of_a_word_that_is_not_known_nothing_is_proved(rule: dict[str, Any]) -> None:
    with pytest.raises(UnprovableError):
        proof(rule, FORMATS)


def test_the_faults_of_what_is_not_proved_are_those_of_jsonschema() -> None:
    assert [fault.path for fault in errors("article", FULL | {"headline": ""})] == ["/headline"]
    assert errors("article", FULL) == []
