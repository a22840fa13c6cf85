"""Functions of the user's that are named on the command line: FILE:FUNC or module:func."""

import importlib
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType

from jaxminuit.command.failures import in_words, place

SHOWN = 12  # names that a message lists


class LoadError(ValueError):
    """A function that cannot be had; the message says why."""


def load_function(name: str) -> Callable:
    """The function that a name stands for.

    Parameters
    ----------
    name
        ``FILE:FUNC``, a Python file and a function in it, or ``module:func``, a module that Python finds from the
        present folder or where it is installed. ``func`` may be an attribute of an attribute, ``model.fcn``.

    Returns
    -------
    Callable
        The function. What the file prints while it is read goes to the standard error.

    Raises
    ------
    LoadError
        If there is no such file, module or function, the file raises an exception, or the name has no colon.
    """
    before, colon, path = name.rpartition(":")
    if not (before and colon and path.strip()):
        raise LoadError(f"a function is given as FILE:FUNC or module:func, but not as {name!r}")
    is_file = before.endswith(".py") or "/" in before or "\\" in before
    with redirect_stdout(sys.stderr):
        module = _from_file(Path(before)) if is_file or Path(before).is_file() else _from_name(before)
    found = module
    for part in path.split("."):
        if not hasattr(found, part):
            raise LoadError(f"{before} has no function {path!r}{_names(module)}")
        found = getattr(found, part)
    if not callable(found):
        raise LoadError(f"{path!r} of {before} is not a function, but {type(found).__name__}")
    return found


def _from_file(path: Path) -> ModuleType:
    if path.is_dir():
        raise LoadError(f"{path} is a folder, not a Python file")
    if not path.is_file():
        raise LoadError(f"there is no file {path}")
    full, known = str(path.resolve()), sys.modules.get(path.stem)
    if known is not None and getattr(known, "__file__", None) == full:  # two functions of one file share its variables
        return known
    name = path.stem if known is None else f"_fcn_{path.stem}"
    module = ModuleType(name)
    module.__file__ = full
    sys.path.insert(0, str(path.resolve().parent))  # as for a script: the files beside it can be imported
    sys.modules[name] = module
    try:
        exec(compile(path.read_bytes(), full, "exec"), vars(module))  # leaves no compiled file beside it
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise LoadError(f"{path} cannot be read: {in_words(error)}{place(error)}") from error
    return module


def _from_name(name: str) -> ModuleType:
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            raise LoadError(f"there is no module {name!r}, and no file of that name") from error
        raise LoadError(f"{name} cannot be imported: {in_words(error)}{place(error)}") from error
    except (Exception, SystemExit) as error:
        raise LoadError(f"{name} cannot be imported: {in_words(error)}{place(error)}") from error


def _names(module: ModuleType) -> str:
    """The functions that the module does have."""
    own = [
        name
        for name, thing in vars(module).items()
        if callable(thing) and not name.startswith("_") and getattr(thing, "__module__", None) == module.__name__
    ]
    return f"; it has {', '.join(own[:SHOWN])}" if own else ""
