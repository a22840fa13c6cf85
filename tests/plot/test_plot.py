"""Pictures: what is on the Axes, and what is refused."""

import subprocess
import sys

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402

from jaxminuit import plot  # noqa: E402


@pytest.fixture
def ax():
    figure, axes = plt.subplots()
    yield axes
    figure.canvas.draw()  # everything can be rendered
    plt.close(figure)


def test_points_and_curve(ax):
    x, y = np.arange(4.0), np.array([1.0, 2.0, 4.0, 3.0])
    assert plot.draw_points(x, y, 0.5, ax=ax) is ax
    assert plot.draw_curve(x, 2 * y, band=0.25, ax=ax) is ax
    data, curve = ax.lines[0], ax.lines[-1]
    np.testing.assert_array_equal(data.get_ydata(), y)
    np.testing.assert_array_equal(curve.get_ydata(), 2 * y)
    bars = np.array(ax.containers[0].lines[2][0].get_segments())
    np.testing.assert_allclose(bars[:, :, 1], np.stack([y - 0.5, y + 0.5], 1))
    band = ax.collections[-1].get_paths()[0].vertices
    assert (band[:, 1].min(), band[:, 1].max()) == (1.75, 8.25)
    assert ax.get_legend_handles_labels()[1] == ["fit", "data"]


def test_band_of_a_histogram(ax):
    plot.draw_histogram([1, 4], [0, 1, 3], [2, 3], band=[[0.5, 1], [1, 2]], ax=ax)
    band, steps = (patch.get_data() for patch in ax.patches)
    np.testing.assert_array_equal(steps.values, [2, 3])
    np.testing.assert_array_equal([band.baseline, band.values], [[1.5, 2], [3, 5]])


def test_pulls(ax):
    plot.draw_pulls(["a", "b", "c"], [0.5, np.nan, -2.0], ax=ax)
    np.testing.assert_array_equal(ax.containers[0][0].get_xydata()[[0, 2]], [[0.5, 0.0], [-2.0, -2.0]])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b", "c"]
    np.testing.assert_allclose(ax.get_xlim(), (-3.1, 3.1))


def test_panels_are_side_by_side_in_the_current_figure(ax):
    width = ax.figure.get_figwidth()
    panels = plot.get_panels(3)
    assert ax.figure.axes == panels
    assert ax.figure.get_figwidth() > width
    plot.set_current(panels[1])
    assert plt.gca() is panels[1]


def test_asymmetric_errors(ax):
    errors = np.array([[0.1, 0.2], [0.3, 0.4]])
    plot.draw_points([0, 1], [1, 1], errors, ax=ax)
    bars = np.array(ax.containers[0].lines[2][0].get_segments())
    np.testing.assert_allclose(bars[:, :, 1], [[0.9, 1.3], [0.8, 1.4]])


def test_histogram(ax):
    counts, edges = np.array([4.0, 9.0, 0.0]), np.array([0.0, 1.0, 2.0, 4.0])
    plot.draw_histogram(counts, edges, [5, 8, 1], ax=ax)
    horizontal, vertical = (np.array(c.get_segments()) for c in ax.containers[0].lines[2])
    np.testing.assert_allclose(vertical[:, :, 1], [[2, 6], [6, 12], [0, 0]])  # square roots
    np.testing.assert_allclose(horizontal[:, :, 0], [[0, 1], [1, 2], [2, 4]])  # the bins
    np.testing.assert_array_equal(ax.patches[0].get_data().values, [5, 8, 1])
    assert ax.get_xlim() == (0.0, 4.0)
    assert ax.get_ylim()[0] == 0.0


@pytest.mark.parametrize("closed", [False, True])
def test_contour_is_closed(ax, closed):
    t = np.linspace(0, 2 * np.pi, 21)[: None if closed else -1]
    points = np.stack([np.cos(t), np.sin(t)], axis=1)
    plot.draw_contour(points, minimum=(0, 0), errors=(0.5, [0.2][0]), names=("a", "b"), ax=ax)
    line = np.array(ax.lines[0].get_data())
    np.testing.assert_allclose(line[:, 0], line[:, -1])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("a", "b")
    arms = [np.array(c.get_segments()[0]) for c in ax.containers[0].lines[2]]
    np.testing.assert_allclose(arms[0], [[-0.5, 0], [0.5, 0]])
    np.testing.assert_allclose(arms[1], [[0, -0.2], [0, 0.2]])


