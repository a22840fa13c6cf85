"""A process keeps a limited number of compiled programs, whatever functions it is given."""

import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm
from jaxminuit.fit import programs
from jaxminuit.fit.programs import PROGRAMS


@pytest.mark.slow
def test_old_programs_are_dropped(monkeypatch):
    monkeypatch.setattr(programs, "KEPT", 3)
    monkeypatch.setattr(PROGRAMS, "traced", 0)
    start = jm.Parameters(np.array([3.0]))
    for k in range(5):
        fcn = jm.FCN(lambda x, k=k: jnp.sum((x - k) ** 2))
        assert float(jm.migrad(fcn, start, strategy=0).values[0]) == jm.migrad(fcn, start, strategy=0).values[0]
        assert float(jm.migrad(fcn, start, strategy=0).values[0]) - k < 0.02
        assert PROGRAMS.traced <= 3
