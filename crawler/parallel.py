"""Work that several processes share: results in the order of their jobs, and never more of either in memory than a few."""

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

J = TypeVar("J")
R = TypeVar("R")

AHEAD = 8
"""Jobs for each worker that are handed out before the first of them must be done."""


@dataclass(slots=True)
class _Sent(Generic[J, R]):
    """A job, and what will come of it."""

    job: J
    future: Future[R]


@dataclass(slots=True)
class Workers(Generic[J, R]):
    """Processes that do jobs, started with the first one, ended by `close`.

    `do` and its jobs are pickled, so `do` stands at the top of a module. `lost` says what comes of a job that killed its
    process twice. `modules` are imported once, before the processes are made.
    """

    count: int
    do: Callable[[J], R]
    lost: Callable[[J], R]
    modules: Sequence[str] = ()
    _pool: ProcessPoolExecutor | None = field(default=None, init=False)
    _here: bool = field(default=False, init=False)

    def through(self, kind: type[J], stream: Iterable[J | R]) -> Iterator[R]:
        """Yield what comes of a stream, in its order: its jobs are done, all that is not of that kind passes."""
        pending: deque[_Sent[J, R] | R] = deque()
        ahead = AHEAD * self.count
        try:
            for each in stream:
                pending.append(_Sent(each, self._submit(each)) if isinstance(each, kind) else cast("R", each))
                while len(pending) > ahead or (pending and _done(pending[0])):
                    yield self._next(pending)
            while pending:
                yield self._next(pending)
        finally:
            self.close()

    def close(self) -> None:
        """End the processes; what they were doing is dropped."""
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _submit(self, job: J) -> Future[R]:
        if not self._here:
            return self._sent(self.do, job)
        future: Future[R] = Future()
        future.set_result(self.do(job))
        return future

    def _sent(self, do: Callable[..., R], *given: J) -> Future[R]:
        try:
            if self._pool is None:
                # a fork of this process would take over the locks that its threads hold
                context = multiprocessing.get_context("forkserver")
                context.set_forkserver_preload(list(self.modules))
                self._pool = ProcessPoolExecutor(self.count, context, initializer=_quiet)
            return self._pool.submit(do, *given)
        except (BrokenProcessPool, OSError) as broken:  # OSError: it broke while another process was started
            future: Future[R] = Future()
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

    def _next(self, pending: deque[_Sent[J, R] | R]) -> R:
        head = pending.popleft()
        if not isinstance(head, _Sent):
            return head
        try:
            return head.future.result()
        except BrokenProcessPool:
            self._repair([head, *(each for each in pending if isinstance(each, _Sent))])
            return head.future.result()
        except Exception:  # noqa: BLE001  what cannot be sent to or fro is done here, as it would be without workers
            return self.do(head.job)

    def _repair(self, sent: Sequence[_Sent[J, R]]) -> None:
        """Do one after another what a process took down with it: only the job that did it meets its end."""
        self.close()
        for each in sent:
            if _broken(each.future):
                each.future = Future()
                each.future.set_result(self._alone(each.job) if self._starts() else self.do(each.job))

    def _alone(self, job: J) -> R:
        """What comes of a job that has a process to itself; two deaths are its own fault."""
        for _ in range(2):
            try:
                return self._submit(job).result()
            except BrokenProcessPool:
                self.close()
            except Exception:  # noqa: BLE001  as above
                return self.do(job)
        return self.lost(job)


def _done(head: object) -> bool:
    return not isinstance(head, _Sent) or head.future.done()


def _broken(future: Future[R]) -> bool:
    return future.cancelled() or not future.done() or isinstance(future.exception(), BrokenProcessPool)


def _nothing() -> Any:
    """Done by any process that is up."""


def _quiet() -> None:
    """Leave Ctrl-C to the process that handed out the work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
