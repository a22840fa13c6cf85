"""What Minuit draws, beside iminuit's pictures of the same fit."""

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")
import iminuit  # noqa: E402
from matplotlib import pyplot as plt  # noqa: E402
from matplotlib.colors import to_hex  # noqa: E402

from jaxminuit.core.levels import rise_factor  # noqa: E402
from jaxminuit.minuit import Minuit  # noqa: E402
from jaxminuit.minuit.mnmatrix import colour, level_name  # noqa: E402
from tests.minuit.side_models import bowl  # noqa: E402

START = {"x": 0.0, "y": 0.0, "z": 0.0}
# points of the two programs: both minima are within 1e-4 errors of the true one, the contours within 1e-2
SIZE = 16


def fitted(kind):
    m = kind(bowl, **START)
    m.limits["z"] = (-5, 5)
    m.tol = 1e-6  # the titles show three digits
    m.migrad()
    m.hesse()
    return m


@pytest.fixture(scope="module")
def pair():
    return fitted(Minuit), fitted(iminuit.Minuit)


@pytest.fixture
def m(pair):
    """Fitted, and left as it was."""
    mine, before = pair[0], pair[0]._session
    yield mine
    mine._session = before


@pytest.fixture(autouse=True)
def _figures():
    plt.close("all")
    yield
    for number in plt.get_fignums():
        plt.figure(number).canvas.draw()  # everything can be rendered
    plt.close("all")


def facts(ax):
    """What both programs must show alike."""
    band = [np.sort(patch.get_corners()[:, 0])[[0, -1]] for patch in ax.patches]
    return ax.get_xlabel(), ax.get_ylabel(), ax.get_title(), band


@pytest.mark.parametrize("method", ["draw_profile", "draw_mnprofile"])
@pytest.mark.parametrize("options", [{}, {"band": False}, {"text": False, "bound": (0, 2), "size": 12}])
def test_profiles_beside_iminuit(pair, method, options):
    shown = []
    for m in pair:
        plt.figure()
        x, y = getattr(m, method)("x", **options)
        curve, value = plt.gca().lines[-1 if m is pair[0] else 0], plt.gca().lines[0 if m is pair[0] else 1]
        np.testing.assert_array_equal(curve.get_xdata(), x)
        np.testing.assert_array_equal(curve.get_ydata(), y)
        assert np.min(y) == 0
        shown.append((x, y, value.get_xdata()[0], *facts(plt.gca())))
    mine, theirs = shown
    assert mine[3:6] == theirs[3:6]
    np.testing.assert_allclose(mine[0], theirs[0], atol=2e-3)  # the ends are in errors, good to 1e-3
    np.testing.assert_allclose(mine[1], theirs[1], atol=2e-2)
    assert mine[2] == pytest.approx(theirs[2], abs=1e-3)
    assert len(mine[6]) == len(theirs[6]) == options.get("band", True)
    for a, b in zip(mine[6], theirs[6], strict=True):
        np.testing.assert_allclose(a, b, atol=2e-3)


def test_profile_shows_minos_errors_and_errordef(m):
    m.minos("x")
    m.draw_profile("x")
    ax, found = plt.gca(), m.merrors["x"]
    ends = m.values["x"] + np.array([found.lower, found.upper])
    np.testing.assert_allclose(facts(ax)[3][0], ends)
    assert ax.get_title() == f"x = {m.values['x']:.3g} - {-found.lower:.3g} + {found.upper:.3g}"
    assert m.errordef in [line.get_ydata()[0] for line in ax.lines]


def test_contour_beside_iminuit(pair):
    grids = []
    for m in pair:
        plt.figure()
        grids.append(m.draw_contour("x", 1, size=20, bound=((-1, 3), (-4, 0))))
        ax = plt.gca()
        lines = ax.collections[0]
        np.testing.assert_array_equal(lines.levels, [1, 2, 3, 4])
        assert {text.get_text() for text in ax.texts} <= {"1", "2", "3", "4"}
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("x", "y")
        assert len(ax.lines) == 2
    for mine, theirs in zip(*grids, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-2)  # z is held where each fit has it


def test_contour_of_values_themselves(m):
    """Lines stand as high above the smallest value whether or not that is subtracted."""
    x, y, f = m.draw_contour("x", "y", size=15, subtract_min=False)
    np.testing.assert_allclose(plt.gca().collections[0].levels, f.min() + np.arange(1, 5))


def test_contours_follow_errordef(m):
    m.errordef = 0.5
    m.draw_contour("x", "y", size=15)
    np.testing.assert_allclose(plt.gca().collections[0].levels, [0.5, 1.0, 1.5, 2.0])


def test_regions_beside_iminuit(pair):
    sets = []
    for m in pair:
        plt.figure()
        sets.append(m.draw_mncontour("x", "y", cl=[0.68, 0.95], size=SIZE))
        assert (plt.gca().get_xlabel(), plt.gca().get_ylabel()) == ("x", "y")
    mine, theirs = sets
    assert type(mine) is type(theirs)
    np.testing.assert_array_equal(mine.levels, theirs.levels)
    for a, b in zip(mine.allsegs, theirs.allsegs, strict=True):
        ends = [(line.min(axis=0), line.max(axis=0)) for line in (a[0], b[0])]
        np.testing.assert_allclose(*ends, atol=0.1)  # 16 points do not meet the extremes alike


