"""Minuit called from programs: the Fortran routines of chapter 3.3 of the manual, and those of PDL::Minuit."""
