"""Rows of whole trees chosen and put in place."""

import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.core.tree import put_rows, select_rows

YES = {"a": np.arange(6.0).reshape(2, 3), "b": np.array([1, 2])}
NO = {"a": -np.ones((2, 3)), "b": np.array([-1, -2])}


def test_rows_are_chosen_leaf_by_leaf():
    chosen = np.array([False, True])
    found = select_rows(chosen, YES, NO)
    assert all(isinstance(leaf, np.ndarray) for leaf in found.values())
    np.testing.assert_array_equal(found["a"], [[-1, -1, -1], [3, 4, 5]])
    np.testing.assert_array_equal(found["b"], [-1, 2])
    traced = jax.jit(select_rows)(jnp.asarray(chosen), YES, NO)
    jax.tree_util.tree_map(np.testing.assert_array_equal, traced, found)


def test_flags_may_have_several_axes_or_none():
    chosen = np.array([[True, False, True], [False, False, True]])
    np.testing.assert_array_equal(select_rows(chosen, YES["a"], NO["a"]), [[0, -1, 2], [-1, -1, 5]])
    np.testing.assert_array_equal(select_rows(np.bool_(True), YES["a"], NO["a"]), YES["a"])


def test_rows_are_put_into_copies():
    new = put_rows(NO, np.array([1]), {"a": np.zeros((1, 3)), "b": np.array([7])})
    np.testing.assert_array_equal(new["a"], [[-1, -1, -1], [0, 0, 0]])
    np.testing.assert_array_equal(new["b"], [-1, 7])
    np.testing.assert_array_equal(NO["b"], [-1, -2])
