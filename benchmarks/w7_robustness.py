"""W7: how many fits come out right, and whether a solver knows. NIST StRD, More-Garbow-Hillstrom, hard cases, CUTEst.

A fit of NIST is right to so many digits of its worst parameter, whichever of two equal terms comes first. Others are
`right` if the FCN is within 2e-3 of the lowest known minimum (ten times the goal of the EDM at UP = 1; CUTEst: 1e-3 of
the lowest found by any solver), `strictly right` if also within 1e-4 of its own size (CUTEst: 1e-6); another known
minimum, found as well, counts apart. `valid and wrong`: called valid with less than two digits, or not within that
distance of any known minimum. `calls` are those of the FCN, with its gradient where derivatives are exact; exact
Hessians come on top.
"""

import math
import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np

import jaxminuit as jm
from benchmarks import evidence, peers
from benchmarks.evidence import Collection, Task
from benchmarks.frame import Case, Entry
from benchmarks.peers import Outcome
from jaxminuit import ResidualFCN, Status
from tests.problems import nist

MANY = 100_000  # calls, where the limits by default are not to count
TITLE = "robustness: fits that are right, and fits that are called valid and are not"


def _ours(algorithm: Callable, task: Task, **options) -> Outcome | str:
    """One fit by jaxminuit, with Gauss-Newton errors where the truth has them."""
    if algorithm is jm.fumili and not isinstance(task.fcn, ResidualFCN):
        return "sums of squares only"
    m = algorithm(task.fcn, task.start, **options)
    errors = None
    if task.truth.errors is not None:
        errors = np.sqrt(np.diagonal(np.asarray(jm.covariance(task.fcn, m, "gauss_newton"))))
    counts = int(m.nfcn), int(m.nhessian)
    return Outcome(np.asarray(m.values), float(m.fval), bool(m.valid), Status(int(m.status)).name, *counts, errors)


def _peer(solve: Callable, task: Task, **options) -> Outcome | str:
    return solve(task.fcn, task.start, **options)


OURS = {
    "migrad, strategy 0": partial(_ours, jm.migrad, strategy=0),
    "migrad, strategy 1": partial(_ours, jm.migrad, strategy=1),
    "migrad, strategy 2": partial(_ours, jm.migrad, strategy=2),
    "migrad, strategy 1, 1e5 calls": partial(_ours, jm.migrad, strategy=1, max_calls=MANY),
    "migrad, strategy 1, finite": partial(_ours, jm.migrad, strategy=1, gradient="finite"),
    "migrad, strategy 1, finite, 1e5 calls": partial(_ours, jm.migrad, gradient="finite", max_calls=MANY),
    "minimize_all": partial(_ours, jm.minimize_all),
    "minimize_all, finite": partial(_ours, jm.minimize_all, gradient="finite"),
    "fumili": partial(_ours, jm.fumili),
}
PEERS = {
    "iminuit, strategy 0": partial(_peer, peers.iminuit_outcome, strategy=0, gradient=False),
    "iminuit, strategy 1": partial(_peer, peers.iminuit_outcome, strategy=1, gradient=False),
    "iminuit, strategy 2": partial(_peer, peers.iminuit_outcome, strategy=2, gradient=False),
    "iminuit, strategy 1, exact gradient": partial(_peer, peers.iminuit_outcome, strategy=1, gradient=True),
    "iminuit, strategy 1, 1e5 calls": partial(_peer, peers.iminuit_outcome, strategy=1, gradient=False, max_calls=MANY),
    "SciPy BFGS": partial(_peer, peers.bfgs_outcome),
    "MINPACK": partial(_peer, peers.minpack_outcome),
}
FEW = ("migrad, strategy 1", "minimize_all", "iminuit, strategy 1", "iminuit, strategy 1, exact gradient", "SciPy BFGS")
QUICK = ("migrad, strategy 1", "fumili", "iminuit, strategy 1", "SciPy BFGS", "MINPACK")


def run(quick: bool) -> list[Case]:
    """A row for every collection and solver; every fit is in the record."""
    if quick:
        collections = [(partial(evidence.nist_fits, nist.SCALED, 3), QUICK), (partial(evidence.mgh_fits, 6), QUICK)]
    else:
        every = (*OURS, *PEERS)
        collections = [
            (partial(evidence.nist_fits, nist.SCALED), every),
            (partial(evidence.nist_fits, nist.UNIT), every),
            (evidence.mgh_fits, every),
            (evidence.hard_cases, every),
            (evidence.cutest_fits, FEW),
        ]
    cases = []
    for collect, solvers in collections:
        collection = collect()
        if isinstance(collection, str):
            print(f"CUTEst is left out: {collection}\n")
            continue
        judged = _judged(collection, solvers)
        for name, (seconds, fits) in judged.items():
            entry = Entry("all fits, compiling included", [seconds], {"fits": [_line(fit) for fit in fits]})
            cases.append(Case(f"{collection.name}: {name}", [entry], summary(fits)))
        print(failures(collection.name, {name: fits for name, (_, fits) in judged.items()}), end="\n\n", flush=True)
    return cases


