"""The command `jaxminuit`."""

import argparse
import os
import sys
from collections.abc import Sequence

import jaxminuit
from jaxminuit.command.failures import DEBUG
from jaxminuit.command.shell import Options, run_deck, run_shell
from jaxminuit.demo.run import PICTURE, run_demo

BAD_USAGE = 2
STATUSES = """\
exit status:
  0    success
  1    the last fit (MIGRAD, MINIMIZE, SIMPLEX, MINOS, IMPROVE, MNCONTOUR) did not converge
  2    bad input: deck, FCN or command line; in batch also a command that cannot be understood or carried out
  3    an error in jaxminuit itself
  130  interrupted by Ctrl-C, in batch
What is wrong goes to the standard error, with file and line of the deck; the print-out goes to the standard output.
"""
FUNCTIONS = """\
FCN (told apart by its arguments):
  def fcn(x)                               x is a JAX array, x[i-1] is parameter i; SET GRADIENT uses autodiff
  def fcn(npar, grad, xval, iflag, futil)  as in Fortran: fills grad if iflag is 2, returns the value
"""
INTERACTIVE = """\
Without a command and with --fcn the session is interactive, if the standard input is a terminal; else the commands
are read from it in batch. TAB completes commands, the words after SET and SHOW, and names of parameters to their
numbers; HELP explains commands. Ctrl-C interrupts the running command: MIGRAD, MINIMIZE and SIMPLEX leave the best
point that they had found, all others leave the parameters as they were. (MIGRAD, and every command with an FCN that
JAX cannot trace, listens at each step; what is compiled as a whole when it is done.) Ctrl-D ends the session as EXIT
does.
"""


def parser() -> argparse.ArgumentParser:
    """The arguments of `jaxminuit`; every command sets `run`, a function from the arguments to the exit status."""
    raw = argparse.RawDescriptionHelpFormatter
    shared = _shared()
    top = argparse.ArgumentParser(
        prog="jaxminuit",
        description="Minuit written natively in JAX: decks of Minuit commands, interactive sessions, and an example.",
        epilog=f"{INTERACTIVE}\n{FUNCTIONS}\n{STATUSES}",
        formatter_class=raw,
        parents=[shared],
    )
    top.add_argument("--version", action="version", version=f"jaxminuit {jaxminuit.__version__}")
    top.add_argument("--no-history", action="store_true", help="keep no file of the lines that were typed")
    top.add_argument("--plain", action="store_true", help="ask without prompt_toolkit even if it is installed")
    commands = top.add_subparsers(title="commands", metavar="command")
    _add_run(commands, shared, raw)
    _add_demo(commands)
    return top


def _shared() -> argparse.ArgumentParser:
    """The arguments of batch and interactive runs, which may stand before or behind the command."""
    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument("--fcn", metavar="FILE:FUNC", help="the function to minimise; or module:func")
    shared.add_argument(
        "--plot", nargs="?", const=".", metavar="DIR",
        help="write pictures (PNG) of SCAN, CONTOUR and MNCONTOUR to a folder (default: here)",
    )  # fmt: skip
    shared.add_argument("--save", metavar="FILE", help="file that SAVE writes to; an older one is written over")
    shared.add_argument("--stand", metavar="FILE:FUNC", help="function without arguments that STANDARD calls")
    shared.add_argument("--debug", action="store_true", help=f"show tracebacks of internal errors (as {DEBUG}=1)")
    return shared


def _add_run(commands, shared, raw):
    run = commands.add_parser(
        "run",
        help="carry out a deck of Minuit commands in batch",
        description="Carry out a deck: title, parameter definitions, commands (Minuit manual, section 3.2).\n"
        "Files that SET INPUT and --save name are looked for from the present folder.",
        epilog=f"{FUNCTIONS}\n{STATUSES}",
        formatter_class=raw,
        parents=[shared],
    )
    run.add_argument("deck", metavar="DECK", help="the file; - for the standard input")
    run.set_defaults(run=lambda arguments: run_deck(arguments.deck, _options(arguments)))


def _add_demo(commands):
    demo = commands.add_parser(
        "demo",
        help="the complete example of the Minuit manual: fit leptonic K0 decays",
        description="Fit the decay times of leptonic K0 decays (Minuit manual, chapter 6): Migrad, Hesse, Minos, with "
        "Delta M fixed and then free. Exit status 0 if every fit and every Minos error is valid, else 1.",
    )
    demo.add_argument("--output", default=".", metavar="DIR", help=f"folder for the picture {PICTURE} (default: here)")
    demo.add_argument("--no-plot", action="store_true", help="text only")
    demo.set_defaults(run=lambda arguments: 0 if run_demo(arguments.output, not arguments.no_plot) else 1)


def _options(arguments: argparse.Namespace) -> Options:
    given = {name: getattr(arguments, name) for name in ("fcn", "stand", "plot", "save") if hasattr(arguments, name)}
    history = not getattr(arguments, "no_history", False)
    return Options(**given, history=history, plain=getattr(arguments, "plain", False))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    top = parser()
    parsed = top.parse_args(arguments)
    if getattr(parsed, "debug", False):
        os.environ[DEBUG] = "1"
    try:
        return _run(top, parsed)
    except BrokenPipeError:  # whoever read the print-out has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BAD_USAGE


def _run(top: argparse.ArgumentParser, parsed: argparse.Namespace) -> int:
    """What the arguments ask for; the exit status."""
    if hasattr(parsed, "deck") and not hasattr(parsed, "fcn"):
        top.error("a deck needs a function to minimise: --fcn FILE:FUNC or --fcn module:func")
    if hasattr(parsed, "run"):
        status = parsed.run(parsed)
    elif hasattr(parsed, "fcn"):
        status = run_shell(_options(parsed))
    else:
        top.print_help()
        return BAD_USAGE
    sys.stdout.flush()
    return status


if __name__ == "__main__":
    sys.exit(main())
