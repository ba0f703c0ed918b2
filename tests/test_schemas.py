"""Schemas: formats are asserted, every fault is named, every field is described and in step with the code."""

import copy
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import schemas
from crawler.article import Article
from schemas import dictionary

ROOT = Path(__file__).parent.parent
NAMES = sorted(
    folder.name for folder in (ROOT / "schemas").iterdir() if folder.is_dir() and folder.name.isalpha()
)

ARTICLE: dict[str, Any] = {
    "identifier": "ria:2039174868",
    "url": "https://ria.ru/20260101/veter-2039174868.html",
    "headline": "Ветер стих",
    "articleBody": "К утру ветер стих.",
    "datePublished": "2026-01-01T10:00:00+03:00",
    "origins": {"headline": "css", "articleBody": "css"},
    "capture": {
        "snapshot": "ria-20260102T060000Z",
        "recordId": "urn:uuid:00000000-0000-4000-8000-000000000001",
        "warcFile": "ria-20260102T060000Z-00000.warc.gz",
        "offset": 0,
        "length": 10,
        "payloadDigest": "sha256:" + "0" * 64,
        "bodySha256": "0" * 64,
        "charset": "utf-8",
        "httpStatus": 200,
        "retrievedAt": "2026-01-02T06:00:01.000001Z",
        "requestedUrl": "https://ria.ru/20260101/veter-2039174868.html",
        "via": [],
        "page": "RiaPage",
        "reader": "0" * 64,
        "schema": "0.1.0",
        "usage": {},
    },
}
LINK = {"identifier": "ria:2039174868", "url": "https://ria.ru/", "outcome": "article", "announced": []}


def article(path: str, value: Any) -> dict[str, Any]:
    document = copy.deepcopy(ARTICLE)
    *parents, name = path.strip("/").split("/")
    node: Any = document
    for parent in parents:
        node = node[int(parent)] if parent.isdigit() else node[parent]
    node[name] = value
    return document


@pytest.mark.parametrize(
    "url", ["https://ria.ru/мост?день=1#низ", "https://ria.ru/%D0%BC", "http://ria.ru:80/"]
)
def test_the_url_of_a_link_may_be_written_in_russian(url: str) -> None:
    assert schemas.errors("ledger", LINK | {"url": url}) == []


@pytest.mark.parametrize(
    "url", ["мост", "//ria.ru/мост", "https://ria.ru/мо ст", "https://ria.ru/\x00", "https://ria.ru/%м"]
)
def test_an_address_that_is_none_is_refused_in_russian_too(url: str) -> None:
    (fault,) = schemas.errors("ledger", LINK | {"url": url})
    assert (fault.path, fault.rule) == ("/url", "format")


def test_a_complete_article_has_no_fault() -> None:
    assert schemas.errors("article", ARTICLE) == []


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("/url", "не адрес", "format"),
        ("/canonicalUrl", "https://ria.ru/a b", "format"),
        ("/capture/requestedUrl", "ria.ru", "format"),
        ("/datePublished", "2026-01-01 10:00", "anyOf"),
        ("/datePublished", "2026-02-30", "anyOf"),
        ("/dateModified", "2026-01-01T25:00:00+03:00", "anyOf"),
        ("/capture/retrievedAt", "2026-01-02T06:00:01", "format"),
        ("/capture/recordId", "urn:uuid:1", "pattern"),
        ("/capture/payloadDigest", "sha256:ABC", "pattern"),
        ("/inLanguage", "русский", "pattern"),
        ("/identifier", "ria 1", "pattern"),
    ],
)
def test_a_value_of_the_wrong_form_is_refused_by_its_own_rule(path: str, value: str, rule: str) -> None:
    faults = schemas.errors("article", article(path, value))
    assert [(fault.path, fault.rule) for fault in faults] == [(path, rule)]
    assert value in faults[0].message


def test_every_fault_is_named_by_its_own_path() -> None:
    document = {k: v for k, v in article("/mood", "good").items() if k not in ("headline", "articleBody")}
    found = {(fault.path, fault.message) for fault in schemas.errors("article", document)}
    assert found == {
        ("/articleBody", "articleBody is missing"),
        ("/headline", "headline is missing"),
        ("/mood", "mood is not a field here"),
    }


def test_a_long_value_is_shortened_in_its_fault() -> None:
    (fault,) = schemas.errors("article", article("/inLanguage", "ю" * 1000))
    assert len(fault.value) == schemas.SHOWN


def test_an_unknown_schema_names_what_is_known() -> None:
    with pytest.raises(schemas.UnknownSchemaError, match=r"article/9\.9\.9.*known versions: \['0\.1\.0'\]"):
        schemas.schema("article", "9.9.9")


@pytest.mark.parametrize("name", NAMES)
def test_each_schema_is_valid_2020_12_and_carries_its_version(name: str) -> None:
    for version in schemas.versions(name):
        document = schemas.schema(name, version)
        Draft202012Validator.check_schema(document)
        assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert document["$id"] == f"urn:x-letopis:schema:{name}:{version}"


def undescribed(node: dict[str, Any], path: str = "") -> list[str]:
    missing = []
    for name, child in node.get("properties", {}).items():
        here = f"{path}/{name}"
        missing += [] if child.get("description") else [here]
        missing += undescribed(child.get("items", child), here)
    return missing


def test_every_field_of_an_article_is_described() -> None:
    assert undescribed(schemas.schema("article")) == []


def test_the_schema_and_the_dataclass_have_the_same_fields_in_the_same_order() -> None:
    assert list(schemas.schema("article")["properties"]) == [field.name for field in fields(Article)]


def test_the_data_dictionary_is_current() -> None:
    assert (ROOT / "docs" / "article.md").read_text("utf-8") == dictionary.page(), "run: make docs"
