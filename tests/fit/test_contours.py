"""Contours beside closed forms, brute-force profiles, Minos, and iminuit."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import ndimage, optimize

import jaxminuit as jm
from jaxminuit import SideStatus
from tests.fit.contour_cases import CASES, COVARIANCE, fcn_of, parameters_of
from tests.helpers.copies import Copies, copies, marked
from tests.helpers.traces import Traced

iminuit = pytest.importorskip("iminuit")
LEVELS = (None, 3.0)
# those whose FCN is a sum of squares linear in the others, so that one Newton step minimises it exactly
SQUARES = [
    "gauss",
    "rosenbrock",
    "banana",
    "banana in a box",
    "banana at a limit",
    "valley cut off",
    "two wells",
    "ring",
]


@pytest.fixture(scope="module")
def found():
    """Minimum and contours of a case, made when first asked for; all cases share one program."""
    made = {}

    def run(name, levels=LEVELS):
        if (name, levels) not in made:
            fcn = fcn_of(name)
            minimum = jm.migrad(fcn, parameters_of(name), tol=1e-3)
            assert bool(minimum.valid)
            made[name, levels] = minimum, jm.mncontour(fcn, minimum, *CASES[name].plane, cl=levels)
        return made[name, levels]

    return run


def profile_at(name, xy):
    """FCN at points of the plane, minimised over the others by Newton's method from 0."""
    case = CASES[name]
    others = np.array([i for i in range(4) if i not in case.plane and f"x{i}" not in case.fixed], int)

    def one(point):
        def function(q):
            x = jnp.zeros(4).at[jnp.array(case.plane)].set(point)
            return case.function(x.at[others].set(q))

        q = jnp.zeros(len(others))
        for _ in range(2 if len(others) else 0):
            q = q - jnp.linalg.solve(jax.hessian(function)(q), jax.grad(function)(q))
        return function(q)

    return np.asarray(jax.jit(jax.vmap(one))(jnp.asarray(xy)))


@pytest.mark.parametrize("name", CASES)
def test_every_point_is_up_by_the_rise(found, name):
    """F at the point exact to 1e-4 of the rise, the promise; on a limit not above it."""
    minimum, contours = found(name)
    assert np.all(contours.valid)
    f = jax.jit(jax.vmap(jax.vmap(CASES[name].function)))(contours.params)
    height = np.asarray((f - minimum.fval) / contours.rise[:, None])
    on_contour = np.asarray(contours.status) == SideStatus.VALID
    np.testing.assert_allclose(height[on_contour], 1.0, atol=1e-4)
    assert np.all(height[~on_contour] < 1.0 + 1e-4)
    np.testing.assert_array_equal(contours.points, contours.params[:, :, np.array(CASES[name].plane)])


@pytest.mark.parametrize("name", SQUARES)
def test_the_others_are_at_their_minimum(found, name):
    """The profile itself, in closed form, is up by the rise within 1e-4 of it."""
    minimum, contours = found(name)
    for k, rise in enumerate(contours.rise):
        on_contour = np.asarray(contours.status[k]) == SideStatus.VALID
        height = (profile_at(name, contours.points[k]) - float(minimum.fval)) / float(rise)
        np.testing.assert_allclose(height[on_contour], 1.0, atol=1e-4)
        assert np.all(height[~on_contour] < 1.0 + 1e-4)


@pytest.mark.parametrize("name", ["lifetime", "peak", "peak and slope"])
def test_the_others_are_at_their_minimum_as_scipy_finds_it(found, name):
    """Every tenth point of two likelihoods; scipy minimises from the point and from the minimum."""
    minimum, contours = found(name)
    case, p = CASES[name], minimum.parameters
    others = [i for i in range(4) if i not in case.plane and f"x{i}" not in case.fixed]
    value_and_grad = jax.jit(jax.value_and_grad(case.function))
    for k, rise in enumerate(contours.rise):
        for params in np.asarray(contours.params[k])[np.asarray(contours.status[k]) == SideStatus.VALID][::10]:

            def inner(q, params=params):
                f, g = value_and_grad(jnp.asarray(params).at[jnp.array(others)].set(q))
                return float(f), np.asarray(g)[others]

            starts = params[others], np.asarray(minimum.values)[others]
            bounds = [(p.lower[i], p.upper[i]) for i in others]
            lowest = min(optimize.minimize(inner, q, jac=True, bounds=bounds, tol=1e-12).fun for q in starts)
            assert (lowest - float(minimum.fval)) / float(rise) == pytest.approx(1.0, abs=1e-4)


