"""What a Minuit object does between fits. NumPy functions of two parameters: the host machines compile once for all."""

import copy
import pickle

import iminuit
import jax.numpy as jnp
import numpy as np
import pytest

from jaxminuit.fit.programs import KEPT, PROGRAMS
from jaxminuit.minuit import Minuit
from jaxminuit.minuit.warnings import IMinuitWarning


def numpys(a, b):
    """Not traceable; minimum 1 at (1, -2), errors 0.1 and sqrt(2) / 0.99^(1/2) from a correlation of 0.1."""
    u, v = (a - 1.0) / 0.1, (b + 2.0) / 2**0.5
    return float(np.asarray(u * u + v * v - 0.2 * u * v + 1.0, dtype=np.float64))


def both(function=numpys, **start):
    start = start or {"a": 0.5, "b": 1.0}
    return Minuit(function, **start), iminuit.Minuit(function, **start)


@pytest.fixture(scope="module")
def fitted():
    return Minuit(numpys, a=0.5, b=1.0).migrad().hesse().minos()


def test_chain(fitted):
    assert fitted.gradient_path == "host"
    assert fitted.valid
    assert fitted.accurate
    assert fitted.fval == pytest.approx(1.0, abs=1e-6)
    np.testing.assert_allclose(np.array(fitted.values), [1.0, -2.0], atol=1e-3)
    sigma = np.array([0.1, 2**0.5]) / 0.99**0.5
    np.testing.assert_allclose(np.array(fitted.errors), sigma, rtol=1e-3)
    np.testing.assert_allclose([fitted.merrors[k].upper for k in "ab"], sigma, rtol=2e-3)
    assert fitted.covariance.correlation()["a", "b"] == pytest.approx(0.1, rel=1e-2)


def test_before_a_fit():
    m = Minuit(numpys, a=0.5, b=1.0)
    assert (m.fmin, m.fval, m.covariance, m.valid, m.accurate, m.nfcn) == (None, None, None, False, False, 0)
    assert "Name" in str(m)
    assert "<table>" in m._repr_html_()


def test_shows_itself(fitted):
    text, html = str(fitted), fitted._repr_html_()
    for part in (fitted.fmin, fitted.params, fitted.merrors, fitted.covariance):
        assert str(part) in text
        assert part._repr_html_() in html
    assert repr(fitted).startswith("<FMin algorithm='Migrad'")


def test_calls_are_counted_once():
    calls = []

    def counted(a, b):
        calls.append(1)
        return numpys(a, b)

    m = Minuit(counted, a=0.5, b=1.0)
    assert m.gradient_path == "host"
    for algorithm in (m.migrad, m.hesse, m.minos, m.migrad):
        calls.clear()
        before = m.nfcn
        algorithm()
        assert m.nfcn - before == len(calls) > 0, algorithm


def test_reset_goes_back_to_before_the_first_fit():
    ours, theirs = both()
    for m in (ours, theirs):
        m.fixed["b"] = True
        m.migrad()
        m.fixed["b"] = False
        m.values = (3, 3)
        m.tol, m.strategy = 0.2, 0
        m.reset()
    assert ours.values == theirs.values == [0.5, 1.0]
    assert ours.errors == theirs.errors
    assert ours.fixed == theirs.fixed == [False, True]
    assert (ours.nfcn, ours.fmin, ours.covariance, len(ours.merrors)) == (0, None, None, 0)
    assert (ours.tol, ours.strategy) == (0.2, 0)
    assert ours.init_params == ours.params


def test_results_follow_errordef():
    m = Minuit(numpys, a=0.5, b=1.0).migrad()
    error, covariance = m.errors["a"], m.covariance["a", "a"]
    m.errordef = 4.0
    assert m.errors["a"] == pytest.approx(2 * error)
    assert m.covariance["a", "a"] == pytest.approx(4 * covariance)
    assert m.fmin.errordef == 4.0
    assert m.migrad().errors["a"] == pytest.approx(0.2 / 0.99**0.5, rel=5e-3)


