"""Ctrl-C waits for a place where it does no harm."""

import os
import signal
import threading

import pytest

from jaxminuit.command.ctrl_c import CtrlC


@pytest.fixture(autouse=True)
def as_in_a_session():
    """Children of some runners ignore SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press():
    signal.raise_signal(signal.SIGINT)


def test_the_first_waits_until_somebody_hears_it():
    ctrl_c = CtrlC()
    with ctrl_c.kept():
        ctrl_c.hear()
        press()
        assert ctrl_c.waits
        with pytest.raises(KeyboardInterrupt):
            ctrl_c.hear()
        assert not ctrl_c.waits
    with pytest.raises(KeyboardInterrupt):
        press()


def test_the_second_is_heard_at_once():
    with CtrlC().kept():
        press()
        with pytest.raises(KeyboardInterrupt):
            press()


def test_the_users_own_code_hears_it_at_once():
    ctrl_c = CtrlC()
    with ctrl_c.kept():
        with pytest.raises(KeyboardInterrupt), ctrl_c.heard_at_once():
            press()
        press()
        with pytest.raises(KeyboardInterrupt), ctrl_c.heard_at_once():
            os.getpid()  # not reached: one that waits is heard before
        assert not ctrl_c.waits


def test_what_nobody_heard_is_forgotten_with_the_next_command():
    ctrl_c = CtrlC()
    with ctrl_c.kept():
        press()
    assert ctrl_c.waits
    with ctrl_c.kept():
        ctrl_c.hear()


def test_other_threads_have_no_signals():
    done = []

    def work():
        with CtrlC().kept():
            done.append(1)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [1]
