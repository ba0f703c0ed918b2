"""An S3 server that fails, stalls, breaks off or lies, at any kind of call that a crawl, its commit and its recovery make."""

from __future__ import annotations

import base64
import random
from collections import Counter
from itertools import product
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from crawler.exits import Exit
from tests.archive.gateway import EVER, FAULTS, Gateway, gateway
from tests.crawler.day import DAY
from tests.crawler.gazeta import HOME, Answer
from tests.faults.afterwards import gone_on_with
from tests.proving import some
from tests.seaweed import ACCESS, SECRET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.faults.nursery import Ended
    from tests.faults.ordeal import Ordeal
    from tests.seaweed import Server

CALLS = (
    "put",
    "create",
    "head",
    "get",
    "list",
    "delete",
    "begin",
    "part",
    "complete",
    "abort",
    "uploads",
    "retain",
)
PARTS = ("begin", "part", "complete", "abort")
KILLED = {"get": 1, "uploads": 1}
"""Calls that are in trouble after another crawl was killed, and how many exchanges that may have cost."""
CASES = [*product(CALLS, (*FAULTS, "expired"), ("passes", "stays"))]
TOLD = {Exit.OK, Exit.IO, Exit.TEMPORARY}
LOCKED = "letopis-locked-faults"
LARGE = Answer(base64.b64encode(random.Random(4).randbytes(6_000_000)).decode(), status=410)
"""A page that nobody reads, and for which the WARC goes up in parts."""

pytestmark = pytest.mark.parametrize("kind", ["s3"], scope="module")


@pytest.fixture(scope="module")
def way(trial: object, seaweed: Server) -> Iterator[Gateway]:
    assert trial, "which sets the environment"
    with gateway(seaweed) as between:
        yield between


@pytest.fixture(scope="module")
def locked(trial: object) -> str:
    """The name of a bucket whose objects can be locked."""
    assert trial
    boto3.client("s3").create_bucket(Bucket=LOCKED, ObjectLockEnabledForBucket=True)
    return LOCKED


@pytest.fixture(scope="module")
def usual(way: Gateway, trial: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Counter[str]:
    """How many calls of each kind a crawl makes."""
    with trial(tmp_path_factory.mktemp("usual"), environment=way.behind.environment(way.endpoint)) as it:
        way.calls.clear()
        assert it.crawl().code == 0
        return Counter(way.calls)


@pytest.mark.proof("a server that fails in any way at any kind of call costs nothing, and learns no secret")
@pytest.mark.parametrize("case", some(CASES, 2), ids="-".join)
def test_whatever_the_server_does_nothing_is_lost_and_recover_finishes(
    case: tuple[str, str, str],
    way: Gateway,
    usual: Counter[str],
    suffered: Callable[[str, int], None],
    request: pytest.FixtureRequest,
) -> None:
    trial, undisturbed, folder = map(request.getfixturevalue, ("trial", "undisturbed", "tmp_path"))
    call, fault, how = case
    way.faults.clear()
    with trial(folder, **_setting(call, way, request)) as it:
        before = random.Random(str(case)).randrange(max(1, usual[call]))
        ended = _troubled(it, way, call, [""] * before + [fault] * (EVER if how == "stays" else 1))
        way.faults.clear()
        assert ended.code in TOLD, ended.err
        recovered = it.recover()
        assert recovered.code == 0, recovered.out + recovered.err
        lost = it.lost()[KILLED.get(call, 0) :]
        suffered(f"S3: {fault} that {how}", len(lost))
        assert lost == []
        # where a listing shows nothing there is nothing to repeat; the next commit writes the lists again
        unlisted = (
            {"lost: latest.json", "lost: snapshots.jsonl"} if case[:2] == ("list", "swallowed") else set()
        )
        assert set(it.amiss()) - unlisted == set()
        gone_on_with(it, undisturbed)
        _nothing_secret(it, ended, recovered)


def _setting(call: str, way: Gateway, request: pytest.FixtureRequest) -> dict[str, Any]:
    """A page that makes the WARC large, or a bucket with locks, where the call needs it."""
    found: dict[str, Any] = {"environment": dict(way.behind.environment(way.endpoint))}
    if call in PARTS:
        found["day"] = DAY | {f"{HOME}/n/6": LARGE}
    if call == "retain":
        found["uri"] = way.behind.store().replace(way.behind.bucket, request.getfixturevalue("locked"))
        found["environment"]["LETOPIS_S3_LOCK"] = "GOVERNANCE:1"
    return found


def _troubled(it: Ordeal, way: Gateway, call: str, faults: list[str]) -> Ended:
    """What is in trouble: the crawl; the one that continues another, for what it reads; recover, for what it clears."""
    if call == "abort":  # which is asked for where a part fails
        way.faults["part"] = ["expired"] * EVER
    if call in KILLED:
        it.crawl({"how": "kill", "phase": "crawl", "step": 90})
    if call == "get":
        assert it.recover().code == 0
    way.faults[call] = faults
    return it.recover() if call == "uploads" else it.crawl()


def _nothing_secret(it: Ordeal, *commands: Ended) -> None:
    told = [*it.told(), *(("told", f"{ended.out}{ended.err}".encode()) for ended in commands)]
    for secret in (ACCESS, SECRET, "AWS4-HMAC"):
        assert [name for name, data in told if secret.encode() in data] == []
