"""Markdown tables from the records on disk."""

from pathlib import Path

from benchmarks.frame import Case, cases_of

BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"

# what of a long record stands in the README: ends of the rows' labels, and the figures
BRIEF = {
    "W7": (
        ("migrad, strategy 1", "minimize_all", "fumili", "iminuit, strategy 1", "SciPy BFGS", "MINPACK"),
        ("# fits", "4 digits", "F right", "calls, median", "valid", "valid and wrong"),
    ),
}


def seconds(value: float | None) -> str:
    """Three significant digits with a unit."""
    if value is None:
        return "-"
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def table(result: dict, brief: bool = False) -> str:
    """One record: what it was measured on, and a row for every case with the times and the ratios to ours."""
    cases = cases_of(result)
    names = [entry.name for entry in cases[0].entries]
    figures = sorted({key for case in cases for key in case.figures})
    if brief and result["benchmark"] in BRIEF:
        rows, columns = BRIEF[result["benchmark"]]
        cases = [case for case in cases if case.label.endswith(rows)]
        figures = [key for key in columns if key in figures]
    header = ["", names[0], *(column for name in names[1:] for column in (name, "ratio")), *figures]
    rows = [_row(case, figures) for case in cases]
    lines = [f"**{result['benchmark']}: {result['title']}** ({provenance(result)})", ""]
    lines += ["| " + " | ".join(row) + " |" for row in (header, ["---"] * len(header), *rows)]
    skipped = {entry.name: entry.skipped for case in cases for entry in case.entries if entry.skipped}
    lines += ["", *(f"{name}: {why}" for name, why in skipped.items())] if skipped else []
    return "\n".join(lines)


def provenance(result: dict) -> str:
    """Machine, versions, dtype, commit and date in one line."""
    machine, versions = result["machine"], result["versions"]
    device = f"{machine['cpu']}, {machine['cores']} cores, load {machine['load']}"
    device = device if machine["device"] == "CPU" else f"{machine['device']}; {device}"
    packages = ", ".join(f"{name} {versions[name]}" for name in ("jax", "iminuit", "numba") if name in versions)
    quick = "; QUICK RUN, not a measurement" if result["quick"] else ""
    return f"{device}; {packages}; {result['dtype']}; {result['commit']}, {result['date'][:10]}{quick}"


def write_into(path: Path, text: str) -> None:
    """Replace what stands between the two marker lines of a file; ValueError if they are not there."""
    old = path.read_text()
    if BEGIN not in old or END not in old:
        raise ValueError(f"{path} has no place for tables: {BEGIN} ... {END}")
    head, tail = old.split(BEGIN)[0], old.split(END)[1]
    path.write_text(f"{head}{BEGIN}\n{text}\n{END}{tail}")


def _row(case: Case, figures: list[str]) -> list[str]:
    row = [case.label, seconds(case.entries[0].median)]
    for entry in case.entries[1:]:
        ratio = case.ratio(entry.name)
        row += [seconds(entry.median), "-" if ratio is None else f"{ratio:.3g}"]
    return row + [_figure(case.figures.get(key)) for key in figures]


def _figure(value) -> str:
    if value is None:
        return "-"
    return f"{value:.3g}" if isinstance(value, float) else str(value)
