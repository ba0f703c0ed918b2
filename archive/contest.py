"""Create-only on a server that ignores If-None-Match.

Such a server offers single objects, each replaced in one step, and listings that show whatever was written before them. Whoever wants to
create a key puts up a candidate first: an object of its own, under a name that nobody else uses. Then it lists the key's candidates, and
only who finds itself alone looks whether the key is free, writes it, and takes its candidate down. Of two that overlap, the one that
listed later sees the other's candidate, unless the other is through, and then the key is taken: two never both write, however slow
either is. Of several that see each other, the lowest name waits; the others step back, and come again after ever longer pauses.

The candidate of one that died would stop all others; one that is older than STALE, by the server's own clock, is removed. Hence the one
assumption about time: the deciding write takes effect within STALE of its candidate, or never. To keep it, that write is
sent without retries below, and not at all when it is LATE. A server that fails, or does not answer, may carry it out yet: then the same
write is sent again under the same candidate, for it would replace itself alone; and while nobody can tell, the candidate stays.
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
REFUSALS = frozenset(range(400, 500)) - {408}
"""Statuses by which a server says that it has not done what was asked for, and will not."""
WRITES = 3
"""Deciding writes in place of one that may have been done."""
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
            if self._alone(candidate, end) and time.monotonic() < begun + LATE:
                return self._decided(candidate, writer, begun + LATE)
            self.bucket.delete(candidate)
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

    def _decided(self, candidate: str, writer: str, late: float) -> bool:
        """Whether the key, if it is free still, holds what was written here; raises what the server said where it holds nothing.

        The candidate is taken down, unless a write that was sent may take effect yet.
        """
        said = None
        found = self.bucket.head(self.key)
        ours = found is None
        for attempt in range(WRITES):
            if found is not None or (attempt and time.monotonic() > late):
                break
            if attempt:
                time.sleep(PAUSE)
            said = self._written(writer)
            found = self.bucket.head(self.key)
            # a refusal says nothing of a try before it, which may have been heard
            if found is None and said and said.status in REFUSALS and not attempt:
                self.bucket.delete(candidate)
                raise said
        if found is None:
            raise said or ContestedError(
                f"{self.bucket.uri} says that it took {self.key} but does not have it; try again in {STALE.seconds // 60} minutes"
            )
        self.bucket.delete(candidate)
        return ours and found.metadata.get("writer", writer) == writer

    def _written(self, writer: str) -> RefusedError | None:
        try:
            self.once.put(self.key, self.content, checksum=False, writer=writer)
        except RefusedError as error:
            return error
        return None
