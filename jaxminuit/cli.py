"""The command `jaxminuit`."""

import argparse
import sys
from collections.abc import Sequence

import jaxminuit
from jaxminuit.demo.run import PICTURE, run_demo


def parser() -> argparse.ArgumentParser:
    """The arguments of `jaxminuit`; every command sets `run`, a function from the arguments to the exit status."""
    top = argparse.ArgumentParser(prog="jaxminuit", description="Minuit written natively in JAX.")
    top.add_argument("--version", action="version", version=f"jaxminuit {jaxminuit.__version__}")
    commands = top.add_subparsers(title="commands", metavar="command")
    _add_demo(commands)
    return top


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    top = parser()
    parsed = top.parse_args(arguments)
    if not hasattr(parsed, "run"):
        top.print_help()
        return 2
    return parsed.run(parsed)


if __name__ == "__main__":
    sys.exit(main())
