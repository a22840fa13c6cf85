"""What HELP says about each command."""

from typing import NamedTuple


class Entry(NamedTuple):
    """One entry: the form of the command (capitals are its shortest name), one line, the full explanation."""

    usage: str
    summary: str
    text: str


COMMANDS = {
    "CALL": Entry(
        "CALl fcn  <iflag>",
        "Call the user function once",
        "Calls FCN with the flag <iflag> at the current values. Flags 1 to 5 mean: 1 read or prepare data, 2 compute "
        "first derivatives, 3 finish, 4 value only, 5 for the use of FCN itself. A flag above 5 announces a new "
        "problem: the best value of FCN and the error matrix are forgotten. A lower value than the best one is kept.",
    ),
    "CLEAR": Entry(
        "CLEar",
        "Forget all parameters",
        "No parameter is defined any more: names, values, steps and limits are lost. Define new ones with PARameters "
        "before the next fit.",
    ),
    "CONTOUR": Entry(
        "CONtour  <par1>  <par2>  [devs]  [ngrid]",
        "Map the user function in two parameters",
        "Draws lines of constant FCN for the parameters numbered <par1> (across) and <par2> (up), while all others "
        "keep their current values. The map reaches [devs] errors to each side (2 unless given) and has [ngrid] rows "
        "and columns (25, or fewer if the page is small). Line I stands at FCN = minimum + UP * I**2. MNContour, in "
        "contrast, minimises with respect to the other parameters.",
    ),
    "END": Entry(
        "END",
        "End this data block, another follows",
        "FCN is called with flag 3 (unless CALL FCN 3 was the last call at this point) so that it can finish its work. "
        "Then a new data block is read: a title, parameter definitions, a blank line, commands. The FCN is the same. "
        "The old form END RETurn is the same as RETurn.",
    ),
    "EXIT": Entry(
        "EXIt",
        "End the program",
        "FCN is called with flag 3, as for END, and the program ends. A non-zero argument leaves this call out.",
    ),
    "FIX": Entry(
        "FIX  <parno> [parno] ...",
        "Hold parameters at their present values",
        "The parameters with these numbers are no longer variable and keep their values until RELease, REStore or a "
        "new definition. An error matrix is reduced to the parameters that remain.",
    ),
    "HELP": Entry(
        "HELp  [command]",
        "List the commands, or explain one",
        "Without argument: all commands, a line for each. HELP SET and HELP SHOW explain what can be set and shown, "
        "HELP followed by a command explains that command.",
    ),
    "HESSE": Entry(
        "HESse  [maxcalls]",
        "Calculate the error matrix from second derivatives",
        "All second derivatives of FCN with respect to the variable parameters are calculated at the current point. "
        "Their matrix is inverted and the resulting error matrix printed. [maxcalls] is the approximate number of "
        "calls after which to give up.",
    ),
    "IMPROVE": Entry(
        "IMProve  [maxcalls]",
        "Look for another, lower minimum",
        "After a minimisation that converged, FCN is searched for further local minima, starting around the one that "
        "is known. A lower one that is found becomes the current minimum, else nothing changes. [maxcalls] is the "
        "approximate number of calls after which to stop.",
    ),
    "JUMP": Entry(
        "JUMp  [devs]",
        "Go to a random point",
        "Every variable parameter is moved by up to [devs] errors (2 unless given) in either direction, which may lead "
        "a fit away from where it is stuck. The error matrix is kept, but no more trusted.",
    ),
    "MIGRAD": Entry(
        "MIGrad  [maxcalls]  [tolerance]",
        "Minimise with the variable-metric method",
        "The method to begin with for nearly every function. It also gives an error matrix, which can be trusted "
        "unless warnings say otherwise. It stops after about [maxcalls] calls, or when the estimated vertical "
        "distance to the minimum (EDM) is below 0.001 * [tolerance] * UP; the tolerance is 0.1 unless given, and UP is "
        "set by SET ERRordef.",
    ),
    "MINIMIZE": Entry(
        "MINImize  [maxcalls]  [tolerance]",
        "MIGrad, and SIMplex where that fails",
        "As MIGrad, with the same arguments. If it does not converge, SIMplex is tried and then MIGrad again.",
    ),
    "MINOS": Entry(
        "MINOs  [maxcalls]  [parno] [parno] ...",
        "Errors that allow for a function that is not parabolic",
        "For each parameter in the list (all variable ones if there is no list) the values are found at which FCN, "
        "minimised with respect to all other parameters, is UP above its minimum. The two errors are in general "
        "different, and include correlations. [maxcalls] is the approximate number of calls for one parameter.",
    ),
    "MNCONTOUR": Entry(
        "MNContour  <par1>  <par2>  [npts]",
        "Points on one contour, other parameters minimised",
        "Finds [npts] points (20 unless given) at which FCN is UP above its minimum in the plane of <par1> and <par2>, "
        "minimised with respect to the other variable parameters. The numbers can be left out if just two parameters "
        "are variable. For another contour use SET ERRordef and repeat the command.",
    ),
    "PARAMETERS": Entry(
        "PARameters",
        "Define parameters",
        "The lines that follow define parameters, one a line, until a blank line: <number> 'name' <value> <step> "
        "[lower] [upper]. Without a step, or with a step of zero, the parameter is a constant. Limits come in pairs. "
        "Example: 3 'K width' 1.2 0.1",
    ),
    "RELEASE": Entry(
        "RELease  <parno> [parno] ...",
        "Make fixed parameters variable again",
        "Undoes FIX for the parameters with these numbers. Constants cannot be released: give them a step in a new "
        "definition.",
    ),
    "RESTORE": Entry(
        "REStore  [code]",
        "Make the last or all fixed parameters variable",
        "Without code, or with code 0, every parameter that was fixed becomes variable. With code 1 only the one that "
        "was fixed last.",
    ),
    "RETURN": Entry(
        "RETurn",
        "End this data block and go back to the caller",
        "FCN is called with flag 3, as for END, and Minuit returns to the program that called it.",
    ),
    "SAVE": Entry(
        "SAVe",
        "Write parameters and error matrix to a file",
        "Values and steps are written in a form that can be read back with SET INPut, followed by the error matrix if "
        "there is one. The file is that of the save unit, 7 unless the program has chosen another.",
    ),
    "SCAN": Entry(
        "SCAn  [parno]  [numpts]  [from]  [to]",
        "Plot the user function against one parameter",
        "FCN is evaluated while parameter [parno] moves over its range and the others stand still; without [parno] "
        "every variable parameter is scanned in turn. There are [numpts] points (40 unless given, at most 100) within "
        "[from] and [to], or two errors to each side. The lowest point becomes the current one if it is below the "
        "best value. This shows what FCN looks like and finds starting values; it is no substitute for a minimisation.",
    ),
    "SEEK": Entry(
        "SEEk  [maxcalls]  [devs]",
        "Minimise with random steps",
        "Random values of the variable parameters are tried around the best point, up to [devs] errors away (3 unless "
        "given). It ends after [maxcalls] failures in succession.",
    ),
    "SET": Entry("SET  <option>  [arguments]", "Change settings of Minuit", ""),
    "SHOW": Entry("SHOw  <option>", "Show settings and results", ""),
    "SIMPLEX": Entry(
        "SIMplex  [maxcalls]  [tolerance]",
        "Minimise with the method of Nelder and Mead",
        "Uses no derivatives, so it works where they do not exist, but gives no error matrix. It stops after about "
        "[maxcalls] calls, or when the EDM is below [tolerance], which is 0.1 * UP unless given.",
    ),
    "STANDARD": Entry(
        "STAndard",
        "Call the user's routine STAND",
        "Calls the routine that the program has provided under this name, if any.",
    ),
    "STOP": Entry("STOp", "End the program", "The same as EXIt."),
    "TOPOFPAGE": Entry(
        "TOPofpage",
        "Begin a new page of output",
        "Writes the page-throw character (see SET PAGethrow) in the first column of the output.",
    ),
}
