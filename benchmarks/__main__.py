"""`python -m benchmarks list | run NAME ... [--quick] | table [--summary] [--write FILE]`."""

import argparse
import sys
from pathlib import Path

import jax

from benchmarks import (
    w1_gpufit,
    w2_toys,
    w3_large_samples,
    w5_histfactory,
    w7_robustness,
    w8_minos_batch,
    w9_first_fit,
    w10_stragglers,
)
from benchmarks.frame import RESULTS, load, record, save
from benchmarks.machine import machine
from benchmarks.table import summary, table, write_into

BENCHMARKS = {
    "w1": w1_gpufit,
    "w2": w2_toys,
    "w3": w3_large_samples,
    "w5": w5_histfactory,
    "w7": w7_robustness,
    "w8": w8_minos_batch,
    "w9": w9_first_fit,
    "w10": w10_stragglers,
}


def main(arguments=None) -> int:
    """Do as the command line says; the exit status."""
    parsed = _parser().parse_args(arguments)
    return parsed.run(parsed)


def _parser():
    top = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="command")
    commands.add_parser("list", help="what there is").set_defaults(run=_list)
    run = commands.add_parser("run", help="measure, print a table, save the record")
    run.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; default: all")
    run.add_argument("--quick", action="store_true", help="small sizes, few repeats, nothing saved unless --output")
    run.add_argument("--output", type=Path, help=f"folder for the records (default {RESULTS.name}/ beside the code)")
    run.set_defaults(run=_run)
    show = commands.add_parser("table", help="markdown of the saved records")
    show.add_argument("--summary", action="store_true", help="only the headlines, as they stand in the README")
    show.add_argument("--write", type=Path, metavar="FILE", help="put it between the marker lines of FILE")
    show.set_defaults(run=_table)
    return top


def _list(_):
    for name, module in BENCHMARKS.items():
        print(f"{name}  {module.TITLE}")
    return 0


def _run(parsed):
    unknown = set(parsed.names) - set(BENCHMARKS)
    if unknown:
        print(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    dtype = "float64" if jax.config.jax_enable_x64 else "float32"
    for name in parsed.names or BENCHMARKS:
        module, before = BENCHMARKS[name], machine()
        result = record(name.upper(), module.TITLE, module.run(parsed.quick), dtype, parsed.quick, before)
        print(table(result), end="\n\n", flush=True)
        if parsed.output or not parsed.quick:
            print(f"saved: {save(result, parsed.output or RESULTS)}")
    return 0


def _table(parsed):
    results = load()
    text = summary(results) if parsed.summary else "\n\n".join(table(result) for result in results)
    if parsed.write:
        write_into(parsed.write, text)
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
