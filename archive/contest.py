"""Create-only on a server that ignores If-None-Match.

Such a server offers single objects, each replaced in one step, and listings that show whatever was written before them. Whoever wants to
create a key puts up a candidate first: an object of its own, under a name that nobody else uses. Then it lists the key's candidates, and
only who finds itself alone looks whether the key is free, writes it, and takes its candidate down. Of two that overlap, the one that
listed later sees the other's candidate, unless the other is through, and then the key is taken: two never both write, however slow
either is. Of several that see each other, the lowest name waits; the others step back, and come again after ever longer pauses.

The candidate of one that died would stop all others; one that is older than STALE, by the server's own clock, is removed. Hence the one
assumption about time: the deciding write takes effect within STALE of its candidate, or never. To keep it, that write is
sent once, without retries, and not at all when it is LATE.
"""

import hashlib
import random
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from archive.bucket import Bucket, Listed
from archive.content import Content
from archive.objects import StoreError
from archive.refusal import RefusedError

CANDIDATES = ".letopis/candidates/"
"""No part of a key begins with a dot, so that they are in no listing of a store."""
SERVER_ERROR = 500
STALE = timedelta(minutes=10)
LATE = 300.0
"""Seconds after its candidate at which a deciding write is no longer sent."""
PATIENCE = 45.0
"""Seconds for which others are waited for."""
PAUSE = 0.2


class ContestedError(StoreError):
    """Nobody can tell yet who creates the key."""


@dataclass(frozen=True, slots=True)
class Contest:
    """Creating one key; `once` is the same bucket, asked without retries."""

    bucket: Bucket
    once: Bucket
    key: str
    content: Content

    def win(self) -> bool:
        """Whether this call created the key; raises ContestedError if others are in the way for too long, StoreError if the server fails."""
        writer, end = uuid.uuid4().hex, time.monotonic() + PATIENCE
        for attempt in count():
            if time.monotonic() > end:
                break
            if self.bucket.head(self.key) is not None:
                return False
            begun = time.monotonic()
            candidate = f"{self._folder}{writer}-{attempt:04}"
            self.bucket.put(candidate, Content.of(b""), checksum=False)
            won = None
            if self._alone(candidate, end) and time.monotonic() - begun < LATE:
                won = self._write(writer)
            self.bucket.delete(candidate)
            if won is not None:
                return won
            pause = random.uniform(0, PAUSE * 2 ** min(attempt, 5))  # noqa: S311  spreads requests, keeps no secret
            time.sleep(max(0, min(pause, end - time.monotonic())))
        raise ContestedError(
            f"cannot create {self.key} in {self.bucket.uri}: others are creating it, or died doing so, or the server fails; try again in {STALE.seconds // 60} minutes"
        )

    @property
    def _folder(self) -> str:
        return f"{CANDIDATES}{hashlib.sha256(self.key.encode()).hexdigest()[:32]}/"

    def _alone(self, candidate: str, end: float) -> bool:
        """Whether no other candidate is up; waits while all others have higher names."""
        while time.monotonic() < end:
            listed = {each.key: each for each in self.bucket.listed(self._folder)}
            mine = listed.pop(candidate, None)
            if mine is None:  # removed as stale, or never stored
                return False
            others = [each.key for each in self._alive(listed.values(), mine)]
            if not others:
                return True
            if min(others) < candidate:
                return False
            time.sleep(PAUSE)
        return False

    def _alive(self, others: Iterable[Listed], mine: Listed) -> Iterator[Listed]:
        for each in others:
            if mine.modified - each.modified > STALE:
                self.bucket.delete(each.key)
            else:
                yield each

    def _write(self, writer: str) -> bool | None:
        """Write the key if it is free still; None if the server certainly has not done it.

        Where no answer came, the write may take effect yet: then the error leaves the candidate up until it is stale.
        """
        if self.bucket.head(self.key) is not None:
            return False
        try:
            self.once.put(self.key, self.content, checksum=False, writer=writer)
        except RefusedError as error:
            if error.status < SERVER_ERROR and self.bucket.head(self.key) is None:
                raise
        found = self.bucket.head(self.key)
        return None if found is None else found.metadata.get("writer", writer) == writer
