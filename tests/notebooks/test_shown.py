"""What IPython shows of results in a terminal: the tables, as iminuit does."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm

pretty = pytest.importorskip("IPython.lib.pretty", reason="IPython is in the extra test, with ipykernel").pretty


def test_results_of_minuit_are_tables():
    m = jm.Minuit(lambda a, b: (a - 1.0) ** 2 + (b - 2.0) ** 2, a=0.0, b=0.0)
    m.migrad().minos()
    for shown in (m.fmin, m.params, m.params[0], m.merrors, m.merrors["a"], m.covariance):
        assert pretty(shown) == str(shown)
        assert "─" in pretty(shown)


def test_tables_of_toys():
    def generate(key):
        return jax.random.normal(key, 20)

    fcn = jm.FCN(lambda p, x: jnp.sum((x - p["mu"]) ** 2), data=np.zeros(20))
    study = jm.toys(generate, fcn, jm.Parameters({"mu": 0.0}), n=20, key=1)
    for table in (study.pulls(), study.bias(), study.coverage(), study.failures()):
        assert pretty(table) == repr(table) == str(table)
