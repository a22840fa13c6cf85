"""Results show themselves, and are asked by name."""

import jax
import jax.numpy as jnp
import pytest

import jaxminuit as jm


@pytest.fixture(scope="module")
def found():
    fcn = jm.FCN(lambda p: (p["tau"] - 2.0) ** 2 / 0.25 + (p["base"] - 1.0) ** 2)
    minimum = jm.migrad(fcn, jm.Parameters({"tau": 1.0, "base": 0.0}))
    return minimum, jm.minos(fcn, minimum)


def test_a_prompt_shows_the_text(found):
    for result in found:
        assert repr(result) == str(result)


def test_what_holds_no_numbers_shows_its_structure(found):
    """Tracers, and results of which something was taken out."""
    seen = []
    jax.jit(lambda m: seen.append(repr(m)) or m.fval)(found[0])
    assert seen[0].startswith("FunctionMinimum(")
    assert repr(jax.tree_util.tree_map(lambda _: None, found[0])).startswith("FunctionMinimum(")
    assert repr(jax.eval_shape(lambda m: m, found[0])).startswith("FunctionMinimum(")


def test_values_by_name(found):
    minimum, errors = found
    assert minimum.value("tau") == pytest.approx(2.0, abs=1e-6)
    assert minimum.error("tau") == pytest.approx(0.5, rel=1e-6)
    assert minimum.value(minimum.names.index("tau")) == minimum.value("tau")
    assert errors.interval("tau") == pytest.approx((1.5, 2.5), rel=1e-6)
    with pytest.raises(ValueError, match="unknown parameter 'tua'"):
        minimum.error("tua")
    with pytest.raises(ValueError, match="unknown parameter 'tua'"):
        errors.interval("tua")
    both = jax.tree_util.tree_map(lambda *x: jnp.stack(x), minimum, minimum)
    assert both.value("tau").shape == (2,)
