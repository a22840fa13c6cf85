"""Markdown tables from the records on disk."""

from pathlib import Path

from benchmarks.frame import Case, cases_of

BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"

# what of each record stands in the README: the rows; of W7 these programs
HEADLINES = {
    "W1": ("100000 fits, least squares", "100000 fits, Poisson"),
    "W2": ("10000 toys, strategy 0", "10000 toys, strategy 0 and Hesse"),
    "W3": ("1e+03 events", "1e+06 events"),
    "W5": ("100000 toys", "region A, all signal points, two fits each"),
    "W8": ("1000 extended fits of 5 parameters to 2000 events, all Minos errors",),
    "W9": ("warm fit, 1000 events", "first fit, nothing compiled", "first fit, compiled on disk"),
}
OURS = ("the fits alone", "without the long fit", "vmap", "vmap without it")  # entries that are no peers
ROBUSTNESS, PROGRAMS = "W7", ("minimize_all", "iminuit, strategy 1", "SciPy BFGS", "MINPACK")


def seconds(value: float | None) -> str:
    """Three significant digits with a unit."""
    if value is None:
        return "-"
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def summary(results: list[dict]) -> str:
    """The headlines of all records: ours against the quickest peer that was there, and what is right and what wrong."""
    lines = ["| | | jaxminuit | quickest peer | | ratio |", "|---|---|---|---|---|---|"]
    for result in results:
        first = f"{result['benchmark']}: {result['title']}"
        for case in cases_of(result):
            if case.label not in HEADLINES.get(result["benchmark"], ()):
                continue
            lines.append("| " + " | ".join([first, case.label, *_headline(case)]) + " |")
            first = ""
    shown = [r for r in results if r["benchmark"] in (*HEADLINES, ROBUSTNESS)]
    parts = ["\n".join(lines), *(robustness(r) for r in shown if r["benchmark"] == ROBUSTNESS)]
    return "\n\n".join([*parts, _where(shown)])


def _where(results: list[dict]) -> str:
    """Machines and versions, each with what was measured there, when and at which commit."""
    places: dict[str, list[str]] = {}
    for result in results:
        place = "; ".join(provenance(result).split("; ")[:-1]).replace(f", load {result['machine']['load']}", "")
        places.setdefault(place, []).append(f"{result['benchmark']} {result['date'][:10]} ({result['commit'][:7]})")
    return "\n".join(f"Measured on {place}: {', '.join(found)}." for place, found in places.items())


def _headline(case: Case) -> list[str]:
    """Our time, the quickest peer with its time, and the ratio."""
    peers = [entry for entry in case.entries[1:] if entry.median is not None and entry.name not in OURS]
    if not peers:
        return [seconds(case.entries[0].median), "-", "-", "-"]
    best = min(peers, key=lambda entry: entry.median)
    return [seconds(case.entries[0].median), best.name, seconds(best.median), f"{case.ratio(best.name):.3g}"]


def robustness(result: dict) -> str:
    """Fits that are right, and fits that are called valid and are not, for each program and set of problems."""
    found: dict[str, dict[str, str]] = {}
    for case in cases_of(result):
        problems, program = case.label.rsplit(": ", 1)
        figures = case.figures
        right = figures.get("4 digits", figures.get("F right"))
        text = f"{right} of {figures['# fits']}, {figures['valid and wrong']} wrong"
        found.setdefault(program, {})[problems] = text
    sets = list(dict.fromkeys(problems for row in found.values() for problems in row))
    lines = ["| right, and called valid but wrong | " + " | ".join(sets) + " |", "|---" * (len(sets) + 1) + "|"]
    for program in PROGRAMS:
        lines.append("| " + " | ".join([program, *(found.get(program, {}).get(each, "-") for each in sets)]) + " |")
    return "\n".join(lines)


def table(result: dict) -> str:
    """One record: what it was measured on, and a row for every case with the times and the ratios to ours."""
    cases = cases_of(result)
    names = [entry.name for entry in cases[0].entries]
    figures = sorted({key for case in cases for key in case.figures})
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
