"""Input and output: SET INPUT, SET OUTPUT, SAVE, ends of files."""

from jaxminuit.command.report.fortran import integer, scientific, text

NAME_WIDTH = 64
MATRIX_RECORD = "SET COVARIANCE"
NO_NAME = (" NO FILE NAME GIVEN IN COMMAND.",)
ASK_NAME = (" PLEASE GIVE FILE NAME:",)
OPENED = (" FILE OPENED SUCCESSFULLY.",)
PRIMARY = (" ALREADY READING FROM PRIMARY INPUT",)
TOO_DEEP = (" INPUT FILE STACK SIZE EXCEEDED.",)
LAST_END = (" TWO CONSECUTIVE EOFs ON PRIMARY INPUT FILE WILL TERMINATE EXECUTION.", "")
NOTHING_ABOVE = (" CALL TO MNINPU(0) IGNORED", *PRIMARY)
NOT_SAVED = (" NOTHING IS SAVED.",)
NO_MATRIX = (" THERE IS NO COVARIANCE MATRIX TO SAVE.",)


def input_now(interactive, unit, name):
    """SHOW INPUT, SHOW and SET BATCH and INTERACTIVE (SET: print level 0)."""
    return [f" INPUT NOW BEING READ IN {_mode(interactive)} FROM UNIT NO.{integer(unit, 3)}", _file_name(name)]


def input_reverts(interactive, unit, name):
    """Print level 0: reading goes on in the file before."""
    return [f" INPUT WILL NOW BE READ IN {_mode(interactive)} FROM UNIT NO.{integer(unit, 3)}", _file_name(name)]


def output_unit(unit):
    """SHOW OUTPUT, SET OUTPUT (SET: print level 0)."""
    return [f"  MINUIT PRIMARY OUTPUT TO UNIT{integer(unit, 4)}"]


def unit_number(word):
    """SET INPUT: the unit as it stands in the command."""
    return [" UNIT NO. :" + text(word, 10)]


def not_an_integer(word):
    """SET INPUT: the unit is not an integer."""
    return [" CANNOT READ FOLLOWING AS INTEGER:" + text(word, 10)]


def file_name(name):
    """SET INPUT: the file name in the command."""
    return [" FILE NAME IS:" + text(name, NAME_WIDTH)]


def not_opened(unit):
    """SET INPUT and SAVE: the unit has no file yet."""
    return [f" UNIT{integer(unit, 3)} IS NOT OPENED."]


def save_not_opened(unit):
    """SAVE in batch: nothing is saved (this line follows ``not_opened``)."""
    return [f" UNIT{integer(unit, 4)} IS NOT OPENED."]


def cannot_open(name):
    """The file does not open."""
    return [" SYSTEM IS UNABLE TO OPEN FILE:" + text(name, NAME_WIDTH)]


def already_opened(unit, name, ignored):
    """SET INPUT names another file for a unit that is open."""
    return [
        f" UNIT{integer(unit, 3)} ALREADY OPENED WITH NAME:{text(name, NAME_WIDTH)}",
        f"                 NEW NAME IGNORED:{text(ignored, NAME_WIDTH)}",
    ]


def ask_overwrite(name):
    """Interactive: whether SAVE may write over a file that is there already."""
    return [f" FILE {text(name, NAME_WIDTH).rstrip()} EXISTS ALREADY. SHOULD IT BE WRITTEN OVER?"]


def ask_rewind(unit, *, writing=False):
    """Interactive: whether to rewind before reading, or before SAVE writes."""
    return [f" SHOULD UNIT{integer(unit, 3)} BE REWOUND{' BEFORE WRITING TO IT' if writing else ''}?"]


def nothing_to_revert_to(record):
    """SET INPUT without a unit while the primary input is read."""
    return [" COMMAND IGNORED:" + text(record, 80), *PRIMARY]


def end_of_data(unit):
    """The end of a file."""
    return [f" END OF DATA ON UNIT NO.{integer(unit, 3)}"]


def end_mark(unit):
    """A record that begins with ``*EOF``."""
    return [f" *EOF ENCOUNTERED ON UNIT NO.{integer(unit, 3)}"]


def saving(unit, name):
    """SAVE on a file that is open."""
    return [f" CURRENT VALUES WILL BE SAVED ON UNIT{integer(unit, 3)}: {text(name, NAME_WIDTH)}", ""]


def saved(records, unit, name):
    """SAVE is done; ``records`` are what ``saved_records`` made."""
    matrix = next((i for i, record in enumerate(records) if record.startswith(MATRIX_RECORD)), None)
    if matrix is None:
        return list(NO_MATRIX)
    return [
        f" {integer(len(records), 5)} RECORDS WRITTEN TO UNIT{integer(unit, 4)}:{text(name, 45)}",
        f" INCLUDING{integer(len(records) - matrix, 5)} RECORDS FOR THE COVARIANCE MATRIX.",
        "",
    ]


def saved_records(title, rows, covariance=None):
    """The records that SAVE writes.

    Parameters
    ----------
    title : str
        Title of the task.
    rows : sequence of Row
        All defined parameters; the error is saved as the step.
    covariance : (n, n) array, optional
        Internal error matrix without the factor UP; its lower triangle is saved row by row, seven elements a record.
    """
    records = ["SET TITLE ", text(title, 50), "PARAMETERS"]
    for row in rows:
        numbers = (row.value, row.error, *(row.limits or ()))
        fields = "".join(scientific(number, 13, 5) for number in numbers)
        records.append(f" {integer(row.number, 5)}'{text(row.name, 10)}'{fields}")
    records.append(" ")
    if covariance is not None:
        records.append(MATRIX_RECORD + integer(len(covariance), 6))
        elements = [scientific(row[j], 11, 4) for i, row in enumerate(covariance) for j in range(i + 1)]
        records += ["".join(elements[begin : begin + 7]) for begin in range(0, len(elements), 7)]
    return records


def _mode(interactive):
    return "INTERACTIVE MODE" if interactive else "BATCH MODE      "


def _file_name(name):
    return " FILENAME: " + text(name, NAME_WIDTH)
