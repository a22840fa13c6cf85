"""jaxminuit: Minuit written natively in JAX."""

from jaxminuit.core.precision import switch_on_64_bit

switch_on_64_bit()

from jaxminuit import cost  # noqa: E402
from jaxminuit.core.status import MatrixStatus, SideMethod, SideStatus, Status  # noqa: E402
from jaxminuit.errors.contour_result import Contour  # noqa: E402
from jaxminuit.errors.profile import Profile  # noqa: E402
from jaxminuit.errors.result import MinosErrors  # noqa: E402
from jaxminuit.fit import check_gradient, contour, hesse, migrad, minos, mncontour, mnprofile, profile, simplex  # noqa: E402
from jaxminuit.minimise.minimum import FunctionMinimum  # noqa: E402
from jaxminuit.minuit import Minuit  # noqa: E402
from jaxminuit.problem.fcn import FCN, AbstractFCN, HostFCN  # noqa: E402
from jaxminuit.problem.parameters import Parameters  # noqa: E402

__version__ = "0.1.0"
__all__ = [
    "FCN",
    "AbstractFCN",
    "Contour",
    "FunctionMinimum",
    "HostFCN",
    "MatrixStatus",
    "MinosErrors",
    "Minuit",
    "Parameters",
    "Profile",
    "SideMethod",
    "SideStatus",
    "Status",
    "check_gradient",
    "contour",
    "cost",
    "hesse",
    "migrad",
    "minos",
    "mncontour",
    "mnprofile",
    "profile",
    "simplex",
]
