"""The two fits of the example, Delta M fixed and then free, and the chi-square over a grid of (Re X, Im X)."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.demo import k0
from jaxminuit.errors.result import MinosErrors
from jaxminuit.fit import hesse, migrad, minos
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem.fcn import FCN

TOLERANCE = 0.001  # EDM below 2e-6 instead of 2e-4: one more step, and every printed digit is that of the minimum
LEVELS = ((1.0, "its extent: the Minos errors"), (2.30, "68.3 % jointly"), (5.99, "95 % jointly"))


class KaonFit(eqx.Module):
    """A minimum after Migrad and Hesse, with its Minos errors."""

    minimum: FunctionMinimum
    minos: MinosErrors


def fit_kaons(fcn: FCN) -> tuple[KaonFit, KaonFit]:
    """Migrad, Hesse and Minos with Delta M fixed at 0.535, then free, each from the start values of the manual."""
    return tuple(_one_fit(fcn, k0.start(delta_m_fixed)) for delta_m_fixed in (True, False))


def _one_fit(fcn, start):
    minimum = hesse(fcn, migrad(fcn, start, tol=TOLERANCE))
    return KaonFit(minimum, minos(fcn, minimum))


@jax.jit
def _over_points(fcn, fixed_part, re_x, im_x):
    def value(a, b):
        return fcn.evaluate(fixed_part._replace(re_x=a, im_x=b))

    return jax.vmap(jax.vmap(value, (0, None)), (None, 0))(re_x, im_x)


def chi_square_grid(fcn: FCN, minimum: FunctionMinimum, size: int = 121, reach: float = 3.5):
    """Chi-square over (Re X, Im X) with all else as in `minimum`: (size,), (size,), and (size, size) with Im X down.

    With Delta M fixed nothing else is free, so this is the profile; the grid reaches `reach` parabolic errors out.
    """
    centre, error = np.asarray(minimum.values[:2]), np.asarray(minimum.errors[:2])
    re_x, im_x = (jnp.linspace(c - reach * e, c + reach * e, size) for c, e in zip(centre, error, strict=True))
    grid = _over_points(fcn, minimum.params, re_x, im_x)
    return np.asarray(re_x), np.asarray(im_x), np.asarray(grid)
