"""FCNs that a program hands over with every call."""

import inspect
from collections.abc import Callable

from jaxminuit.command.functions import FunctionError, UserFunction

REMEMBERED = 8


class CalledFunction(UserFunction):
    """A UserFunction that keeps the exception of the user's code.

    Attributes
    ----------
    failure
        The exception that the FCN raised in the present command.
    """

    failure: BaseException | None = None

    def traced(self, size: int) -> bool:
        """Whether JAX can trace it for vectors of that size."""
        return self._keeping(lambda: super(CalledFunction, self).traced(size))

    def protected(self, call: Callable):
        """The result of a call of the user's code."""
        return self._keeping(lambda: super(CalledFunction, self).protected(call))

    def _keeping(self, call: Callable):
        try:
            return call()
        except FunctionError as error:
            self.failure = error.__cause__ or error
            raise


class Functions:
    """The FCNs of a session: one that comes again is the same object, so that nothing is compiled twice."""

    def __init__(self):
        self.known: list[CalledFunction] = []

    def find(self, fcn: Callable, futil: Callable | None, stand: Callable | None) -> CalledFunction:
        """The FCN as commands need it; TypeError if it can be none."""
        futil = None if isinstance(futil, int | float) and futil == 0 else futil
        for function in self.known:
            if _same(function.fcn, fcn) and _same(function.futil, futil) and function.stand is stand:
                break
        else:
            function = CalledFunction(fcn, futil, stand)
        self.known = [function, *(other for other in self.known if other is not function)][:REMEMBERED]
        function.failure = None
        function.take_printed()
        return function


def _same(a, b) -> bool:
    """Whether two functions are one; methods are made anew each time that they are looked up."""
    return a is b or (inspect.ismethod(a) and inspect.ismethod(b) and a == b)
