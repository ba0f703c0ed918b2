"""Schemas over the years: what is released stays as it is, and what was written under it can be read by the newest version."""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from schemas import UnknownSchemaError, errors, versions
from schemas.upcast import STEPS, upcast

ROOT = Path(__file__).parent.parent.parent
NAMES = sorted(path.name for path in (ROOT / "schemas").iterdir() if path.is_dir() and path.name.isalpha())
GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.jsonl"))
RELEASED = json.loads((Path(__file__).parent / "released.json").read_text("utf-8"))


def released(name: str) -> list[str]:
    """Versions that nobody may change any more; 0.x is not yet promised."""
    return [version for version in versions(name) if not version.startswith("0.")]


def frozen(folder: Path, name: str) -> dict[str, str]:
    """The released versions of one schema as tests/schemas/released.json has them."""
    files = [path for path in sorted((folder / name).glob("*.json")) if not path.stem.startswith("0.")]
    return {f"{name}/{path.stem}": hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_released_schema_stays_as_it_was_released() -> None:
    """A new release adds its lines to tests/schemas/released.json; a line there is never changed or removed."""
    now: dict[str, str] = {}
    for name in NAMES:
        now |= frozen(ROOT / "schemas", name)
    assert now == RELEASED


def test_every_released_version_has_a_golden_file_and_a_step_from_the_one_before() -> None:
    for name in NAMES:
        for version in released(name):
            assert any(path.stem == f"{name}-{version}" for path in GOLDEN), f"{name}/{version}"
        for version in released(name)[1:]:
            assert version in STEPS[name], f"{name}/{version}"


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_document_is_valid_as_it_is_and_as_the_newest_version_has_it(path: Path) -> None:
    name, _, version = path.stem.partition("-")
    assert lines(path)
    for value in lines(path):
        before = copy.deepcopy(value)
        assert errors(name, value, version) == []
        assert errors(name, upcast(name, value, version)) == []
        assert value == before


def test_lines_of_articles_and_of_the_ledger_have_golden_files() -> None:
    assert {"article-0.1.0", "ledger-0.1.0"} <= {path.stem for path in GOLDEN}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three versions of a schema: `writer` became a list of `writers`, then a writer became an object."""
    kinds: dict[str, Any] = {
        "1.0.0": {"writer": {"type": "string"}},
        "1.1.0": {"writers": {"type": "array", "items": {"type": "string"}}},
        "1.10.0": {"writers": {"type": "array", "items": {"type": "object"}}},
    }
    (tmp_path / "letter").mkdir()
    for version, fields in kinds.items():
        document = {
            "type": "object",
            "additionalProperties": False,
            "properties": {"schema": {"const": version}, **fields},
        }
        (tmp_path / "letter" / f"{version}.json").write_text(json.dumps(document))
    return tmp_path


def listed(value: dict[str, Any]) -> dict[str, Any]:
    return {"schema": "1.1.0"} | ({"writers": [value["writer"]]} if "writer" in value else {})


def named(value: dict[str, Any]) -> dict[str, Any]:
    made = {"writers": [{"name": name} for name in value["writers"]]} if "writers" in value else {}
    return {"schema": "1.10.0"} | made


ALL = {"letter": {"1.1.0": listed, "1.10.0": named}}
OLD = {"schema": "1.0.0", "writer": "Анна"}


def test_a_document_goes_through_every_version_between(root: Path) -> None:
    new = upcast("letter", OLD, "1.0.0", steps=ALL, root=root)
    assert new == {"schema": "1.10.0", "writers": [{"name": "Анна"}]}
    assert errors("letter", OLD, "1.0.0", root) == errors("letter", new, None, root) == []
    assert errors("letter", OLD, None, root) != []
    assert OLD == {"schema": "1.0.0", "writer": "Анна"}


def test_a_document_goes_as_far_as_is_asked(root: Path) -> None:
    assert upcast("letter", OLD, "1.0.0", "1.1.0", steps=ALL, root=root) == {
        "schema": "1.1.0",
        "writers": ["Анна"],
    }
    assert upcast("letter", OLD, "1.0.0", "1.0.0", steps=ALL, root=root) == OLD


@pytest.mark.parametrize(
    ("since", "to", "reason"),
    [
        ("1.10.0", "1.1.0", "cannot be read as letter/1.1.0"),
        ("2.0.0", None, "letter/2.0.0 cannot be read"),
        ("1.0.0", "2.0.0", "cannot be read as letter/2.0.0"),
    ],
)
def test_a_way_that_does_not_lead_up_is_refused(root: Path, since: str, to: str | None, reason: str) -> None:
    with pytest.raises(UnknownSchemaError, match=reason):
        upcast("letter", OLD, since, to, steps=ALL, root=root)


def test_a_step_that_is_missing_is_told(root: Path) -> None:
    with pytest.raises(UnknownSchemaError, match=r"how letter/1\.10\.0 is made"):
        upcast("letter", OLD, "1.0.0", steps={"letter": {"1.1.0": listed}}, root=root)


def test_a_changed_release_is_seen(root: Path) -> None:
    before = frozen(root, "letter")
    assert sorted(before) == ["letter/1.0.0", "letter/1.1.0", "letter/1.10.0"]
    path = root / "letter" / "1.0.0.json"
    path.write_text(path.read_text() + " ")
    assert {name for name, digest in frozen(root, "letter").items() if digest != before[name]} == {
        "letter/1.0.0"
    }
