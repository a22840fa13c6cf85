"""SET GRADIENT: the derivatives that the FCN gives against differences."""

import numpy as np

from jaxminuit.command.functions import UNTOUCHED
from jaxminuit.command.report import messages
from jaxminuit.command.run import Run
from jaxminuit.command.state import EPS, derivative

CYCLES, SHRINK = 8, 0.2
SAFETY = 8.0  # how much larger the error of a difference can be than its last change


def set_gradient(run: Run) -> None:
    """SET GRADIENT [force]."""
    run.function.check_derivatives(len(run.state.vector()))
    if run.argument(0) == 1.0:
        run.update(user_gradient=True)
        return
    state = run.state
    if not state.variable:
        return
    run.value()
    own = run.function.gradient(state.vector(), len(state.variable))
    run.update(nfcn=run.state.nfcn + 1)
    run.say(*messages.GRADIENT_HEADING)
    verdicts = []
    for p in state.variable:
        given = float(own[p.number - 1])
        slope = derivative(p)  # both are shown with respect to the internal parameter
        minuit, uncertainty = (slope * number for number in difference(run, p))
        if given == UNTOUCHED:
            verdict, given = "NONE", 0.0
        else:
            given = slope * given
            verdict = "GOOD" if abs(given - minuit) <= uncertainty else "BAD"
        verdicts.append(verdict)
        run.say(*messages.gradient_component(p.number, p.name, given, minuit, uncertainty, verdict))
    if "NONE" in verdicts:
        run.say(*messages.GRADIENT_NONE)
    accepted = all(verdict == "GOOD" for verdict in verdicts)
    if not accepted:
        run.say(*messages.GRADIENT_REFUSED)
    run.update(user_gradient=accepted)


def set_no_gradient(run: Run) -> None:
    """SET NOGRADIENT."""
    run.update(user_gradient=False)


def difference(run: Run, p) -> tuple[float, float]:
    """The external derivative by central differences with shrinking steps, and how far it may be off."""
    x, npar = run.state.vector(), len(run.state.variable)
    step = 0.1 * p.error if p.error > 0 else 0.1
    if p.limited:
        step = min(step, 0.5 * max(p.value - p.lower, 0.0) or step, 0.5 * max(p.upper - p.value, 0.0) or step)
    best, spread, last, calls = 0.0, np.inf, None, 0
    for _ in range(CYCLES):
        ends = []
        for side in (1.0, -1.0):
            x[p.number - 1] = p.value + side * step
            ends.append(run.function.value(x, npar))
        calls += 2
        slope = (ends[0] - ends[1]) / (2.0 * step)
        rounding = EPS * (abs(ends[0]) + abs(ends[1])) / step
        change = abs(slope - last) if last is not None else np.inf
        if last is not None and max(change, rounding) < spread:
            best, spread = slope, max(change, rounding)
        elif last is not None:
            break
        last, step = slope, SHRINK * step
    run.update(nfcn=run.state.nfcn + calls)
    return best, SAFETY * spread
