"""Ctrl-C stops a fit on the host; what it had found stays."""

import subprocess
import sys
import textwrap

import numpy as np
import pytest

import jaxminuit as jm
from jaxminuit import HostFCN, Parameters
from jaxminuit.core.status import Status
from jaxminuit.minuit import Minuit
from jaxminuit.minuit.clock import Clock

START = [-1.2, 1.0]


def rosenbrock(x):
    return float(np.float64((1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2))


def gradient(x):
    return [-2 * (1 - x[0]) - 400 * x[0] * (x[1] - x[0] ** 2), 200 * (x[1] - x[0] ** 2)]


class StopsAt:
    """rosenbrock that raises KeyboardInterrupt at its k-th call, and remembers the best value before."""

    def __init__(self, k, function=rosenbrock):
        self.k, self.function, self.calls, self.best = k, function, 0, np.inf

    def __call__(self, x):
        self.calls += 1
        if self.calls == self.k:
            raise KeyboardInterrupt("enough")
        value = self.function(np.asarray(x))
        self.best = min(self.best, value)
        return value


@pytest.mark.parametrize("options", [{}, {"grad": gradient}])
@pytest.mark.parametrize("k", [2, 6, 20, 30])
def test_the_best_point_is_kept(k, options):
    function = StopsAt(k)
    m = Minuit(function, START, **options)
    with pytest.raises(KeyboardInterrupt, match="enough"):
        m.migrad()
    assert not m.valid
    assert m.fmin.edm >= 0 or np.isnan(m.fmin.edm)
    assert m.nfcn == k == function.calls
    assert m.ngrad == (0 if not options else m.fmin.ngrad)
    assert np.isfinite(np.array(m.values)).all()
    assert m.fval == pytest.approx(rosenbrock(m.values), rel=1e-12)
    # differences look around the best point for derivatives; those values are not candidates
    assert m.fval == function.best if options else m.fval <= rosenbrock(START)
    function.k = 0
    assert m.migrad().valid


def test_a_stop_at_the_very_first_call():
    """While it is found out whether JAX can trace the function: nothing has happened yet."""
    function = StopsAt(1)
    m = Minuit(function, START)
    with pytest.raises(KeyboardInterrupt, match="enough"):
        m.migrad()
    assert (function.calls, m.nfcn, m.fmin, list(m.values)) == (0, 0, None, START)
    m.gradient_path = "host"
    with pytest.raises(KeyboardInterrupt, match="enough"):
        m.migrad()
    assert (m.nfcn, m.valid, list(m.values)) == (1, False, START)
    assert np.isnan(m.fval)


@pytest.mark.slow
def test_a_stop_in_a_later_attempt_keeps_the_better_of_both():
    """A function with kinks: Migrad fails, and rounds of Simplex and Migrad follow."""

    def kinks(x):
        return float(np.abs(x[0] - 0.3) + 10 * np.abs(x[1] - x[0]) + np.abs(x).sum())

    first = Minuit(StopsAt(0, kinks), START).migrad(ncall=3000, iterate=1)
    assert not first.valid
    for more in (5, 60, 200):
        function = StopsAt(first.nfcn + more, kinks)
        m = Minuit(function, START)
        with pytest.raises(KeyboardInterrupt):
            m.migrad(ncall=3000)
        assert m.nfcn == function.calls
        assert not m.valid
        assert m.fval <= first.fval


def test_hesse_and_minos_leave_the_minimum():
    function = StopsAt(0)
    m = Minuit(function, START).migrad()
    values, nfcn = list(m.values), m.nfcn
    for algorithm in (m.hesse, m.minos):
        function.k = function.calls + 5
        with pytest.raises(KeyboardInterrupt):
            algorithm()
        assert m.valid
        assert list(m.values) == values
        assert len(m.merrors) == 0
        nfcn += 5
        assert m.nfcn == nfcn


def test_the_functional_way():
    for fit in (jm.migrad, jm.simplex, jm.minimize_all):
        function = StopsAt(15)
        with pytest.raises(KeyboardInterrupt) as stop:
            fit(HostFCN(function), Parameters(np.array(START), step=0.1))
        minimum = stop.value.minimum
        assert not minimum.valid
        assert int(minimum.status) == Status.INTERRUPTED
        assert float(minimum.fval) == pytest.approx(rosenbrock(np.asarray(minimum.values)), rel=1e-12)
        assert "interrupted" in str(minimum)


SCRIPT = """
import os
import signal
import numpy as np
from jaxminuit import Minuit

calls = 0

def interrupted(x, y):
    global calls
    calls += 1
    if calls == 50:
        os.kill(os.getpid(), signal.SIGINT)
    return float(np.float64((1 - x) ** 2 + 100 * (y - x * x) ** 2))

signal.signal(signal.SIGINT, signal.default_int_handler)  # a process in the background may have inherited to ignore it
m = Minuit(interrupted, x=-1.2, y=1.0)
try:
    m.migrad()
except KeyboardInterrupt:
    print("stopped", m.valid, m.nfcn, m.fval < 24.2, m.fmin.is_valid, flush=True)
else:
    print("ended", m.nfcn, flush=True)
"""


def test_a_real_signal():
    command = [sys.executable, "-c", textwrap.dedent(SCRIPT)]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=300)
    words = run.stdout.split()
    assert words[:2] == ["stopped", "False"]
    assert 5 < int(words[2]) < 200
    assert words[3:] == ["True", "False"]
    assert run.returncode == 0


def test_an_interrupt_before_the_clock_runs_is_still_one(monkeypatch):
    def stopped(_):
        raise KeyboardInterrupt("early")

    monkeypatch.setattr(Clock, "__enter__", stopped)
    m = Minuit(rosenbrock, START)
    with pytest.raises(KeyboardInterrupt, match="early"):
        m.migrad()
    assert m.fmin is None
