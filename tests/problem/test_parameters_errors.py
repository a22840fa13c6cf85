"""Every start that can never be fitted is refused, with the name of the parameter and the value."""

import numpy as np
import pytest

from jaxminuit import Parameters

TREE = {"mu": 0.0, "sigma": 1.0, "w": np.zeros(2), "shape": {"a": 5.0}}


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({"a": {"b": np.nan}}, "start value of a.b is not finite: nan"),
        ({"w": np.array([0.0, np.inf])}, r"start value of w\[1\] is not finite: inf"),
        ({}, "no parameters"),
        (None, "no parameters"),
        (np.zeros(0), "no parameters"),
        ({"a.b": 1.0, "a": {"b": 2.0}}, r"names must differ.*a\.b"),
    ],
)
def test_values(tree, message):
    with pytest.raises(ValueError, match=message):
        Parameters(tree)


@pytest.mark.parametrize("value", ["text", 1j, np.array([1j]), np.array(["a"]), object(), abs])
def test_values_that_are_no_real_numbers(value):
    with pytest.raises(TypeError, match=r"parameter deep\.here must be a real number"):
        Parameters({"deep": {"here": value}})
    with pytest.raises(TypeError, match="the start value must be a real number"):
        Parameters(value)


def test_functions_among_the_values_get_a_hint():
    with pytest.raises(TypeError, match=r"parameter activation must .* out of a model with equinox\.partition"):
        Parameters({"activation": abs, "weight": 1.0})


@pytest.mark.parametrize(
    ("step", "error", "message"),
    [
        ({"nu": 0.1}, ValueError, "unknown parameter 'nu'.*'mu'"),
        ({"shape": {"c": 0.1}}, ValueError, r"unknown parameter 'shape\.c'"),
        ({9: 0.1}, ValueError, "parameter 9 is out of range"),
        ({True: 0.1}, ValueError, "unknown parameter True"),
        ({"mu": 0.0}, ValueError, "step of mu must be positive and finite, not 0"),
        ({"w[1]": -3}, ValueError, r"step of w\[1\] must be positive and finite, not -3"),
        ({"mu": np.nan}, ValueError, "step of mu must be positive and finite, not nan"),
        ({"mu": np.inf}, ValueError, "step of mu must be positive and finite, not inf"),
        (-1, ValueError, "step of mu must be positive and finite, not -1"),
        ({"mu": "big"}, TypeError, "step of mu must be a real number, not 'big'"),
        ({"shape": {"a": 1j}}, TypeError, r"step of shape\.a must be a real number, not 1j"),
        (1j, TypeError, "step of mu must be a real number, not 1j"),
        ({"w": [1, 2, 3]}, ValueError, r"step of w\[0\]: expected 1 or 2 entries, not 3"),
        ({"w": [[1, 2], [3]]}, TypeError, r"step of w\[0\] must be a real number"),
        ([0.1], ValueError, r"structure of the parameters, not \[0.1\]"),
        ("big", ValueError, "structure of the parameters, not 'big'"),
        (np.ones(4), ValueError, "structure of the parameters"),
    ],
)
def test_steps(step, error, message):
    with pytest.raises(error, match=message):
        Parameters(TREE, step=step)


@pytest.mark.parametrize(
    ("limits", "error", "message"),
    [
        ({"nu": (0, 1)}, ValueError, "unknown parameter 'nu'"),
        ({"mu": (1, -1)}, ValueError, "limits of mu are crossed: lower 1 is not below upper -1"),
        ({"mu": (0, 0)}, ValueError, "limits of mu are crossed: lower 0 is not below upper 0"),
        ({"mu": (np.inf, None)}, ValueError, "limits of mu are crossed: lower inf"),
        ({"mu": (np.nan, 1)}, ValueError, r"limits of mu are not numbers: \(nan, 1\)"),
        ({"sigma": (2, 3)}, ValueError, r"start value of sigma, 1, is outside \(2, 3\)"),
        ({"w": (None, -0.5)}, ValueError, r"start value of w\[0\], 0, is outside \(-inf, -0.5\)"),
        ({"mu": 3}, ValueError, r"limits of mu must be a pair \(lower, upper\), not 3"),
        ({"mu": (0, 1, 2)}, ValueError, r"limits of mu must be a pair .*not \(0, 1, 2\)"),
        ({"mu": "ab"}, ValueError, "limits of mu must be a pair .*not 'ab'"),
        ({"mu": ("low", 1)}, TypeError, "lower limit of mu must be a real number, not 'low'"),
        ({"mu": (-1, 1j)}, TypeError, "upper limit of mu must be a real number, not 1j"),
        ((0, 1), ValueError, r"structure of the parameters, not \(0, 1\)"),
        (3, ValueError, "structure of the parameters, not 3"),
    ],
)
def test_limits(limits, error, message):
    with pytest.raises(error, match=message):
        Parameters(TREE, limits=limits)


@pytest.mark.parametrize(
    ("fixed", "error", "message"),
    [
        (["nu"], ValueError, "unknown parameter 'nu'"),
        ("nu", ValueError, "unknown parameter 'nu'"),
        ([17], ValueError, "parameter 17 is out of range"),
        (True, TypeError, "fixed must be names of parameters or flags, not True"),
        (1.5, TypeError, "fixed must be names of parameters or flags, not 1.5"),
        ([True, False], ValueError, "fixed: expected 5 flags, not 2"),
        (np.ones(9, bool), ValueError, "fixed: expected 5 flags, not 9"),
        ({"mu": 2}, TypeError, "fixed flag of mu must be True or False, not 2"),
        ({"mu": "yes"}, TypeError, "fixed flag of mu must be True or False, not 'yes'"),
        ({"mu": None}, TypeError, "fixed flag of mu must be True or False, not None"),
        ({"w": np.ones(3, bool)}, ValueError, r"fixed flag of w\[0\]: expected 1 or 2 entries, not 3"),
    ],
)
def test_fixed(fixed, error, message):
    with pytest.raises(error, match=message):
        Parameters(TREE, fixed=fixed)


@pytest.mark.parametrize(
    ("names", "message"), [(["a"], "1 names were given for 5"), (list("abcda"), r"names must differ, .*'a', 'b'")]
)
def test_names(names, message):
    with pytest.raises(ValueError, match=message):
        Parameters(TREE, names=names)


@pytest.mark.parametrize(
    ("name", "message"),
    [("nu", "unknown parameter 'nu'"), (5, "5 is out of range"), (-6, "-6 is"), (1.5, "1.5"), (None, "None")],
)
def test_index(name, message):
    with pytest.raises(ValueError, match=message):
        Parameters(TREE).index(name)
