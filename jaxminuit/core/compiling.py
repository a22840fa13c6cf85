"""`jax.jit` with the options that suit a program on a CPU.

Compiling is most of the time of a first fit. XLA's fusion emitters take half of it on CPUs and make programs faster
only when the data are long (measured: equal up to 1e5 numbers, 30 % at 1e6), so small programs do without them.

With jaxlib 0.10.2 and 0.11.0 sums of products over several batch axes, as in batches of Hessians, can crash or hang on
a CPU in fusions by YNNPACK (jax-ml/jax issues 39257 and 40412). Programs that have such sums do without them; others
keep them, for they sum 1.2 to 1.4 times faster.

What a Python loop calls between two evaluations of the user's function works on a few numbers: calling it costs more
than what it does. Such programs are not optimised at all (measured: compiled in 0.6 times the time, as fast).

Inside the user's own `jit` all of this is for the user to say: options belong to the outermost program.
"""

import functools
from collections.abc import Callable

import jax

SMALL = 50_000  # numbers in all arguments
SAFE = {"xla_cpu_experimental_ynn_fusion_type": ""}
QUICK = {"xla_cpu_use_fusion_emitters": False}
TINY = {"xla_backend_optimization_level": 0}
KNOWN = {**SAFE, **QUICK, **TINY}


def quick_jit(
    function: Callable,
    static_argnames: str | tuple[str, ...] = (),
    *,
    small: bool = False,
    safe: bool = False,
    tiny: bool = False,
) -> Callable:
    """The function compiled; `clear_cache()` of the result drops its programs.

    `small`: whatever its arguments are, because it goes through them a little at a time. `safe`: without what can
    crash in batches of Hessians. `tiny`: not optimised, whatever its arguments are, for a loop in Python.
    """

    @functools.cache
    def compiled(*names: str):
        options = {name: KNOWN[name] for name in names} or None
        return jax.jit(function, static_argnames=static_argnames, compiler_options=options)

    made = set()

    @functools.wraps(function)
    def call(*args, **kwargs):
        leaves = jax.tree_util.tree_leaves((args, kwargs))
        if _are_traced(leaves):
            chosen = compiled()
        elif tiny:
            chosen = compiled(*_tiny_options())
        else:
            chosen = compiled(*options_for(leaves, small=small, safe=safe))
        made.add(chosen)
        return chosen(*args, **kwargs)

    def clear_cache() -> None:
        for program in made:
            program.clear_cache()

    call.clear_cache = clear_cache  # type: ignore[attr-defined]
    return call


def options_for(leaves: list, *, small: bool = False, safe: bool = False) -> dict[str, object]:
    """The options of `quick_jit` for a program of these arguments; none where XLA does not know them."""
    wanted = {**(QUICK if small or _are_small(leaves) else {}), **(SAFE if safe else {})}
    return {name: option for name, option in wanted.items() if _is_option(name)}


@functools.cache
def _tiny_options() -> tuple[str, ...]:
    return tuple(name for name in (*QUICK, *TINY) if _is_option(name))


def _are_traced(leaves: list) -> bool:
    """Whether this is not the outermost program."""
    return any(isinstance(leaf, jax.core.Tracer) for leaf in leaves)


def _are_small(leaves: list) -> bool:
    """Whether these are a few numbers."""
    return sum(getattr(leaf, "size", 1) for leaf in leaves) <= SMALL


@functools.cache
def _is_option(name: str) -> bool:
    """Whether programs are for a CPU, and this XLA knows the option."""
    if jax.default_backend() != "cpu":
        return False
    try:
        jax.jit(lambda x: x, compiler_options={name: KNOWN[name]})(0.0)
    except Exception:  # whatever another XLA raises about an option that it does not know
        return False
    return True
