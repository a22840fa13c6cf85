"""The search for a crossing by itself, trial by trial beside iminuit: with one parameter a trial is one FCN value."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxminuit.core.compiling import quick_jit
from jaxminuit.core.status import SideStatus
from jaxminuit.core.tree import select
from jaxminuit.errors.crossing_search import MAX_TRIALS, Stage, begin, tell

iminuit = pytest.importorskip("iminuit")
EPS = 4.0 * np.finfo(float).eps
told = quick_jit(tell)
FREE = (-np.inf, np.inf)


def search(fcn, mid=1.0, direction=1.0, fmin=0.0, farthest=np.inf, ended=SideStatus.VALID):
    """(the search when it is over, all places that were tried) for x = mid + a direction."""
    s, places = begin(jnp.asarray(fmin, float), 1.0, farthest), []
    while s.stage != Stage.DONE:
        places.append(mid + float(s.a) * direction)
        s = told(s, float(fcn(places[-1])), int(ended), EPS)
    return s, places


def both_sides(fcn, value, error, fmin, limits):
    """([(SideStatus, error) of the upper and the lower side], all places) from one parabolic error away."""
    ends, tried = [], []
    for side, limit in ((1.0, limits[1]), (-1.0, limits[0])):
        mid = np.clip(value + side * error, *limits)
        s, places = search(fcn, mid, mid - value, fmin, (limit - mid) / (mid - value))
        ends.append((int(s.status), (mid - value) * (1.0 + float(s.a))))
        tried += places
    return ends, tried


SAME = {  # function, start, limits; what the search goes through
    "first trial": (lambda x: x**2, 0.3, FREE),
    "parabolas": (lambda x: x**4 + 0.1 * x**2, 0.3, FREE),
    "steep": (lambda x: np.cosh(6.0 * x) - 1.0, 0.3, FREE),
    "pole": (lambda x: 10.0 * (x - np.log(x)), 1.3, (1e-9, np.inf)),
    "flat between": (lambda x: 0.6 * np.sin(x) ** 2 + 0.01 * x**4, 0.1, FREE),
    "cusp": (lambda x: abs(x) ** 1.2, 0.3, FREE),
    "threshold": (lambda x: 0.2 * x**2 + 0.5 / (1.0 + np.exp(-20.0 * (x - 1.7))), 0.3, FREE),
    "outward": (lambda x: x**2 * np.exp(-1.5 * x**2) + 2e-4 * x**4, 0.1, FREE),
    "outward on one side": (lambda x: 1.2 * x**2 * np.exp(-x) + 0.002 * x**4, 0.1, FREE),
    "saturated": (lambda x: 0.9 * x**2 / (1.0 + x**2), 0.3, FREE),
    "limits": (lambda x: x**2, 0.3, (-1.02, 0.8)),
    "near a limit": (lambda x: x**2 * (1.0 + np.exp(-(x**2))), 0.3, (-0.82, 0.81)),
}


@pytest.mark.parametrize("name", SAME)
def test_places_and_ends_are_those_of_minuit2(name):
    """The same sequence of trials; 1e-6, for both follow the same formulae with other roundings."""
    fcn, start, limits = SAME[name]
    theirs = []

    def watched(x):
        theirs.append(x)
        return float(fcn(x))

    m = iminuit.Minuit(watched, start)
    m.errordef, m.limits[0], m.tol = 1, limits, 1e-3
    m.migrad().hesse()
    theirs.clear()
    m.minos()
    ends, ours = both_sides(fcn, m.values[0], m.errors[0], m.fval, limits)
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)
    for (status, error), side in zip(ends, ("upper", "lower"), strict=True):
        assert (status <= SideStatus.AT_LIMIT) == getattr(m.merrors[0], f"{side}_valid")
        assert (status == SideStatus.AT_LIMIT) == getattr(m.merrors[0], f"at_{side}_limit")
        if status == SideStatus.VALID:
            assert error == pytest.approx(getattr(m.merrors[0], side), rel=1e-6)


def test_steps_outward_grow_while_the_fcn_falls():
    """By 0.2, 0.4, 0.6 ... errors from one trial to the next."""
    s, places = search(lambda x: 0.5 * np.exp(-x))
    np.testing.assert_allclose(np.diff(places[1:]), 0.2 * np.arange(1, MAX_TRIALS))
    assert int(s.status) == SideStatus.FAILED
    assert int(s.trials) == len(places) == MAX_TRIALS + 1


@pytest.mark.parametrize(
    ("fcn", "end"),
    [
        (lambda x: min(x**2, 0.5) + max(x - 9.0, 0.0) ** 2, 9.0 + np.sqrt(0.5)),
        (lambda x: x**2 * np.exp(-(x**2) / 2.0) + 1e-3 * x**4, 5.623377),  # 1000 ** (1 / 4) but for 4e-6
    ],
    ids=["plateau", "hill"],
)
def test_searches_go_on_over_plateaus_and_hills(fcn, end):
    """From three points below the aim, the last the lowest, along the line through those kept; Minuit2 keeps the old
    slope and gives up. To 1 %, the tolerance of the search."""
    s, _ = search(fcn)
    assert int(s.status) == SideStatus.VALID
    assert 1.0 + float(s.a) == pytest.approx(end, rel=0.01)


def test_the_parabola_may_be_a_line():
    """Three points on one line exactly: its root, and not a division by the curvature."""
    points = jnp.array([[0.0, 1.0, 0.0], [0.25, 0.75, 0.0]])
    s = replace(begin(jnp.asarray(0.0), 1.0, np.inf), stage=jnp.int32(Stage.LINE), points=points, a=jnp.asarray(2.0))
    s = told(s, 1.25, 0, EPS)
    assert float(s.a) == pytest.approx(1.5, abs=1e-12)
    assert int(s.stage) == Stage.PARABOLA


@pytest.mark.parametrize(
    ("f", "ended", "farthest", "status"),
    [
        (-0.02, SideStatus.VALID, 9.0, SideStatus.NEW_MINIMUM),
        (-0.02, SideStatus.FAILED, 0.0, SideStatus.NEW_MINIMUM),
        (0.5, SideStatus.CALL_LIMIT, 0.0, SideStatus.CALL_LIMIT),
        (0.5, SideStatus.FAILED, 0.0, SideStatus.FAILED),
        (0.5, SideStatus.VALID, 0.0, SideStatus.AT_LIMIT),
        (np.nan, SideStatus.VALID, 9.0, SideStatus.FAILED),
        (np.inf, SideStatus.VALID, 0.0, SideStatus.FAILED),
    ],
)
def test_one_trial_can_end_a_search(f, ended, farthest, status):
    s, places = search(lambda x: f, farthest=farthest, ended=ended)
    assert (int(s.status), len(places)) == (status, 1)


def test_searches_side_by_side_end_as_each_alone():
    """Under vmap, where some are over before others: x^4 / w^2 rises by 1 at sqrt(w)."""
    widths = jnp.array([0.3, 1.0, 7.0, 50.0])
    s = jax.vmap(lambda w: begin(0.0 * w, 1.0, 1e3))(widths)

    @jax.jit
    @jax.vmap
    def step(s, w):
        return select(s.stage == Stage.DONE, s, tell(s, (1.0 + s.a) ** 4 / w**2, SideStatus.VALID, EPS))

    for _ in range(MAX_TRIALS + 2):
        s = step(s, widths)
    alone = [search(lambda x, w=w: x**4 / w**2)[0] for w in np.asarray(widths)]
    assert np.all(s.status == SideStatus.VALID)
    np.testing.assert_array_equal(s.trials, [int(one.trials) for one in alone])
    np.testing.assert_allclose(s.a, [float(one.a) for one in alone], rtol=1e-9)
    np.testing.assert_allclose(1.0 + s.a, np.sqrt(widths), rtol=0.01)
