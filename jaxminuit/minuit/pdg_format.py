"""Numbers with uncertainties as the Particle Data Group writes them.

The three leading digits of the smallest error decide how far everything is rounded: 100 to 354 keeps two digits of
the error, 355 to 949 one, 950 to 999 becomes 1000 and keeps two (Review of Particle Physics, introduction, 5.3). Final
zeros behind the decimal point that all numbers share are left out.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple


class Format(NamedTuple):
    """The pieces that a number with errors is joined from: %-templates, as any tuple of seven such entries."""

    lower: str
    upper: str
    symmetric: str
    label: str
    power: str
    strip: bool
    special: tuple[str, str] | None


term = Format(" %s", " +%s", " ± %s", " (%s)", "(%s)E%+03i", True, None)
latex = Format(
    " {}_{%s}", "^{+%s}", r" \pm %s", r" (\mathrm{%s})", r"(%s) \times 10^{%i}", True, (r"\mathrm{NaN}", r"\infty")
)  # fmt: skip
_FORMATS = {"term": term, "latex": latex}
_VERBATIM = ("_", "\\", "^", "<")  # a label that begins so is not wrapped


def pdg_format(
    value: float,
    error: float | tuple[float, float],
    *errors: float | tuple[float, float],
    labels: Sequence[str] | None = None,
    format: Sequence[Any] | str = term,
    leader: int | None = None,
    exp: int | None = None,
) -> str:
    """A value and its errors as text, rounded by the rules of the Particle Data Group.

    Parameters
    ----------
    value
        The number.
    error, *errors
        Its errors. Asymmetric ones are a pair (below, above) of positive numbers, or a negative number followed by a
        positive one.
    labels
        One label for each error (an asymmetric pair counts once). One that begins with ``_``, ``^``, ``<`` or a
        backslash is taken as it is.
    format
        `term` (default) or `latex`, their names, or a tuple like them.
    leader
        Which of the errors (from 0, pairs count once) decides the rounding. Default: the smallest that is not 0.
    exp
        Power of ten to take out. Default: a multiple of three, 0 for values below 1000 with errors from 0.001 to 100.

    Returns
    -------
    str
        For example ``1.235 ± 0.035`` or ``(123.46 ± 0.35)E+03``.

    Raises
    ------
    ValueError
        If the number of labels is not that of the errors, an error is a sequence of another length than two, `leader`
        is out of range or `format` unknown.
    """
    if isinstance(format, str) and format not in _FORMATS:
        raise ValueError(f"format must be 'term' or 'latex', not {format!r}")
    style = _FORMATS[format] if isinstance(format, str) else Format(*format)
    numbers = flattened([error, *errors])
    texts, power = rounded([value, *numbers], leader, exp)
    texts = _stripped(texts) if style.strip else texts
    if style.special:
        texts = [_special(t, style.special) for t in texts]
    groups = _grouped(texts[1:])
    if labels is not None and len(labels) != len(groups):
        raise ValueError(f"{len(labels)} labels were given for {len(groups)} errors")
    out = texts[0]
    for k, group in enumerate(groups):
        out += "".join(piece % t for piece, t in zip(_pieces(group, style), group, strict=True))
        if labels is not None:
            out += labels[k] if labels[k].startswith(_VERBATIM) else style.label % labels[k]
    return style.power % (out, power) if power else out


def flattened(errors: Sequence[Any]) -> list[float]:
    """Errors as numbers in a row, a pair (below, above) as its negative and its positive one."""
    numbers = []
    for e in errors:
        if not hasattr(e, "__len__") or not hasattr(e, "__getitem__"):
            numbers.append(e)
        elif len(e) == 2:
            numbers += [-abs(e[0]), e[1]]
        else:
            raise ValueError(f"an asymmetric error must have two elements, not {len(e)}")
    return numbers


def rounded(numbers: Sequence[float], leader: int | None = None, exp: int | None = None) -> tuple[list[str], int]:
    """Texts of a value and its errors, all with the same decimals, and the power of ten taken out of them."""
    value, decisive = numbers[0], _leader(numbers[1:], leader)
    if decisive is None:
        if not math.isfinite(value) or value == 0:
            return [str(x) for x in numbers], 0
        power = math.floor(math.log10(abs(value)))
        return [f"{x * 10.0**-power:.4f}" for x in numbers], power
    size = math.floor(math.log10(abs(numbers[decisive]))) + 1
    error, digits = rounded_error(abs(numbers[decisive]) * 10.0**-size)
    exp = _power(value, size) if exp is None else exp
    parts = [round(x * 10.0**-size, digits) if math.isfinite(x) else x for x in numbers]
    parts[decisive] = math.copysign(error, numbers[decisive])
    return [f"{x * 10.0 ** (size - exp):.{max(0, digits - size + exp)}f}" for x in parts], exp


def rounded_error(fraction: float) -> tuple[float, int]:
    """An error scaled to 0.1 ... 1, rounded, and how many decimals of it are kept."""
    three = round(fraction, 3)
    if three < 0.355:
        return round(three, 2), 2
    return (round(three, 1) if three < 0.95 else 1.0), 1


def cells(value: float | None, *errors: float | None) -> list[str]:
    """The same rounding for the columns of a table, where every text carries its own power of ten.

    None for an error gives ''; None for the value leaves it out.
    """
    given = [e for e in errors if e is not None]
    texts, power = rounded([0 if value is None else value, *given])
    texts = _stripped(texts[1:] if value is None else texts)
    shown = [_with_power(t, power, first=k == 0) for k, t in enumerate(texts)]
    head, tail = ([], iter(shown)) if value is None else (shown[:1], iter(shown[1:]))
    return [*head, *("" if e is None else next(tail) for e in errors)]


def _leader(errors: Sequence[float], leader: int | None) -> int | None:
    """Position in (value, *errors) of the error that decides; None if no error can."""
    where: Sequence[int] = range(len(errors))
    if leader is not None:
        starts = [k for k in where if not (k and _negative(errors[k - 1]))]
        if not 0 <= leader < len(starts):
            raise ValueError(f"leader must be from 0 to {len(starts) - 1}, not {leader}")
        first = starts[leader]
        where = range(first, min(first + 2, len(errors))) if _negative(errors[first]) else [first]
    usable = [k for k in where if math.isfinite(errors[k]) and errors[k] != 0]
    return 1 + min(usable, key=lambda k: abs(errors[k])) if usable else None


def _power(value: float, size: int) -> int:
    """Multiple of three for an error of 0.1 ... 1 times 10^size, or for a value that is much larger."""
    power = round(size / 3) * 3 if abs(size) > 2 else 0
    if math.isfinite(value) and value != 0:
        power = max(power, math.floor(math.log10(abs(value)) / 3) * 3)
    return power


def _negative(x: float) -> bool:
    return math.copysign(1.0, x) < 0


def _stripped(texts: list[str]) -> list[str]:
    """Without the final zeros that all numbers with a decimal point share, and the point if nothing follows it."""
    decimals = [t for t in texts if "." in t]
    drop = min((len(t) - len(t.rstrip("0")) for t in decimals), default=0)
    short = [t[:-drop].rstrip(".") if drop and "." in t else t for t in texts]
    return ["0", *short[1:]] if decimals and short[0] == "-0" else short


def _with_power(text: str, power: int, first: bool) -> str:
    """The text with its power of ten, which infinities, NaN and a value that rounds to 0 do not get."""
    if power == 0 or not text[-1].isdigit():
        return text
    if first and "." in text and not text.strip("-0."):
        return "-0" if text[0] == "-" else "0"
    return f"{text}e{power}"


def _special(text: str, special: tuple[str, str]) -> str:
    """NaN and infinity in the words of a format."""
    if text[-1] == "n":
        return special[0]
    return text.replace("inf", special[1])


def _grouped(texts: Sequence[str]) -> list[tuple[str, ...]]:
    """Errors one by one, a negative one together with what follows."""
    groups, k = [], 0
    while k < len(texts):
        length = 2 if texts[k][0] == "-" else 1
        groups.append(tuple(texts[k : k + length]))
        k += length
    return groups


def _pieces(group: tuple[str, ...], style: Format) -> tuple[str, ...]:
    return (style.lower, style.upper)[: len(group)] if group[0][0] == "-" else (style.symmetric,)
