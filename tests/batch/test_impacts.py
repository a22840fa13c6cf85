"""Impacts against closed forms of a linear model and against a loop of fits by iminuit."""

import iminuit
import jax.numpy as jnp
import matplotlib
import numpy as np
import pytest

import jaxminuit as jm

matplotlib.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402

RNG = np.random.default_rng(5)
DESIGN = RNG.normal(size=(30, 4))
Y = DESIGN @ np.array([1.0, 0.3, -0.4, 0.8]) + RNG.normal(size=30)
START = jm.Parameters({"mu": 1.0, "s": np.zeros(3)}, step=0.3, limits={"s": (-3.0, 3.0)})


def chi2(p, d):
    """A linear model, and with `d["cubic"]` one that is not."""
    a, y = d["design"], d["y"]
    theta = jnp.concatenate([p["mu"][None], p["s"]])
    pulls = p["s"] + d["cubic"] * p["s"] ** 3
    return jnp.sum((y - a @ theta - d["cubic"] * p["mu"] * jnp.exp(0.3 * p["s"][0])) ** 2) + jnp.sum(pulls**2)


def problem(cubic):
    data = {"design": jnp.asarray(DESIGN), "y": jnp.asarray(Y), "cubic": jnp.asarray(float(cubic))}
    fcn = jm.FCN(chi2, data)
    return fcn, jm.migrad(fcn, START, tol=0.001)


def test_linear_model_has_the_impacts_of_its_covariance():
    """Delta mu = +- C_ip / sigma_i, C = (A^T A + prior)^-1; within the EDM goal, 1 % of an error."""
    fcn, minimum = problem(0.0)
    found = jm.impacts(fcn, minimum, "mu", priors={f"s[{k}]": (0.0, 1.0) for k in range(3)})
    c = np.linalg.inv(DESIGN.T @ DESIGN + np.diag([0.0, 1.0, 1.0, 1.0]))
    sigma = np.sqrt(np.diagonal(c))
    for k in range(3):
        wanted = c[0, k + 1] / sigma[k + 1] * np.array([-1.0, 1.0])
        np.testing.assert_allclose(found.impacts[k], wanted, atol=0.01 * sigma[0])
    np.testing.assert_allclose(found.shifts, sigma[1:, None] * [[-1.0, 1.0]] * np.ones((3, 1)), rtol=0.01)
    np.testing.assert_allclose(found.pulls, minimum.values[1:], atol=1e-12)
    np.testing.assert_allclose(found.constraints, sigma[1:], rtol=0.01)
    assert list(found.ranking) == list(np.argsort(-np.abs(c[0, 1:] / sigma[1:])))
    assert found.failed == 0


def test_minos_ends_against_iminuit():
    fcn, minimum = problem(0.6)
    errors = jm.minos(fcn, minimum)
    found = jm.impacts(fcn, minimum, "mu", errors=errors)

    def numpy_chi2(x):
        return float(chi2({"mu": jnp.asarray(x[0]), "s": jnp.asarray(x[1:])}, fcn.data))

    m = iminuit.Minuit(numpy_chi2, np.zeros(4) + [1.0, 0, 0, 0], name=minimum.names)
    m.tol = 0.001
    m.migrad().minos()
    best = m.values["mu"]
    errors_there = {name: (m.merrors[name].lower, m.merrors[name].upper) for name in found.names}
    for k, name in enumerate(found.names):
        for side, shift in enumerate(errors_there[name]):
            fit = iminuit.Minuit(numpy_chi2, np.array(m.values), name=minimum.names)
            fit.tol = 0.001
            fit.values[name] += shift
            fit.fixed[name] = True
            fit.migrad()
            np.testing.assert_allclose(found.shifts[k, side], shift, rtol=5e-3)
            np.testing.assert_allclose(found.impacts[k, side], fit.values["mu"] - best, atol=0.01 * minimum.errors[0])
    assert abs(found.impacts[:, 0] + found.impacts[:, 1]).max() > 0.02 * minimum.errors[0]  # not symmetric


def test_table_and_picture():
    fcn, minimum = problem(0.2)
    priors = {"s[0]": (0.0, 1.0), "s[1]": (0.0, 1.0), "s[2]": (0, 9.0)}
    found = jm.impacts(fcn, minimum, 0, ["s[2]", "s[0]", "s[1]"], errors="prior", priors=priors)
    assert found.names == ("s[2]", "s[0]", "s[1]")
    np.testing.assert_allclose(found.shifts[1], [-1.0, 1.0])
    np.testing.assert_allclose(minimum.values[3] + found.shifts[0], [-3.0, 3.0])  # cut at the limits
    assert "s[2]" in str(found)
    assert "<table>" in found._repr_html_()
    plt.figure()
    left, right = found.draw()
    left.figure.canvas.draw()
    assert [t.get_text() for t in left.get_yticklabels()] == [found.names[i] for i in found.ranking]
    widths = [bar.get_width() for bar in right.patches[:3]]
    np.testing.assert_allclose(widths, found.impacts[found.ranking, 0])
    plt.close(left.figure)


def test_wrong_arguments_are_named():
    fcn, minimum = problem(0.0)
    held = jm.fix(minimum, "s[0]")
    cases = (
        (ValueError, "unknown parameter 'nu'", (fcn, minimum, "nu"), {}),
        (ValueError, "mu is the parameter of interest", (fcn, minimum, "mu", ["mu"]), {}),
        (ValueError, r"s\[0\] is fixed", (fcn, held, "mu", ["s[0]"]), {}),
        (ValueError, r"interest s\[0\] is fixed", (fcn, held, "s[0]"), {}),
        (ValueError, r"s\[0\] has no prior", (fcn, minimum, "mu"), {"errors": "prior"}),
        (ValueError, "a positive error", (fcn, minimum, "mu"), {"priors": {"mu": (0.0, -1.0)}}),
        (TypeError, "errors must be None", (fcn, minimum, "mu"), {"errors": "post"}),
        (TypeError, "minimum must be a FunctionMinimum", (fcn, START, "mu"), {}),
        (TypeError, "unknown argument 'cl'", (fcn, minimum, "mu"), {"cl": 0.9}),
        (ValueError, "not valid", (fcn, jm.release(held, "s[0]"), "mu"), {}),
    )
    for error, message, args, options in cases:
        with pytest.raises(error, match=message):
            jm.impacts(*args, **options)
