"""Compiled programs, and how many of them a process keeps.

Every new function to minimise is a new program, and on CPU each holds several hundred memory maps, of which a
process may have some 65 000: a loop that makes a new function for each of a hundred fits would run out of them. After
`KEPT` programs all are dropped; those that are still wanted compile again, or come from the persistent cache.
"""

import functools

from jaxminuit.core.compiling import quick_jit

KEPT = 40


class _Programs:
    """The compiled functions, and how often one of them was traced since they were last dropped."""

    def __init__(self):
        self.functions = []
        self.traced = 0

    def make_room(self, programs: int = 1) -> None:
        """Drop all programs if there would be too many with this number of new ones."""
        if self.traced + programs > KEPT:
            for function in self.functions:
                function.clear_cache()
            self.traced = 0


PROGRAMS = _Programs()


def program(*static_argnames: str, small: bool = False, safe: bool = False):
    """`quick_jit` whose programs are counted, and dropped when there are too many."""

    def decorate(function):
        @functools.wraps(function)
        def counted(*args, **kwargs):
            PROGRAMS.traced += 1
            return function(*args, **kwargs)

        compiled = quick_jit(counted, static_argnames, small=small, safe=safe)
        PROGRAMS.functions.append(compiled)

        @functools.wraps(function)
        def call(*args, **kwargs):
            PROGRAMS.make_room()
            return compiled(*args, **kwargs)

        return call

    return decorate
