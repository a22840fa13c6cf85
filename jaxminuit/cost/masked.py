"""Costs of points, some of which a mask can leave out, and of values with predictions and pulls."""

import abc
from typing import Any

import equinox as eqx
import jax

from jaxminuit.core.tree import is_traced
from jaxminuit.cost import calls
from jaxminuit.cost.arrays import Mask
from jaxminuit.cost.base import AbstractCost


class MaskedCost(AbstractCost):
    """A cost of points, some of which a mask can leave out."""

    mask: eqx.AbstractVar[Mask]


class MaskedCostWithPulls(MaskedCost):
    """A masked cost of observed values with standard deviations, which are compared with a prediction."""

    @abc.abstractmethod
    def traced_prediction(self, args: tuple) -> Any:
        """The prediction at positional arguments, in terms that JAX can trace."""

    @abc.abstractmethod
    def host_prediction(self, args: tuple) -> Any:
        """The prediction at concrete positional arguments when JAX cannot trace the model."""

    @abc.abstractmethod
    def pulls(self, args: Any):
        """(observed - expected) / standard deviation of every point; NaN for masked ones."""

    def prediction(self, args: Any):
        """Expected values of all points or bins, masked ones included; NumPy arrays on concrete numbers.

        Parameters
        ----------
        args
            Parameters: a sequence, a mapping from names, or one array.
        """
        args = self.positional(args)
        if is_traced((self, args)):
            return self.traced_prediction(args)
        args = calls.numbers(args)
        found = calls.prediction(self, args) if calls.can_trace(self, args) else self.host_prediction(args)
        return jax.tree_util.tree_map(calls.settled, found)
