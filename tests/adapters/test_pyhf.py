"""HistFactory likelihoods against pyhf, and against what their formulae say where pyhf is not installed."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm, poisson

import jaxminuit as jm
from jaxminuit.adapters import from_pyhf
from jaxminuit.adapters.histfactory import _bent, _power


def sample(name, data, *modifiers):
    keys = ("type", "name", "data")
    return {"name": name, "data": data, "modifiers": [dict(zip(keys, m, strict=True)) for m in modifiers]}


def workspace(extra=()):
    """Two channels, three samples, every kind of modifier."""
    lumi, mu = ("lumi", "lumi", None), ("normfactor", "mu", None)
    shape = ("histosys", "jes", {"hi_data": [6.0, 5.0, 2.5], "lo_data": [4.5, 3.0, 1.5]})
    other = ("histosys", "jes", {"hi_data": [52.0, 33.0, 11.0], "lo_data": [47.0, 30.5, 8.0]})
    tilt = ("normsys", "theory", {"hi": 1.15, "lo": 0.8})
    one = [
        sample("signal", [5.0, 4.0, 2.0], mu, lumi, shape, ("staterror", "mc_one", [0.5, 0.4, 0.1])),
        sample("top", [50.0, 30.0, 10.0], lumi, other, tilt, ("staterror", "mc_one", [2.0, 1.5, 1.0])),
        sample("fakes", [8.0, 6.0, 4.0], ("shapesys", "fake_rate", [2.0, 1.5, 1.0])),
    ]
    two = [
        sample("top", [80.0, 20.0], lumi, ("normsys", "theory", {"hi": 1.1, "lo": 0.95}), ("normfactor", "k", None)),
        sample("free", [10.0, 10.0], ("shapefactor", "any", None), *extra),
    ]
    config = {
        "poi": "mu",
        "parameters": [{"name": "lumi", "auxdata": [1.0], "sigmas": [0.02], "bounds": [[0.9, 1.1]], "inits": [1.0]}],
    }
    return {
        "version": "1.0.0",
        "channels": [{"name": "one", "samples": one}, {"name": "two", "samples": two}],
        "observations": [{"name": "one", "data": [66.0, 42.0, 15.0]}, {"name": "two", "data": [93.0, 28.0]}],
        "measurements": [{"name": "m", "config": config}],
    }


def points(start, number=6):
    """Parameters around the start, some beyond one standard deviation of the interpolated ones."""
    rng = np.random.default_rng(2)
    spread = np.where(np.asarray(start.lower) < -1.0, 1.5, 0.1)
    return np.asarray(start.values) + spread * rng.normal(size=(number, start.size))


@pytest.mark.filterwarnings("ignore")
def test_values_are_those_of_pyhf():
    pyhf = pytest.importorskip("pyhf")
    spec = workspace()
    w = pyhf.Workspace(spec)
    model = w.model()
    data = w.data(model)
    fcn, start = from_pyhf(spec)
    assert start.size == model.config.npars
    value = jax.jit(lambda params: fcn.evaluate(params))
    for x in points(start):
        params = start.unflatten(jnp.asarray(x))
        theirs = np.zeros(model.config.npars)
        for name, found in model.config.par_map.items():
            theirs[found["slice"]] = params[name]
        expected = -2.0 * float(np.asarray(model.logpdf(theirs.tolist(), data)).ravel()[0])
        np.testing.assert_allclose(value(params), expected, rtol=1e-12)
        np.testing.assert_allclose(fcn.expected(params), model.expected_actualdata(theirs), rtol=1e-12)


def test_interpolations_meet_at_one_standard_deviation():
    """Value, first and second derivative are those of the exponential and of the straight line on both sides."""
    up, down = jnp.log(1.3), jnp.log(0.6)

    def derivatives(f, a):
        return [jnp.stack([g(a - 1e-9), g(a + 1e-9)]) for g in (f, jax.grad(f), jax.grad(jax.grad(f)))]

    for a in (-1.0, 1.0):
        for f in (lambda a: _power(a, up, down), _bent):
            for left, right in derivatives(f, a):
                np.testing.assert_allclose(left, right, atol=1e-6)
    np.testing.assert_allclose(_power(2.0, up, down), 1.69)
    np.testing.assert_allclose(_power(-2.0, up, down), 0.36)
    np.testing.assert_allclose(_power(0.0, up, down), 1.0)
    np.testing.assert_allclose(_bent(-3.0), 24.0)


def test_two_bins_are_products_of_densities():
    spec = {
        "channels": [
            {
                "name": "c",
                "samples": [
                    sample("s", [12.0, 11.0], ("normfactor", "mu", None), ("lumi", "lumi", None)),
                    sample("b", [50.0, 52.0], ("shapesys", "g", [3.0, 7.0])),
                ],
            }
        ],
        "observations": [{"name": "c", "data": [51.0, 48.0]}],
        "measurements": [
            {"name": "m", "config": {"poi": "mu", "parameters": [{"name": "lumi", "auxdata": [1.0], "sigmas": [0.1]}]}}
        ],
    }
    fcn, start = from_pyhf(spec)
    p = {"mu": 1.3, "lumi": 0.95, "g": np.array([1.1, 0.9])}
    rate = p["mu"] * p["lumi"] * np.array([12.0, 11.0]) + p["g"] * np.array([50.0, 52.0])
    tau = (np.array([50.0, 52.0]) / np.array([3.0, 7.0])) ** 2
    bins = np.sum(poisson.logpmf([51, 48], rate)) + norm.logpdf(1.0, p["lumi"], 0.1)
    measured = np.sum(tau * np.log(tau * p["g"]) - tau * p["g"] - jax.scipy.special.gammaln(tau + 1.0))
    np.testing.assert_allclose(fcn.evaluate(p), -2.0 * (bins + measured), rtol=1e-13)
    assert start.names == ("g[0]", "g[1]", "lumi", "mu")


def test_terms_add_up_to_the_value_and_its_gradient():
    fcn, start = from_pyhf(workspace())
    x = jnp.asarray(points(start)[1])

    def terms(x):
        return fcn.terms(start.unflatten(x))

    def value(x):
        return fcn.evaluate(start.unflatten(x))

    jacobian = jax.jacfwd(lambda x: terms(x).z)(x)
    np.testing.assert_allclose(terms(x).value, value(x), rtol=1e-13)
    np.testing.assert_allclose(terms(x).slope @ jacobian, jax.grad(value)(x), rtol=1e-9, atol=1e-9)


def test_a_fit_converges():
    fcn, start = from_pyhf(workspace())
    fitted = jm.migrad(fcn, start.replace(fixed=start.fixed.at[start.index("k")].set(True)))
    assert fitted.valid


def test_wrong_workspaces_are_named():
    with pytest.raises(ValueError, match="no 'observations'"):
        from_pyhf({k: v for k, v in workspace().items() if k != "observations"})
    with pytest.raises(ValueError, match="unknown type 'spline'"):
        from_pyhf(workspace([("spline", "x", None)]))
    with pytest.raises(ValueError, match="no measurement 'other'"):
        from_pyhf(workspace(), "other")
    spec = workspace()
    spec["measurements"][0]["config"]["parameters"] = []
    with pytest.raises(ValueError, match="no sigmas for 'lumi'"):
        from_pyhf(spec)
    spec = workspace()
    spec["observations"].pop()
    with pytest.raises(ValueError, match="no observation for the channel 'two'"):
        from_pyhf(spec)
