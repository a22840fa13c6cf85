"""What tells the type checker more than the interpreter: values pass as they are, and what is absent is refused."""

import numpy as np
import pytest

from jaxminuit.core.types import leaf, present


def test_a_leaf_is_the_same_object():
    array = np.zeros(3)
    assert leaf(array) is array


def test_a_part_that_is_there_passes_and_one_that_is_absent_does_not():
    array = np.zeros(3)
    assert present(array) is array
    assert present(0) == 0
    with pytest.raises(TypeError, match="absent"):
        present(None)
