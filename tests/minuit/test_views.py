"""Views, side by side with iminuit: every statement is run on both and must leave the same table, or fail alike."""

import iminuit
import numpy as np
import pytest

from jaxminuit.minuit import Minuit
from jaxminuit.minuit.warnings import IMinuitWarning


def cost(a, b, c):
    return a**2 + b**2 + c**2


def pair():
    return Minuit(cost, 1.0, -2.0, 0.0), iminuit.Minuit(cost, 1.0, -2.0, 0.0)


def table(m):
    return [m.values.to_dict(), m.errors.to_dict(), m.fixed.to_dict(), m.limits.to_dict()]


READS = [
    "values['a']", "values[0]", "values[-1]", "values[np.int64(1)]", "values[...]", "values[:2]", "values[::-1]",
    "values['a':'c']", "values['b':]", "values[[0, 'c']]", "values[[True, False, True]]",
    "values[np.array([False, True, True])]", "values[[]]", "errors[:]", "fixed[:]", "limits[:]", "limits['b']",
    "values == [1, -2, 0]", "values == [1, -2, 1]", "values == (1, -2, 0)", "fixed == False", "values == 1",
    "limits == [(-np.inf, np.inf)] * 3", "len(m.values)", "list(m.values)", "~m.fixed", "repr(m.values)",
    "repr(m.fixed)", "repr(m.limits)", "repr(m.errors)", "values.to_dict()", "parameters", "pos2var", "var2pos",
    "values[np.array([2, 0])]", "values[('a', -1)]", "values[{'a': 1, 'b': 2}]", "values[(k for k in 'ab')]",
    "values[5:]", "values[-100:2]", "values['c':'a':-1]", "limits[['a', 'b']]", "values[()]", "values[np.int64(1):]",
    "m.values == m.values", "values == None", "values == 'a'", "values == [[1, -2, 0]]",
    "values == np.array([1, -2, 0])",
    "fixed == [False, False, False]", "m.fixed == m.fixed", "limits == (-np.inf, np.inf)", "limits == 3",
    "values != 1",
    "errors == [0.01, 0.02, 0.1]", "np.sum(m.values)", "np.max(m.errors)", "np.any(m.fixed)", "np.shape(m.limits)",
    "np.array(m.fixed).dtype", "np.array(m.limits).tolist()", "'a' in m.values", "-2 in m.values", "max(m.values)",
    "sorted(m.values)", "np.dot(m.values, [1, 2, 3])", "limits.to_dict()", "fixed.to_dict()", "errors.to_dict()",
    "(np.ones(3) * m.values).tolist()", "np.mean(m.values)", "dict(zip('abc', m.values))", "str(m.values)",
    "npar", "nfit", "errordef", "tol", "valid", "accurate", "fval", "fmin", "covariance", "nfcn", "ngrad",
]  # fmt: skip

WRITES = [
    "m.values['a'] = 3", "m.values[1] = 3", "m.values[-1] = np.float32(3)", "m.values[:2] = 3", "m.values = 5",
    "m.values = [1, 2, 3]", "m.values = np.arange(3)", "m.values[:2] = (7, 8)", "m.values[['a', 2]] = [4, 5]",
    "m.values[[True, False, True]] = [4, 5]", "m.values[...] = 2", "m.errors = 0.3", "m.errors['b'] = 2",
    "m.fixed['a'] = True", "m.fixed = True", "m.fixed = [True, False, True]", "m.fixed[:2] = True",
    "m.limits['a'] = (0, None)", "m.limits['a'] = (None, 4)", "m.limits['a'] = None", "m.limits['a'] = (0, np.inf)",
    "m.limits['b'] = (0, 1)", "m.limits['b'] = (-9, -5)", "m.limits = (-5, 5)",
    "m.limits = [(0, 2), None, (None, 4)]",
    "m.limits[:2] = (-3, 3)", "m.limits[:2] = [(0, 1), (-2, 4)]", "m.limits['a'] = (2, 2)", "m.limits[0] = [0, 3]",
    "m.limits['a'] = np.array([0, 3])", "m.fixto('a', 4)", "m.fixto(['a', 'b'], [1, 2])", "m.fixto(..., 3)",
    "m.values[np.array([2, 0])] = [1, 9]", "m.values[()] = 3", "m.values['b':] = np.float64(3)",
    "m.errors[1:] = [3, 4]",
    "m.values[::2] = 7", "m.values[np.array([True, False, True])] = 4", "m.fixed[['a', 'c']] = [True, False]",
    "m.limits = (None, None)", "m.limits[['a', 'b']] = (-1, 1)", "m.limits[...] = (-1, 1)",
    "m.limits[:2] = [None, (0, 1)]", "m.limits = np.array([[0, 1], [-3, 0], [-1, 1]])", "m.limits['c'] = (1, np.inf)",
    "m.limits['a'] = (-np.inf, 0)", "m.limits[0] = (3, 3); m.limits[0] = None", "m.limits = [(0, 0), (1, 2), (3, 4)]",
    "m.limits['a'] = (0, 2); m.limits['a'] = (None, 0.5)", "m.fixed[~np.array(m.fixed)] = True",
    "m.values = m.errors",
    "m.fixed = 1", "m.fixed['b'] = 0", "m.values[[]] = []", "m.values = range(3)",
    "m.fixto(slice(0, 2), 3).fixed['a'] = False", "m.values = 4; m.fixed['b'] = True; m.reset()",
]  # fmt: skip

