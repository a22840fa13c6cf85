"""The fits of the example as text."""

import numpy as np

from jaxminuit.core.status import MatrixStatus, SideStatus, Status
from jaxminuit.demo.fits import KaonFit


def report(result: KaonFit, title: str) -> str:
    """Status, values with parabolic and Minos errors, and correlations of one fit."""
    return "\n".join(
        [title, "-" * len(title), *_status(result.minimum), "", *_values(result), "", *_correlations(result)]
    )


def _status(minimum):
    state = "valid" if bool(minimum.valid) else "NOT VALID"
    return [
        f"Migrad: {state}, {Status(int(minimum.status))}",
        f"Hesse:  error matrix {MatrixStatus(int(minimum.matrix_status))}",
        f"FCN = {float(minimum.fval):.6f}   EDM = {float(minimum.edm):.1e}   "
        f"{int(minimum.nfcn)} FCN calls, {int(minimum.ngrad)} of them with gradient, {int(minimum.nhessian)} Hessians",
    ]


def _values(result):
    minimum, minos = result.minimum, result.minos
    lines = [f"{'':9}  {'value':>10}  {'parabolic':>10}  {'Minos -':>10}  {'Minos +':>10}"]
    for i, name in enumerate(minimum.names):
        value = f"{name:9}  {float(minimum.values[i]):10.6g}"
        if bool(minimum.parameters.fixed[i]):
            lines.append(f"{value}  {'fixed':>10}")
            continue
        errors = "  ".join(f"{float(e[i]):10.6f}" for e in (minimum.errors, minos.lower, minos.upper))
        lines.append(f"{value}  {errors}{_notes(minos, i)}")
    return lines


def _notes(minos, i):
    sides = (("lower", int(minos.lower_status[i])), ("upper", int(minos.upper_status[i])))
    return "".join(f"  {side}: {SideStatus(code)}" for side, code in sides if code != SideStatus.VALID)


def _correlations(result):
    minimum = result.minimum
    free = np.flatnonzero(~np.asarray(minimum.parameters.fixed))
    names = [minimum.names[i] for i in free]
    rho, whole = np.asarray(minimum.correlation), np.asarray(minimum.global_correlation)
    lines = ["correlations", f"{'':9}  {'global':>8}" + "".join(f"  {name:>8}" for name in names)]
    for i, name in zip(free, names, strict=True):
        lines.append(f"{name:9}  {whole[i]:8.3f}" + "".join(f"  {rho[i, j]:8.3f}" for j in free))
    return lines
