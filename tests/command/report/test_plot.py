"""Line-printer plots and contour maps against the transcripts; round axes."""

import numpy as np
import pytest

from jaxminuit.command.report.axis import round_axis
from jaxminuit.command.report.contour import contour_map, map_grid
from jaxminuit.command.report.plot import point_plot
from jaxminuit.command.report.rows import Point
from tests.command.report.excerpts import excerpts

ERRORS = (0.4870078695943447, 0.19281322413283197)  # of the two wells at (0.1, 0.1) with UP = 0.1


def two_wells(x, y):
    return (x * x - 1) ** 2 + 0.3 * x + (y - 0.5 * x) ** 2


@pytest.mark.parametrize("excerpt", excerpts("plots"))
def test_plot(excerpt):
    points = [Point(*point) for point in excerpt["points"]]
    assert point_plot(points, excerpt["width"], excerpt["length"]) == excerpt["lines"]


@pytest.mark.parametrize("excerpt", excerpts("maps"))
def test_map(excerpt):
    grid = map_grid((0.1, 0.1), ERRORS, devs=excerpt["devs"], ngrid=excerpt["ngrid"])
    heights = two_wells(grid.x, grid.y[:, None])
    drawn = contour_map(grid, heights, ((1, "X"), (2, "Y")), (0.1, 0.1), two_wells(0.1, 0.1), 0.1)
    assert drawn == excerpt["lines"]


@pytest.mark.parametrize(
    ("width", "length", "columns", "rows"), [(120, 56, 25, 25), (35, 56, 20, 25), (10, 10, 11, 11)]
)
def test_default_map_fits_the_page(width, length, columns, rows):
    grid = map_grid((0.0, 0.0), (1.0, 1.0), width=width, length=length)
    assert (len(grid.x), len(grid.y)) == (columns + 1, rows + 1)


def test_map_stays_within_limits():
    grid = map_grid((0.5, 0.0), (1.0, 1.0), limits=((0.0, 1.0), None), devs=3.0, ngrid=500)
    assert (grid.x[0], grid.x[-1]) == (0.0, 1.0)
    assert grid.y[0] == 3.0
    assert len(grid.x) == 115


@pytest.mark.parametrize(
    ("low", "high", "bins", "width"),
    [
        (0.0, 1.0, 40, 0.05),
        (-3.0, 17.0, 40, 1.0),
        (1.098, 1.3, 90, 0.0025),
        (0.0, 1e-7, 40, 5e-9),
        (2.0, 2.0, 40, 0.05),
    ],
)
def test_axis_is_round_and_covers(low, high, bins, width):
    axis = round_axis(high, low, bins)
    assert axis.width == pytest.approx(width, rel=1e-6)  # single precision
    assert axis.low <= low
    assert axis.high >= high
    assert axis.bins <= bins
    assert axis.high - axis.low == pytest.approx(axis.bins * axis.width)


def test_axis_of_one_bin_and_of_one_point():
    assert round_axis(0.0, 1.0, 1).bins == 1
    assert round_axis(2.0, 2.0, 40).high >= 3.0


@pytest.mark.parametrize("scale", [0.0, 1e-300, 1e-45, 1e20, 1e39, 1e280])
@pytest.mark.parametrize("spread", [0.0, 1e-16, 1.0])
def test_plots_of_numbers_of_every_size(scale, spread):
    points = [Point(scale * (1 + spread * i), scale * (1 + spread * i * i)) for i in range(5)]
    assert len(point_plot(points)) >= 5
    assert all(len(line) <= 125 for line in point_plot(points))


def test_points_without_a_place_are_left_out():
    points = [Point(0.0, 0.0), Point(1.0, 1.0), Point(0.5, 0.25)]
    lost = [Point(np.nan, 1.0), Point(1e300, 0.0), Point(0.3, np.inf), Point(-np.inf, np.nan)]
    assert point_plot(points + lost) == point_plot(points)
    assert point_plot(lost) == []


def test_map_of_values_that_are_not_finite():
    grid = map_grid((0.1, 0.1), (0.0, np.nan), ngrid=12)
    assert np.all(np.isfinite(grid.x))
    assert np.all(np.diff(grid.y) < 0)
    heights = np.full((13, 13), np.nan)
    heights[4] = np.inf
    drawn = contour_map(grid, heights, ((1, "X"), (2, "Y")), (0.1, 0.1), 0.0, 1.0)
    assert len(drawn) == len(contour_map(grid, np.zeros((13, 13)), ((1, "X"), (2, "Y")), (0.1, 0.1), 0.0, 1.0))


def test_plots_of_random_points_hold_all_of_them():
    rng = np.random.default_rng(3)
    for scale in 10.0 ** np.arange(-12.0, 13.0, 4):
        points = [Point(x, y, "x") for x, y in scale * rng.normal(size=(30, 2))]
        lines = point_plot(points, 120, 56)
        drawn = sum(line[18:].count("x") for line in lines[:-3])
        assert 25 <= drawn <= 30  # some may share a place
        assert max(map(len, lines)) <= 120


def test_fewer_than_two_points_are_no_plot():
    assert point_plot([Point(0.0, 0.0)]) == []
