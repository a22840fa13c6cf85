"""The state after every command against that of the original: values, errors, FCN, quality of the matrix."""

import numpy as np

from jaxminuit.command.parse import parse_command

VALUE, ERROR, FCN = 0.02, 0.01, 1e-4  # of an error, relative, and of UP (or relative, for large values)
NOTHING = 1e-6  # relative: rounding, where there is no error to measure with
HIDDEN = ("SET TIT", "PAR", "SET INP", "SET COV")  # records that are no commands to the original's interpreter


def misses(history, records) -> list[str]:
    """What differs, in words; `history` holds (record, State), `records` those of a summary."""
    found, ours = [], [entry for entry in history if _is_command(entry[0])]
    theirs = _commands(records)
    at = 0
    for command, expected in theirs:
        # a record that the original did not get as far as interpreting has no state there
        ahead = [i for i in range(at, len(ours)) if _same(ours[i][0], command)]
        if not ahead:
            found.append(f"{command}: not carried out")
            continue
        at = ahead[0] + 1
        if expected is not None:
            found += [f"{command} (no. {at}): {what}" for what in _differences(ours[ahead[0]][1], expected)]
    return found


def _commands(records):
    """(command, state) of those that were interpreted; "same" filled in."""
    last = None
    for record in records:
        state = record.get("state")
        last = last if state in (None, "same") else state
        if record.get("event") == "command":
            yield record["command"], last


def _is_command(record: str) -> bool:
    return parse_command(record).readable and not record.lstrip().upper().startswith(HIDDEN)


def _same(record: str, command: str) -> bool:
    return parse_command(record).word.upper().split() == command.upper().split()


def _differences(state, expected) -> list[str]:
    """The differences that matter in one state."""
    found, up = [], expected["up"]
    if (state.fcn is None) != (expected["fmin"] is None):
        found.append(f"fmin {state.fcn}, not {expected['fmin']}")
    elif state.fcn is not None and abs(state.fcn - expected["fmin"]) > FCN * max(up, abs(expected["fmin"])):
        found.append(f"fmin {state.fcn:.7g}, not {expected['fmin']:.7g}")
    if state.matrix_status != expected["istat"]:
        found.append(f"matrix {state.matrix_status}, not {expected['istat']}")
    if len(state.parameters) != len(expected["parameters"]):
        return [*found, f"{len(state.parameters)} parameters, not {len(expected['parameters'])}"]
    for p, q in zip(state.parameters, expected["parameters"], strict=True):
        found += _of_parameter(p, q)
    return found


def _of_parameter(p, q) -> list[str]:
    """The differences in one parameter."""
    if p.kind != q["kind"]:
        return [f"{q['name']} is {p.kind}, not {q['kind']}"]
    found, error = [], q.get("error") or 0.0
    if abs(p.value - q["value"]) > max(VALUE * error, NOTHING * abs(q["value"])):
        found.append(f"{q['name']} {p.value:.6g}, not {q['value']:.6g} +- {error:.2g}")
    if p.kind != "variable":
        return found
    if abs(p.error - error) > ERROR * error:
        found.append(f"error of {q['name']} {p.error:.4g}, not {error:.4g}")
    for end, theirs in ((p.plus, q["eplus"]), (p.minus, q["eminus"])):
        ours = 0.0 if end is None else end
        at_limit = isinstance(theirs, str)
        if at_limit != bool(np.isinf(ours)) or (not at_limit and abs(ours - theirs) > ERROR * error):
            found.append(f"Minos error of {q['name']} {ours:.4g}, not {theirs}")
    return found
