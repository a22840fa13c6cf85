"""How often JAX traces a function."""

import operator
from collections.abc import Callable

from jaxminuit.fit.programs import KEPT, PROGRAMS

MOST = 10**9


class Traced:
    """A function that counts its Python calls; under jit that is the number of times it was traced.

    It counts where Minuit does not see it: a function that is seen to change something is not compiled. There is room
    for the programs that are to be made of it: none is dropped and traced once more because of the tests before.
    """

    def __init__(self, function: Callable):
        PROGRAMS.make_room(KEPT // 2)
        self.function = function
        self._left = iter(range(MOST))

    def __call__(self, *args, **kwargs):
        next(self._left)
        return self.function(*args, **kwargs)

    @property
    def count(self) -> int:
        """Calls so far."""
        return MOST - operator.length_hint(self._left)

    def since(self, action: Callable) -> int:
        """How many more calls `action()` makes."""
        before = self.count
        action()
        return self.count - before
