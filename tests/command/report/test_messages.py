"""Every message against the transcripts, character for character."""

from importlib import import_module

import pytest

from jaxminuit.command.report import debug, definitions, files, frame, minos, show, warning
from jaxminuit.command.report.plot import point_plot
from jaxminuit.command.report.rows import Message, Point, Row
from tests.command.report.excerpts import excerpts


def argument(value):
    """Rows and messages are stored as plain JSON."""
    if isinstance(value, dict):
        return Row(**value["row"])
    if isinstance(value, list) and value and isinstance(value[0], list) and len(value[0]) == 3:
        return [Message(*entry) for entry in value]
    return value


@pytest.mark.parametrize("excerpt", excerpts("messages"))
def test_line(excerpt):
    module, name = excerpt["line"].split(".")
    said = getattr(import_module(f"jaxminuit.command.report.{module}"), name)
    if excerpt["arguments"] is not None:
        said = said(*map(argument, excerpt["arguments"]))
    expected = excerpt["lines"]
    assert said == expected if isinstance(expected, str) else list(said) == expected


def test_arguments_beyond_thirty_are_refused():
    lines = frame.command_echo(3, "MIGRAD", range(31))
    assert len(lines) == 1 + 1 + 7 + 1
    assert lines[-1].startswith(" **********  ERROR: ABOVE CALL TO MNEXCM TRIED TO PASS MORE THAN 30 PARAMETERS.")


def test_number_out_of_range_breaks_its_line():
    assert definitions.number_out_of_range(101, 100)[1:3] == [
        " MINUIT USER ERROR.  PARAMETER NUMBER IS        101",
        ",  ALLOWED RANGE IS ONE TO 100",
    ]


def test_limits():
    assert definitions.limits_set(2, -0.8, 2.0) == [" PARAMETER  2 LIMITS SET TO   -0.80000         2.0000    "]
    assert definitions.limits_of_fixed(4) == [" REQUEST TO CHANGE LIMITS ON FIXED PARAMETER:  4"]
    assert definitions.limits_not_variable(4) == [" PARAMETER   4 IS NOT VARIABLE."]


def test_levels_and_strategies_out_of_range_are_clipped():
    assert show.print_levels(-7)[-1].startswith(" CURRENT PRINTOUT LEVEL IS -1: NO OUTPUT")
    assert show.print_levels(9)[-1].startswith(" CURRENT PRINTOUT LEVEL IS  3: MAXIMUM")


def test_debug_option_on():
    assert "OPTION  3 IS ON  :MNHESS" in show.debug_options({3})[3]


def test_more_warnings_than_are_kept():
    kept = [Message(320 + i, "MNDERI", f"number {i}") for i in range(10)]
    lines = warning.held_back(kept, 47, "*DEBUG*")
    assert lines[:5] == [
        "",
        "    47 MINUIT *DEBUG* MESSAGES WERE SUPPRESSED.  ",
        "",
        " ONLY THE MOST RECENT 10 WILL BE LISTED BELOW.",
        "  CALLS  ORIGIN         MESSAGE",
    ]
    assert len(lines) == 5 + 10 + 1
    assert warning.held_back([]) == []


def test_warning():
    assert warning.warning("PARAM DEF", warning.REVERSED_LIMITS) == [
        " MINUIT WARNING IN PARAM DEF",
        " ============== PARAMETER LIMITS WERE REVERSED.",
    ]


def test_contour_of_more_than_three_parameters():
    assert minos.contour_begins(20, 5, [])[1].endswith("THE OTHER  3 VARIABLE PARAMETERS.")
    assert minos.contour_axes((1, "X"), (2, "Y")) == (
        " Y-AXIS: PARAMETER   2  Y         ",
        " " * 25 + "X-AXIS: PARAMETER   1  X         ",
    )


def test_long_words_are_cut_with_a_warning():
    lines = frame.word_too_long("abcdefghijklmnopqrstuvw")
    assert lines[1:] == ["     ORIGINAL:abcdefghijklmnopqrstuvw", " TRUNCATED TO:abcdefghijklmnopqrs"]


def test_save_writes_what_the_original_writes():
    rows = [
        Row(1, "A", 3.0001, 0.54105, limits=(0.0, 5.0)),
        Row(3, "C", 0.49998, 0.10911),
        Row(5, "K", 7.5, 0.0, kind="constant"),
    ]
    covariance = [[0.0496, 0.01, 1.0], [0.01, 0.1429, 2.0], [1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]
    covariance = [[*row, 9.0] for row in covariance]
    records = files.saved_records("Save", rows, covariance)
    assert records == [
        "SET TITLE ",
        "Save" + " " * 46,
        "PARAMETERS",
        "     1'A         '  0.30001E+01  0.54105E+00  0.00000E+00  0.50000E+01",
        "     3'C         '  0.49998E+00  0.10911E+00",
        "     5'K         '  0.75000E+01  0.00000E+00",
        " ",
        "SET COVARIANCE     4",
        " 0.4960E-01 0.1000E-01 0.1429E+00 0.1000E+01 0.2000E+01 0.3000E+01 0.1000E+01",
        " 0.2000E+01 0.3000E+01 0.9000E+01",
    ]
    assert files.saved(records, 7, "save.dat")[:2] == [
        "    10 RECORDS WRITTEN TO UNIT   7:save.dat" + " " * 37,
        " INCLUDING    3 RECORDS FOR THE COVARIANCE MATRIX.",
    ]
    without = files.saved_records("Save", rows)
    assert without == records[:7]
    assert files.saved(without, 7, "save.dat") == [" THERE IS NO COVARIANCE MATRIX TO SAVE."]


def test_plot_of_a_crossing_lowers_what_is_too_high():
    trials = [Point(0.0, 6.0, " "), Point(0.0, 5.1, "."), Point(1.0, 38.1, "A"), Point(0.13, 6.0, "B")]
    lines = debug.crossing_plot(trials, 6.0, debug.side("POSITIVE", 1), at_limit=True)
    assert lines[:3] == ["  POSITIVE MINOS ERROR, PARAMETER   1", debug.TOO_HIGH, debug.AT_LIMIT]
    assert lines[3:] == point_plot([*trials[:2], Point(1.0, 7.0, "+"), trials[3]])
    assert debug.crossing_plot(trials[:2], 6.0) == point_plot(trials[:2])
