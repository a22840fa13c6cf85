"""The strategy as an object, and the settings beside it; call counts with changed numbers are those of iminuit."""

import iminuit
import numpy as np
import pytest

import jaxminuit as jm
from jaxminuit.minuit import Minuit
from jaxminuit.minuit.strategy import MnStrategy
from jaxminuit.problem.strategy import STRATEGIES

KNOBS = (
    "gradient_ncycles", "gradient_step_tolerance", "gradient_tolerance", "hessian_ncycles", "hessian_step_tolerance",
    "hessian_g2_tolerance", "hessian_gradient_ncycles", "storage_level", "strategy",
)  # fmt: skip


def curved(a, b):
    """Not quadratic, so that difference steps go on adapting."""
    return float(np.float64(np.cosh(a - 1.0) + (b + 2.0) ** 4 + (b + a) ** 2 + 0.01 * b**3))


def both():
    return Minuit(curved, a=0.5, b=1.0), iminuit.Minuit(curved, a=0.5, b=1.0)


@pytest.mark.parametrize("level", [0, 1, 2])
def test_levels_and_their_numbers(level):
    ours, theirs = both()
    ours.strategy = theirs.strategy = level
    assert {k: getattr(ours.strategy, k) for k in KNOBS} == {k: getattr(theirs.strategy, k) for k in KNOBS}
    for m in (ours, theirs):
        assert m.strategy == level
        assert m.strategy != 1 - level
        with pytest.raises(TypeError):
            int(m.strategy)
        with pytest.raises(TypeError):
            hash(m.strategy)
    assert ours.strategy == STRATEGIES[level] == ours.strategy.settings


CHANGES = [
    {"gradient_ncycles": 1, "gradient_tolerance": 1e-9, "gradient_step_tolerance": 1e-9},
    {"gradient_ncycles": 8, "gradient_tolerance": 1e-7, "gradient_step_tolerance": 1e-7, "hessian_ncycles": 2},
    {
        "hessian_ncycles": 9, "hessian_step_tolerance": 1e-9, "hessian_g2_tolerance": 1e-9,
        "hessian_gradient_ncycles": 1,
    },
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_changed_numbers_act_as_in_iminuit(change):
    counts = []
    for m in both():
        m.strategy = 1
        for name, value in change.items():
            setattr(m.strategy, name, value)
            assert getattr(m.strategy, name) == value
        assert m.strategy.strategy == 1
        assert m.strategy != 1
        m.migrad()
        counts.append([m.nfcn])
        m.hesse()
        counts[-1].append(m.nfcn)
    assert counts[0] == counts[1]
    plain = Minuit(curved, a=0.5, b=1.0).migrad().hesse()
    assert plain.nfcn != counts[0][1]


def test_setting_the_level_sets_all_numbers():
    for m in both():
        m.strategy.gradient_ncycles = 9
        held = m.strategy
        held.strategy = 2
        assert m.strategy == 2
        assert m.strategy.gradient_ncycles == 5
        m.strategy = 0
        assert held == 0


def test_what_is_refused():
    ours, theirs = both()
    for m in (ours, theirs):
        with pytest.raises(ValueError, match="invalid strategy"):
            m.strategy = 3
        with pytest.raises(AttributeError, match="foo"):
            m.strategy.foo = 1
        with pytest.raises(TypeError):
            m.strategy.gradient_tolerance = "x"
        with pytest.raises(ValueError, match="precision must be a positive number or None"):
            m.precision = -1
        with pytest.raises(ValueError, match="tolerance must be non-negative"):
            m.tol = -1
        with pytest.raises(ValueError, match="errordef=-1 must be a positive number"):
            m.errordef = -1
        for name in ("precision", "tol", "errordef"):
            with pytest.raises(TypeError):
                setattr(m, name, "x")
    for value in (-1, 1.5, "x", None):
        with pytest.raises(ValueError, match="invalid strategy"):
            ours.strategy = value
    with pytest.raises(ValueError, match="gradient_ncycles must not be negative"):
        ours.strategy.gradient_ncycles = -1
    with pytest.raises(TypeError, match="hessian_ncycles must be a whole number"):
        ours.strategy.hessian_ncycles = 1.5


def test_print_level_belongs_to_one_object():
    a, b = Minuit(curved, a=0.5, b=1.0), Minuit(curved, a=0.5, b=1.0)
    a.print_level = 2
    assert (a.print_level, b.print_level) == (2, 0)


def test_the_functional_interface_takes_it():
    strategy = MnStrategy(1)
    strategy.gradient_ncycles, strategy.gradient_tolerance, strategy.gradient_step_tolerance = 1, 1e-9, 1e-9
    fcn = jm.HostFCN(lambda p: curved(p["a"], p["b"]))
    start = jm.Parameters({"a": 0.5, "b": 1.0}, step={"a": 5e-3, "b": 0.01})
    m = Minuit(curved, a=0.5, b=1.0)
    m.strategy = strategy
    assert int(jm.migrad(fcn, start, strategy=strategy).nfcn) == m.migrad(iterate=1).nfcn
    assert MnStrategy(strategy) == strategy != MnStrategy(1)
    assert "gradient_ncycles=1" in repr(strategy)