def test_grid_lines_lie_where_the_function_rises(ax):
    x, y = np.linspace(-3, 5, 161), np.linspace(-4, 4, 141)
    values = 7.0 + 0.5 * ((x[:, None] - 1) ** 2 + y**2 / 4)
    plot.draw_grid(x, y, values, errordef=0.5, sigmas=(1, 1.5), ax=ax)
    lines = ax.collections[0].get_paths()
    for path, n in zip(lines, (1.0, 1.5), strict=True):
        u, v = path.vertices[:, 0] - 1, path.vertices[:, 1] / 2
        np.testing.assert_allclose(np.hypot(u, v), n, atol=2e-3)  # grid spacing 0.05, linear interpolation


def test_profile(ax):
    x = np.linspace(-1, 1, 5)
    plot.draw_profile(x, x**2, value=0.0, interval=(-0.5, 0.6), errordef=0.25, valid=[1, 1, 0, 1, 1], name="mu", ax=ax)
    heights = [
        line.get_ydata()[0] for line in ax.lines if len(set(line.get_ydata())) == 1 and line.get_linestyle() == ":"
    ]
    assert heights == [0.25]
    assert np.isnan(ax.lines[2].get_ydata()[2])
    np.testing.assert_array_equal(ax.lines[3].get_data(), [[0.0], [0.0]])
    assert ax.patches[0].get_extents().width > 0
    assert ax.get_title() == "mu = 0 -0.5 +0.6"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("mu", "FCN")


def test_the_current_axes_are_used(ax):
    plt.sca(ax)
    assert plot.draw_curve([0, 1], [0, 1]) is ax


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda ax: plot.draw_points([1, 2], [1, 2, 3], ax=ax), r"y must have the shape \(2,\)"),
        (lambda ax: plot.draw_points([1, 2], [1, 2], [1, 2, 3], ax=ax), "yerr must be a number"),
        (lambda ax: plot.draw_curve([[1]], [1], ax=ax), "x must have one dimension"),
        (lambda ax: plot.draw_histogram([1, 2], [0, 1], ax=ax), r"edges must have the shape \(3,\)"),
        (lambda ax: plot.draw_histogram([1, 2], [0, 2, 1], ax=ax), "edges must ascend"),
        (lambda ax: plot.draw_histogram([1, 2], [0, 1, 2], band=1, ax=ax), "no prediction was given"),
        (lambda ax: plot.draw_pulls(["a"], [1, 2], ax=ax), r"pulls must have the shape \(1,\)"),
        (lambda ax: plot.draw_contour(np.ones((3, 3)), ax=ax), r"points must have the shape \(n, 2\)"),
        (lambda ax: plot.draw_contour(np.ones((3, 2)), errors=(1, 1), ax=ax), "no minimum"),
        (lambda ax: plot.draw_contour(np.ones((3, 2)), minimum=(1, 1), errors=1.0, ax=ax), "errors must be two"),
        (lambda ax: plot.draw_grid([0, 1], [0, 1, 2], np.ones((3, 2)), ax=ax), r"shape \(2, 3\)"),
        (lambda ax: plot.draw_profile([0, 1], [0, 1], interval=(-1, 1), ax=ax), "no value"),
    ],
)
def test_what_does_not_fit_is_refused(ax, call, message):
    with pytest.raises(ValueError, match=message):
        call(ax)


def test_without_matplotlib_the_message_says_what_to_install():
    code = (
        "import sys; sys.modules['matplotlib'] = None; sys.modules['matplotlib.pyplot'] = None\n"
        "from jaxminuit import plot\n"
        "try:\n    plot.draw_curve([0], [0])\n"
        "except ImportError as e:\n    print(e)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == 'drawing needs matplotlib: pip install "jaxminuit[plot]"'
