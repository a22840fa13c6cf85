"""jaxminuit: Minuit written natively in JAX."""

from jaxminuit.core.cache import cache_from_environment, enable_cache
from jaxminuit.core.precision import switch_on_64_bit
from jaxminuit.core.version import __version__  # noqa: F401

switch_on_64_bit()
cache_from_environment()

from jaxminuit import adapters, cost, experimental, fortran, pdg_format, pdl, stats, testing, typing, util, warnings  # noqa: E402, F401
from jaxminuit.batch import (  # noqa: E402
    Bootstrap,
    FeldmanCousins,
    Fits,
    HypothesisTest,
    Impacts,
    LikelihoodRatio,
    Study,
    asymptotic_p_value,
    bootstrap,
    feldman_cousins,
    fit_many,
    hypotest,
    impacts,
    likelihood_ratio,
    toys,
)
from jaxminuit.core.status import MatrixStatus, Rung, SideMethod, SideStatus, Status  # noqa: E402
from jaxminuit.errors.contour_result import Contour  # noqa: E402
from jaxminuit.errors.profile import Profile  # noqa: E402
from jaxminuit.errors.result import MinosErrors  # noqa: E402
from jaxminuit.fit import (  # noqa: E402
    CompiledFit,
    MultiStart,
    check_gradient,
    compiled,
    contour,
    covariance,
    fix,
    fumili,
    hesse,
    improve,
    joint_up,
    load_compiled,
    migrad,
    minimize_all,
    minos,
    mncontour,
    mnprofile,
    multi_start,
    profile,
    propagate,
    random_starts,
    release,
    scan,
    scan_grid,
    seek,
    simplex,
)
from jaxminuit.minimise.minimum import FunctionMinimum  # noqa: E402
from jaxminuit.minimize import minimize  # noqa: E402
from jaxminuit.minuit import Minuit  # noqa: E402
from jaxminuit.problem.describe import describe  # noqa: E402
from jaxminuit.problem.fcn import FCN, AbstractFCN, HostFCN  # noqa: E402
from jaxminuit.problem.parameters import Parameters  # noqa: E402
from jaxminuit.problem.sums import ResidualFCN, SumFCN  # noqa: E402
from jaxminuit.results import from_json, to_json, to_pandas  # noqa: E402

__all__ = [
    "FCN",
    "AbstractFCN",
    "Bootstrap",
    "CompiledFit",
    "Contour",
    "FeldmanCousins",
    "Fits",
    "FunctionMinimum",
    "HostFCN",
    "HypothesisTest",
    "Impacts",
    "LikelihoodRatio",
    "MatrixStatus",
    "MinosErrors",
    "Minuit",
    "MultiStart",
    "Parameters",
    "Profile",
    "ResidualFCN",
    "Rung",
    "SideMethod",
    "SideStatus",
    "Status",
    "Study",
    "SumFCN",
    "adapters",
    "asymptotic_p_value",
    "bootstrap",
    "check_gradient",
    "compiled",
    "contour",
    "cost",
    "covariance",
    "describe",
    "enable_cache",
    "feldman_cousins",
    "fit_many",
    "fix",
    "fortran",
    "from_json",
    "fumili",
    "hesse",
    "hypotest",
    "impacts",
    "improve",
    "joint_up",
    "likelihood_ratio",
    "load_compiled",
    "migrad",
    "minimize",
    "minimize_all",
    "minos",
    "mncontour",
    "mnprofile",
    "multi_start",
    "pdl",
    "profile",
    "propagate",
    "random_starts",
    "release",
    "scan",
    "scan_grid",
    "seek",
    "simplex",
    "stats",
    "to_json",
    "to_pandas",
    "toys",
]
