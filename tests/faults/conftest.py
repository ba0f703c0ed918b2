"""What the trials are handed: the process that runs commands, stores of either kind, and a crawl that nothing disturbs."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.nursery import Nursery
from tests.faults.ordeal import Ordeal, ordeal
from tests.seaweed import lead

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.seaweed import Server


@dataclass(frozen=True)
class Undisturbed:
    """A crawl that nothing disturbs: its articles, and how many steps it takes in each phase."""

    articles: Mapping[str, Mapping[str, Any]]
    steps: Mapping[str, int]


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    with Nursery() as process:
        yield process


@pytest.fixture(scope="module", params=["directory", "s3"])
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of store; tests that choose it themselves parametrize over "kind"."""
    found: str = request.param
    return found


@pytest.fixture(scope="module")
def trial(kind: str, nursery: Nursery, request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """A block with a trial of its own in a folder: `with trial(folder) as it`."""
    server: Server | None = request.getfixturevalue("seaweed") if kind == "s3" else None
    with pytest.MonkeyPatch.context() as patch:
        if server:
            lead(patch, server.environment())

        @contextmanager
        def begun(folder: Path, **more: Any) -> Iterator[Ordeal]:
            more.setdefault("environment", server.environment() if server else {})
            more.setdefault("uri", server.store() if server else "./data")
            with ordeal(folder, nursery=nursery, **more) as it:
                yield it

        yield begun


@pytest.fixture(scope="module")
def undisturbed(trial: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    with trial(tmp_path_factory.mktemp("undisturbed")) as it:
        ended = it.crawl()
        assert (ended.code, it.lost(), it.amiss()) == (os.EX_OK, [], []), ended.err
        return Undisturbed(it.articles(), ended.steps)


@pytest.fixture
def suffered(request: pytest.FixtureRequest, kind: str) -> Callable[[str, int], None]:
    """Say what the trial suffered and how many exchanges it lost by it, for the table at the end of `make prove`."""

    def note(fault: str, lost: int) -> None:
        request.node.user_properties.append(("trial", (fault, kind, lost)))

    return note