ERRORS = [
    ("m.values['q']", KeyError), ("m.values[3]", IndexError), ("m.values[-4]", IndexError),
    ("m.values[[0, 5]]", IndexError), ("m.values[[True, False]]", IndexError), ("m.values[1.5]", TypeError),
    ("m.values = [1, 2]", ValueError), ("m.values[:2] = [1, 2, 3]", ValueError), ("m.values['a'] = 'x'", TypeError),
    ("m.values['a'] = [1, 2]", TypeError), ("m.fixed = [True]", ValueError), ("m.limits['a'] = (2, 1)", ValueError),
    ("m.limits['a'] = (1, 2, 3)", ValueError), ("m.limits['a'] = 3", TypeError), ("hash(m.values)", TypeError),
    ("m.limits[:2] = [(0, 1)]", ValueError), ("m.limits = (1, 2, 3)", ValueError), ("m.values['a':'q']", KeyError),
    ("m.values[['a', 'q']] = 3", KeyError), ("m.values[7] = 1", IndexError), ("m.values[None]", TypeError),
    ("m.values = 'abc'", TypeError), ("m.values = None", TypeError), ("m.errors = 'x'", TypeError),
    ("m.values = [[1], [2], [3]]", TypeError), ("m.values = []", ValueError), ("m.limits['a'] = 'x'", ValueError),
    ("{m.limits: 1}", TypeError), ("m.errors[1:] = [1]", ValueError), ("m.errordef = -1", ValueError),
    ("m.tol = -1", ValueError),
    ("m.strategy = 5", ValueError), ("m.foo = 1", AttributeError), ("m.values = 1j", TypeError),
    ("m.minos('a', cl=0)", ValueError), ("m.minos('a', cl=-1)", ValueError), ("m.params['q']", KeyError),
    ("m.merrors['q']", KeyError), ("m.merrors[0]", IndexError), ("m.fixto('q', 1)", KeyError),
]  # fmt: skip


@pytest.mark.parametrize("expression", READS)
def test_reading(expression):
    text = expression if "m." in expression else f"m.{expression}"
    mine, theirs = (eval(text, {"m": m, "np": np}) for m in pair())
    assert mine == theirs
    assert type(mine) is type(theirs)


@pytest.mark.parametrize("statement", WRITES)
def test_writing(statement):
    both = pair()
    for m in both:
        exec(statement, {"m": m, "np": np})
    assert table(both[0]) == table(both[1])


@pytest.mark.parametrize(("statement", "error"), ERRORS)
def test_errors(statement, error):
    both = pair()
    before = table(both[0])
    for m in both:
        with pytest.raises(error):
            exec(statement, {"m": m, "np": np})
    assert table(both[0]) == before


def test_errors_name_parameter_and_value():
    m, _ = pair()
    with pytest.raises(ValueError, match=r"\(2, 1\) of a"):
        m.limits["a"] = (2, 1)
    with pytest.raises(TypeError, match="value of b must be a real number, not 'x'"):
        m.values["b"] = "x"
    with pytest.raises(ValueError, match="2 entries for 3"):
        m.values = [1, 2]
    with pytest.raises(ValueError, match="nan"):
        m.limits["a"] = (np.nan, 1)


@pytest.mark.parametrize("error", [-1, 0, -0.3])
def test_a_step_that_is_not_positive_is_replaced(error):
    m, other = pair()
    with pytest.warns(IMinuitWarning, match=f"Assigned errors must be positive, but that of b is {error:g}"):
        m.errors["b"] = error
    with pytest.warns(iminuit.util.IMinuitWarning, match="Assigned errors must be positive"):
        other.errors["b"] = error
    assert table(m) == table(other)


def test_editing_replaces_the_session():
    """The old snapshot stays as it was."""
    m, _ = pair()
    old = m.session
    m.values["a"] = 9
    assert old.values[0] == 1.0
    assert m.session is not old


def test_views_are_live_and_arrays():
    m, _ = pair()
    view = m.values
    m.values["a"] = 9
    assert view["a"] == 9
    np.testing.assert_array_equal(np.asarray(view), [9, -2, 0])
    np.testing.assert_array_equal(np.array(m.errors), [0.01, 0.02, 0.1])


def test_where_iminuit_fails_or_does_half():
    """Shapes that do not fit compare unequal; None for limits takes all away; a wrong entry leaves all as they were."""
    m, _ = pair()
    assert m.values != [1, -2]
    m.limits = (-5, 5)
    with pytest.raises(ValueError, match="of b is invalid"):
        m.limits = [(0, 1), (3, 2), (0, 1)]
    assert m.limits == (-5, 5)
    m.limits = [None, None, None]
    assert m.limits == (-np.inf, np.inf)
    m.limits = None
    assert m.limits == (-np.inf, np.inf)
    with pytest.raises(TypeError, match="name or number, not by True"):
        m.values[True]
    m.values = iter([4, 5, 6])
    assert m.values == [4, 5, 6]
    with pytest.raises(ValueError, match="without a copy"):
        np.asarray(m.values, copy=False)
