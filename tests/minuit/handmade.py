"""Results made by hand, for what needs no fit."""

import jax.numpy as jnp
import numpy as np

from jaxminuit.core.status import MatrixStatus, SideStatus, Status
from jaxminuit.errors.result import MinosErrors
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.minuit.results import FMin
from jaxminuit.problem.parameters import Parameters

NAMES = ("a", "b", "c")


def minimum(status=Status.CONVERGED, matrix_status=MatrixStatus.ACCURATE, limits=None, edm=1e-6, errordef=1.0):
    """Three parameters at (1, -2, 3), covariance of a and b [[0.04, 0.01], [0.01, 0.25]], c fixed."""
    covariance = np.array([[0.04, 0.01, 0.0], [0.01, 0.25, 0.0], [0.0, 0.0, 0.0]])
    parameters = Parameters(np.array([1.0, -2.0, 3.0]), names=NAMES, limits=limits, fixed=["c"])
    zeros, count = jnp.zeros(3), jnp.int32
    return FunctionMinimum(
        parameters=parameters,
        values=parameters.values,
        errors=jnp.sqrt(jnp.diagonal(covariance)),
        covariance=jnp.asarray(covariance),
        fval=jnp.asarray(7.5),
        edm=jnp.asarray(edm),
        goal=jnp.asarray(2e-4 * errordef),
        errordef=jnp.asarray(errordef),
        nfcn=count(40),
        ngrad=count(12),
        nhessian=count(2),
        status=count(status),
        matrix_status=count(matrix_status),
        dcovar=jnp.asarray(0.0),
        held=jnp.zeros(3, jnp.int32),
        noise=jnp.asarray(jnp.nan),
        u=parameters.values,
        inverse_hessian=jnp.asarray(covariance) / (2.0 * errordef),
        gradient=zeros,
        g2=zeros,
        gstep=zeros,
        hessian=jnp.full((3, 3), jnp.nan),
        algorithm="Migrad",
    )


def fmin(ndof=5.0, time=0.0, compiling=0.0, **kwds):
    """FMin of the minimum above."""
    return FMin.of(minimum(**kwds), ndof=ndof, nfcn=40, ngrad=12, nhessian=2, time=time, compiling=compiling)


def minos(status=(SideStatus.VALID, SideStatus.VALID), done=("a",), lower=-0.21, upper=0.19):
    """Minos errors of some of the parameters, all with the same two sides."""
    is_done = np.array([name in done for name in NAMES])
    nothing = jnp.zeros((3, 3))

    def column(value, otherwise):
        return jnp.asarray(np.where(is_done, value, otherwise))

    return MinosErrors(
        values=jnp.array([1.0, -2.0, 3.0]),
        lower=column(lower, np.nan),
        upper=column(upper, np.nan),
        lower_status=column(int(status[0]), int(SideStatus.NOT_RUN)),
        upper_status=column(int(status[1]), int(SideStatus.NOT_RUN)),
        lower_method=jnp.zeros(3, int),
        upper_method=jnp.zeros(3, int),
        lower_params=nothing,
        upper_params=nothing,
        lower_nfcn=column(5, 0),
        upper_nfcn=column(6, 0),
        fval=jnp.asarray(7.5),
        rise=jnp.asarray(1.0),
        names=NAMES,
    )
