"""Results as JSON and back: every bit, every name, and errors for what is not such a text."""

import json
from collections import OrderedDict, namedtuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm
from tests.results.results import PROFILE, contour, fits, minimum, minos_errors

Pair = namedtuple("Pair", ["low", "high"])


class Shape(eqx.Module):
    """A container that JSON does not have."""

    width: jax.Array
    note: str = eqx.field(static=True, default="static")


def assert_equal(a, b):
    """The same kind, structure, dtypes and bits; NaN equals NaN."""
    assert type(a) is type(b)
    assert jax.tree_util.tree_structure(a) == jax.tree_util.tree_structure(b)
    for x, y in zip(jax.tree_util.tree_leaves(a), jax.tree_util.tree_leaves(b), strict=True):
        x, y = np.asarray(x), np.asarray(y)
        assert (x.dtype, x.shape) == (y.dtype, y.shape)
        np.testing.assert_array_equal(x, y)
        if x.dtype.kind == "f":
            np.testing.assert_array_equal(np.signbit(x[~np.isnan(x)]), np.signbit(y[~np.isnan(y)]))


@pytest.mark.parametrize(
    "result", [minimum, minos_errors, fits, contour, lambda: PROFILE], ids=["minimum", "minos", "fits", "contour", "p"]
)
def test_round_trip(result):
    result = result()
    text = jm.to_json(result)
    assert_equal(jm.from_json(text), result)
    json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))


def test_what_was_read_is_a_result():
    """It prints the same, gives the same tree, and serves as a start."""
    first = minimum()
    again = jm.from_json(jm.to_json(first, indent=1).encode())
    assert str(again) == str(first)
    assert again.names == ("mu", "shape.width[0]", "shape.width[1]")
    assert jax.tree_util.tree_structure(again.params) == jax.tree_util.tree_structure(first.params)
    assert again.parameters.index("shape.width[1]") == 2


def test_the_text_is_for_people_too():
    content = json.loads(jm.to_json(minimum()))
    assert content["format"] == "jaxminuit result"
    assert content["version"] == 1
    assert content["kind"] == "FunctionMinimum"
    assert content["status"]["data"] == "CONVERGED"
    assert content["parameters"]["names"] == ["mu", "shape.width[0]", "shape.width[1]"]
    assert content["parameters"]["upper"]["data"] == ["inf", "inf", 9.0]
    side = json.loads(jm.to_json(minos_errors()))
    assert side["lower_status"]["data"] == ["VALID", "NOT_RUN", "VALID"]


def test_unusual_numbers():
    unusual = [np.nan, np.inf, -np.inf, -0.0, 5e-324, 1.7976931348623157e308, 0.1]
    profile = eqx.tree_at(lambda p: p.fval, PROFILE, jnp.array(unusual))
    assert_equal(jm.from_json(jm.to_json(profile)), profile)
    narrow = eqx.tree_at(lambda p: p.fval, PROFILE, jnp.array([*unusual[:4], 1e-45, 3e38, 0.1], jnp.float32))
    assert_equal(jm.from_json(jm.to_json(narrow)), narrow)


@pytest.mark.parametrize(
    ("tree", "kind"),
    [
        (1.0, None),
        (np.zeros((2, 2)), None),
        ([1.0, (2.0, None), {"b": 1.0, "a": [3.0]}], None),
        (OrderedDict(z=1.0, a=2.0), None),
        ({"shape": Shape(np.ones(2)), "pair": Pair(0.0, 1.0)}, OrderedDict),
    ],
)
def test_structures_of_parameters(tree, kind):
    """JSON's own containers come back as they were, others as mappings with the same names in the same order."""
    start = jm.Parameters(tree)
    values = jnp.arange(float(start.size))
    first = eqx.tree_at(lambda m: (m.parameters, m.values), minimum(), (start.replace(values=values), values))
    again = jm.from_json(jm.to_json(first))
    assert again.names == start.names
    np.testing.assert_array_equal(again.values, values)
    if kind is None:
        assert again.parameters.treedef == start.treedef
    else:
        assert isinstance(again.params["shape"], kind)
        assert again.params["pair"]["high"] == first.params["pair"].high
        np.testing.assert_array_equal(again.params["shape"]["width"], first.params["shape"].width)


def changed(**entries):
    return json.dumps(json.loads(jm.to_json(PROFILE)) | entries)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[1, 2]", "not a result of jaxminuit"),
        ('{"format": "hs3"}', "not a result of jaxminuit"),
        (changed(version=2), "schema version 2, but this jaxminuit reads version 1"),
        (changed(kind="Study"), "unknown kind 'Study'"),
        (changed(extra=1), "'extra' is unknown"),
        (changed(name=1), "name of the result is damaged"),
        (changed(status={"dtype": "int32", "shape": [1], "code": "Status", "data": ["FINE"]}), "'FINE' is unknown"),
        (changed(x={"dtype": "float64", "shape": [2], "data": [1.0]}), "x of the result is damaged"),
        (changed(x={"dtype": "float64", "shape": [1], "data": ["many"]}), "'many' is not a number"),
        (changed(x={"dtype": "O", "shape": [1], "data": [1]}), "no type of numbers"),
    ],
)
def test_foreign_and_damaged_texts(text, message):
    with pytest.raises(ValueError, match=message):
        jm.from_json(text)


def test_missing_parts_are_named():
    content = json.loads(jm.to_json(minimum()))
    del content["parameters"]["step"]
    with pytest.raises(ValueError, match="parameters of the result is damaged: 'step' is missing"):
        jm.from_json(json.dumps(content))
    del content["edm"]
    with pytest.raises(ValueError, match="'edm' is missing"):
        jm.from_json(json.dumps(content))


def test_what_cannot_be_written():
    with pytest.raises(TypeError, match="not dict"):
        jm.to_json({"a": 1})
    with pytest.raises(TypeError, match="has no numbers yet"):
        jax.jit(lambda x: jm.to_json(eqx.tree_at(lambda p: p.x, PROFILE, x)))(PROFILE.x)
