"""jaxminuit: Minuit written natively in JAX."""

from jaxminuit.core.precision import switch_on_64_bit

switch_on_64_bit()

from jaxminuit import cost  # noqa: E402
from jaxminuit.problem.fcn import FCN, AbstractFCN  # noqa: E402
from jaxminuit.problem.parameters import Parameters  # noqa: E402

__version__ = "0.1.0"
__all__ = ["FCN", "AbstractFCN", "Parameters", "cost"]
