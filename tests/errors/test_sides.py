"""What each side of Minos reports, beside iminuit: crossings, limits, new minima, call limits, confidence levels."""

import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from scipy import optimize

import jaxminuit as jm
from jaxminuit import SideMethod, SideStatus

iminuit = pytest.importorskip("iminuit")
FREE = (-np.inf, np.inf)


def two_wells(x):
    """Minima near x = 1 and, lower, near x = -1, with a barrier of less than UP between them."""
    return 0.5 * (x[0] ** 2 - 1) ** 2 + 0.1 * x[0] + (x[1] - 0.2 * x[0]) ** 2


def banana(x):
    return (1 - x[0]) ** 2 + 5 * (x[1] - x[0] ** 2) ** 2


def lifetime(x):
    """Mean life of four decays, with an efficiency known to 10 %; errors far from symmetric."""
    t = jnp.array([0.1, 0.5, 1.3, 2.9])
    return 2 * jnp.sum(jnp.log(x[0]) + x[1] * t / x[0]) + ((x[1] - 1) / 0.1) ** 2


CASES = {
    "banana": (banana, (0.5, 0.5), FREE),
    "lifetime": (lifetime, (1.0, 1.0), (0.01, np.inf)),
    "two wells": (two_wells, (1.2, 0.1), FREE),
    "cut by a limit": (banana, (0.5, 0.5), (-0.9, 1.5)),
}
FUNCTIONS = [case[0] for case in CASES.values()]


def bundle(x, index):
    return lax.switch(index, FUNCTIONS, x)


def fitted(name, gradient):
    _, start, limits = CASES[name]
    fcn = jm.FCN(bundle, data=jnp.int32(list(CASES).index(name)))
    parameters = jm.Parameters(np.array(start), step=0.1, limits={"x0": limits})
    return fcn, jm.migrad(fcn, parameters, gradient=gradient, tol=1e-3)


def reference(name, **options):
    function, start, limits = CASES[name]
    m = iminuit.Minuit(lambda x: float(function(np.asarray(x))), np.array(start))
    m.errordef, m.tol, m.strategy, m.limits[0] = 1, 1e-3, 2, limits
    return m.migrad().minos(**options)


@pytest.mark.parametrize("gradient", ["exact", "finite"])
@pytest.mark.parametrize("name", ["banana", "lifetime", "cut by a limit"])
@pytest.mark.parametrize("cl", [None, pytest.param(0.9, marks=pytest.mark.slow), 2])
def test_ends_are_those_of_iminuit(name, gradient, cl):
    """Within 1 % of an error, the tolerance of the classic search."""
    fcn, minimum = fitted(name, gradient)
    ours, theirs = jm.minos(fcn, minimum, cl=cl, gradient=gradient), reference(name, cl=cl).merrors
    for i, error in enumerate(theirs.values()):
        for side in ("lower", "upper"):
            if not getattr(error, f"{side}_valid"):
                continue  # at 90 % iminuit finds no crossing up the banana
            assert float(getattr(ours, side)[i]) == pytest.approx(getattr(error, side), rel=0.01)
            at_limit = int(getattr(ours, f"{side}_status")[i]) == SideStatus.AT_LIMIT
            assert at_limit == getattr(error, f"at_{side}_limit")
    if gradient == "exact":
        assert np.all(ours.valid)


def test_exact_ends_are_1e_4_from_the_crossing():
    """The profile of the banana over y is (1 - x)^2, so x ends at 1 +- 1; that of the lifetime by a root search."""
    fcn, minimum = fitted("banana", "exact")
    errors = jm.minos(fcn, minimum, "x0")
    np.testing.assert_allclose(minimum.values[0] + errors.lower[0], 0, atol=1e-4)
    np.testing.assert_allclose(minimum.values[0] + errors.upper[0], 2, atol=1e-4)
    fcn, minimum = fitted("lifetime", "exact")
    errors = jm.minos(fcn, minimum, "x0")

    def rise(tau):
        inner = optimize.minimize_scalar(lambda e: float(lifetime(np.array([tau, e]))), bounds=(0, 2), method="bounded")
        return inner.fun - float(minimum.fval) - 1

    tau = float(minimum.values[0])
    assert tau + float(errors.upper[0]) == pytest.approx(optimize.brentq(rise, tau, 10), rel=1e-3)
    assert tau + float(errors.lower[0]) == pytest.approx(optimize.brentq(rise, 0.1, tau), rel=1e-3)
    assert int(errors.lower_method[0]) == int(errors.upper_method[0]) == SideMethod.NEWTON


