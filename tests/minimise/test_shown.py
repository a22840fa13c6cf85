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


def test_columns_stand_under_each_other():
    """Whatever the digits of the values; what rounding leaves beside an error is 0."""
    fcn = jm.FCN(lambda p: (p["a"] - 3e-12) ** 2 + (p["long"] + 1.25) ** 2 / 4 + (p["c"] + 1) ** 2)
    start = jm.Parameters({"a": 0.5, "c": 0.5, "long": 0.0, "z": 7.0}, limits={"c": (0, 10)}, fixed=["z"])
    minimum = jm.migrad(fcn, start)
    lines = str(minimum).splitlines()[3:]
    assert lines[0] == "  a      0     +- 1"
    assert lines[1].startswith("  c      0     +- 0.49")
    assert lines[1].endswith("held at its lower limit")
    assert lines[2:] == ["  long  -1.25  +- 2", "  z      7     fixed"]
    lower, upper = jm.minos(fcn, minimum).interval("c")
    assert lower == 0
    assert upper == pytest.approx(2**0.5 - 1, rel=1e-4)
    row = str(jm.minos(fcn, minimum)).splitlines()[1]
    assert row.split()[:4] == ["c", "0", "0", "+0.414214"]
    assert "lower: the parameter limit" in row


def test_str_inside_jit_shows_the_structure(found):
    """Numbers are not there yet: a forgotten print does not end the tracing."""
    seen = []
    jax.jit(lambda m: seen.append(f"{m}") or m.fval)(found[0])
    assert seen[0].startswith("FunctionMinimum(")


def test_a_batch_is_asked_as_one_fit_is(found):
    """Its parameters in the user's structure, with a leading axis, and its flat directions, fit by fit."""
    saddle = jm.migrad(jm.FCN(lambda p: (p["tau"] + p["base"]) ** 2), jm.Parameters({"tau": 1.0, "base": 0.0}))
    both = jax.tree_util.tree_map(lambda *x: jnp.stack(x), saddle, found[0])
    assert both.params["tau"].shape == (2,)
    assert both.params["tau"][1] == found[0].params["tau"]
    assert jnp.array_equal(both.flat_direction, jnp.stack([saddle.flat_direction, found[0].flat_direction]))
    assert sorted(saddle.flat_direction.tolist()) == pytest.approx([-1.0, 1.0], abs=1e-6)
    assert str(both) == "2 fits by Migrad, 1 valid"


@pytest.mark.parametrize("of", ["minimum", "start"])
def test_one_fit_does_not_begin_with_a_batch(found, of):
    minimum = found[0]
    both = jax.tree_util.tree_map(lambda x: jnp.stack([x, x]), minimum if of == "minimum" else minimum.parameters)
    fcn = jm.FCN(lambda p: p["tau"] ** 2 + p["base"] ** 2)
    with pytest.raises(ValueError, match=r"holds many fits, values of shape \(2, 2\): use fit_many, or jax.vmap"):
        jm.migrad(fcn, both)
    if of == "minimum":
        with pytest.raises(ValueError, match="holds many fits"):
            jm.minos(fcn, both)
        with pytest.raises(ValueError, match="holds many fits"):
            jm.hesse(fcn, both)
