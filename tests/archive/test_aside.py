import os
import signal
import subprocess
import sys
from pathlib import Path

INTERRUPTED = """
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from archive import aside

if __name__ == "__main__":
    pool = ProcessPoolExecutor(2, get_context("spawn"))
    try:
        with aside.unheard():
            waiting = [pool.submit(Path.read_text, Path(name)) for name in sys.argv[1:]]
        waiting[-1].result()
    except KeyboardInterrupt:
        aside.end(pool, at_once=True)
        print("stopped")
"""


def test_ctrl_c_is_heard_here_alone_and_the_pool_ends_in_the_middle_of_its_work(tmp_path: Path) -> None:
    names = [tmp_path / name for name in ("waits", "waits too")]
    (script := tmp_path / "script.py").write_text(INTERRUPTED)
    for name in names:
        os.mkfifo(name)
    with subprocess.Popen(
        [sys.executable, str(script), *map(str, names)],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as child:
        ends = [os.open(name, os.O_WRONLY) for name in names]  # waits until they are being read
        os.killpg(child.pid, signal.SIGINT)
        said, _ = child.communicate(timeout=60)
    for end in ends:
        os.close(end)
    assert (child.returncode, said) == (0, "stopped\n")
