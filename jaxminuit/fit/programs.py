"""Compiled programs, and how many of them a process keeps.

Every new function to minimise is a new program, and on CPU each holds several hundred memory maps, of which a
process may have some 65 000: a loop that makes a new function for each of a hundred fits would run out of them. After
`KEPT` programs all are dropped; those that are still wanted compile again, or come from the persistent cache.

Compiling is most of the time of a first fit. XLA's fusion emitters take half of it on CPUs and make programs faster
only when the data are long (measured: equal up to 1e5 numbers, 30 % at 1e6), so small programs do without them. Inside
the user's own `jit` that is for the user to say: options belong to the outermost program.
"""

import functools

import jax

from jaxminuit.core.tree import is_traced

KEPT = 40
SMALL = 50_000  # numbers in all arguments
QUICK = {"xla_cpu_use_fusion_emitters": False}


class _Programs:
    """The compiled functions, and how often one of them was traced since they were last dropped."""

    def __init__(self):
        self.functions = []
        self.traced = 0

    def make_room(self) -> None:
        """Drop all programs if there are too many."""
        if self.traced >= KEPT:
            for function in self.functions:
                function.clear_cache()
            self.traced = 0


PROGRAMS = _Programs()


def program(*static_argnames: str):
    """`jax.jit` whose programs are counted, and dropped when there are too many."""

    def decorate(function):
        @functools.wraps(function)
        def counted(*args, **kwargs):
            PROGRAMS.traced += 1
            return function(*args, **kwargs)

        compiled = jax.jit(counted, static_argnames=static_argnames)
        quick = jax.jit(counted, static_argnames=static_argnames, compiler_options=QUICK)
        PROGRAMS.functions += [compiled, quick]

        @functools.wraps(function)
        def call(*args, **kwargs):
            PROGRAMS.make_room()
            small = not is_traced((args, kwargs)) and _is_small((args, kwargs)) and _has_quick_options()
            return (quick if small else compiled)(*args, **kwargs)

        return call

    return decorate


def _is_small(arguments) -> bool:
    return sum(getattr(leaf, "size", 1) for leaf in jax.tree_util.tree_leaves(arguments)) <= SMALL


@functools.cache
def _has_quick_options() -> bool:
    """Whether programs are for a CPU, and this XLA knows the options."""
    if jax.default_backend() != "cpu":
        return False
    try:
        jax.jit(lambda x: x, compiler_options=QUICK)(0.0)
    except Exception:  # whatever another XLA raises about an option that it does not know
        return False
    return True
