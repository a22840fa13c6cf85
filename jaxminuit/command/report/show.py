"""What SHOW prints beside tables and matrices, and what SET answers."""

from jaxminuit.command.report.fortran import general, integer, scientific, text

LEVELS = {
    -1: 'NO OUTPUT EXCEPT FROM "SHOW"',
    0: "REDUCED OUTPUT",
    1: "NORMAL OUTPUT",
    2: "EXTRA OUTPUT FOR PROBLEM CASES",
    3: "MAXIMUM OUTPUT",
}
STRATEGIES = (
    "MINIMIZE THE NUMBER OF CALLS TO FUNCTION",
    "TRY TO BALANCE SPEED AGAINST RELIABILITY",
    "MAKE SURE MINIMUM TRUE, ERRORS CORRECT",
)
DEBUG_OPTIONS = (
    "REPORT ALL EXCEPTIONAL CONDITIONS",
    "MNLINE: LINE SEARCH MINIMIZATION",
    "MNDERI: FIRST DERIVATIVE CALCULATIONS",
    "MNHESS: SECOND DERIVATIVE CALCULATIONS",
    "MNMIGR: COVARIANCE MATRIX UPDATES",
    "MNHES1: FIRST DERIVATIVE UNCERTAINTIES",
    "MNCONT: MNCONTOUR PLOT (MNCROS SEARCH)",
)
OPTIONS = (  # in the order in which the words after SET and SHOW are looked for; at most ten characters each
    *("FCN value", "PARameters", "LIMits", "COVariance", "CORrelatio", "PRInt levl"),
    *("NOGradient", "GRAdient", "ERRor def", "INPut file", "WIDth page", "LINes page"),
    *("NOWarnings", "WARnings", "RANdom gen", "TITle", "STRategy", "EIGenvalue"),
    *("PAGe throw", "MINos errs", "EPSmachine", "OUTputfile", "BATch", "INTeractiv"),
    "VERsion",
)
ILLEGAL = (" ABOVE COMMAND IS ILLEGAL.   IGNORED",)
GRADIENT_SET = ("   GRAD IS SET.  USER COMPUTES DERIVATIVES IN FCN.",)
GRADIENT_NOT_SET = (" NOGRAD IS SET.  DERIVATIVES NOT COMPUTED IN FCN.",)


def print_levels(level):
    """SHOW PRINT: the levels, and the one in use (clipped to -1 to 3)."""
    words = {number: text(f"{number:2d}: {what}", 34) for number, what in LEVELS.items()}
    current = words[min(max(level, -1), 3)]
    lines = [" ALLOWED PRINT LEVELS ARE:", *(" " * 27 + line for line in words.values())]
    return [*lines, "", " CURRENT PRINTOUT LEVEL IS " + current]


def strategies(strategy):
    """SHOW STRATEGY: the strategies, and the one in use."""
    lines = [" " * 20 + _strategy(number) for number in range(len(STRATEGIES))]
    return [" ALLOWED STRATEGIES ARE:", *lines, *strategy_used(strategy)]


def strategy_used(strategy):
    """SET STRATEGY at print level 1."""
    return ["", " NOW USING STRATEGY " + _strategy(strategy), ""]


def _strategy(number):
    number = min(max(number, 0), len(STRATEGIES) - 1)
    return text(f"{number:2d}: {STRATEGIES[number]}", 44)


def error_definition(up):
    """SHOW ERRORDEF."""
    return [f" ERRORS CORRESPOND TO FUNCTION CHANGE OF{general(up, 13, 5)}"]


def accuracy(eps):
    """SHOW EPSMACHINE, SET EPSMACHINE."""
    return [f" FLOATING-POINT NUMBERS ASSUMED ACCURATE TO{scientific(eps, 12, 3)}"]


def page_width(columns):
    """SHOW WIDTH."""
    return [f"          PAGE WIDTH IS SET TO{integer(columns, 4)} COLUMNS"]


def page_length(lines):
    """SHOW LINES."""
    return [f"          PAGE LENGTH IS SET TO{integer(lines, 4)} LINES"]


def page_throw(code):
    """SHOW PAGETHROW, SET PAGETHROW."""
    lines = [f" PAGE THROW CARRIAGE CONTROL ={integer(code, 3)}"]
    return lines if code else [*lines, " NO PAGE THROWS IN MINUIT OUTPUT"]


def random_seed(seed):
    """SHOW RANDOM."""
    return [f" MINUIT RNDM SEED IS CURRENTLY={integer(seed, 10)}", ""]


def random_seed_set(seed):
    """SET RANDOM at print level 1."""
    return [f" MINUIT RANDOM NUMBER SEED SET TO {integer(seed, 10)}"]


def task_title(title):
    """SHOW TITLE."""
    return [" TITLE OF CURRENT TASK IS:" + text(title, 50)]


def version(release):
    """SHOW VERSION."""
    return [f" THIS IS MINUIT VERSION:{text(release, 6)}"]


def gradient(user):
    """SHOW GRADIENT, SHOW NOGRADIENT."""
    return list(GRADIENT_SET if user else GRADIENT_NOT_SET)


def warnings(reported):
    """SHOW WARNINGS, SHOW NOWARNINGS; those that were kept back follow when they are suppressed."""
    return [" MINUIT WARNING MESSAGES ARE " + text("REPORTED" if reported else "SUPPRESSED", 10)]


def debug_options(on):
    """SHOW DEBUG: ``on`` is the set of options that are switched on."""
    return [
        f"          DEBUG OPTION{integer(number, 3)} IS {'ON ' if number in on else 'OFF'} :{text(what, 40)}"
        for number, what in enumerate(DEBUG_OPTIONS)
    ]


def unknown_debug_option(number):
    """SET DEBUG with a number that is not an option."""
    return [f" UNKNOWN DEBUG OPTION{integer(number, 6)} REQUESTED. IGNORED"]


def unknown_option(words):
    """SET or SHOW with a word that is not known; the list of those that are follows."""
    return [f" THE COMMAND:{text(words, 10)} IS UNKNOWN.", ""]


def options(command):
    """SHOW SET, SHOW SHOW: the form of ``"SET"`` or ``"SHOW"`` and the words that it knows."""
    lines = [f" THE FORMAT OF THE {text(command, 4)} COMMAND IS:", ""]
    lines += [f" {text(command, 4)} xxx    [numerical arguments if any]", "", " WHERE xxx MAY BE ONE OF THE FOLLOWING:"]
    for begin in range(0, len(OPTIONS), 6):
        lines.append(" " * 7 + "".join("  " + text(option, 10) for option in OPTIONS[begin : begin + 6]))
    return lines
