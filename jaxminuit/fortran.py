"""The Fortran-callable routines of Minuit (manual, section 3.3), on a Minuit of the module or on one of your own.

    from jaxminuit import fortran as mn

    mn.mninit(5, 6, 7)
    ierflg = mn.mnparm(1, "Re(X)", 0.0, 0.1, 0.0, 0.0)
    ierflg = mn.mnexcm(fcnk0, "MIGRAD", [])
    fmin, fedm, errdef, npari, nparx, istat = mn.mnstat()

Output arguments are returned. Functions of this module share one Minuit, `default`; ``Session()`` is another one, with
the same names as methods. Fortran's OPEN and CLOSE are `open_unit` and `close_unit`.
"""

from jaxminuit.command.callable.session import Session

default = Session()
open_unit, close_unit = default.open_unit, default.close_unit
mninit, mnseti, mnparm, mnpars = default.mninit, default.mnseti, default.mnparm, default.mnpars
mnexcm, mncomd, mnintr, mninpu = default.mnexcm, default.mncomd, default.mnintr, default.mninpu
mnpout, mnstat, mnemat, mnerrs, mncont = (
    default.mnpout, default.mnstat, default.mnemat, default.mnerrs, default.mncont,
)  # fmt: skip

__all__ = [
    "Session",
    "close_unit",
    "default",
    "mncomd",
    "mncont",
    "mnemat",
    "mnerrs",
    "mnexcm",
    "mninit",
    "mninpu",
    "mnintr",
    "mnparm",
    "mnpars",
    "mnpout",
    "mnseti",
    "mnstat",
    "open_unit",
]
