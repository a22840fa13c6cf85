"""PDL::Minuit, the Minuit of the Perl Data Language, on a Minuit of the module or on one of your own.

    from jaxminuit import pdl

    pdl.mn_init(my_function, Log="out.log", Title="My fit")
    iflag = pdl.mn_def_pars(pars, steps, Names=names, Lower_bounds=lower, Upper_bounds=upper)
    iflag = pdl.mn_excm("migrad")
    val, err, bnd1, bnd2, ivarbl, par_name = pdl.mn_pout(1)

Functions of this module share one Minuit, `default`; ``Session()`` is another one, with the same names as methods.
"""

from jaxminuit.command.callable.pdl import Session

default = Session()
mn_init, mn_def_pars, mn_excm, mn_pout = default.mn_init, default.mn_def_pars, default.mn_excm, default.mn_pout
mn_stat, mn_emat, mn_err, mn_contour = default.mn_stat, default.mn_emat, default.mn_err, default.mn_contour

__all__ = [
    "Session",
    "default",
    "mn_contour",
    "mn_def_pars",
    "mn_emat",
    "mn_err",
    "mn_excm",
    "mn_init",
    "mn_pout",
    "mn_stat",
]
