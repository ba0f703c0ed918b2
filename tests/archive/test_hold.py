from pathlib import Path

from archive.hold import Hold


def test_a_lock_is_one_process_s_and_goes_with_it(tmp_path: Path) -> None:
    path = tmp_path / "claim.json"
    assert Hold.take(path) is None
    path.write_text("{}")
    first = Hold.take(path)
    assert first
    assert Hold.take(path) is None
    first.release()
    again = Hold.take(path)
    assert again
    again.release()
