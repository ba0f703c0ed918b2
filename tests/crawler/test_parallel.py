import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from crawler.parallel import AHEAD, BATCH, Workers

from .gazeta import ROOT


@dataclass(frozen=True)
class Job:
    number: int
    marks: Path | None = None
    size: int = 1


def double(job: Job) -> str:
    return f"done {job.number * 2} by {os.getpid()}"


def deadly(job: Job) -> str:
    if job.number == 7:
        os.kill(os.getpid(), 9)
    return f"done {job.number}"


def dies_once(job: Job) -> str:
    if job.number == 3 and job.marks and not (job.marks / "died").exists():
        (job.marks / "died").touch()
        os.kill(os.getpid(), 9)
    return f"done {job.number}"


def lost(job: Job) -> str:
    return f"lost {job.number}"


def size(job: Job) -> int:
    return job.size


def raising(job: Job) -> str:
    raise ValueError(f"job {job.number}")


class Word(str):
    """A result that no other process can be told of."""

    __slots__ = ()

    def __reduce__(self) -> str:
        raise TypeError("not to be sent")


def unsendable(job: Job) -> str:
    return Word(f"word {job.number}")


def test_results_come_in_the_order_of_the_jobs_and_what_is_no_job_passes_between_them() -> None:
    stream = [each for n in range(60) for each in (Job(n), f"plain {n}")]
    found = list(Workers(2, double, lost, size).through(Job, stream))
    assert [each.partition(" by ")[0] for each in found] == [
        each for n in range(60) for each in (f"done {n * 2}", f"plain {n}")
    ]
    workers = {each.partition(" by ")[2] for each in found if each.startswith("done")}
    assert str(os.getpid()) not in workers


def test_a_job_that_kills_its_process_takes_no_other_with_it() -> None:
    found = list(Workers(2, deadly, lost, size).through(Job, (Job(n) for n in range(40))))
    assert found == [f"lost {n}" if n == 7 else f"done {n}" for n in range(40)]


def test_a_job_whose_process_was_killed_by_somebody_else_is_done_again(tmp_path: Path) -> None:
    found = list(Workers(2, dies_once, lost, size).through(Job, (Job(n, tmp_path) for n in range(20))))
    assert found == [f"done {n}" for n in range(20)]
    assert (tmp_path / "died").exists()


def test_only_a_few_jobs_are_taken_before_the_first_result_is_given() -> None:
    taken = 0

    def endless() -> object:
        nonlocal taken
        while True:
            taken += 1
            yield Job(taken)

    results = Workers(2, double, lost, size).through(Job, endless())  # type: ignore[arg-type]
    for _ in range(50):
        next(results)
    results.close()  # type: ignore[attr-defined]
    assert taken <= 50 + (2 * AHEAD + 2) * BATCH


def test_jobs_of_a_large_size_do_not_pile_up() -> None:
    taken = 0

    def large() -> Iterator[Job]:
        nonlocal taken
        while True:
            taken += 1
            yield Job(taken, size=2**20)

    results = Workers(2, double, lost, size).through(Job, large())
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert taken <= 2 * AHEAD + 2


def test_an_error_of_the_work_itself_is_raised_as_without_workers() -> None:
    with pytest.raises(ValueError, match="job 0"):
        list(Workers(2, raising, lost, size).through(Job, [Job(0), Job(1)]))


def test_a_result_that_cannot_be_sent_is_made_here() -> None:
    assert list(Workers(2, unsendable, lost, size).through(Job, [Job(1), Job(2)])) == ["word 1", "word 2"]


def test_threads_of_the_one_who_asks_keep_no_worker_waiting() -> None:
    held, done = threading.Lock(), threading.Event()

    def hold() -> None:
        with held:
            done.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert len(list(Workers(2, double, lost, size).through(Job, [Job(n) for n in range(4)]))) == 4
    finally:
        done.set()
        thread.join()


def test_where_no_process_comes_up_the_work_is_done_here_and_nothing_is_lost() -> None:
    told = (
        "from crawler.parallel import Workers\n"
        "from tests.crawler.test_parallel import Job, double, lost, size\n"
        "print(len([one for one in Workers(2, double, lost, size).through(Job, [Job(n) for n in range(20)]) if 'done' in one]))\n"
    )
    # a program that was read from its standard input is none that another process could import
    ran = subprocess.run(
        [sys.executable, "-"], check=True, input=told, capture_output=True, text=True, timeout=100
    )
    assert ran.stdout == "20\n"


def test_where_a_module_breaks_the_processes_as_they_start_the_work_is_done_here(tmp_path: Path) -> None:
    (tmp_path / "breaking.py").write_text("raise RuntimeError('it breaks')\n")
    told = (
        "from crawler.parallel import Workers\n"
        "from tests.crawler.test_parallel import Job, double, lost, size\n"
        "if __name__ == '__main__':\n"
        "    print(len(list(Workers(2, double, lost, size, ['breaking']).through(Job, [Job(n) for n in range(20)]))))\n"
    )
    (tmp_path / "work.py").write_text(told)
    paths = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])])
    ran = subprocess.run(
        [sys.executable, tmp_path / "work.py"],
        check=True,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert ran.stdout == "20\n"


def waiting(job: Job) -> str:
    assert job.marks
    return job.marks.read_text()


INTERRUPTED = """
import sys
from pathlib import Path
from crawler.parallel import Workers
from tests.crawler.test_parallel import Job, lost, size, waiting

if __name__ == "__main__":
    try:
        list(Workers(2, waiting, lost, size).through(Job, [Job(1, Path(sys.argv[1]))]))
    except KeyboardInterrupt:
        print("stopped")
"""


def test_ctrl_c_is_heard_by_whoever_handed_out_the_work_alone(tmp_path: Path) -> None:
    os.mkfifo(fifo := tmp_path / "waits")
    (script := tmp_path / "script.py").write_text(INTERRUPTED)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "start_new_session": True}
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, str(script), str(fifo)], env=env, **pipes) as child:  # type: ignore[call-overload]
        end = os.open(fifo, os.O_WRONLY)  # waits until it is being read
        os.killpg(child.pid, signal.SIGINT)
        os.close(end)
        said, _ = child.communicate(timeout=60)
    assert (child.returncode, said) == (0, "stopped\n")
