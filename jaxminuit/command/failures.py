"""Exceptions on their way to the user: in one line, with the place in the user's file, or whole when debugging."""

import os
import site
import sysconfig
import traceback
from pathlib import Path

DEBUG = "JAXMINUIT_DEBUG"
LONGEST = 200
PACKAGE = str(Path(__file__).parents[1])
LIBRARIES = (PACKAGE, *site.getsitepackages(), site.getusersitepackages(), sysconfig.get_paths()["stdlib"])


def debugging() -> bool:
    """Whether errors of jaxminuit itself are to end the run with their traceback (JAXMINUIT_DEBUG=1)."""
    return os.environ.get(DEBUG, "0") not in ("", "0")


def in_words(error: BaseException) -> str:
    """An exception on one line."""
    text = str(error)
    if "Traceback (most" in text:  # of a callback, inside the message
        text = text.strip().rpartition("\n")[2]
    text = " ".join(text.split())[:LONGEST]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def place(error: BaseException) -> str:
    """Where in the user's own files an exception arose, " (file.py:12)"; empty if nowhere there."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith(("<", *LIBRARIES))]
    return f" ({Path(own[-1].filename).name}:{own[-1].lineno})" if own else ""


def internal_error(error: BaseException) -> list[str]:
    """What a session prints about an error of jaxminuit itself."""
    return [
        f" THE COMMAND FAILED BY AN ERROR IN JAXMINUIT: {in_words(error)}",
        f" NOTHING IS CHANGED. WITH {DEBUG}=1 IN THE ENVIRONMENT THE TRACEBACK IS SHOWN; PLEASE REPORT IT.",
    ]
