"""Both searches along a line, turned by a Python loop on functions of one variable."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxminuit.core.precision import precision
from jaxminuit.minimise.line_search import ParabolaSearch, SlopeSearch

EPS = float(precision(jnp.float64).eps)
EPS2 = float(precision(jnp.float64).eps2)
SEARCHES = {"parabola": ParabolaSearch(jnp.array(EPS), jnp.array(EPS2)), "slope": SlopeSearch(jnp.array(EPS))}
MOST = {"parabola": 11, "slope": 20}  # values that each may ask for

start = jax.jit(lambda search, f0, slope, smallest: search.start(f0, slope, smallest))
tell = jax.jit(lambda search, state, f, slope: search.tell(state, f, slope))


class Found:
    """The end of a search and every value that it asked for."""

    def __init__(self, name, function, f0=None, slope=None, smallest=1.0):
        f0 = function(0.0)[0] if f0 is None else f0
        slope = function(0.0)[1] if slope is None else slope
        s = start(SEARCHES[name], np.float64(f0), np.float64(slope), np.float64(smallest))
        self.asked = []
        while not s.done:
            assert len(self.asked) < MOST[name], "the search goes on beyond its limit"
            lam = float(s.lam)
            assert np.isfinite(lam)
            f, d = function(lam)
            self.asked.append((lam, f))
            s = tell(SEARCHES[name], s, np.float64(f), np.float64(d))
        self.lam, self.f = float(s.best_lam), float(s.best_f)
        self.f0 = f0


def quadratic(minimum, curvature=1.0):
    return lambda lam: (0.5 * curvature * (lam - minimum) ** 2, curvature * (lam - minimum))


def with_hole(function, first, value=np.nan):
    """No value beyond `first`."""
    return lambda lam: function(lam) if lam < first else (value, value)


def exponential(lam):
    return np.exp(lam) - 3 * lam, np.exp(lam) - 3


FUNCTIONS = {
    "quadratic": quadratic(1.0),
    "short step": quadratic(50.0),
    "long step": quadratic(1e-3),
    "very long step": quadratic(1e-7),
    "stiff": quadratic(0.4, 1e10),
    "quartic": lambda lam: ((lam - 1.7) ** 4, 4 * (lam - 1.7) ** 3),
    "kink": lambda lam: (abs(lam - 0.3), np.sign(lam - 0.3)),
    "exponential": exponential,
    "wave": lambda lam: (-np.sin(3 * lam), -3 * np.cos(3 * lam)),
    "offset": lambda lam: (1e9 + (lam - 0.5) ** 2, 2 * (lam - 0.5)),
    "ever down": lambda lam: (-lam, -1.0),
    "hole": with_hole(quadratic(0.4), 0.6),
    "hole at once": with_hole(quadratic(0.004), 0.01),
    "infinite": with_hole(quadratic(0.4), 0.6, np.inf),
    "no value anywhere else": with_hole(quadratic(1.0), 1e-300),
    "flat": lambda lam: (1.0, 0.0),
    "uphill": quadratic(-1.0),
    "step down": lambda lam: (float(lam < 0.1), 0.0),
}


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_ends_in_time_with_the_best_point_seen(search, name):
    """Never more values than allowed, never worse than the start, and what is returned was measured there.

    The slope search may prefer a point that its slope proves better within rounding: 4 eps |f0|.
    """
    slope = -1.0 if name in ("flat", "uphill", "step down") else None
    found = Found(search, FUNCTIONS[name], slope=slope)
    noise = EPS * abs(found.f0) if search == "slope" else 0.0
    assert found.f <= found.f0 + noise
    seen = dict(found.asked) | {0.0: found.f0}
    assert seen[found.lam] == found.f
    if search == "parabola":
        assert found.f == min(f for f in seen.values() if np.isfinite(f))


@pytest.mark.parametrize("minimum", [0.02, 0.5, 1.0, 2.0, 4.0, 50.0])
def test_parabola_search_finds_the_minimum_of_a_parabola(minimum):
    """The parabola is exact from the second value on; the search stops within 5 % of a step of it.

    One value more for a minimum below the shortest trial of 0.05, one for each doubling beyond the longest of 5.
    """
    found = Found("parabola", quadratic(minimum))
    assert abs(found.lam - minimum) <= 0.05 * max(1.0, minimum)
    assert len(found.asked) <= (2 if 0.05 <= minimum <= 5 else 6)


def test_parabola_search_is_content_with_a_good_first_step():
    """When slope and first value agree on lam = 1 no second value is asked for."""
    assert Found("parabola", quadratic(1.0)).asked == [(1.0, 0.0)]


def test_parabola_search_cuts_its_first_extrapolation_at_five():
    found = Found("parabola", quadratic(50.0))
    assert found.asked[1][0] == pytest.approx(5.0)


def test_parabola_search_gives_up_below_the_shortest_useful_step():
    """The predicted 0.05 is below smallest eps2 = 0.06: the search ends with what it has."""
    found = Found("parabola", quadratic(1e-9), smallest=1e6)
    assert len(found.asked) == 1
    assert found.lam == 0.0


@pytest.mark.parametrize(
    ("name", "minimum"), [("quartic", 1.7), ("kink", 0.3), ("exponential", np.log(3)), ("wave", np.pi / 6)]
)
def test_parabola_search_on_other_curves(name, minimum):
    """A tolerance of 5 % in lam, on a quartic that of its flat bottom (1/4 of the way leaves 0.4 % of the value)."""
    found = Found("parabola", FUNCTIONS[name])
    assert found.lam == pytest.approx(minimum, abs=0.45 if name == "quartic" else 0.1)


def wolfe(found, function):
    f, slope = function(found.lam)
    f0, slope0 = function(0.0)
    return f <= f0 + 1e-4 * found.lam * slope0 and abs(slope) <= 0.9 * abs(slope0)


@pytest.mark.parametrize(
    "name",
    [
        "quadratic",
        "short step",
        "long step",
        "very long step",
        "stiff",
        "quartic",
        "exponential",
        "wave",
        "hole",
        "hole at once",
    ],
)
def test_slope_search_ends_with_the_strong_wolfe_conditions(name):
    function = FUNCTIONS[name]
    found = Found("slope", function)
    assert wolfe(found, function)
    # ended because it was satisfied, at the last point, not for lack of trials
    assert found.asked[-1][0] == found.lam
    assert len(found.asked) < MOST["slope"]


def test_slope_search_accepts_the_first_good_step():
    for minimum in (0.6, 1.0, 5.0):
        assert len(Found("slope", quadratic(minimum)).asked) == 1


def test_slope_search_moves_at_the_level_of_rounding():
    """1e9 + (lam - 1/2)^2 holds seven digits of the parabola: the slope still finds its bottom."""
    found = Found("slope", FUNCTIONS["offset"])
    assert abs(2 * (found.lam - 0.5)) <= 0.9
    rounded = Found("slope", lambda lam: (1e18, 2 * (lam - 0.5)))
    assert abs(2 * (rounded.lam - 0.5)) <= 0.9
    assert len(rounded.asked) <= 3


def test_slope_search_comes_back_from_where_there_is_no_value():
    found = Found("slope", FUNCTIONS["hole at once"])
    assert 0 < found.lam < 0.01


def test_searches_run_in_batches():
    """Each lane of a batch takes the same trials as alone."""
    minima = jnp.array([0.3, 1.0, 4.0])

    def run(name):
        def one(minimum):
            s = SEARCHES[name].start(0.5 * minimum**2, -minimum, 1.0)
            loop = jax.lax.while_loop(
                lambda s: ~s.done, lambda s: SEARCHES[name].tell(s, 0.5 * (s.lam - minimum) ** 2, s.lam - minimum), s
            )
            return loop.best_lam, loop.trials

        return jax.jit(jax.vmap(one))(minima)

    for name in SEARCHES:
        lam, _ = run(name)
        np.testing.assert_allclose(lam, [Found(name, quadratic(float(m))).lam for m in minima], rtol=1e-12)
