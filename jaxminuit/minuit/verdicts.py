"""What the tables say about a minimum: sentences with a grade, shared by text and HTML."""

import math
from typing import Any, NamedTuple


class Fact(NamedTuple):
    """A statement and its grade: good, bad, warn, or '' for one that is neither."""

    text: str
    grade: str = ""


def numbers(fmin: Any) -> list[tuple[Fact, Fact]]:
    """FCN value, calls, distance to the minimum and time, in rows of two."""
    fval = f"FCN = {fmin.fval:.4g}"
    if math.isfinite(fmin.reduced_chi2):
        fval += f" (χ²/ndof = {fmin.reduced_chi2:.1f})"
    calls = {"Nfcn": fmin.nfcn, "Ngrad": fmin.ngrad, "Ng2": fmin.ng2, "Nhessian": fmin.nhessian}
    counted = ", ".join(f"{name} = {count}" for name, count in calls.items() if name == "Nfcn" or count > 0)
    time = f"time = {fmin.time:.1f} sec" if fmin.time >= 0.1 else ""
    if time and fmin._compiling >= 0.05:
        time += f" ({fmin._compiling:.1f} compiling)"
    return [(Fact(fval), Fact(counted)), (Fact(f"EDM = {fmin.edm:.3g} (Goal: {fmin.edm_goal:.3g})"), Fact(time))]


def verdicts(fmin: Any) -> list[tuple[Fact, Fact]]:
    """Validity, limits and the state of the error matrix, in rows of two."""
    return [
        (
            _either(fmin.is_valid, "Valid Minimum", "INVALID Minimum"),
            _either(not fmin.is_above_max_edm, "Below EDM threshold (goal x 10)", "ABOVE EDM threshold (goal x 10)"),
        ),
        (
            _either(not fmin.has_parameters_at_limit, "No parameters at limit", "SOME parameters at limit", "warn"),
            _either(not fmin.has_reached_call_limit, "Below call limit", "ABOVE call limit"),
        ),
        (_hesse(fmin), _covariance(fmin)),
    ]


def reason(fmin: Any) -> str:
    """Why the minimum is not valid; '' if it is."""
    return "" if fmin.is_valid else fmin._message


def near_limit(param: Any) -> tuple[bool, bool]:
    """Whether one error (Hesse or Minos) of a free parameter reaches over its lower limit, and over its upper one."""
    if param.is_fixed:
        return False, False
    low, up = param.merror or (0.0, 0.0)
    reach_low, reach_up = max(param.error, -low), max(param.error, up)
    return (
        param.has_lower_limit and param.value - reach_low < param.lower_limit,
        param.has_upper_limit and param.value + reach_up > param.upper_limit,
    )


def _either(good: bool, if_good: str, otherwise: str, grade: str = "bad") -> Fact:
    return Fact(if_good, "good") if good else Fact(otherwise, grade)


def _hesse(fmin: Any) -> Fact:
    if fmin.hesse_failed:
        return Fact("Hesse FAILED", "bad")
    if not fmin.has_covariance:
        return Fact("Hesse not run", "warn")
    if fmin.has_posdef_covar and not fmin.has_accurate_covar:  # the matrix of a search, or a guess from the steps
        return Fact("Hesse not run at the minimum", "warn")
    return Fact("Hesse ok", "good" if fmin.has_accurate_covar else "warn")


def _covariance(fmin: Any) -> Fact:
    if fmin.hesse_failed and fmin.has_reached_call_limit:
        return Fact("ABOVE call limit", "bad")
    if fmin.has_accurate_covar:
        return Fact("Covariance accurate", "good")
    if fmin.has_made_posdef_covar:
        return Fact("Covariance FORCED pos. def.", "warn")
    if fmin.has_covariance and fmin.has_posdef_covar:
        return Fact("Covariance APPROXIMATE", "warn")
    if fmin.has_covariance or fmin.hesse_failed:
        return Fact("Covariance NOT pos. def.", "bad")
    return Fact("NO covariance", "warn")
