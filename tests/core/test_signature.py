"""What compiled programs are called with."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxminuit.core.signature import as_kind, signature_of


@pytest.mark.parametrize("value", [1, 2.5, True, np.float32(1.5), np.arange(3), jnp.arange(3)])
def test_numbers_become_the_kind_that_is_wanted(value):
    found = as_kind(value, "float64", "x")
    assert found.dtype == float
    assert np.array_equal(found, value)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1.5, "int32"),
        (1j, "float64"),
        (jax.random.key(1), "float64"),
        (np.zeros(2, np.uint32), "key<fry>"),
        (2, "bool"),
    ],
)
def test_numbers_of_another_kind_are_refused(value, kind):
    with pytest.raises(TypeError, match=f"x must hold numbers of the kind {kind}, not "):
        as_kind(value, kind, "x")


def test_keys_pass():
    key = jax.random.key(1)
    assert as_kind(key, "key<fry>", "key") is key


def test_a_signature_says_where_arrays_stand_and_what_holds_them():
    signature = signature_of(({"a": 1.0, "b": [np.zeros((2, 3)), 4]}, jax.ShapeDtypeStruct((5,), "float32")))
    assert signature.paths == ("argument 0['a']", "argument 0['b'][0]", "argument 0['b'][1]", "argument 1")
    assert signature.shapes == ((), (2, 3), (), (5,))
    assert signature.dtypes == ("float64", "float64", "int64", "float32")
    signature.check(signature_of(({"a": 1.0, "b": [np.zeros((2, 3)), 4]}, np.zeros(5, "float32"))))
    with pytest.raises(ValueError, match=r"argument 0\['b'\]\[0\] must have the shape .* \(2, 3\), not \(3, 2\)"):
        signature.check(signature_of(({"a": 1.0, "b": [np.zeros((3, 2)), 4]}, np.zeros(5, "float32"))))


def test_functions_of_the_same_name_have_the_same_signature():
    """Their addresses differ from one process to the next."""

    def signature():
        return signature_of((jax.tree_util.Partial(lambda x: x, 1.0),))

    assert signature() == signature()
    assert " at 0x" not in signature().structure