LIMITS = {  # of x0, whose minimum is at 1 and whose free ends are at 0 and 2
    "lower": (0.5, np.inf), "upper": (-np.inf, 1.3), "both": (0.5, 1.3), "far": (-3.0, 9.0),
    "just beyond": (-0.01, 2.01),
    "held below": (1.2, np.inf), "held above": (-np.inf, 0.7), "held of both": (1.2, 4.0),
}  # fmt: skip


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_before_the_crossing_is_the_end(name):
    """By Newton steps alone: the value lies at the limit, with the other parameter minimised (y = x^2) there."""
    limits = LIMITS[name]
    start = 1.25 if limits[0] > 1 else 0.6
    fcn = jm.FCN(bundle, data=jnp.int32(0))
    minimum = jm.migrad(fcn, jm.Parameters(np.array([start, start]), step=0.1, limits={"x0": limits}), tol=1e-3)
    errors = jm.minos(fcn, minimum, "x0")
    best = float(np.clip(1.0, *limits))
    rise = np.sqrt(1.0 + (best - 1.0) ** 2)  # the profile is (x - 1)^2
    for side, limit, free in (("lower", limits[0], 1.0 - rise), ("upper", limits[1], 1.0 + rise)):
        at_limit = not limits[0] < free < limits[1] and np.isfinite(limit)
        end = limit if at_limit else free
        assert int(getattr(errors, f"{side}_status")[0]) == (SideStatus.AT_LIMIT if at_limit else SideStatus.VALID)
        assert int(getattr(errors, f"{side}_method")[0]) == SideMethod.NEWTON
        np.testing.assert_allclose(best + float(getattr(errors, side)[0]), end, atol=2e-4)
        np.testing.assert_allclose(getattr(errors, f"{side}_params")[0], [end, end**2], atol=2e-3)
        if at_limit:
            assert float(minimum.values[0] + getattr(errors, side)[0]) == limit


@pytest.mark.parametrize("gradient", ["exact", "finite"])
def test_a_new_minimum_is_reported(gradient):
    fcn, minimum = fitted("two wells", gradient)
    assert float(minimum.values[0]) > 0.9
    errors, theirs = jm.minos(fcn, minimum, "x0", gradient=gradient), reference("two wells").merrors[0]
    assert theirs.lower_new_min
    assert int(errors.lower_status[0]) == SideStatus.NEW_MINIMUM
    assert int(errors.upper_status[0]) == SideStatus.VALID
    assert float(errors.upper[0]) == pytest.approx(theirs.upper, rel=0.01)
    assert not bool(errors.valid[0])
    assert float(errors.lower[0]) == pytest.approx(-float(minimum.errors[0]), rel=0.01)  # the parabolic one


@pytest.mark.parametrize("gradient", ["exact", "finite"])
def test_a_call_limit_is_reported(gradient):
    fcn, minimum = fitted("banana", gradient)
    errors = jm.minos(fcn, minimum, "x1", gradient=gradient, max_calls=1)
    assert int(errors.lower_status[1]) == SideStatus.CALL_LIMIT
    assert int(errors.nfcn[1]) < 40


def test_not_run_for_what_was_not_asked_or_is_not_valid():
    fcn, minimum = fitted("banana", "exact")
    errors = jm.minos(fcn, minimum, ["x1"])
    assert int(errors.status[0]) == SideStatus.NOT_RUN
    assert np.isnan(errors.lower[0])
    assert int(errors.nfcn[0]) == 0
    bad = jm.migrad(fcn, minimum.parameters, max_calls=1)
    assert np.all(jm.minos(fcn, bad).status == SideStatus.NOT_RUN)


def test_a_minimum_of_strategy_0_gets_its_hessian_first():
    """Its matrix is a guess; the ends are the same all the same."""
    fcn, minimum = fitted("lifetime", "exact")
    rough = jm.migrad(fcn, minimum.parameters, strategy=0, tol=1e-3)
    a, b = jm.minos(fcn, minimum), jm.minos(fcn, rough)
    np.testing.assert_allclose(a.lower + minimum.values, b.lower + rough.values, atol=1e-3)
    np.testing.assert_allclose(a.upper + minimum.values, b.upper + rough.values, atol=1e-3)