def test_regions_are_sorted_labelled_and_inside_the_frame(m):
    found = m.draw_mncontour("x", "y", cl=[2, 0.5, 0.9], size=SIZE)
    ax = plt.gca()
    np.testing.assert_array_equal(found.levels, [0.5, 0.9, 2])
    for level, segments in zip(found.levels, found.allsegs, strict=True):
        line = m.mncontour("x", "y", cl=level, size=SIZE)
        drawn = np.concatenate(segments)
        kept = [point for point in line[:-1] if np.any(np.all(drawn == point, axis=1))]
        assert len(kept) >= SIZE - 3  # the line is cut where its label stands
        for values, (low, high) in zip(line.T, (ax.get_xlim(), ax.get_ylim()), strict=True):
            assert low < values.min() < values.max() < high
    assert {text.get_text() for text in ax.texts} == {"50 %", "90 %", r"2$\,\sigma$"}
    assert [to_hex(c[0]) for c in (found.get_edgecolor()[k : k + 1] for k in range(3))] == [*map(colour, range(3))]
    np.testing.assert_array_equal(np.ravel(ax.lines[0].get_data()), m.values[["x", "y"]])


@pytest.mark.parametrize(("cl", "name"), [(0.68, "68 %"), (0.995, "99.5 %"), (1, r"1$\,\sigma$")])
def test_level_names(cl, name):
    assert level_name(cl) == name


def test_matrix(m):
    m.errordef = 0.5
    levels, names = [0.68, 0.95], list(m.parameters)
    figure, axes = m.draw_mnmatrix(cl=levels, size=SIZE, figsize=(9, 7))
    assert tuple(figure.get_size_inches()) == (9, 7)
    assert axes.shape == (3, 3)
    assert [[ax.get_visible() for ax in row] for row in axes] == np.tri(3, dtype=bool).tolist()
    assert [ax.get_xlabel() for ax in axes[-1]] == names
    assert [ax.get_ylabel() for ax in axes[1:, 0]] == names[1:]
    for i in range(3):
        rises = [line.get_ydata()[0] for line in axes[i, i].lines[:2]]
        np.testing.assert_allclose(rises, [0.5 * rise_factor(cl) for cl in levels])
        for j in range(i):
            assert axes[i, j].get_xlim() == axes[j, j].get_xlim()
            assert axes[i, j].get_ylim() == axes[i, i].get_xlim()
            for line, cl in zip(axes[i, j].lines, levels, strict=False):
                points = np.transpose(line.get_data())
                np.testing.assert_array_equal(points, m.mncontour(names[j], names[i], cl=cl, size=SIZE))
                low, high = np.transpose([axes[i, j].get_xlim(), axes[i, j].get_ylim()])
                assert np.all((points > low) & (points < high))
    assert [text.get_text() for text in figure.legends[0].texts] == ["68 %", "95 %"]


def test_matrix_of_one_parameter(m):
    m.fixed["y", "z"] = True, True
    m.migrad()
    figure, axes = m.draw_mnmatrix()
    assert axes.shape == (1, 1)
    assert axes[0, 0].get_xlabel() == "x"
    curve = axes[0, 0].lines[1]
    assert curve.get_ydata()[[0, -1]].min() > rise_factor(0.68)


def test_matrix_refuses(m):
    with pytest.raises(ValueError, match="cl must have at least one value"):
        m.draw_mnmatrix(cl=[])
    with pytest.raises(RuntimeError, match="Function minimum is not valid"):
        Minuit(bowl, **START).draw_mnmatrix()
    m.fixed = True
    with pytest.raises(RuntimeError, match="all parameters are fixed"):
        m.draw_mnmatrix()
    assert not plt.get_fignums()


@pytest.mark.parametrize("method", ["draw_profile", "draw_mnprofile", "draw_contour", "draw_mncontour"])
def test_unknown_parameters(pair, method):
    keys = ("q", "x")[: 1 + method.endswith("contour")]
    for m in pair:
        with pytest.raises(ValueError, match="unknown parameter 'q'"):
            getattr(m, method)(*keys)


def test_visualize(pair):
    for m in pair:
        seen = []
        m.visualize(lambda values, **kwargs: seen.append((list(values), kwargs)), bins=3)  # noqa: B023
        assert seen == [(list(m.values), {"bins": 3})]
        with pytest.raises(AttributeError, match="class function has no visualize method, please use the 'plot'"):
            m.visualize()
        with pytest.raises(AttributeError, match="has no visualize method"):
            m.interactive()


def test_regions_that_were_not_found_are_left_out(m, monkeypatch):
    found = Minuit.mncontour
    monkeypatch.setattr(
        Minuit, "mncontour", lambda *args, cl, **kw: found(*args, cl=cl, **kw) if cl < 0.9 else np.empty((0, 2))
    )
    np.testing.assert_array_equal(m.draw_mncontour("x", "y", cl=[0.68, 0.95], size=SIZE).levels, [0.68])
    plt.figure()
    with pytest.raises(RuntimeError, match="no point of the contour of x and y was found"):
        m.draw_mncontour("x", "y", cl=0.95, size=SIZE)
    _, axes = m.draw_mnmatrix(cl=[0.95], size=SIZE)
    assert np.all(np.isfinite([axes[1, 0].get_xlim(), axes[1, 0].get_ylim()]))
