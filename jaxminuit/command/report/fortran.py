"""Numbers as Fortran's edit descriptors write them: Iw, Fw.d, Ew.d, Gw.d, Aw.

A field has exactly ``width`` characters. A number that does not fit fills it with stars, after its optional leading
zero has been dropped. An exponent of three digits takes the place of the letter E.
"""

import math


def stars(width):
    """The mark of a field that is too narrow."""
    return "*" * width


def integer(number, width):
    """Iw: right-justified."""
    if not math.isfinite(number):
        return stars(width)
    digits = str(int(number))
    return digits.rjust(width) if len(digits) <= width else stars(width)


def text(string, width):
    """Aw of a character variable of ``width`` characters: cut, or padded with blanks on the right."""
    return string[:width].ljust(width)


def fixed(number, width, decimals):
    """Fw.d: ``decimals`` digits behind the point; a negative number that rounds to zero keeps its sign."""
    if not math.isfinite(number):
        return _not_finite(number, width)
    digits = f"{number:.{decimals}f}"
    return _justified(digits if decimals else digits + ".", width)


def scientific(number, width, digits):
    """Ew.d: 0.ddddE+xx, a mantissa between 0.1 and 1 with ``digits`` figures."""
    if not math.isfinite(number):
        return _not_finite(number, width)
    sign = "-" if math.copysign(1.0, number) < 0 else ""
    figures, exponent = "0" * digits, 0
    if number:
        mantissa, power = f"{abs(number):.{digits - 1}e}".split("e")
        figures, exponent = mantissa.replace(".", ""), int(power) + 1
    tail = f"E{exponent:+03d}" if abs(exponent) <= 99 else f"{exponent:+04d}"
    return _justified(f"{sign}0.{figures}{tail}", width)


def general(number, width, digits):
    """Gw.d: an F field with ``digits`` figures and four blanks where 0.1 <= \\|number\\| < 10**digits, else Ew.d.

    The range is tested after rounding to ``digits`` figures. Zero is written as 0.000 with digits - 1 decimals.
    """
    if not math.isfinite(number):
        return _not_finite(number, width)
    if number == 0:
        return fixed(number, width - 4, digits - 1) + "    "
    size = abs(number)
    if size >= 0.1 - 0.5 * 10.0 ** (-digits - 1):
        for before in range(digits + 1):
            if size < 10.0**before - 0.5 * 10.0 ** (before - digits):
                return fixed(number, width - 4, digits - before) + "    "
    return scientific(number, width, digits)


def _justified(digits, width):
    """Right-justified; an optional zero before the point goes first, then stars."""
    if len(digits) > width:
        digits = digits.replace("0.", ".", 1) if digits.lstrip("-").startswith("0.") else digits
    return digits.rjust(width) if len(digits) <= width else stars(width)


def _not_finite(number, width):
    if math.isnan(number):
        return "NaN".rjust(width) if width >= 3 else stars(width)
    sign = "-" if number < 0 else ""
    word = sign + ("Infinity" if width >= 8 + len(sign) else "Inf")
    return word.rjust(width) if len(word) <= width else stars(width)
