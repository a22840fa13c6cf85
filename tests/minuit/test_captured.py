"""The key of a compiled function follows what the function reads."""

import functools

import jax.numpy as jnp
import numpy as np
import pytest

from jaxminuit.minuit.captured import Captured, written_between

DATA = np.arange(5.0)
SCALE = 2.0
SETTINGS = {"offset": 1.0}


def helper(x):
    return SCALE * x


def reads_globals(a):
    return jnp.sum((helper(DATA) - a) ** 2)


def reads_settings(a):
    return a + SETTINGS["offset"]


class Model:
    def __init__(self, data):
        self.data = data

    def __call__(self, a):
        return np.sum(self.data) * a

    def method(self, a):
        return np.sum(self.data) * a


def closure(data):
    return lambda a: np.sum(data) * a


@pytest.mark.parametrize(
    "function",
    [
        reads_globals, reads_settings, Model([1.0]), Model(np.ones(3)).method, closure(np.ones(3)),
        functools.partial(reads_settings), np.sin, jnp.sin, len, lambda a, b=DATA: a,
    ],
)  # fmt: skip
def test_the_same_function_has_the_same_key(function):
    assert Captured(function) == Captured(function)
    assert hash(Captured(function)) == hash(Captured(function))


def test_another_function_has_another_key():
    assert Captured(reads_globals) != Captured(reads_settings)
    assert Captured(closure(np.ones(3))) != Captured(closure(np.zeros(3)))
    assert Captured(reads_globals) != reads_globals


@pytest.mark.parametrize(
    ("function", "name", "value"),
    [
        (reads_globals, "DATA", np.arange(6.0)),
        (reads_globals, "DATA", np.arange(5.0, dtype=np.float32)),
        (reads_globals, "SCALE", 3.0),
        (reads_settings, "SETTINGS", {"offset": 2.0}),
    ],
)
def test_rebinding_a_global_changes_the_key(function, name, value, monkeypatch):
    before = Captured(function)
    monkeypatch.setitem(globals(), name, value)
    assert Captured(function) != before
    monkeypatch.undo()
    assert Captured(function) == before


def test_a_global_that_is_not_read_does_not_matter(monkeypatch):
    before = Captured(reads_settings)
    monkeypatch.setitem(globals(), "SCALE", 3.0)
    assert Captured(reads_settings) == before


def test_changes_in_place_are_seen(monkeypatch):
    data = np.ones(3)
    for function in (closure(data), Model(data), Model(data).method, lambda a, d=data: a, functools.partial(len, data)):
        before = Captured(function)
        data[1] += 1.0
        assert Captured(function) != before
    monkeypatch.setitem(SETTINGS, "offset", 5.0)
    changed = Captured(reads_settings)
    monkeypatch.undo()
    assert Captured(reads_settings) != changed


def test_what_the_function_writes_itself_can_be_left_out():
    calls, log, data = [0], [], np.ones(2)

    def counting(a):
        calls[0] += 1
        log.append(a)
        return np.sum(data) * a

    before = Captured(counting)
    counting(1.0)
    written = written_between(before, Captured(counting))
    key = Captured(counting, written)
    counting(2.0)
    assert Captured(counting, written) == key
    data[0] = 3.0
    assert Captured(counting, written) != key


def test_cycles_end():
    loop = []
    loop.append(loop)
    model = Model(loop)
    model.me = model
    assert Captured(model) == Captured(model)


def test_call_goes_through():
    assert Captured(reads_settings)(2.0) == 3.0
