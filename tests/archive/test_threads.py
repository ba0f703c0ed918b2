from threading import Event, current_thread, main_thread

import pytest

from archive.threads import GRACE, briefly, interrupted, together


def test_what_is_done_at_once_comes_in_its_order_from_no_more_threads_than_asked_for() -> None:
    seen = set()

    def act(number: int) -> int:
        seen.add(current_thread())
        return number * 2

    assert together(act, range(50), 3) == list(range(0, 100, 2))
    assert 1 <= len(seen) <= 3
    assert main_thread() not in seen
    assert together(act, [], 3) == []


def test_the_first_error_ends_it_once_those_that_had_begun_are_through() -> None:
    begun, go_on, through = Event(), Event(), []

    def act(number: int) -> None:
        if number == 0:
            begun.set()
            assert go_on.wait(10)
        elif number == 1:
            assert begun.wait(10)
            raise ValueError("no")
        through.append(number)

    with pytest.raises(ValueError, match="no"):
        together(act, range(100), 2, go_on.set)
    assert through == [0]


def test_ctrl_c_waits_for_no_thread_that_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.threads.GRACE", 0.01)
    hangs, ever = Event(), Event()

    def act(number: int) -> None:
        if number:
            assert hangs.wait(10)
            raise KeyboardInterrupt
        hangs.set()
        ever.wait()

    with pytest.raises(KeyboardInterrupt):
        together(act, range(2), 2)
    briefly(ever.wait)
    assert not ever.is_set(), "both threads wait still"
    ever.set()


def test_what_is_done_briefly_is_done_where_it_can_be() -> None:
    done = Event()
    briefly(done.set)
    assert done.wait(GRACE)


def test_a_signal_is_known_behind_the_words_made_of_it() -> None:
    told = ValueError()
    told.__cause__ = KeyboardInterrupt()
    assert [interrupted(error) for error in (KeyboardInterrupt(), told, ValueError())] == [True, True, False]