def test_a_fixed_parameter(fitted):
    m = Minuit(numpys, a=0.5, b=1.0).fixto("b", -2.0).migrad()
    assert m.values["b"] == -2.0
    assert m.errors["a"] == pytest.approx(0.1, rel=1e-3)
    assert m.nfit == 1
    np.testing.assert_array_equal(m.covariance["b"], [0.0, 0.0])
    with pytest.warns(IMinuitWarning, match="fixed parameter 'b'"):
        m.minos("b")
    assert len(m.merrors) == 0
    assert list(m.minos().merrors) == ["a"]


def test_nothing_to_do_when_all_are_fixed():
    m = Minuit(numpys, a=0.5, b=1.0)
    m.fixed = True
    with pytest.warns(IMinuitWarning, match="all parameters fixed"):
        m.hesse()
    assert m.fmin is None


def test_hesse_and_minos_find_their_way_without_migrad():
    m = Minuit(numpys, a=1.0, b=-2.0).minos("a")
    assert m.fmin.algorithm != "Migrad"
    assert m.merrors["a"].lower == pytest.approx(-0.1 / 0.99**0.5, rel=5e-3)
    far = Minuit(numpys, a=5.0, b=7.0)
    with pytest.raises(RuntimeError, match="Function minimum is not valid: <FMin"):
        far.minos()


def test_minos_after_an_edit_starts_from_the_edited_table():
    """A minimum with both parameters free is not the one for a fixed b."""
    m = Minuit(numpys, a=0.5, b=1.0).migrad()
    m.fixed["b"] = True
    m.minos()
    assert list(m.merrors) == ["a"]
    assert m.merrors["a"].upper == pytest.approx(0.1, rel=5e-3)


def test_minos_arguments():
    m = Minuit(numpys, a=0.5, b=1.0).migrad()
    one = m.minos("a").merrors["a"]
    two = m.minos(0, cl=2).merrors["a"]
    assert two.upper == pytest.approx(2 * one.upper, rel=2e-3)
    assert m.minos("a", cl=0.9).merrors["a"].upper == pytest.approx(1.6449 * one.upper, rel=2e-3)
    assert list(m.minos("b").merrors) == ["a", "b"]
    assert len(m.migrad().merrors) == 0
    with pytest.raises(ValueError, match="unknown parameter 'q'"):
        m.minos("q")
    with pytest.raises(ValueError, match="parameter 7 is out of range"):
        m.minos(7)


def test_limits_keep_the_fit_inside():
    m = Minuit(numpys, a=0.5, b=1.0)
    m.limits["b"] = (-1.0, 3.0)
    m.migrad()
    assert -1.0 <= m.values["b"] < -0.99
    assert m.fmin.has_parameters_at_limit


def test_call_limit():
    m = Minuit(numpys, a=50.0, b=-90.0).migrad(ncall=8)
    assert not m.valid
    assert m.fmin.has_reached_call_limit
    assert "the call limit was reached" in str(m)
    assert Minuit(numpys, a=50.0, b=-90.0).migrad(ncall=8.0).nfcn == m.nfcn
    for wrong in (-3, 2.5, "many"):
        with pytest.raises(ValueError, match=f"ncall must be a whole number .*{wrong!r}"):
            m.migrad(ncall=wrong)


def kinks(a, b):
    """Not traceable; the derivative jumps at the minimum, which misleads a first Migrad."""
    return float(np.abs(np.asarray(a) - 0.3) + np.abs(np.asarray(b) - 0.3))


@pytest.mark.slow
def test_migrad_is_repeated_as_in_iminuit():
    """iterate counts Migrads; a valid one, and the call limit, end the retries."""

    def fit(**options):
        m = Minuit(kinks, a=3.0, b=2.0)
        m.errors = 0.1
        return m.migrad(**options)

    alone, again = fit(iterate=1), fit()
    assert not alone.valid
    assert again.valid
    assert again.nfcn > alone.nfcn
    assert fit(ncall=20).fmin.has_reached_call_limit
    assert fit(iterate=2, use_simplex=False).fval < alone.fval
    for m in both():
        with pytest.raises(ValueError, match="iterate must be at least 1"):
            m.migrad(iterate=0)


def test_print_level_belongs_to_one_object(capsys):
    loud, quiet = both()[0], both()[0]
    loud.print_level = 1
    quiet.migrad()
    assert capsys.readouterr().out == ""
    loud.migrad()
    assert "Migrad: valid minimum" in capsys.readouterr().out
    with pytest.raises(ValueError, match="-1"):
        loud.print_level = -1


