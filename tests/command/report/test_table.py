"""Parameter tables against the transcripts, and what only some parameters show."""

import pytest

from jaxminuit.command.report.rows import Row, Status
from jaxminuit.command.report.table import AT_LIMIT_ROW, Columns, columns_for, parameter_table
from tests.command.report.excerpts import excerpts


@pytest.mark.parametrize("excerpt", excerpts("tables"))
def test_table(excerpt):
    rows = [Row(**row) for row in excerpt["rows"]]
    status = Status(**excerpt["status"])
    assert parameter_table(rows, status, Columns(excerpt["columns"]), excerpt["title"]) == excerpt["lines"]


def test_heading_alone():
    status = Status(3.695248, 0.33e-6, "MINOS", "SUCCESSFUL", 215, 326, 1, 3, 0.0)
    assert parameter_table([Row(1, "X", 1.0)], status, Columns.NONE) == [
        "",
        " FCN=   3.695248     FROM MINOS     STATUS=SUCCESSFUL   215 CALLS      326 TOTAL",
        "                     EDM=  0.33E-06    STRATEGY= 1      ERROR MATRIX ACCURATE ",
    ]


def test_unknown_values():
    first, second = parameter_table([Row(1, "X", 1.0)], Status(None), Columns.NONE)[1:]
    assert first.startswith(" FCN= unknown        FROM PARAMETR")
    assert second.endswith("EDM= unknown      STRATEGY= 1      NO ERROR MATRIX       ")


def test_no_parameters():
    assert parameter_table([], Status(1.0), Columns.LIMITS) == [" THERE ARE CURRENTLY NO PARAMETERS DEFINED"]


@pytest.mark.parametrize("columns", [Columns.LIMITS, Columns.INTERNAL, Columns.MINOS])
def test_parameter_at_its_limit_is_remarked_on(columns):
    row = Row(1, "X", 5.0, 0.1, limits=(0.0, 5.0), at_limit=True)
    assert parameter_table([row], Status(1.0), columns)[-1] == AT_LIMIT_ROW
    assert parameter_table([row._replace(limits=None)], Status(1.0), columns)[-1] != AT_LIMIT_ROW


def test_fixed_parameters_show_limits_only_among_limits():
    row = Row(2, "B", 1.0, kind="fixed", limits=(0.0, 2.0))
    shown = parameter_table([row], Status(1.0), Columns.LIMITS)[-1]
    assert shown.endswith("     fixed        0.0000        2.0000    ")
    assert parameter_table([row], Status(1.0), Columns.DERIVATIVES)[-1].endswith("     fixed    ")


def test_uncertainty_is_at_most_all():
    assert parameter_table([Row(1, "X", 1.0)], Status(1.0, matrix=1, uncertainty=7.0), Columns.NONE)[2].endswith(
        "100.0%"
    )


@pytest.mark.parametrize(("quality", "columns"), [(0, 1), (1, 2), (2, 3), (3, 3)])
def test_columns_of_show_parameters(quality, columns):
    assert columns_for(quality) == columns


def test_long_names_are_cut():
    table = parameter_table([Row(1, "a very long name", 1.0)], Status(1.0), Columns.LIMITS)
    assert table[-1].startswith("   1  a very lon    1.0000    ")
