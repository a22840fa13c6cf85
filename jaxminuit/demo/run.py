"""`jaxminuit demo`: run the example, print it, draw it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from jaxminuit.demo import k0
from jaxminuit.demo.fits import LEVELS, fit_kaons
from jaxminuit.demo.picture import draw
from jaxminuit.demo.report import report

PICTURE = "k0.png"


def run_demo(output: str | Path = ".", picture: bool = True, write: Callable[[str], object] = print) -> bool:
    """Fit, print the two reports, and draw the picture into the folder `output`; True if both fits are valid.

    Parameters
    ----------
    output
        Folder for the picture ``k0.png``; made if it does not exist. Default: the working folder.
    picture
        Whether to draw it. Without matplotlib the text still comes, with a line that says what to install.
    write
        Called with the text, piece by piece. Default: print.
    """
    data = k0.decays()
    write(_introduction(data))
    fixed, free = fit_kaons(k0.fcn(data))
    write(report(fixed, "Delta M fixed at 0.535") + "\n")
    write(report(free, "Delta M free") + "\n")
    if picture:
        write(_picture(data, fixed, free, Path(output)))
    return all(bool(fit.minimum.valid) and _minos_valid(fit) for fit in (fixed, free))


def _introduction(data):
    bins = sum(len(counts.merge) for counts in data[1:])
    events = [int(counts.events.sum()) for counts in data[1:]]
    return (
        "Leptonic K0 decays, test of the Delta S = Delta Q rule (Minuit manual, chapter 6)\n"
        f"{events[0]} + {events[1]} events with positive and negative leptons, chi-square over {bins} merged bins\n"
    )


def _minos_valid(fit):
    free = ~np.asarray(fit.minimum.parameters.fixed)
    return bool(np.all(np.asarray(fit.minos.valid)[free]))


def _picture(data, fixed, free, folder):
    folder.mkdir(parents=True, exist_ok=True)
    try:
        path = draw(data, fixed, free, folder / PICTURE)
    except ImportError as error:
        return f"no picture: {error}"
    levels = ", ".join(f"{factor:.2f} ({label})" for factor, label in LEVELS)
    return f"picture: {path}\ncontour levels in (Re X, Im X), as F - Fmin in units of UP: {levels}"
