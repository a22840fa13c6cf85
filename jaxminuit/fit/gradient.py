"""SET GRAdient's check of autodiff against finite differences."""

from jaxminuit.fit.job import Job, internal_steps
from jaxminuit.fit.programs import program
from jaxminuit.minimise.gradient_check import GradientCheck, compare_gradients
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem.fcn import AbstractFCN
from jaxminuit.problem.parameters import Parameters


def check_gradient(fcn: AbstractFCN, start: Parameters | FunctionMinimum) -> GradientCheck:
    """Compare the gradient by autodiff with finite differences at the start values, or at a minimum (SET GRAdient).

    Returns
    -------
    GradientCheck
        Says which components disagree; print it. A wrong custom derivative, a `stop_gradient` or a step function in
        the FCN shows up here.
    """
    job = Job(fcn, start, gradient="exact", driver="compiled")
    return _check(job.problem.moved_to(job.origin.values))


@program()
def _check(problem):
    return compare_gradients(problem, internal_steps(problem, problem.parameters.values, problem.parameters.step))
