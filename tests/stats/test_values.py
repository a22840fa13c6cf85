"""Densities and distribution functions against SciPy, numba_stats and quadrature."""

import inspect
from importlib import import_module

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import integrate, special
from scipy import stats as reference

from jaxminuit import stats
from tests.stats.families import FAMILIES

WITH_REFERENCE = [family for family in FAMILIES if family.pdf is not None]
ids = {"ids": lambda family: family.name}


@pytest.mark.parametrize("family", WITH_REFERENCE, **ids)
def test_density_and_distribution_are_scipys(family):
    """Both to 12 digits; SciPy's own truncated and wide cases are good to about that."""
    module = family.module
    kinds = ["pdf"] + ["cdf"] * (family.cdf is not None)
    ours = jax.jit(lambda *row: {"pdf": module.pdf(*row), "log": module.logpdf(*row), "cdf": module.cdf(*row)})
    for p in family.parameters:
        found = ours(family.x, *p)
        for kind in kinds:
            np.testing.assert_allclose(found[kind], getattr(family, kind)(family.x, *p), rtol=3e-12, atol=1e-14)
        np.testing.assert_allclose(np.exp(found["log"]), found["pdf"], rtol=1e-13)


@pytest.mark.parametrize("family", [f for f in FAMILIES if f.name not in ("poisson", "bernstein", "cruijff")], **ids)
def test_norm_is_one_and_cdf_is_the_integral(family):
    """quad is asked for 1e-11."""
    both = jax.jit(lambda x, *p: (family.module.pdf(x, *p), family.module.cdf(x, *p)))
    p, (low, high) = family.parameters[0], family.support
    tails = [
        integrate.quad(lambda x: float(both(x, *p)[0]), *ends, epsabs=1e-11)[0] for ends in ((low, 0.5), (0.5, high))
    ]
    np.testing.assert_allclose(sum(tails), 1.0, atol=3e-9)
    np.testing.assert_allclose(both(0.5, *p)[1], tails[0], atol=3e-9)


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES, **ids)
def test_arguments_and_values_are_those_of_numba_stats(family):
    """Same names in the same order; values to 1e-11 (numba_stats computes some norms by other formulas)."""
    pytest.importorskip("numba_stats")
    if family.name == "beta":
        pytest.skip("numba_stats has no beta distribution")
    theirs = import_module(f"numba_stats.{family.name}")
    names = {"poisson": ("pmf",), "bernstein": ("density", "integral"), "cruijff": ("density",)}
    for name in names.get(family.name, ("pdf",)):
        ours, their = getattr(family.module, name), getattr(theirs, name)
        assert list(inspect.signature(ours).parameters) == list(inspect.signature(their).parameters)
        for p in family.parameters:
            p = (np.array(p[:4]), -0.1, 1.2) if family.name == "bernstein" else p
            expected = their(family.x, *p)
            if np.all(np.isfinite(expected)):  # theirs overflow for a truncation that leaves only a far tail
                np.testing.assert_allclose(ours(family.x, *p), expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", ["norm", "expon", "uniform", "truncnorm", "truncexpon", "lognorm"])
def test_ppf_inverts_cdf(name):
    """p survives the way there and back, and the derivative of ppf is one over the density."""
    family = next(f for f in FAMILIES if f.name == name)
    p = jnp.array([1e-12, 1e-3, 0.2, 0.5, 0.9, 0.9999])

    @jax.jit
    def there_and_back(parameters):
        x = family.module.ppf(p, *parameters)
        slope = jax.vmap(jax.grad(lambda p: family.module.ppf(p, *parameters)))(p)
        return family.module.cdf(x, *parameters), slope * family.module.pdf(x, *parameters)

    for parameters in family.parameters:
        back, one = there_and_back(parameters)
        np.testing.assert_allclose(back, p, rtol=1e-10, atol=1e-14)
        np.testing.assert_allclose(one, 1.0, rtol=1e-8)


def test_truncated_ppf_in_a_far_tail_and_for_rising_exponentials():
    p = np.linspace(0.0, 1.0, 11)
    far = (-1.0, 2.0, np.array([-30.0, 300.0])[:, None], 0.5)
    x = stats.truncnorm.ppf(p, *far)
    np.testing.assert_allclose(stats.truncnorm.cdf(x, *far), np.broadcast_to(p, x.shape), atol=1e-10)
    rising = (-1.0, 2.0, -1.0, np.array([-1e6, -1.0, -0.01])[:, None])
    x = stats.truncexpon.ppf(p, *rising)
    np.testing.assert_allclose(stats.truncexpon.cdf(x, *rising), np.broadcast_to(p, x.shape), atol=1e-13)
    np.testing.assert_allclose(stats.truncexpon.pdf(0.3, *rising), stats.truncexpon.pdf(0.7, -1, 2, -1, -rising[3]))


def test_poisson():
    k, mu = np.arange(60.0)[:, None], np.array([1e-3, 0.7, 5.0, 80.0])
    np.testing.assert_allclose(stats.poisson.logpmf(k, mu), reference.poisson.logpmf(k, mu), rtol=1e-12)
    np.testing.assert_allclose(stats.poisson.cdf(k + 0.5, mu), reference.poisson.cdf(k, mu), atol=3e-12)


def test_bernstein_is_scipys():
    beta, x = np.array([1.0, 0.4, 2.0, 0.9]), np.linspace(-0.1, 1.2, 9)
    from_scipy = special.comb(3, np.arange(4))[:, None]
    t = (x + 0.1) / 1.3
    expected = np.sum(
        beta[:, None] * from_scipy * t ** np.arange(4)[:, None] * (1 - t) ** np.arange(3, -1, -1)[:, None], 0
    )
    np.testing.assert_allclose(stats.bernstein.density(x, beta, -0.1, 1.2), expected, rtol=1e-13)
    area = integrate.quad(lambda x: float(stats.bernstein.density(x, beta, -0.1, 1.2)), -0.1, 0.7)[0]
    np.testing.assert_allclose(stats.bernstein.integral(0.7, beta, -0.1, 1.2), area, rtol=1e-12)


def test_cruijff_integral_is_that_of_its_density():
    p = (0.2, 0.1, 0.1, 1.0, 1.4)
    density = jax.jit(stats.cruijff.density)
    for x in (-50.0, -1.0, 0.1, 3.0, 80.0):
        area = integrate.quad(lambda x: float(density(x, *p)), 0.1, x, epsabs=1e-11, epsrel=1e-12, limit=200)[0]
        np.testing.assert_allclose(stats.cruijff.integral(x, *p), area, rtol=1e-11, atol=1e-14)


def test_voigt_in_all_regimes():
    """12 digits relative to SciPy over 20 decades of gamma, tails included; cdf against quadrature."""
    x = np.concatenate([np.linspace(-30.0, 30.0, 201), np.geomspace(40.0, 1e7, 15)])
    gamma, scale = np.array([0.0, *np.geomspace(1e-14, 1e6, 21)])[:, None, None], np.array([1e-3, 0.5, 3.0])[:, None]
    found = jax.jit(stats.voigt.pdf)(x, gamma, 0.0, scale)
    np.testing.assert_allclose(found, special.voigt_profile(x, scale, gamma), rtol=1e-12, atol=1e-290)
    cdf = jax.jit(stats.voigt.cdf)
    for gamma in (0.0, 1e-6, 0.3, 8.6, 8.8, 40.0):
        steps = np.array([-12.0, -9.8, -3.0, 0.0, 0.4, 9.95, 11.0])
        density = lambda x, gamma=gamma: special.voigt_profile(x, 1.0, gamma)  # noqa: E731
        areas = [integrate.quad(density, a, b, epsabs=1e-14)[0] for a, b in zip(steps[:-1], steps[1:], strict=True)]
        np.testing.assert_allclose(np.diff(cdf(steps, gamma, 0.0, 1.0)), areas, atol=1e-13)
    np.testing.assert_allclose(cdf(x, 1.3, 0.1, 0.0), reference.cauchy.cdf(x, 0.1, 1.3), rtol=1e-13)


def test_distributions_over_wide_grids():
    """Quadratures against SciPy for small, large and unequal shapes (relative for Student, absolute for beta)."""
    df, z = np.geomspace(0.1, 1e4, 11)[:, None], np.concatenate([-np.geomspace(1e-3, 100.0, 13), [0.0, 0.1, 7.0]])
    expected = reference.t.cdf(z, df)
    np.testing.assert_allclose(stats.t.cdf(z, df, 0.0, 1.0), expected, rtol=1e-11, atol=1e-250)
    a, b = np.geomspace(0.02, 1e3, 12)[:, None, None], np.geomspace(0.02, 1e3, 11)[:, None]
    x = np.concatenate([np.geomspace(1e-10, 0.5, 12), 1 - np.geomspace(1e-10, 0.4, 12)])
    np.testing.assert_allclose(stats.beta.cdf(x, a, b, 0.0, 1.0), special.betainc(a, b, x), atol=3e-12)
    p, y = np.geomspace(0.02, 100.0, 9)[:, None, None] - 1.0, np.geomspace(1e-3, 1e3, 10)[:, None]
    v = np.array([0.01, 0.3, 0.9])
    found = stats.argus.cdf(np.sqrt(1 - v), np.sqrt(2 * y), 1.0, p)
    whole = special.gammainc(p + 1, y)
    expected = 1 - special.gammainc(p + 1, y * v) / np.where(whole > 0.0, whole, np.nan)
    known = whole > 1e-200
    np.testing.assert_allclose(np.where(known, found, 0.0), np.where(known, expected, 0.0), atol=1e-12)
