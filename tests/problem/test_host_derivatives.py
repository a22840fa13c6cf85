"""HostFCN with derivatives in the functional interface: any structure of parameters, any limits, every algorithm."""

import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm
from jaxminuit.core.status import Status
from jaxminuit.problem.returned import WrongResultError, real_matrix, real_vector

TRUE = {"a": 1.0, "w": [2.0, -0.5]}
START = jm.Parameters({"a": 0.3, "w": np.array([1.2, 0.4])}, limits={"a": (0.0, 3.0), "w[0]": (None, 2.5)})


def value(xp):
    def function(p):
        a, (u, v) = p["a"], p["w"]
        return xp.exp(a - 1.0) - a + (u - 2.0 + 0.3 * v) ** 2 / 0.02 + (v + 0.5 * a) ** 2 + 0.3 * xp.cosh(v + 0.5)

    return function


def gradient(p):
    a, (u, v) = p["a"], p["w"]
    assert isinstance(a, float)
    pull, lean = (u - 2.0 + 0.3 * v) / 0.01, 2 * (v + 0.5 * a)
    return {
        "a": np.exp(a - 1.0) - 1.0 + 0.5 * lean,
        "w": np.array([pull, 0.3 * pull + lean + 0.3 * np.sinh(v + 0.5)]),
    }


def hessian(p):
    a, (_, v) = p["a"], p["w"]
    c = 2 + 9.0 + 0.3 * np.cosh(v + 0.5)
    return [[np.exp(a - 1.0) + 0.5, 0.0, 1.0], [0.0, 100.0, 30.0], [1.0, 30.0, c]]


HOSTS = {
    "differences": jm.HostFCN(value(np), grad=gradient),
    "flat sequence": jm.HostFCN(value(np), grad=lambda p: [gradient(p)["a"], *gradient(p)["w"]]),
    "diagonal": jm.HostFCN(value(np), grad=gradient, g2=lambda p: np.diag(hessian(p))),
    "hessian": jm.HostFCN(value(np), grad=gradient, hessian=hessian),
}
COMPILED = jm.FCN(value(jnp))


@pytest.fixture(scope="module")
def exact():
    return jm.hesse(COMPILED, START)


@pytest.mark.parametrize("name", HOSTS)
def test_hesse_in_internal_coordinates(name, exact):
    """Central differences of the gradient: h^2 and eps / h are both 1e-10, and |F| / UP is 40 at the start."""
    found = jm.hesse(HOSTS[name], START)
    scale = np.sqrt(np.abs(np.outer(*2 * [np.diag(exact.hessian)])))
    atol = 1e-13 if name == "hessian" else 1e-7
    np.testing.assert_allclose(found.hessian / scale, exact.hessian / scale, atol=atol)
    np.testing.assert_allclose(found.gradient, exact.gradient, rtol=1e-12)
    free = 3
    assert (int(found.nfcn), int(found.ngrad)) == (1, 1 if name == "hessian" else 1 + 2 * free)


@pytest.mark.parametrize("name", ["differences", "hessian"])
def test_migrad_and_minos(name):
    found, compiled = jm.migrad(HOSTS[name], START), jm.migrad(COMPILED, START)
    assert found.valid
    np.testing.assert_allclose(found.values, compiled.values, atol=1e-6)
    np.testing.assert_allclose(found.covariance, compiled.covariance, rtol=1e-5, atol=1e-9)
    errors, other = jm.minos(HOSTS[name], found, ["w[1]"]), jm.minos(COMPILED, compiled, ["w[1]"])
    np.testing.assert_allclose([errors.lower[2], errors.upper[2]], [other.lower[2], other.upper[2]], rtol=1e-4)


def test_steps_that_are_far_off_do_no_harm(exact):
    """Step sizes of the user's, from which the differences begin, wrong by 1e6 either way."""
    for factor in (1e-6, 1e6):
        start = START.replace(step=factor * START.step)
        found = jm.hesse(HOSTS["differences"], start)
        scale = np.sqrt(np.abs(np.outer(*2 * [np.diag(exact.hessian)])))
        np.testing.assert_allclose(found.hessian / scale, exact.hessian / scale, atol=1e-6)


def test_fixed_parameters_are_not_differenced():
    calls = []

    def counted(p):
        calls.append(p["a"])
        return gradient(p)

    fixed = START.replace(fixed=[True, False, False])
    found = jm.hesse(jm.HostFCN(value(np), grad=counted), fixed)
    assert len(calls) == int(found.ngrad) == 1 + 2 * 2
    assert set(calls) == {0.3}
    np.testing.assert_array_equal(found.hessian[0], [1.0, 0.0, 0.0])


def test_finite_differences_can_still_be_asked_for():
    found, plain = (jm.migrad(f, START, gradient="finite") for f in (HOSTS["hessian"], jm.HostFCN(value(np))))
    assert int(found.nfcn) == int(plain.nfcn)
    assert int(found.ngrad) == 0
    with pytest.raises(ValueError, match="no exact gradient"):
        jm.migrad(jm.HostFCN(value(np)), START, gradient="exact")


def test_where_the_function_has_no_value_its_gradient_is_not_called():
    def log(p):
        return float(np.log(p[0]) ** 2) if p[0] > 0 else float("nan")

    def grad(p):
        assert p[0] > 0
        return [2 * np.log(p[0]) / p[0]]

    found = jm.migrad(jm.HostFCN(log, grad=grad), jm.Parameters(np.array([2.5])))
    assert found.valid
    assert float(found.values[0]) == pytest.approx(1.0, abs=1e-4)
    assert int(jm.migrad(jm.HostFCN(log, grad=grad), jm.Parameters(np.array([-1.0]))).status) == Status.NOT_FINITE


def test_arguments():
    with pytest.raises(TypeError, match="grad must be callable, not 3"):
        jm.HostFCN(value(np), grad=3)
    with pytest.raises(ValueError, match="together with grad only"):
        jm.HostFCN(value(np), hessian=hessian)
    assert not jm.HostFCN(value(np)).has_grad


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "NoneType"), (1.0, "float"), ("ab", "str"), ([1.0, "b"], "to real numbers"), ([1j, 2.0], "complex"),
        (np.ones(3), "result has size 3 but expected size is 2"), ([[1.0, 2.0], [3.0]], "size 3"), ([], "size 0"),
    ],
)  # fmt: skip
def test_vectors_that_are_none(value, message):
    with pytest.raises(WrongResultError, match=message):
        real_vector(value, 2)


def test_vectors_and_matrices():
    for given in ([1, 2.0], (1.0, np.float32(2.0)), {"b": 2.0, "a": 1}, np.array([[1.0, 2.0]]), jnp.array([1.0, 2.0])):
        np.testing.assert_array_equal(real_vector(given, 2), [1.0, 2.0])
    np.testing.assert_array_equal(real_matrix([[1.0, 2.0], [4.0, 5.0]], 2), [[1.0, 3.0], [3.0, 5.0]])
    for wrong in (np.ones(4), np.ones((2, 3)), np.ones((3, 3)), [[1.0, 2.0], [3.0]], None, "ab"):
        with pytest.raises(WrongResultError):
            real_matrix(wrong, 2)
