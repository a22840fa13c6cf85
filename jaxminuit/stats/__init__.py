"""Densities for models of fits: in jax.numpy, differentiable twice in x and in all parameters, without NaN.

Each module is one distribution with the functions ``pdf``, ``logpdf``, ``cdf`` and, where it has a closed form,
``ppf``; names, order and meaning of the arguments are those of the package numba_stats. ``bernstein`` and ``cruijff``
are not normalised and have ``density`` and ``integral``; ``poisson`` has ``pmf``, ``logpmf``, ``cdf``. Outside their
support densities are 0 (logarithms -inf) with derivative 0; parameters that make no sense give NaN.
"""

from jaxminuit.stats import (
    argus,
    bernstein,
    beta,
    cruijff,
    crystalball,
    crystalball_ex,
    expon,
    lognorm,
    norm,
    poisson,
    qgaussian,
    t,
    truncexpon,
    truncnorm,
    uniform,
    voigt,
)

__all__ = [
    "argus",
    "bernstein",
    "beta",
    "cruijff",
    "crystalball",
    "crystalball_ex",
    "expon",
    "lognorm",
    "norm",
    "poisson",
    "qgaussian",
    "t",
    "truncexpon",
    "truncnorm",
    "uniform",
    "voigt",
]
