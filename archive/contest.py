"""Create-only on a server that ignores If-None-Match.

Such a server offers single objects, each replaced in one step, and listings that show whatever was written before them. Whoever wants to
create a key puts up a candidate first: an object of its own, under a name that nobody else uses. Then it lists the key's candidates, and
only who finds itself alone looks whether the key is free, writes it, and takes its candidate down. Of two that overlap, the one that
listed later sees the other's candidate, unless the other is through, and then the key is taken: two never both write, however slow
either is. Of several that see each other, the lowest name waits, the others step back and come again.

The candidate of one that died would stop all others; one that is older than STALE, by the server's own clock, is removed. Hence the one
assumption about time: the deciding write takes effect within STALE of its candidate, or never. To keep it, that write is
sent once, without retries, and not at all when half of STALE has passed.
"""

import hashlib
import random
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from archive.bucket import Bucket, Listed
from archive.content import Content
from archive.objects import StoreError
from archive.refusal import RefusedError

CANDIDATES = ".letopis/candidates/"
"""No part of a key begins with a dot, so that they are in no listing of a store."""
STALE = timedelta(minutes=10)
PATIENCE = 45.0
"""Seconds for which others are waited for."""
PAUSE = 0.2


@dataclass(frozen=True, slots=True)
class Contest:
    """Creating one key; `once` is the same bucket, asked without retries; `wait` sleeps."""

    bucket: Bucket
    once: Bucket
    key: str
    content: Content
    wait: Callable[[float], None] = time.sleep
    patience: float = PATIENCE

    def win(self) -> bool:
        """Whether this call created the key; raises StoreError if others are in the way for too long, or the server fails."""
        end = time.monotonic() + self.patience
        while time.monotonic() < end:
            if self.bucket.head(self.key) is not None:
                return False
            begun = time.monotonic()
            candidate = f"{self._folder}{uuid.uuid4().hex}"
            self.bucket.put(candidate, Content.of(b""), checksum=False)
            if self._alone(candidate, end) and time.monotonic() - begun < STALE.total_seconds() / 2:
                return self._write(candidate)
            self.bucket.delete(candidate)
            self.wait(random.uniform(0, 5 * PAUSE))  # noqa: S311  spreads requests, keeps no secret
        raise StoreError(
            f"cannot create {self.key} in {self.bucket.uri}: others are creating it, or died doing so; try again in {STALE.seconds // 60} minutes"
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
            self.wait(PAUSE)
        return False

    def _alive(self, others: Iterable[Listed], mine: Listed) -> Iterator[Listed]:
        for each in others:
            if mine.modified - each.modified > STALE:
                self.bucket.delete(each.key)
            else:
                yield each

    def _write(self, candidate: str) -> bool:
        """Write the key if it is free still. If nobody knows whether the write took effect, the candidate stays up until it is stale."""
        writer = candidate.rpartition("/")[2]
        if self.bucket.head(self.key) is not None:
            self.bucket.delete(candidate)
            return False
        try:
            self.once.put(self.key, self.content, checksum=False, writer=writer)
        except RefusedError:
            if self.bucket.head(self.key) is None:
                raise
        found = self.bucket.head(self.key)
        self.bucket.delete(candidate)
        if found is None:
            raise StoreError(
                f"{self.bucket.uri} took {self.key} but does not have it; run the same command again"
            )
        return found.metadata.get("writer", writer) == writer
