"""Scans and grids beside iminuit, and profiles beside closed forms."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm

iminuit = pytest.importorskip("iminuit")
DATA = np.array([1.0, -0.5, 0.8])
START = jm.Parameters({"x": 0.5, "y": 0.5, "z": 0.2}, step=0.1, limits={"y": (-0.4, None)})


def function(p, data):
    """A curved chi-square; over z it is lowest at z = data[2] + 0.5 x."""
    banana = (data[0] - p["x"]) ** 2 + 5 * (p["y"] - p["x"] ** 2) ** 2
    return banana + (p["z"] - data[2] - 0.5 * p["x"]) ** 2 + p["x"] * data[1]


def on_host(p):
    return float(function({k: np.float64(v) for k, v in p.items()}, DATA))


FCN = jm.FCN(function, data=DATA)


@pytest.fixture(scope="module")
def minimum():
    return jm.migrad(FCN, START, tol=1e-3)


@pytest.fixture(scope="module")
def theirs(minimum):
    """iminuit, put where our minimum is."""
    m = iminuit.Minuit(lambda x, y, z: on_host({"x": x, "y": y, "z": z}), *minimum.values, name=("x", "y", "z"))
    m.errors, m.limits["y"] = list(map(float, minimum.errors)), (-0.4, None)
    return m


@pytest.mark.parametrize("options", [{}, {"bound": (0.1, 2.0), "size": 7}, {"grid": [0.3, 0.9, 0.2]}, {"bound": 1}])
@pytest.mark.parametrize("name", ["x", "y"])
def test_profile_is_that_of_iminuit(minimum, theirs, name, options):
    """To rounding. Other than iminuit's, a range of so many errors ends at the limits."""
    x, f = jm.profile(FCN, minimum, name, **options)
    if "grid" not in options:
        options = {"bound": (float(x[0]), float(x[-1])), "size": len(x)}
    expected_x, expected_f = theirs.profile(name, **options)
    np.testing.assert_allclose(x, expected_x, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(f, expected_f, rtol=1e-12)


def test_a_range_of_errors_ends_at_the_limits(minimum):
    value, error = float(minimum.values[1]), float(minimum.errors[1])
    assert value - 2 * error < -0.4
    y, f = jm.profile(FCN, minimum, "y")
    assert len(y) == len(f) == 100
    assert (float(y[0]), float(y[-1])) == pytest.approx((-0.4, value + 2 * error))


def test_contour_is_that_of_iminuit(minimum, theirs):
    x, y, f = jm.contour(FCN, minimum, "z", "x", size=(6, 5), bound=((0.0, 1.0), (-1.0, 2.0)))
    ex, ey, ef = theirs.contour("z", "x", size=(6, 5), bound=((0.0, 1.0), (-1.0, 2.0)))
    np.testing.assert_allclose(x, ex)
    np.testing.assert_allclose(y, ey)
    np.testing.assert_allclose(f, ef, rtol=1e-12)
    grid = jm.contour(FCN, minimum, 2, 0, grid=(x, y), subtract_min=True)[2]
    np.testing.assert_allclose(grid, f - f.min(), atol=1e-12)


def test_a_function_on_the_host_gives_the_same_numbers(minimum):
    scan = jm.profile(jm.HostFCN(on_host), minimum, "x", size=4)
    np.testing.assert_allclose(scan[1], jm.profile(FCN, minimum, "x", size=4)[1], rtol=1e-12)
    host = jm.contour(jm.HostFCN(on_host), START, "x", "y", size=3)
    for a, b in zip(host, jm.contour(FCN, START, "x", "y", size=3), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_scans_under_jit_and_vmap():
    """The range follows traced start values; more points than one block holds."""

    def scan(data, x0):
        at = START.replace(values=START.values.at[0].set(x0))
        return jm.profile(jm.FCN(function, data=data), at, "x", size=300, bound=3)

    x, f = jax.jit(jax.vmap(scan))(jnp.stack([DATA, 2 * DATA]), jnp.array([0.5, 0.7]))
    one = jm.profile(
        jm.FCN(function, data=2 * DATA), START.replace(values=START.values.at[0].set(0.7)), 0, size=300, bound=3
    )
    np.testing.assert_allclose(x[1], one[0])
    np.testing.assert_allclose(f[1], one[1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: jm.profile(FCN, START, "w"), "unknown parameter 'w'"),
        (lambda: jm.profile(FCN, START, "x", size=0), "size must be"),
        (lambda: jm.profile(FCN, START, "x", bound=-1), "bound of x"),
        (lambda: jm.profile(FCN, START, "x", bound=(2, 1)), "range of x"),
        (lambda: jm.profile(FCN, START, "y", grid=[-1.0]), "grid of y leaves its limits"),
        (lambda: jm.profile(FCN, START, "y", grid=[np.nan]), "grid of y must be"),
        (lambda: jm.contour(FCN, START, "x", 0), "both are x"),
        (lambda: jm.contour(FCN, START, "x", "y", size=(1, 2, 3)), "size must be a pair"),
    ],
)
def test_wrong_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()
    with pytest.raises(TypeError, match="at must be"):
        jm.profile(FCN, DATA, "x")


# ---- minimised over the others --------------------------------------------------------------------------------------


def profile_of_x(x):
    """`function` minimised over y and z, which both follow x exactly; y = x^2 never meets its limit."""
    return (DATA[0] - x) ** 2 + DATA[1] * x


@pytest.mark.parametrize("options", [{}, {"bound": 3, "size": 9}, {"grid": [2.0, -1.5, 0.3, 5.0]}])
def test_mnprofile_is_the_profile_in_closed_form(minimum, options):
    """Within the EDM goal of the inner fits, 2e-4 UP; in the order asked for."""
    profile = jm.mnprofile(FCN, minimum, "x", **options)
    x, f, valid = profile
    assert np.all(valid)
    np.testing.assert_allclose(f, profile_of_x(np.asarray(x)), atol=2e-4)
    np.testing.assert_array_equal(profile.params[:, 0], x)
    np.testing.assert_allclose(profile.params[:, 1], np.asarray(x) ** 2, atol=2e-2)
    if "grid" in options:
        np.testing.assert_array_equal(x, options["grid"])
    assert "points valid" in str(profile)


def test_mnprofile_is_that_of_iminuit(minimum, theirs):
    """Over y, down to its limit: to the inner fits' goals, 2e-4 UP of ours and 1e-2 of iminuit's strategy 0."""
    y, f, valid = jm.mnprofile(FCN, minimum, "y", bound=(-0.4, 4.0), size=8, subtract_min=True)
    theirs.migrad()
    _, expected, fine = theirs.mnprofile("y", bound=(-0.4, 4.0), size=8, subtract_min=True)
    assert np.all(valid)
    assert float(y[0]) == -0.4
    np.testing.assert_allclose(np.asarray(f)[fine], expected[fine], atol=1e-2)


@pytest.mark.slow
def test_mnprofile_under_vmap_and_on_the_host(minimum):
    def run(data):
        fcn = jm.FCN(function, data=data)
        return jm.mnprofile(fcn, jm.migrad(fcn, START, tol=1e-3), "z", size=5)

    both = jax.jit(jax.vmap(run))(jnp.stack([DATA, 1.5 * DATA]))
    assert np.all(both.valid)
    one = run(1.5 * DATA)
    np.testing.assert_allclose(one.fval, both.fval[1], atol=1e-5)
    host = jm.mnprofile(jm.HostFCN(on_host), minimum, "z", size=5)
    compiled = jm.mnprofile(FCN, minimum, "z", size=5)
    assert np.all(host.valid)
    np.testing.assert_allclose(host.fval, compiled.fval, atol=1e-3)


def test_a_profile_point_that_fails_is_reported(minimum):
    profile = jm.mnprofile(FCN, minimum, "x", grid=[0.0, 3.0], max_calls=1)
    assert np.all(profile.status == jm.Status.CALL_LIMIT)
    assert not np.any(profile.valid)
    with pytest.raises(TypeError, match="minimum must be"):
        jm.mnprofile(FCN, START, "x")
