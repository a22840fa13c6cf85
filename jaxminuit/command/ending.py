"""CALL FCN, END, EXIT, STOP, RETURN, STANDARD, TOPOFPAGE, SAVE's records, HELP."""

import numpy as np

from jaxminuit.command.report import files, frame
from jaxminuit.command.run import END, EXIT, RETURN, Run, row_of
from jaxminuit.command.state import State

REDEFINES = 5  # IFLAG above which CALL FCN stands for another problem


def run_call(run: Run) -> None:
    """CALL FCN <iflag>."""
    iflag = run.number(0)
    if iflag > REDEFINES:
        run.state = run.state.redefined()
    value = run.call(iflag)
    run.update(nfcn=run.state.nfcn + 1)
    if iflag == 3:
        run.update(called_3=run.state.fcn)
    if iflag > REDEFINES:
        run.state = run.state.redefined()
    elif np.isfinite(value) and (run.state.fcn is None or value < run.state.fcn):
        run.update(fcn=value)
        if run.level >= 0:
            run.table()


def run_end(run: Run) -> None:
    """END: another data block follows. END RETURN is RETURN."""
    run.code = RETURN if "RET" in run.word[3:] else END
    final_call(run)


def run_exit(run: Run) -> None:
    """EXIT, STOP."""
    run.code = EXIT
    final_call(run)


def run_return(run: Run) -> None:
    """RETURN."""
    run.code = RETURN
    final_call(run)


def final_call(run: Run) -> None:
    """CALL FCN 3, unless that was done at these values, or an argument that is not 0 forbids it."""
    if run.argument(0) != 0:
        return
    fcn = run.state.fcn
    if fcn is not None and fcn == run.state.called_3:
        return
    if run.level >= 0:
        run.say(*frame.FINAL_CALL)
    run.call(3)
    run.update(nfcn=run.state.nfcn + 1, called_3=fcn)


def run_standard(run: Run) -> None:
    """STANDARD: the user's own routine."""
    if run.function.stand is not None:
        run.function.protected(run.function.stand)
        run.say()


def run_top(run: Run) -> None:
    """TOPOFPAGE."""
    run.say("1")


def save_records(state: State) -> list[str]:
    """What SAVE writes: title, definitions, and the error matrix; fixed parameters come back as constants."""
    rows = [row_of(p)._replace(error=p.error if p.variable else 0.0) for p in state.parameters]
    return files.saved_records(state.title, rows, state.matrix)