def inside(polygon, points):
    """Which points a closed polygon surrounds, by the winding number."""
    a, b = polygon, np.roll(polygon, -1, axis=0)
    da, db = a[None] - points[:, None], b[None] - points[:, None]
    cross = da[..., 0] * db[..., 1] - da[..., 1] * db[..., 0]
    up = (da[..., 1] <= 0) & (db[..., 1] > 0) & (cross > 0)
    down = (da[..., 1] > 0) & (db[..., 1] <= 0) & (cross < 0)
    return np.sum(up, axis=1) - np.sum(down, axis=1) == 1


@pytest.mark.parametrize("name", SQUARES)
@pytest.mark.parametrize("level", range(len(LEVELS)))
def test_the_region_is_that_of_a_fine_grid(found, name, level):
    """A grid point is inside the contour if, and only if, its profile is below the level and it hangs together with the
    minimum. Points within 3 % of the level are not asked: the polygon has 100 corners."""
    minimum, contours = found(name)
    contour, rise = np.asarray(contours.points[level]), float(contours.rise[level])
    p, plane = minimum.parameters, np.array(CASES[name].plane)
    low, high = contour.min(axis=0), contour.max(axis=0)
    margin = 0.1 * (high - low)
    low, high = np.maximum(low - margin, p.lower[plane]), np.minimum(high + margin, p.upper[plane])
    axes = [np.linspace(a, b, 150) for a, b in zip(low, high, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
    height = (profile_at(name, grid) - float(minimum.fval)) / rise
    # thin valleys break into islands on a grid: a point hangs together if its neighbourhood does
    label = ndimage.label((height < 1.0).reshape(150, 150), structure=np.ones((3, 3)))[0]
    here = [np.argmin(np.abs(axis - v)) for axis, v in zip(axes, np.asarray(minimum.values)[plane], strict=True)]
    region = (label == label[tuple(here)]).ravel() if label[tuple(here)] else height < 1.0
    clear = (np.abs(height - 1.0) > 0.03) & np.all((grid > low) & (grid < high), axis=1)
    if name in ("rosenbrock", "ring"):
        region = height < 1.0  # one region, too thin for the grid; the ring has a hole, which the contour does not show
        clear &= ~((height > 1.0) & (np.sum(grid**2, axis=1) < 1.0)) if name == "ring" else True
        clear &= np.abs(height - 1.0) > 0.3
    wrong = clear & (inside(contour, grid) != region)
    assert np.sum(wrong) <= 0.001 * np.sum(clear)


@pytest.mark.parametrize("name", CASES)
def test_no_part_of_the_contour_is_left_out(found, name):
    """Points are even in units of the extents: nowhere more than three times the mean distance apart."""
    for contour in np.asarray(found(name)[1].points):
        steps = np.diff(contour, axis=0, append=contour[:1]) / (contour.max(axis=0) - contour.min(axis=0))
        lengths = np.linalg.norm(steps, axis=1)
        assert lengths.max() < 3.0 * lengths.mean()


def test_a_valley_whose_ends_look_alike(found):
    """All around at 95 %: the left end is beyond x = -1.4, and y = x^2 +- sqrt((rise - (1 - x)^2) / 5) everywhere."""
    contour = found("valley cut off", (0.95, 0.99))[1]
    for points, rise in zip(np.asarray(contour.points), np.asarray(contour.rise), strict=True):
        x = np.linspace(1 - np.sqrt(rise), 1 + np.sqrt(rise), 20_001)
        upper = x**2 + np.sqrt(np.maximum(rise - (1 - x) ** 2, 0.0) / 5)
        assert points[:, 0].min() == pytest.approx(x[upper >= 0.5].min(), abs=0.01)
        assert points[:, 1].max() == pytest.approx(upper.max(), abs=0.01)
        on_top = [
            np.min(np.hypot(points[:, 0] - a, points[:, 1] - b)) for a, b in zip(x, upper, strict=True) if b > 0.5
        ]
        assert np.max(on_top) < 0.4  # the points are 0.25 apart


def test_another_island_is_left_out_and_a_connected_one_is_in(found):
    """Barrier of 2 between two wells: a rise of 0.71 keeps to the minimum's own, one of 2.28 goes around both."""
    _, contours = found("two wells", (0.3, None))
    assert float(contours.rise[0]) < 2 < float(contours.rise[1])
    assert float(contours.points[0, :, 0].min()) > 0.2
    assert float(contours.points[1, :, 0].min()) < -1.2


def test_a_gaussian_gives_its_ellipse(found):
    _, contours = found("gauss")
    inverse = np.linalg.inv(COVARIANCE[:2, :2])
    for points, rise in zip(np.asarray(contours.points), np.asarray(contours.rise), strict=True):
        np.testing.assert_allclose(np.einsum("ki,ij,kj->k", points, inverse, points), rise, rtol=1e-4)
        np.testing.assert_allclose(points.max(axis=0), np.sqrt(rise * np.diag(COVARIANCE)[:2]), rtol=1e-5)


@pytest.mark.parametrize("name", ["gauss", "rosenbrock", "banana", "lifetime", "peak"])
def test_the_extent_is_that_of_minos(found, name):
    """Minos with the same rise ends within 1e-4 UP of its crossing: 1e-4 of an error, half of that from each."""
    minimum, contours = found(name)
    errors = jm.minos(fcn_of(name), minimum, [0, 1], cl=float(jnp.sqrt(contours.rise[0])))
    for k in (0, 1):
        middle, lower, upper = (float(x[k]) for x in (minimum.values, errors.lower, errors.upper))
        assert int(errors.status[k]) == SideStatus.VALID
        low, high = float(contours.points[0, :, k].min()), float(contours.points[0, :, k].max())
        assert (low, high) == pytest.approx((middle + lower, middle + upper), abs=2e-4 * (upper - lower))


@pytest.mark.parametrize("name", CASES)
def test_points_are_even_and_go_around_once(found, name):
    _, contours = found(name)
    for points in np.asarray(contours.points):
        following = np.roll(points, -1, axis=0)
        area = 0.5 * np.sum(points[:, 0] * following[:, 1] - points[:, 1] * following[:, 0])
        assert area > 0
        step = np.linalg.norm((following - points) / (points.max(axis=0) - points.min(axis=0)), axis=1)
        assert step.max() < 3.0 * step.mean()
        assert not crossings(points, following)


def crossings(a, b):
    """Whether any two sides of a polygon cross."""

    def turn(p, q, r):
        return (q[..., 0] - p[..., 0]) * (r[..., 1] - p[..., 1]) - (q[..., 1] - p[..., 1]) * (r[..., 0] - p[..., 0])

    a1, b1, a2, b2 = a[:, None], b[:, None], a[None], b[None]
    cross = (turn(a1, b1, a2) * turn(a1, b1, b2) < 0) & (turn(a2, b2, a1) * turn(a2, b2, b1) < 0)
    return np.any(cross)


def test_limits_cut_the_region_with_its_corners(found):
    """At three standard deviations every corner of the box but one is in the region."""
    minimum, contours = found("banana in a box")
    p = minimum.parameters
    corners = np.array([[x, y] for x in (p.lower[0], p.upper[0]) for y in (p.lower[1], p.upper[1])])
    points = np.asarray(contours.points)
    assert np.all((points >= p.lower[:2]) & (points <= p.upper[:2]))
    for k, rise in enumerate(contours.rise):
        below = profile_at("banana in a box", corners) < float(minimum.fval + rise)
        present = [bool(np.any(np.all(points[k] == corner, axis=1))) for corner in corners]
        np.testing.assert_array_equal(present, below)
    border = np.any((points == p.lower[:2]) | (points == p.upper[:2]), axis=-1)
    np.testing.assert_array_equal(np.asarray(contours.status) == SideStatus.AT_LIMIT, border)


@pytest.mark.parametrize("name", ["gauss", "lifetime"])
def test_points_of_iminuit_lie_on_the_contour(found, name):
    """Within 1 % of the extents, iminuit's tolerance; our polygon of 100 corners cuts less than 0.1 %."""
    minimum, contours = found(name)
    function, parameters = jax.jit(CASES[name].function), minimum.parameters
    m = iminuit.Minuit(lambda x: float(function(x)), np.asarray(minimum.values))
    m.errordef, m.tol, m.strategy = 1, 1e-3, 2
    for i in range(4):
        m.limits[i], m.fixed[i] = (parameters.lower[i], parameters.upper[i]), bool(parameters.fixed[i])
    theirs = m.migrad().mncontour(0, 1, size=20)
    assert len(theirs) == 21
    ours = np.asarray(contours.points[0])
    extent = ours.max(axis=0) - ours.min(axis=0)
    for point in theirs:
        assert distance(ours / extent, point / extent) < 0.01


def distance(polygon, point):
    a, side = polygon, np.roll(polygon, -1, axis=0) - polygon
    x = np.clip(np.sum((point - a) * side, axis=1) / np.sum(side**2, axis=1), 0, 1)
    return np.min(np.linalg.norm(a + x[:, None] * side - point, axis=1))


def test_a_contour_takes_few_calls(found):
    """100 points of a Gaussian and of a likelihood in two to three calls a point, one in two with a Hessian; a thin
    valley in eight."""
    for name, calls, hessians in (("gauss", 250, 50), ("peak", 300, 100), ("rosenbrock", 1000, 800)):
        contours = found(name)[1]
        assert np.all(contours.nfcn < calls)
        assert np.all(contours.nhessian < hessians)


def test_where_there_is_no_contour_that_is_reported():
    """No point, no endless search; the lower level, which there is, is not disturbed."""
    fcn = fcn_of("dent")
    contours = jm.mncontour(fcn, jm.migrad(fcn, parameters_of("dent"), tol=1e-3), "x0", "x1", cl=(None, 3.0))
    assert np.all(contours.status[0] == SideStatus.VALID)
    assert np.all(contours.status[1] == SideStatus.FAILED)
    assert np.all(np.isnan(contours.points[1]))
    assert int(contours.nfcn[1]) < 500


def test_where_the_others_jump_the_contour_goes_all_around():
    """The others have two valleys that change places at x = 0.5: the way along one breaks off, crossings go around."""

    def fcn(p):
        x, y, z = p
        return (x - 0.3) ** 2 + (y - 0.2) ** 2 + 6.0 * (z * z - 1.0) ** 2 + 2.0 * (x - 0.5) * z

    minimum = jm.migrad(jm.FCN(fcn), jm.Parameters(np.array([0.0, 0.0, 1.0])))
    contour = jm.mncontour(jm.FCN(fcn), minimum, 0, 1, size=20)
    assert np.sum(contour.valid) >= 16
    around = np.asarray(contour.points)[np.asarray(contour.valid)] - np.asarray(minimum.values[:2])
    angles = np.sort(np.arctan2(around[:, 1], around[:, 0]))
    assert np.max(np.diff(angles, append=angles[:1] + 2.0 * np.pi)) < 1.5


# ---- drivers, transformations, arguments ----------------------------------------------------------------------------

DATA = np.array([1.0, 5.0, 0.3])
START = jm.Parameters({"a": 0.5, "b": 0.5, "c": 0.1}, step=0.1, limits={"b": (None, 2.0)})


def small(p, data):
    follows = (p["c"] - data[2] * p["a"]) ** 2
    return (data[0] - p["a"]) ** 2 + data[1] * (p["b"] - p["a"] ** 2) ** 2 + follows


def small_on_host(p):
    return float(small(p, DATA))


@pytest.mark.slow
def test_contours_under_jit_and_vmap():
    """Each lane gives the points of its own call."""

    def run(data):
        fcn = jm.FCN(small, data=data)
        return jm.mncontour(fcn, jm.migrad(fcn, START, tol=1e-3), "a", "b", size=12, closed=True)

    data = jnp.stack([DATA, DATA * jnp.array([1.2, 0.5, 2.0])])
    both = jax.jit(jax.vmap(run))(data)
    assert both.points.shape == (2, 13, 2)
    assert np.all(both.valid)
    for k in range(2):
        one = run(data[k])
        np.testing.assert_allclose(one.points, both.points[k], atol=1e-5)
        np.testing.assert_array_equal(one.points[0], one.points[-1])
        assert np.asarray(one).shape == (13, 2)
        assert len(list(one)) == len(one) == 13
    assert "contour of a and b: 12 of 12 points valid" in str(one)
    assert "2 contours" not in str(one)


def test_nothing_is_traced_again_for_other_parameters_levels_data_and_limits():
    function = Traced(small)
    fcn = jm.FCN(function, data=DATA)
    minimum = jm.migrad(fcn, START)
    jm.mncontour(fcn, minimum, "a", "b", size=12)
    other = jm.FCN(function, data=2 * DATA)
    at = jm.migrad(other, START.replace(upper=jnp.array([2.0, jnp.inf, 1.0])))
    for arguments in (("c", "a", 0.9), (1, 2, 3.0)):
        assert function.since(lambda a=arguments: jm.mncontour(other, at, *a[:2], cl=a[2], size=12)) == 0


@pytest.fixture(scope="module")
def by_search():
    """Contours by finite differences on the host: of a HostFCN, and of the same as a traced function."""
    host = jm.HostFCN(small_on_host)
    minimum = jm.migrad(host, START, tol=1e-3)
    return minimum, jm.mncontour(host, minimum, "a", "b", size=10)


@pytest.mark.slow
def test_a_function_on_the_host_has_contours_too(by_search):
    """By crossing searches, to 1 % of the extents; the limit of b cuts the region."""
    minimum, contour = by_search
    fcn = jm.FCN(small, data=DATA)
    exact = np.asarray(jm.mncontour(fcn, jm.migrad(fcn, START, tol=1e-3), "a", "b", size=100))
    extent = exact.max(axis=0) - exact.min(axis=0)
    assert np.all(contour.valid)
    assert int(contour.nhessian) == 0
    for point in np.asarray(contour):
        assert distance(exact / extent, point / extent) < 0.01
    at_limit = np.asarray(contour.status) == SideStatus.AT_LIMIT
    np.testing.assert_array_equal(at_limit, np.asarray(contour)[:, 1] == 2.0)
    assert at_limit.sum() == 2


@pytest.mark.slow
def test_differences_find_all_of_a_banana():
    """The crossing searches of Minuit give up on it; Hessians by differences do not."""
    fcn, start = fcn_of("rosenbrock"), parameters_of("rosenbrock")
    minimum = jm.migrad(fcn, start, gradient="finite")
    contour = jm.mncontour(fcn, minimum, 0, 1, size=24, cl=0.95, gradient="finite")
    assert np.all(contour.valid)
    function = CASES["rosenbrock"].function
    rises = np.array([float(function(jnp.asarray(p))) for p in contour.params]) - float(minimum.fval)
    # the value is exact; the last step is Newton's with a Hessian good to 1e-3
    np.testing.assert_allclose(rises, float(contour.rise), rtol=1e-3)
    x = np.asarray(contour.points)
    # F = (1 - x)^2 on the valley: x from 1 - sqrt(rise) to 1 + sqrt(rise), 24 points of 30 sigma of length
    np.testing.assert_allclose([x[:, 0].min(), x[:, 0].max()], 1 + np.sqrt(5.991465) * np.array([-1, 1]), atol=0.1)


def test_what_is_not_found_is_reported():
    """A minimum that is not valid; and a call limit."""
    fcn = jm.FCN(small, data=DATA)
    minimum = jm.migrad(fcn, START, tol=1e-3)
    invalid = jm.migrad(fcn, START, max_calls=1)
    contour = jm.mncontour(fcn, invalid, "a", "b", size=12)
    assert np.all(contour.status == SideStatus.NOT_RUN)
    assert np.all(np.isnan(np.asarray(contour)))
    assert int(contour.nfcn) == 0
    short = jm.mncontour(fcn, minimum, "a", "b", size=12, max_calls=40)
    assert set(np.asarray(short.status).tolist()) <= {SideStatus.VALID, SideStatus.AT_LIMIT, SideStatus.CALL_LIMIT}
    assert int(short.status[-1]) == SideStatus.CALL_LIMIT
    assert int(short.nfcn) == 40
    assert "12 points: not calculated" in str(contour)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("a", "a"), {}, "both are a"),
        (("a", "d"), {}, "unknown parameter 'd'"),
        (("a", "c"), {}, "c is fixed"),
        (("a", "b"), {"size": 3}, "size must be a whole number from 4"),
        (("a", "b"), {"cl": -1}, "cl must be"),
        (("a", "b"), {"cl": []}, "cl must be"),
        (("a", "b"), {"gradient": "none"}, "gradient must be"),
    ],
)
def test_wrong_arguments(by_search, arguments, options, message):
    minimum = jm.hesse(jm.FCN(small, data=DATA), START.replace(fixed=jnp.array([False, False, True])))
    with pytest.raises(ValueError, match=message):
        jm.mncontour(jm.FCN(small, data=DATA), minimum, *arguments, **options)
    with pytest.raises(TypeError, match="minimum must be"):
        jm.mncontour(jm.FCN(small, data=DATA), START, "a", "b")


def test_one_call_site_of_the_fcn():
    """However many points and levels: value and gradient, and one Hessian."""
    fcn, start = jm.FCN(marked(lambda x: jnp.sum((x - 1.0) ** 2))), jm.Parameters(jnp.zeros(3))
    minimum = jm.migrad(fcn, start)
    found = copies(lambda x: jm.mncontour(fcn, x, 0, 1, cl=[1, 2], size=8).points, minimum)
    assert 1 <= found.value <= Copies(2, 3, 1).value
    assert found.derivative <= Copies(2, 3, 1).derivative
    assert found.second <= Copies(2, 3, 1).second
