"""Work that several processes share: results in the order of their jobs, and never more of either in memory than a few."""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from archive import aside

J = TypeVar("J")
R = TypeVar("R")

BATCH = 8
"""Jobs that go to a process together, at most: each way costs as much as a tenth of a page."""
HEAVY = 2**20
"""The size of jobs from which on they wait for no others to go with."""
AHEAD = 2
"""Batches for each worker that are handed out before the first of them must be done."""


@dataclass(slots=True)
class _Batch(Generic[J, R]):
    """Part of a stream: the jobs in it go to one process, all else in it only waits for its turn."""

    kind: type[J]
    items: list[J | R] = field(default_factory=list)
    future: Future[list[R]] = field(default_factory=Future)

    @property
    def jobs(self) -> list[J]:
        return [each for each in self.items if isinstance(each, self.kind)]

    def results(self) -> Iterator[R]:
        """What comes of the items, in their order, once the future is done."""
        done = iter(self.future.result())
        return (next(done) if isinstance(each, self.kind) else cast("R", each) for each in self.items)


@dataclass(slots=True)
class Workers(Generic[J, R]):
    """Processes that do jobs, started with the first one, ended by `close`.

    `do` and its jobs are pickled, so `do` stands at the top of a module. `lost` says what comes of a job that killed its
    process twice, `size` how many bytes a job is. `modules` are imported once, before the processes are made.
    """

    count: int
    do: Callable[[J], R]
    lost: Callable[[J], R]
    size: Callable[[J], int]
    modules: Sequence[str] = ()
    _pool: ProcessPoolExecutor | None = field(default=None, init=False)
    _here: bool = field(default=False, init=False)

    def through(self, kind: type[J], stream: Iterable[J | R]) -> Iterator[R]:
        """Yield what comes of a stream, in its order: its jobs are done, all that is not of that kind passes."""
        pending: deque[_Batch[J, R]] = deque()
        try:
            for batch in self._batches(kind, stream):
                batch.future = self._submit(batch.jobs)
                pending.append(batch)
                while len(pending) > AHEAD * self.count or (pending and pending[0].future.done()):
                    yield from self._next(pending)
            while pending:
                yield from self._next(pending)
        finally:
            self.close()

    def _batches(self, kind: type[J], stream: Iterable[J | R]) -> Iterator[_Batch[J, R]]:
        batch, weight = _Batch[J, R](kind), 0
        for each in stream:
            batch.items.append(each)
            weight += HEAVY // BATCH
            if isinstance(each, kind):
                weight += self.size(each)
            if weight >= HEAVY:
                yield batch
                batch, weight = _Batch[J, R](kind), 0
        yield batch

    def close(self) -> None:
        """End the processes; what they were doing is dropped."""
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _submit(self, jobs: Sequence[J]) -> Future[list[R]]:
        if self._here or not jobs:
            return _ended(_each(self.do, jobs))
        return self._sent(_each, self.do, jobs)

    def _sent(self, do: Callable[..., Any], *given: Any) -> Future[Any]:
        try:
            if self._pool is None:
                # a fork of this process would take over the locks that its threads hold
                context = multiprocessing.get_context("forkserver")
                context.set_forkserver_preload(list(self.modules))
                self._pool = ProcessPoolExecutor(self.count, context)
            with aside.unheard():
                return self._pool.submit(do, *given)
        except (BrokenProcessPool, OSError, EOFError) as broken:  # the last two: while a process was started
            future: Future[Any] = Future()
            future.set_exception(BrokenProcessPool(str(broken)))
            return future

    def _starts(self) -> bool:
        """Whether processes come up at all: where they do not, no job is to blame, and all is done here from now on."""
        try:
            if not self._here:
                self._sent(_nothing).result()
        except BrokenProcessPool:
            self.close()
            self._here = True
        return not self._here

    def _next(self, pending: deque[_Batch[J, R]]) -> Iterator[R]:
        head = pending.popleft()
        try:
            return head.results()
        except BrokenProcessPool:
            self._repair([head, *pending])
            return head.results()
        except Exception:  # noqa: BLE001  what cannot be sent to or fro is done here, as it would be without workers
            head.future = _ended(_each(self.do, head.jobs))
            return head.results()

    def _repair(self, sent: Sequence[_Batch[J, R]]) -> None:
        """Do one after another what a process took down with it: only the job that did it meets its end."""
        self.close()
        for batch in sent:
            if _broken(batch.future):
                batch.future = _ended(
                    [self._alone(job) if self._starts() else self.do(job) for job in batch.jobs]
                )

    def _alone(self, job: J) -> R:
        """What comes of a job that has a process to itself; two deaths are its own fault."""
        for _ in range(2):
            try:
                return self._submit([job]).result()[0]
            except BrokenProcessPool:
                self.close()
            except Exception:  # noqa: BLE001  as above
                return self.do(job)
        return self.lost(job)


def _ended(results: list[R]) -> Future[list[R]]:
    future: Future[list[R]] = Future()
    future.set_result(results)
    return future


def _broken(future: Future[list[R]]) -> bool:
    return future.cancelled() or not future.done() or isinstance(future.exception(), BrokenProcessPool)


def _each(do: Callable[[J], R], jobs: Sequence[J]) -> list[R]:
    return [do(job) for job in jobs]


def _nothing() -> Any:
    """Done by any process that is up."""
