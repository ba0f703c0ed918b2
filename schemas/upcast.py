"""Documents of an older version of their schema, as a newer one has them: read an archive of many years by one version."""

from collections.abc import Callable, Mapping
from importlib.resources.abc import Traversable
from typing import Any

from schemas import HERE, UnknownSchemaError, versions

Step = Callable[[dict[str, Any]], dict[str, Any]]
Steps = Mapping[str, Mapping[str, Step]]

STEPS: Steps = {}
"""By schema and version: the pure function that makes a document of that version of one of the version before.

It leaves what it is given as it is, fills nothing that the document does not say, and states the new version where documents
state theirs (`capture.schema` of an article). Each released version but the first has one.
"""


def upcast(
    name: str,
    value: dict[str, Any],
    since: str,
    to: str | None = None,
    *,
    steps: Steps = STEPS,
    root: Traversable = HERE,
) -> dict[str, Any]:
    """Return a document that is valid under version `since` of a schema as version `to` (default: the newest) has it.

    Raises UnknownSchemaError for a version that is none, for one that is older than the document's, and where a step is missing.
    """
    known = versions(name, root)
    wanted = to or (known[-1] if known else "any")
    if since not in known or wanted not in known[known.index(since) :]:
        raise UnknownSchemaError(
            f"{name}/{since} cannot be read as {name}/{wanted}; known versions: {known or 'none'}"
        )
    for version in known[known.index(since) + 1 : known.index(wanted) + 1]:
        step = steps.get(name, {}).get(version)
        if step is None:
            raise UnknownSchemaError(f"nothing says how {name}/{version} is made of the version before")
        value = step(value)
    return value
