"""Small matrices of many fits side by side: Cholesky factors and products, written out element by element.

Every element is then one long vector over the fits, where LAPACK's routines are called for one matrix after
another: a batch of 5 x 5 systems is solved some ten times faster. Larger matrices go to LAPACK.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from jaxminuit.core.storing import stored
from jaxminuit.core.types import Matrix, Scalar, Vector

WRITTEN_OUT = 8  # rows up to which the elements are written out: the program grows with the cube
LONGEST = 512  # columns beyond which a matrix product for each fit is as fast
CHUNK = 32  # products in one written sum


class Factor(NamedTuple):
    """L of m + floor = L L': a lower triangle as rows of scalars with the reciprocals of its diagonal, or a matrix."""

    lower: Any
    reciprocal: list[Scalar] | None


def safe_floor(m: Matrix):
    """What has to be added to the diagonal of a semi-definite m for its Cholesky factor to exist in spite of rounding.

    n^2 eps max m_ii (N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2002, theorem 10.7).
    """
    unit, n = jnp.finfo(m.dtype), m.shape[0]
    return n * n * unit.eps * jnp.maximum(jnp.max(jnp.diagonal(m)), unit.tiny / unit.eps)


def cholesky(m: Matrix, added) -> Factor:
    """The factor of m + added * 1, of which only the lower triangle is read."""
    n = m.shape[0]
    if n > WRITTEN_OUT:
        return Factor(jnp.linalg.cholesky(m + added * jnp.eye(n, dtype=m.dtype)), None)
    lower: list[list] = [[None] * n for _ in range(n)]
    reciprocal: list = [None] * n
    for j in range(n):
        pivot = m[j, j] + added - _product(lower[j][:j], lower[j][:j])
        reciprocal[j] = lax.rsqrt(pivot)
        lower[j][j] = pivot * reciprocal[j]
        for i in range(j + 1, n):
            lower[i][j] = (m[i, j] - _product(lower[i][:j], lower[j][:j])) * reciprocal[j]
    return Factor(lower, reciprocal)


def forward(factor: Factor, b: Vector) -> Vector:
    """L^-1 b."""
    if factor.reciprocal is None:
        return lax.linalg.triangular_solve(factor.lower, b[:, None], left_side=True, lower=True)[:, 0]
    x: list[Scalar] = []
    for i, reciprocal in enumerate(factor.reciprocal):
        x.append((b[i] - _product(factor.lower[i][:i], x)) * reciprocal)
    return jnp.stack(x)


def backward(factor: Factor, b: Vector) -> Vector:
    """L'^-1 b."""
    if factor.reciprocal is None:
        return lax.linalg.triangular_solve(factor.lower, b[:, None], left_side=True, lower=True, transpose_a=True)[:, 0]
    n = len(factor.reciprocal)
    x: list[Any] = [None] * n
    for i in reversed(range(n)):
        column = [factor.lower[k][i] for k in range(i + 1, n)]
        x[i] = (b[i] - _product(column, x[i + 1 :])) * factor.reciprocal[i]
    return jnp.stack(x)


def solve(factor: Factor, b: Vector) -> Vector:
    """(m + floor)^-1 b."""
    return backward(factor, forward(factor, b))


def inverse(factor: Factor) -> Matrix:
    """(m + floor)^-1 = (L^-1)' L^-1."""
    if factor.reciprocal is None:
        unit = jnp.eye(factor.lower.shape[0], dtype=factor.lower.dtype)
        half = lax.linalg.triangular_solve(factor.lower, unit, left_side=True, lower=True)
        return half.T @ half
    n = len(factor.reciprocal)
    rows: list[list[Any]] = [[None] * n for _ in range(n)]
    for j in range(n):
        rows[j][j] = factor.reciprocal[j]
        for i in range(j + 1, n):
            column = [rows[k][j] for k in range(j, i)]
            rows[i][j] = -_product(factor.lower[i][j:i], column) * factor.reciprocal[i]
    v: list[list[Any]] = [[None] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            v[i][j] = v[j][i] = _product([rows[k][i] for k in range(i, n)], [rows[k][j] for k in range(i, n)])
    return jnp.stack([jnp.stack(row) for row in v])


def _product(a: list[Scalar], b: list[Scalar]) -> Any:
    """sum a_k b_k."""
    return sum(x * y for x, y in zip(a, b, strict=True))


@jax.custom_batching.custom_vmap
def gram(a: Matrix) -> Matrix:
    """a a'; side by side in many fits as sums written out over the columns, if there are not too many.

    The batch is the last axis there, the one that vector instructions go along, and only a triangle is worked out:
    measured with 6 x 25 numbers in 128 fits, four times faster than a matrix product for each.
    """
    return a @ a.T


@gram.def_vmap
def _(size, batched, a):
    n, columns = a.shape[1:]
    if columns > LONGEST or n > 2 * WRITTEN_OUT:
        return jnp.einsum("bik,bjk->bij", a, a), True
    chunks = max(1, -(-columns // CHUNK))
    length = -(-columns // chunks)

    def lanes_last(a):
        a = jnp.pad(jnp.transpose(a, (1, 2, 0)), ((0, 0), (0, chunks * length - columns), (0, 0)))
        return a.reshape(n, chunks, length, size)

    def products(a):
        return [jnp.sum(sum(a[i, :, k] * a[: i + 1, :, k] for k in range(length)), axis=1) for i in range(n)]

    rows = _stored(products, _stored(lanes_last, a))
    whole = [[rows[max(i, j)][min(i, j)] for j in range(n)] for i in range(n)]
    return jnp.stack([jnp.stack(row, axis=-1) for row in whole], axis=-2), True


def _stored(function: Callable, a: Matrix):
    """`stored`, by a number that is one or is not."""
    first = a.ravel()[0]
    return stored((first == first) | jnp.isnan(first), function, a)
