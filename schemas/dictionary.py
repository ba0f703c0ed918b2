"""The data dictionary of articles as Markdown, generated from the schema's own descriptions."""

from collections.abc import Iterator
from typing import Any

from schemas import schema

HEADER = """# What an article may hold

Generated from `schemas/article/{version}.json` by `make docs`; edit the descriptions there.

{description}

| field | is | always | meaning |
|---|---|---|---|"""


def page() -> str:
    """The Markdown page: a table with one row per field, nested fields under their parent."""
    document = schema("article")
    version = document["$id"].rsplit(":", 1)[-1]
    rows = [f"| `{path}` | {kind} | {always} | {text} |" for path, kind, always, text in _rows(document)]
    return "\n".join([HEADER.format(version=version, description=document["description"]), *rows]) + "\n"


def _rows(node: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str, str, str]]:
    required = node.get("required", ())
    for name, child in node.get("properties", {}).items():
        nested = child.get("items", child)
        many = "[]" if child.get("type") == "array" else ""
        text = child.get("description", "").replace("|", "\\|")
        yield f"{prefix}{name}{many}", _kind(child), "yes" if name in required else "", text
        yield from _rows(nested, f"{prefix}{name}{many}.")


def _kind(node: dict[str, Any]) -> str:
    if "const" in node:
        return f"`{node['const']}`"
    if "enum" in node:
        return " or ".join(f"`{value}`" for value in node["enum"])
    if node["type"] == "array":
        return f"list of {_kind(node['items'])}"
    formats = [form["format"] for form in node.get("anyOf", [node]) if "format" in form]
    return " or ".join(formats) or str(node["type"])


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201  the page is this program's output
