"""The frame of a run: banners, the echo of commands, prompts, calls of the FCN, the end."""

from jaxminuit.command.report.fortran import general, integer, scientific, text

STARS = " " + "*" * 75
TITLE_STARS = " " + "*" * 78
COMMAND_STARS = " " + "*" * 10
MOST_ARGUMENTS = 30
TITLE_PROMPT = ' ENTER MINUIT TITLE, or "SET INPUT n" : '
PARAMETER_PROMPT = " ENTER MINUIT PARAMETER DEFINITION:     "
COMMAND_PROMPT = " ENTER MINUIT COMMAND:                  "
FIRST_CALL = ("", " MINUIT: FIRST CALL TO USER FUNCTION, WITH IFLAG=1")
NEW_START = ("", " FIRST CALL TO USER FUNCTION AT NEW START POINT, WITH IFLAG=4.")
FINAL_CALL = ("", " CALL TO USER FUNCTION WITH IFLAG = 3", "")
NO_VALUE = ("", " USER HAS NOT CALCULATED FUNCTION VALUE WHEN IFLAG=1 OR 4", "")
RETURNS = (" END OF MINUIT COMMAND INPUT.    RETURN TO USER PROGRAM.", "")
UNREADABLE = (" COMMAND CANNOT BE INTERPRETED",)
BLANK_COMMAND = ("           BLANK COMMAND IGNORED.",)
STAND = (" STAND: USER-SUPPLIED ROUTINE HAS BEEN CALLED",)
ENDS = {
    "stop": "BY MINUIT COMMAND: STOP",
    "exit": "BY MINUIT COMMAND: EXIT",
    "return": "AND RETURNS TO USER PROGRAM.",
    "end of data": "BY END-OF-DATA ON PRIMARY INPUT FILE.",
    "read error": "BY UNRECOVERABLE READ ERROR ON INPUT.",
    "parameters": ": FATAL ERROR IN PARAMETER DEFINITIONS.",
    "fcn": "BY ERROR IN USER FUNCTION.",
}


def initialised(release, accuracy, *, parameters=100, variable=50):
    """The banner of MNINIT: release (any string), dimensions and the accuracy of floating-point numbers."""
    sizes = f"DIMENSIONS{integer(parameters, 4)}/{integer(variable, 3)}"
    return [f"  MINUIT RELEASE {release}  INITIALIZED.   {sizes}  EPSMAC={scientific(accuracy, 10, 2)}"]


def data_block(number):
    """The heading of a data block, between lines of stars."""
    return [STARS, " " * 26 + "MINUIT DATA BLOCK NO." + integer(number, 4), STARS]


def title_read(title):
    """A title that was read."""
    return [" " + text(title, 50), TITLE_STARS]


def definitions_end():
    """Print level 0, in batch: the line below the parameter definitions."""
    return [" " * 4 + "*" * 75]


def command_echo(number, word, arguments=()):
    """Print level 0: a command and its arguments, four on the first line.

    Parameters
    ----------
    number : int
        Running count of commands.
    word : str
        The command as it is to be shown: in decks its words in capitals and one blank.
    arguments : sequence of float
        Numeric arguments; an error line takes the place of the last stars when there are more than 30.
    """
    fields = [general(argument, 12, 4) for argument in arguments[:MOST_ARGUMENTS]]
    lines = [COMMAND_STARS, f" **{integer(number, 5)} **{word}{''.join(fields[:4])}"]
    for begin in range(4, len(fields), 4):
        lines.append(COMMAND_STARS + " " * len(word) + "".join(fields[begin : begin + 4]))
    if len(arguments) > MOST_ARGUMENTS:
        tail = f"  ERROR: ABOVE CALL TO MNEXCM TRIED TO PASS MORE THAN {integer(MOST_ARGUMENTS, 2)} PARAMETERS."
        return [*lines, COMMAND_STARS + tail]
    return [*lines, COMMAND_STARS]


def record_echo(number, record):
    """SET INPUT and SET COVARIANCE, at every print level: the first 50 characters of the record itself."""
    return [COMMAND_STARS, f" **{integer(number, 5)} **{text(record, 50)}", COMMAND_STARS]


def terminated(reason):
    """The last line; ``reason`` is a key of ``ENDS``."""
    return [" ..........MINUIT TERMINATED " + text(ENDS[reason], 40)]


def function_failed(error):
    """The FCN raised an exception; what it says."""
    return [f" THE USER FUNCTION FAILED: {error}"]


def unknown_command(word):
    """A command that is not in the table, in the letters in which it was given."""
    return [" " * 11 + "UNKNOWN COMMAND IGNORED:" + word]


def unreadable_field(field):
    """An argument that is not a number; UNREADABLE follows the last of them."""
    return [f' FORMAT ERROR IN NUMERIC FIELD: "{field}"']


def word_too_long(word):
    """A word of more than 19 characters was cut."""
    return [" MINUIT WARNING: INPUT DATA WORD TOO LONG.", f"     ORIGINAL:{word[:40]}", f" TRUNCATED TO:{word[:19]}"]


def obsolete(word, replacement):
    """An old command that is carried out, and what to write instead."""
    return [f" OBSOLETE COMMAND:{text(' ' + word, 11)}     PLEASE USE:{text(' ' + replacement, 11)}"]


def argument_missing(word):
    """FIX, RELEASE or CONTOUR without parameters: a line that begins in the first column."""
    return [f"{text(word, 20)}:  NO PARAMETERS REQUESTED "]


def time_dependent(first, second):
    """The FCN gave two values at one point."""
    return [
        "",
        " MINUIT WARNING: PROBABLE ERROR IN USER FUNCTION.",
        " FOR FIXED VALUES OF PARAMETERS, FCN IS TIME-DEPENDENT",
        f" F ={scientific(first, 22, 14)} FOR FIRST CALL",
        f" F ={scientific(second, 22, 14)} FOR SECOND CALL.",
        "",
    ]
