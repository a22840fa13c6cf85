"""What costs of histograms share: counts, edges, mask, and the errors of counts."""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxminuit.cost import calls, pictures
from jaxminuit.cost.arrays import along_first_axis, as_mask, count
from jaxminuit.cost.histogram import Edges, as_histogram, bohm_zech
from jaxminuit.cost.masked import MaskedCostWithPulls
from jaxminuit.problem.describe import Signature
from jaxminuit.problem.fcn import as_errordef

Bins = Float[Array | np.ndarray, "*bins"]


class BinnedCost(MaskedCostWithPulls):
    """A cost of a histogram of any dimension, of counts or of weights."""

    settable = frozenset({"n", "data", "xe", "mask", "verbose"})

    n: eqx.AbstractVar[Bins]
    xe: eqx.AbstractVar[Edges]

    def _set_histogram(self, n: Any, xe: Any, mask: Any, signature: Signature, verbose: int, errordef: float) -> None:
        self.n, self.xe = as_histogram(n, xe)
        self.mask = as_mask(mask, self.shape[0])
        self.signature = signature
        self.errordef = as_errordef(errordef)
        self.verbose = int(verbose)

    @property
    def data(self) -> Bins:
        """The same as `n`."""
        return self.n

    @property
    def ndim(self) -> int:
        """Dimensions of the histogram."""
        return len(self.xe) if isinstance(self.xe, tuple) else 1

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of bins along each dimension."""
        return self.n.shape[: self.ndim]

    @property
    def weighted(self) -> bool:
        """Whether `n` holds sums of weights and sums of their squares."""
        return self.n.ndim > self.ndim

    @property
    def ndata(self):
        """Number of bins in use."""
        first, *rest = self.shape
        size = count(self.mask, first)
        for length in rest:
            size *= length
        return size

    def assigned(self, name: str, value: Any):
        """`data` is another name for `n`."""
        return super().assigned("n" if name == "data" else name, value)

    def pulls(self, args: Any):
        """(n - prediction) / standard deviation; NaN in masked bins and where the standard deviation is 0."""
        n, error = self.counts_and_errors()
        return calls.settled((n - self.prediction(args)) / error)

    def counts_and_errors(self):
        """Counts and their standard deviations; NaN in masked bins and where the standard deviation is 0."""
        n, variance = (self.n[..., 0], self.n[..., 1]) if self.weighted else (self.n, self.n)
        use = variance > 0 if self.mask is None else (variance > 0) & self._used
        n, error = jnp.where(use, n, jnp.nan), jnp.where(use, jnp.sqrt(jnp.where(use, variance, 1.0)), jnp.nan)
        return calls.settled(n), calls.settled(error)

    def visualize(self, args: Any) -> None:
        """Draw counts and prediction with matplotlib into the current axes.

        Bins of several dimensions are drawn as one sequence.

        Parameters
        ----------
        args
            Parameters: a sequence, a mapping from names, or one array.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        pictures.draw_binned(self, self.prediction(args))

    @property
    def _used(self):
        return along_first_axis(self.mask, self.shape)

    def _masked(self, x):
        return x if self.mask is None else jnp.where(self._used, x, 0.0)

    @property
    def _counts(self):
        """Counts (or sums of weights), 0 in masked bins."""
        return self._masked(jnp.asarray(self.n[..., 0] if self.weighted else self.n))

    @property
    def _scale(self):
        """Equivalent Poisson counts by sum of weights; None if the counts are not weighted."""
        return bohm_zech(self._counts, self._masked(jnp.asarray(self.n[..., 1]))) if self.weighted else None

    def _scaled(self, mu):
        """Counts and expectations in use, scaled to equivalent Poisson counts if weighted."""
        n, mu, scale = self._counts, self._masked(mu), self._scale
        return (n, mu) if scale is None else (n * scale, mu * scale)
