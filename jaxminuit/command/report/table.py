"""The table of parameters and its heading."""

from enum import IntEnum

from jaxminuit.command.report.fortran import fixed, general, integer, scientific, text

BLANK = " " * 14
AT_LIMIT_ROW = " " * 33 + "WARNING -   - ABOVE PARAMETER IS AT LIMIT."
MATRIX_WORDS = ("NO ERROR MATRIX", "ERR MATRIX APPROXIMATE", "ERR MATRIX NOT POS-DEF", "ERROR MATRIX ACCURATE")
NO_PARAMETERS = " THERE ARE CURRENTLY NO PARAMETERS DEFINED"
UNKNOWN_FCN, UNKNOWN_EDM = " unknown       ", " unknown  "


class Columns(IntEnum):
    """Which columns a table has beside number, name, value and error."""

    NONE = 0  # heading only
    LIMITS = 1
    INTERNAL = 2
    DERIVATIVES = 3
    MINOS = 4


HEADINGS = {  # three columns of 14 characters: upper row, then lower row
    Columns.LIMITS: (BLANK + "      PHYSICAL LIMITS       ", "      ERROR       NEGATIVE      POSITIVE  "),
    Columns.INTERNAL: (BLANK + "    INTERNAL      INTERNAL  ", "      ERROR       STEP SIZE       VALUE   "),
    Columns.DERIVATIVES: (BLANK + "       STEP         FIRST   ", "      ERROR          SIZE      DERIVATIVE "),
    Columns.MINOS: ("    PARABOLIC         MINOS ERRORS        ", "      ERROR      NEGATIVE      POSITIVE   "),
}


def columns_for(matrix):
    """The columns of SHOW PARAMETERS for an error matrix of quality ``matrix``: limits, internal or derivatives."""
    return Columns(min(matrix + 1, Columns.DERIVATIVES))


def parameter_table(rows, status, columns, title=None):
    """The parameter table.

    Parameters
    ----------
    rows : sequence of Row
        All defined parameters, in the order of their numbers.
    status : Status
        What the heading says.
    columns : Columns
        Which columns; ``Columns.NONE`` gives the heading alone (SHOW FCN).
    title : str, optional
        Title of the task, printed above a table of Minos errors.

    Returns
    -------
    list[str]
        Its lines.
    """
    if not rows:
        return [NO_PARAMETERS]
    lines = heading(status)
    if columns == Columns.MINOS and title:
        lines = ["", " MINUIT TASK: " + text(title, 50), *lines]
    if columns == Columns.NONE:
        return lines
    lines += ["", *column_headings(columns, status.matrix)]
    indent = name_indent([row.name for row in rows])
    for row in rows:
        lines.append(table_row(row, columns, indent))
        if row.kind == "variable" and row.at_limit and columns != Columns.DERIVATIVES and row.limits is not None:
            lines.append(AT_LIMIT_ROW)
    if status.up != 1.0:
        lines.append(" " * 31 + "ERR DEF=" + general(status.up, 10, 3))
    return lines


def heading(status):
    """FCN, FROM, STATUS, CALLS, TOTAL; EDM, STRATEGY and what is known of the error matrix."""
    fcn = UNKNOWN_FCN if status.fcn is None else general(status.fcn, 15, 7)
    edm = UNKNOWN_EDM if status.edm is None else scientific(status.edm, 10, 2)
    first = f" FCN={fcn} FROM {text(status.origin, 8)}  STATUS={text(status.status, 10)}"
    first += f"{integer(status.calls, 6)} CALLS{integer(status.total, 9)} TOTAL"
    second = " " * 21 + "EDM=" + edm
    if status.matrix in (0, 2) or status.uncertainty == 0:
        second += f"    STRATEGY={integer(status.strategy, 2)}      {matrix_word(status.matrix)}"
    else:
        percent = fixed(100 * min(status.uncertainty, 1.0), 5, 1)
        second += f"  STRATEGY={integer(status.strategy, 1)}  ERROR MATRIX UNCERTAINTY={percent}%"
    return ["", first, second]


def matrix_word(quality):
    """The words for the quality of an error matrix, in a field of 22 characters."""
    return text(MATRIX_WORDS[quality], 22)


def column_headings(columns, matrix):
    """The two rows above the columns; the errors are a guess or approximate where the matrix is poor."""
    upper, lower = HEADINGS[columns]
    if columns != Columns.MINOS and matrix < 3:
        upper = ("  APPROXIMATE " if matrix else " CURRENT GUESS") + upper[14:]
    return ["  EXT PARAMETER".ljust(29) + upper, "  NO.   NAME        VALUE    " + lower]


def name_indent(names):
    """How far names are moved to the right: half of what the longest leaves free of its ten characters, plus one."""
    longest = max(len(name[:10].rstrip()) for name in names)
    return (10 - longest) // 2 + 1


def table_row(row, columns, indent):
    """One line of the table."""
    line = f"{integer(row.number, 4)} {text(' ' * indent + row.name[:10], 11)}{general(row.value, 14, 5)}"
    if row.kind == "constant":
        return line + "   constant   "
    if row.kind == "fixed":
        shows_limits = columns == Columns.LIMITS and row.limits is not None
        return line + "     fixed    " + (_pair(*row.limits) if shows_limits else "")
    line += general(row.error, 14, 5)
    if columns == Columns.LIMITS:
        return line + (_pair(*row.limits) if row.limits is not None else "")
    if columns == Columns.INTERNAL:
        return line + _pair(row.step, row.internal)
    if columns == Columns.MINOS:
        return line + _minos_field(row.minus) + _minos_field(row.plus)
    limited = row.at_limit and row.limits is not None
    return line + general(row.step, 14, 5) + ("** at limit **" if limited else general(row.derivative, 14, 5))


def _pair(first, second):
    return general(first, 14, 5) + general(second, 14, 5)


def _minos_field(error):
    if error is None or error == 0:
        return BLANK
    return "   at limit   " if isinstance(error, str) else general(error, 14, 5)
