"""What HELP SET and HELP SHOW say about each option."""

from jaxminuit.command.report.help_commands import Entry

SETTINGS = {
    "BATCH": Entry("SET BATch", "", "Input is a file: errors end the run, nothing is asked."),
    "EPSMACHINE": Entry(
        "SET EPSmachine  <accuracy>",
        "",
        "The relative accuracy to which FCN is calculated, typically between 1e-5 and 1e-14, where that is worse than "
        "the accuracy of floating-point numbers.",
    ),
    "ERRORDEF": Entry(
        "SET ERRordef  <up>",
        "",
        "UP, the change of FCN that defines errors: 1 (which it is at the start) for a chi-square, 0.5 for a negative "
        "logarithm of a likelihood.",
    ),
    "GRADIENT": Entry(
        "SET GRAdient  [force]",
        "",
        "FCN provides its own first derivatives. They are compared with differences of FCN at the current point and "
        "used if they agree. With [force] = 1 they are used without a check.",
    ),
    "INPUT": Entry(
        "SET INPut  [unitno]  [filename]",
        "",
        "Further input is read from another unit, which is opened with [filename] if it is not open yet. Without unit "
        "the input before is continued. SET INPUTREWIND, in one word, reads a file from its beginning.",
    ),
    "INTERACTIVE": Entry(
        "SET INTeractive", "", "Input is typed by a person: there are prompts, and errors can be mended."
    ),
    "LIMITS": Entry(
        "SET LIMits  [parno]  [lower]  [upper]",
        "",
        "Limits of one parameter, in either order. With [parno] alone its limits are removed, without arguments those "
        "of all parameters. The two limits must differ.",
    ),
    "LINESPERPAGE": Entry("SET LINesperpage  <lines>", "", "Lines on a page, which limits the height of plots."),
    "NOGRADIENT": Entry("SET NOGradient", "", "Derivatives are calculated from differences of FCN again."),
    "NOWARNINGS": Entry("SET NOWarnings", "", "Warnings are kept back. SHOW WARnings lists the last of them."),
    "OUTPUTFILE": Entry("SET OUTputfile  <unitno>", "", "Further output goes to another unit."),
    "PAGETHROW": Entry(
        "SET PAGethrow  <integer>", "", "The character in column 1 that begins a page: 1 for printers, 0 for none."
    ),
    "PARAMETER": Entry(
        "SET PARameter  <parno>  <value>",
        "",
        "A new value for a parameter that is defined, whether variable, fixed or constant.",
    ),
    "PRINTOUT": Entry(
        "SET PRIntout  <level>",
        "",
        "How much is printed: -1 only what SHOW asks for, 0 little, 1 the usual, 2 intermediate results too, 3 all.",
    ),
    "RANDOMGENERATOR": Entry(
        "SET RANdomgenerator  <seed>", "", "The seed for SEEk and IMProve, between 10000 and 900000000."
    ),
    "STRATEGY": Entry(
        "SET STRategy  <level>",
        "",
        "0 spares calls of FCN, 2 spends them on reliable derivatives and errors, 1 is in between and the default.",
    ),
    "TITLE": Entry("SET TITle", "", "The next line is the title of the task, 50 characters."),
    "WARNINGS": Entry("SET WARnings", "", "Warnings are printed, as they are at the start."),
    "WIDTHPAGE": Entry("SET WIDthpage  <columns>", "", "Columns on a page: 120 in batch, 80 interactively."),
}
SHOWS = {
    "CORRELATIONS": Entry("SHOw CORrelations", "", "The correlation coefficients, from the error matrix."),
    "COVARIANCE": Entry("SHOw COVariance", "", "The error matrix of the external parameters."),
    "EIGENVALUES": Entry("SHOw EIGenvalues", "", "The eigenvalues of the error matrix."),
    "FCNVALUE": Entry("SHOw FCNvalue", "", "The best value of FCN and where it comes from."),
    "MINOSERRORS": Entry("SHOw MINos", "", "The Minos errors that are known."),
    "VERSION": Entry("SHOw VERsion", "", "The version of the program."),
}
