"""What a Minuit object holds, and all its parts see: its function, its state, its settings."""

from jaxminuit.minuit.session import Session
from jaxminuit.minuit.target import Target


class Held:
    """The root of the parts that class Minuit is made of; the parts themselves hold nothing."""

    __slots__ = ("_target", "_session", "_initial", "_path", "_forced", "_print_level", "__weakref__")
    _target: Target
    _session: Session
    _initial: Session | None
    _path: str | None
    _forced: str | None
    _print_level: int
