"""Codes are integers that travel through compiled programs and sentences when they are shown."""

import jax
import jax.numpy as jnp
import pytest

from jaxminuit.core.status import MatrixStatus, Rung, SideMethod, SideStatus, Status

ALL = (Status, MatrixStatus, SideStatus, SideMethod, Rung)


@pytest.mark.parametrize("codes", ALL, ids=lambda c: c.__name__)
def test_codes_count_from_zero_with_a_sentence_each(codes):
    assert [int(code) for code in codes] == list(range(len(codes)))
    messages = [str(code) for code in codes]
    assert len(set(messages)) == len(messages)
    assert all(len(message) > 4 and not message.endswith(".") for message in messages)
    assert all(code.message == str(code) for code in codes)


def test_good_outcomes_are_where_compiled_programs_expect_them():
    """0 is success for fits and sides, fits are valid up to AT_LIMIT; matrices: ABSENT < APPROXIMATE < ACCURATE."""
    assert Status.CONVERGED == SideStatus.VALID == MatrixStatus.ABSENT == 0
    assert MatrixStatus.ABSENT < MatrixStatus.APPROXIMATE < MatrixStatus.ACCURATE < MatrixStatus.MADE_POSITIVE_DEFINITE
    assert Status.CONVERGED < Status.CONVERGED_TO_NOISE < Status.AT_LIMIT < min(set(Status) - {0, 1, 2})
    assert "flat" not in str(Status.CONVERGED)
    assert "call limit" in str(Status.CALL_LIMIT)
    assert "not positive definite" in str(MatrixStatus.NOT_POSITIVE_DEFINITE)


def test_codes_survive_arrays():
    code = jax.jit(lambda x: jnp.where(x > 0, Status.CONVERGED, Status.NOT_FINITE))(jnp.array([1.0, -1.0]))
    assert [Status(int(c)) for c in code] == [Status.CONVERGED, Status.NOT_FINITE]
    with pytest.raises(ValueError, match="99"):
        Status(99)
