"""The check of autodiff against differences: it finds wrong derivatives and raises no false alarm."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import jaxminuit as jm
from tests.helpers import finite


@jax.custom_jvp
def wrong(x):
    return x**3


@wrong.defjvp
def _(primals, tangents):
    return primals[0] ** 3, 3.003 * primals[0] ** 2 * tangents[0]  # a tenth of a per cent


@jax.custom_jvp
def right(x):
    return x**3


@right.defjvp
def _(primals, tangents):
    return primals[0] ** 3, 3 * primals[0] ** 2 * tangents[0]


def suspicious(p):
    """Two wrong derivatives among three right ones."""
    return wrong(p["wrong"]) + right(p["right"]) + lax.stop_gradient(p["stopped"]) ** 2 + jnp.exp(p["exp"]) + p["fixed"]


def smooth(p, data):
    """Curvatures from 1e-4 to 1e4, correlated, with an offset that hides digits."""
    x = p * data["scale"]
    return data["offset"] + jnp.sum(jnp.cosh(x - 1.0)) + jnp.sin(jnp.sum(x)) + x[0] * x[1] ** 2


START = {"wrong": 1.3, "right": 0.9, "stopped": 0.7, "exp": 0.4, "fixed": 1.0}


@pytest.fixture(scope="module")
def found():
    start = jm.Parameters(START, step=0.1, limits={"wrong": (0, 2), "right": (0, 2)}, fixed=["fixed"])
    return jm.check_gradient(jm.FCN(suspicious), start)


def test_wrong_derivatives_are_found(found):
    assert found.disagreeing == ["stopped", "wrong"]


def test_both_derivatives_are_external(found):
    """Through two limits too: 3 x^2 (and what the wrong rule says), within the stated uncertainty."""
    exact = dict(zip(found.names, np.asarray(found.exact), strict=True))
    difference = dict(zip(found.names, np.asarray(found.finite), strict=True))
    assert exact["wrong"] == pytest.approx(3.003 * 1.3**2, rel=1e-12)
    assert exact["right"] == pytest.approx(3 * 0.9**2, rel=1e-12)
    assert exact["stopped"] == 0
    for name, derivative in {"wrong": 3 * 1.3**2, "right": 3 * 0.9**2, "stopped": 1.4, "exp": np.exp(0.4)}.items():
        uncertainty = float(found.uncertainty[found.names.index(name)])
        assert abs(difference[name] - derivative) <= uncertainty
        assert uncertainty < 1e-6


def test_it_can_be_printed(found):
    lines = str(found).splitlines()
    assert len(lines) == 6
    for line in lines[1:]:
        assert line.endswith("DISAGREE") == (line.split()[0] in ("wrong", "stopped"))


def test_no_false_alarm():
    """Thirty starts, steps and limits of very different sizes: one program, and every component agrees."""
    rng = np.random.default_rng(12)
    fcn_of = [1.0, 1e3, 1e6]
    for trial in range(30):
        scale = 10 ** rng.uniform(-2, 2, 4)
        value = rng.normal(size=4) / scale
        step = 10 ** rng.uniform(-3, 0.5, 4) / scale
        start = jm.Parameters(value, step=step).replace(
            lower=np.where(rng.random(4) < 0.4, value - rng.uniform(0.1, 3, 4) / scale, -np.inf),
            upper=np.where(rng.random(4) < 0.4, value + rng.uniform(0.1, 3, 4) / scale, np.inf),
        )
        data = {"scale": scale, "offset": fcn_of[trial % 3]}
        check = jm.check_gradient(jm.FCN(smooth, data=data), start)
        assert check.disagreeing == [], f"trial {trial}:\n{check}"
        np.testing.assert_allclose(
            check.exact, finite.gradient(_values(data), value, 1e-3 / scale), rtol=1e-3, atol=1e-3 * scale.max()
        )


def _values(data):
    compiled = jax.jit(lambda p, d: smooth(p, d | {"offset": 0.0}))
    return lambda p: compiled(p, data)


def test_a_derivative_that_is_not_finite_disagrees():
    """|x|^(1/2) at 0: its value exists, its derivative does not."""
    check = jm.check_gradient(
        jm.FCN(lambda p: jnp.sqrt(jnp.abs(p["a"])) + p["b"] ** 2), jm.Parameters({"a": 0.0, "b": 1.0})
    )
    assert check.disagreeing == ["a"]


def test_a_step_function_is_found():
    """Rounded to 1e-4: autodiff sees no slope at all, differences do."""
    check = jm.check_gradient(jm.FCN(lambda p: jnp.round(1e4 * p**2) / 1e4), jm.Parameters(1.0, step=0.3))
    assert check.disagreeing == ["x"]


def test_a_host_fcn_has_nothing_to_check():
    with pytest.raises(ValueError, match="HostFCN has no exact gradient"):
        jm.check_gradient(jm.HostFCN(lambda p: float(p) ** 2), jm.Parameters(1.0))