def _judged(collection: Collection, solvers) -> dict[str, tuple[float, list[dict]]]:
    """Seconds, and the figures of every fit, by solver; without solvers that apply to none of the fits."""
    fits, seconds = {}, {}
    for name in solvers:
        began = time.perf_counter()
        outcomes = {task.name: (OURS | PEERS)[name](task) for task in collection.tasks}
        seconds[name] = time.perf_counter() - began
        fits[name] = {task: outcome for task, outcome in outcomes.items() if isinstance(outcome, Outcome)}
    return {
        name: (seconds[name], [judge(collection, t, fits, found[t.name]) for t in collection.tasks if t.name in found])
        for name, found in fits.items()
        if found
    }


def judge(collection: Collection, task: Task, fits: dict, outcome: Outcome) -> dict:
    """The figures of one fit."""
    figures = {
        "fit": task.name, "status": outcome.status, "valid": outcome.valid, "F": outcome.fval, "calls": outcome.calls,
        "hessians": outcome.hessians,
    }  # fmt: skip
    truth = task.truth
    if truth.values is not None:
        found, errors = evidence.digits(truth, outcome.values, outcome.errors)
        figures |= {"digits": round(found, 2), "wrong": found < 2.0}
        return figures if math.isnan(errors) else figures | {"digits of errors": round(errors, 2)}
    others = [every[task.name].fval for every in fits.values() if task.name in every]
    minima = truth.minima or (min(value for value in others if math.isfinite(value)),)
    above = [outcome.fval - minimum for minimum in minima]
    right = [rise <= collection.right for rise in above]
    strict = [rise <= collection.strict(m) for rise, m in zip(above, minima, strict=True)]
    # a value below a minimum that is not the lowest is on the way to another
    near = right[0] or any(abs(rise) <= collection.right for rise in above)
    found = {"above": above[0], "right": right[0], "strict": right[0] and strict[0], "other": near and not right[0]}
    return figures | found | {"wrong": not (near and truth.unique)}


def summary(fits: list[dict]) -> dict:
    """The figures of a row."""
    figures = {"# fits": len(fits)}
    if "digits" in fits[0]:
        figures |= {f"{k} digits": sum(fit["digits"] >= k for fit in fits) for k in (2, 4, 6)}
    else:
        figures |= {
            "F right": sum(fit["right"] for fit in fits),
            "F strictly right": sum(fit["strict"] for fit in fits),
        }
        figures["F of another minimum"] = sum(fit["other"] for fit in fits)
    if "digits of errors" in fits[0]:
        figures["errors to 4 digits"] = sum(fit["digits of errors"] >= 4 for fit in fits)
    return figures | {
        "valid": sum(fit["valid"] for fit in fits),
        "valid and wrong": sum(fit["valid"] and fit["wrong"] for fit in fits),
        "calls, median": statistics.median(fit["calls"] for fit in fits),
        "calls, total": sum(fit["calls"] for fit in fits),
        "calls, Hessians": sum(fit["hessians"] for fit in fits),
    }


def failures(collection: str, judged: dict[str, list[dict]]) -> str:
    """A markdown table of our fits in a collection that are wrong or not valid."""
    lines = [f"**{collection}: fits of ours that are wrong or not valid**", "", "| solver | fit | status | calls | |"]
    lines.append("| --- " * 5 + "|")
    for solver in OURS:
        for fit in judged.get(solver, []):
            if fit["wrong"] or not fit["valid"]:
                verdict = ", called valid and WRONG" if fit["valid"] else ""
                lines.append(f"| {solver} | {fit['fit']} | {fit['status']} | {fit['calls']} | {_found(fit)}{verdict} |")
    return "\n".join(lines)


def _found(fit: dict) -> str:
    return f"{fit['digits']} digits" if "digits" in fit else f"F - F* = {fit['above']:.2g}"


def _line(fit: dict) -> str:
    """One fit, for the record."""
    valid = "valid" if fit["valid"] else "not valid"
    verdict = ", WRONG" if fit["wrong"] else ""
    calls = f"{fit['calls']} calls, {fit['hessians']} Hessians"
    return f"{fit['fit']}: {valid} ({fit['status']}), {_found(fit)}{verdict}, {calls}"