def test_settings():
    m = both()[0]
    m.tol, m.strategy, m.precision = 0.5, 0, 1e-12
    assert (m.tol, m.strategy, m.precision) == (0.5, 0, 1e-12)
    assert m.migrad().fmin.edm_goal == pytest.approx(0.002 * 0.5)
    m.tol = None
    assert m.tol == 0.1
    with pytest.raises(ValueError, match="precision"):
        m.precision = 2.0


def test_copies_are_independent(fitted):
    for other in (copy.deepcopy(fitted), pickle.loads(pickle.dumps(fitted))):
        assert other.fmin == fitted.fmin
        assert other.params == fitted.params
        other.values["a"] = 5.0
        assert fitted.values["a"] != 5.0
        assert other.migrad().valid


DATA = np.array([1.0, 2.0, 6.0])


def test_a_compiled_fit_follows_changed_data_and_nothing_else():
    """Values, steps, limits, fixed flags: no new trace. Data changed in place: a new one, and the new answer."""
    traces = [0]
    data = DATA.copy()
    PROGRAMS.make_room(KEPT // 2)  # none is dropped and traced again because of the tests before

    def chi2(mu, shift):
        traces[0] += 1
        return jnp.sum((data - mu - shift) ** 2) + 4.0 * shift**2

    m = Minuit(chi2, 0.0, 0.0)
    m.gradient_path = "exact"  # a function that counts its calls would run on the host
    m.migrad()
    assert m.values["mu"] == pytest.approx(3.0, abs=1e-2)
    after_first = traces[0]  # the counter itself is read by chi2, and does not count as data
    m.values = (1.0, 0.1)
    m.errors = (0.3, 0.2)
    m.limits["mu"] = (0.0, 10.0)
    m.fixed["shift"] = True
    m.tol = 0.05
    m.migrad()
    assert traces[0] == after_first
    other = Minuit(chi2, 7.0, 1.0)
    other.gradient_path = "exact"
    assert other.migrad().values["mu"] == pytest.approx(3.0, abs=1e-2)
    assert traces[0] == after_first  # the fit is the compiled one, and what finding the path changed is undone
    m.values["shift"] = 0.0
    data[2] = 3.0
    assert m.migrad().values["mu"] == pytest.approx(2.0, abs=1e-2)


def test_a_gradient_of_the_users_is_used():
    """A gradient that is wrong on purpose moves the point that the fit takes for the minimum."""

    def gradient(a, b):
        return 2.0 * (a - 3.0), 2.0 * b

    m = Minuit(lambda a, b: (a - 3.0) ** 2 + b**2, 0.0, 1.0, grad=gradient)
    assert m.gradient_path == "exact"
    m.migrad()
    np.testing.assert_allclose(m.values, [3.0, 0.0], atol=1e-4)
    np.testing.assert_allclose(m.errors, [1.0, 1.0], rtol=1e-6)
    from_wrong = Minuit(lambda a, b: (a - 3.0) ** 2 + b**2, 3.0, 0.0, grad=lambda a, b: (2.0 * (a - 3.5), 2.0 * b))
    from_wrong.hesse()
    assert from_wrong.fmin.edm == pytest.approx(0.25, rel=1e-6)  # g.V.g / 2 with g = -1, V = 1/2


@pytest.mark.parametrize("scan", ["profile", "mnprofile"])
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"bound": (1, 0)}, r"^bound \(1, 0\) of x is invalid"),
        ({"bound": (1, 2, 3)}, "^bounds of x must be a pair"),
        ({"size": 0, "bound": (0, 1)}, "^size must be a whole number from 1, not 0"),
        ({"size": 2.5, "bound": (0, 1)}, "^size must be a whole number from 1, not 2.5"),
    ],
)
def test_wrong_ranges_of_scans_are_named(scan, wrong, message):
    m = Minuit(lambda x, y: (x - 1) ** 2 + y**2, x=0.0, y=0.0)
    with pytest.raises(ValueError, match=message):
        getattr(m, scan)("x", **wrong)
