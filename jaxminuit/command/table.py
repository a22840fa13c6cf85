"""All commands: one row each. The interpreter, HELP and completion read this table."""

from collections.abc import Callable
from typing import NamedTuple

from jaxminuit.command.ending import run_call, run_end, run_exit, run_return, run_standard, run_top
from jaxminuit.command.errors import run_minos, run_mncontour
from jaxminuit.command.fixing import run_clear, run_fix, run_release, run_restore
from jaxminuit.command.hesse import run_hesse
from jaxminuit.command.improving import run_improve
from jaxminuit.command.minimising import run_migrad, run_minimize, run_simplex
from jaxminuit.command.report.help import help_lines
from jaxminuit.command.report.help_commands import COMMANDS, Entry
from jaxminuit.command.report.help_settings import SETTINGS, SHOWS
from jaxminuit.command.run import Run
from jaxminuit.command.searching import run_contour, run_jump, run_scan, run_seek
from jaxminuit.command.setting import run_set
from jaxminuit.command.showing import run_show

Effect = Callable[[Run], None]


class Row(NamedTuple):
    """A command.

    Attributes
    ----------
    name
        In capitals, as HELP knows it.
    origin
        What tables print after FROM; None for commands that leave it alone.
    effect
        What it does to a Run; None for SAVE and PARAMETERS, which are done where records are read.
    shortest
        How many letters tell it apart.
    """

    name: str
    origin: str | None
    effect: Effect | None
    shortest: int = 3

    @property
    def help(self) -> Entry:
        """Its usage (name with the shortest form in capitals, arguments), summary and explanation."""
        return COMMANDS[self.name]


def run_help(run: Run) -> None:
    """HELP [SET] [SHOW] [command]."""
    run.say(*help_lines(run.word.partition(" ")[2]))


TABLE = (
    Row("MINIMIZE", "MINImize", run_minimize),
    Row("SEEK", "SEEk", run_seek),
    Row("SIMPLEX", "SIMplex", run_simplex),
    Row("MIGRAD", "MIGrad", run_migrad),
    Row("MINOS", "MINOs", run_minos, 4),
    Row("SET", None, run_set),
    Row("SHOW", None, run_show),
    Row("TOPOFPAGE", None, run_top),
    Row("FIX", "FIX", run_fix),
    Row("RESTORE", "REStore", run_restore),
    Row("RELEASE", "RELease", run_release),
    Row("SCAN", "SCAn", run_scan),
    Row("CONTOUR", "CONtour", run_contour),
    Row("HESSE", "HESse", run_hesse),
    Row("SAVE", "SAVe", None),
    Row("IMPROVE", "IMProve", run_improve),
    Row("CALL", "CALl fcn", run_call),
    Row("STANDARD", "STAndard", run_standard),
    Row("END", "END", run_end),
    Row("EXIT", "EXIt", run_exit),
    Row("RETURN", "RETurn", run_return),
    Row("CLEAR", "CLEar", run_clear),
    Row("HELP", None, run_help),
    Row("MNCONTOUR", "MNContou", run_mncontour),
    Row("STOP", "STOp", run_exit),
    Row("JUMP", "JUMp", run_jump),
    Row("PARAMETERS", None, None),
)
OBSOLETE = {  # the old word and what it stands for
    "COV": ("COVARIANCE", "SHOW COV"),
    "PRI": ("PRINT", "SET PRInt"),
    "GRA": ("GRADIENT", "SET GRAd"),
    "MAT": ("MATOUT", "SHOW COV"),
    "ERR": ("ERROR DEF", "SET ERRdef"),
    "LIM": ("LIMITS", "SET LIMITS"),
    "PUN": ("PUNCH", "SAVE"),
}


def find(word: str) -> Row | None:
    """The command whose first letters the word has: three decide, four for MINOS."""
    word = word.upper()
    if len(word) < 3:
        return None
    for row in sorted(TABLE, key=lambda row: -row.shortest):
        if word[: row.shortest] == row.name[: row.shortest]:
            return row
    return None


def options(word: str) -> dict[str, Entry]:
    """The words after SET or SHOW by name, none after other commands."""
    row = find(word)
    if row is None or row.name not in ("SET", "SHOW"):
        return {}
    return SETTINGS if row.name == "SET" else SHOWS | SETTINGS


def completions(text: str) -> list[str]:
    """Commands, or words after SET and SHOW, that begin like the last word of the text."""
    *before, last = text.upper().split(" ")
    words = [word for word in before if word]
    row = find(words[0]) if words else None
    if row is not None and row.name == "HELP":
        words = words[1:]
    if len(words) > 1:
        return []
    names = options(words[0]) if words else [row.name for row in TABLE]
    return sorted(name for name in names if name.startswith(last))
