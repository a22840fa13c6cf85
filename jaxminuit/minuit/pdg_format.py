"""Numbers with uncertainties as the Particle Data Group writes them.

The three leading digits of the smallest error decide how far everything is rounded: 100 to 354 keeps two digits of
the error, 355 to 949 one, 950 to 999 becomes 1000 and keeps two (Review of Particle Physics, introduction, 5.3). A last
decimal that is 0 in all numbers is left out.
"""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple


class Format(NamedTuple):
    """The pieces that a number with errors is joined from; `power` holds the exponent of ten as {}."""

    plus_minus: str
    low_high: str
    label: str
    power: str
    open: str
    close: str
    not_a_number: str
    infinite: str


term = Format(" ± {}", " {} {}", " ({})", "E{:+03d}", "(", ")", "nan", "inf")
latex = Format(
    r" \pm {}", r" {{}}_{{{}}}^{{{}}}", r" \,\mathrm{{({})}}", r" \times 10^{{{:d}}}", r"\left(", r"\right)",
    r"\mathrm{NaN}", r"\infty",
)  # fmt: skip
_FORMATS = {"term": term, "latex": latex}


def pdg_format(
    value: float,
    error: float,
    *errors: float,
    labels: Sequence[str] | None = None,
    format: Format | str = term,
    leader: int | None = None,
    exp: int | None = None,
) -> str:
    """A value and its errors as text, rounded by the rules of the Particle Data Group.

    Parameters
    ----------
    value
        The number.
    error, *errors
        Its errors. A negative one followed by a positive one is an asymmetric pair.
    labels
        One label for each error (an asymmetric pair counts once).
    format
        `term` (default) or `latex`, or their names.
    leader
        Which of the errors (from 0) decides the rounding. Default: the smallest that is not 0.
    exp
        Power of ten to take out. Default: 0 as long as rounding stops at or behind the decimal point and the largest
        number is at least 0.001 and below a million, else the multiple of three that fits the largest number.

    Returns
    -------
    str
        For example ``1.235 ± 0.035`` or ``(123.46 ± 0.35)E+03``.

    Raises
    ------
    ValueError
        If the number of labels is not that of the errors, `leader` is out of range or `format` unknown.
    """
    style = _FORMATS.get(format, format) if isinstance(format, str) else format
    if isinstance(style, str):
        raise ValueError(f"format must be 'term' or 'latex', not {format!r}")
    numbers = [error, *errors]
    if leader is not None and not 0 <= leader < len(numbers):
        raise ValueError(f"leader must be from 0 to {len(numbers) - 1}, not {leader}")
    texts, power = rounded([value, *numbers], leader, exp)
    texts = [style.not_a_number if t == "nan" else t.replace("inf", style.infinite) for t in texts]
    out, groups = texts[0], _grouped(numbers, texts[1:])
    if labels is not None and len(labels) != len(groups):
        raise ValueError(f"{len(labels)} labels were given for {len(groups)} errors")
    for k, group in enumerate(groups):
        out += (style.low_high if len(group) == 2 else style.plus_minus).format(*group)
        out += style.label.format(labels[k]) if labels is not None else ""
    return f"{style.open}{out}{style.close}{style.power.format(power)}" if power else out


def rounded(numbers: Sequence[float], leader: int | None = None, exp: int | None = None) -> tuple[list[str], int]:
    """Texts of a value and its errors, all with the same decimals, and the power of ten taken out of them."""
    errors = [abs(e) for e in numbers[1:]]
    usable = [e for e in (errors if leader is None else [errors[leader]]) if math.isfinite(e) and e > 0]
    largest = max((abs(x) for x in numbers if math.isfinite(x)), default=0.0)
    if not usable:
        return [_bare(x) for x in numbers], 0
    last = max(last_digit(min(usable)), _magnitude(largest) - 15)  # a double has no digits beyond
    if exp is None:
        exp = 0 if last <= 0 and (largest == 0 or 1e-3 <= largest < 1e6) else 3 * (_magnitude(largest) // 3)
    return _without_common_zero([_fixed(x, last, exp) for x in numbers]), exp


def cells(value: float, *errors: float | None) -> list[str]:
    """The same rounding for the columns of a table: every text carries its own power of ten; None gives ''."""
    texts, power = rounded([value, *(e for e in errors if e is not None)])
    texts = iter([t + f"e{power}" if power and t[-1].isdigit() else t for t in texts])
    return [next(texts), *("" if e is None else next(texts) for e in errors)]


def last_digit(error: float) -> int:
    """Power of ten of the last digit that is kept, from the three leading digits of the error."""
    magnitude = _magnitude(error)
    leading = round(Decimal(repr(float(error))).scaleb(2 - magnitude))
    return magnitude - 1 if leading <= 354 else magnitude


def _magnitude(x: float) -> int:
    """floor(log10(x)), exact."""
    return Decimal(repr(float(x))).adjusted()


def _fixed(x: float, last: int, exp: int) -> str:
    if not math.isfinite(x):
        return str(float(x))
    scaled = Decimal(repr(float(x))).scaleb(-exp)
    text = f"{scaled:.{max(0, exp - last)}f}"
    return text[1:] if float(text) == 0 and text[0] == "-" else text


def _without_common_zero(texts: list[str]) -> list[str]:
    """1.2 and 0.3 for 1.20 and 0.30: one decimal less where all of them end with 0."""
    finite = [t for t in texts if t[-1].isdigit()]
    if all("." in t and t[-1] == "0" for t in finite):
        return [t[:-1].rstrip(".") if t in finite else t for t in texts]
    return texts


def _bare(x: float) -> str:
    return f"{x:.5g}"


def _grouped(numbers: Sequence[float], texts: Sequence[str]) -> list[tuple[str, ...]]:
    """Errors one by one, asymmetric ones (negative, then positive) in pairs with their signs."""
    groups, k = [], 0
    while k < len(numbers):
        if math.copysign(1.0, numbers[k]) < 0 and k + 1 < len(numbers):
            low = texts[k] if texts[k][0] in "-\\n" else f"-{texts[k]}"
            groups.append((low, f"+{texts[k + 1]}"))
            k += 2
        else:
            groups.append((texts[k].lstrip("-"),))
            k += 1
    return groups
