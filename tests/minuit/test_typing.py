"""Limits as annotations and the protocols, side by side with iminuit."""

import math
from dataclasses import dataclass
from typing import Annotated

import iminuit.typing
import iminuit.util
import numpy as np
import pytest

import jaxminuit
from jaxminuit import describe, typing
from jaxminuit.typing import Ge, Gt, Interval, Le, Lt, PositiveFloat, Probability, UserBound


@dataclass
class Bounded:
    """As annotated_types.Interval and pydantic's have it."""

    gt: float | None = None
    ge: float | None = None
    lt: float | None = None
    le: float | None = None


@dataclass
class Other:
    """Metadata that says nothing about limits."""

    unit: str


ANNOTATIONS = [
    Annotated[float, Gt(1)], Annotated[float, Ge(1)], Annotated[float, Lt(1)], Annotated[float, Le(1)],
    Annotated[float, Interval(gt=1, le=2)], Annotated[float, Interval(ge=0)], Annotated[float, Interval()],
    Annotated[float, Gt(0), Lt(3)], Annotated[float, Gt(0), Ge(1)], Annotated[float, Interval(gt=0, ge=1)],
    Annotated[float, 0:1], Annotated[float, 0:], Annotated[float, :1], Annotated[float, (2, 3)],
    Annotated[float, [2, 3]],
    Annotated[float, UserBound(0, 5)], Annotated[float, Bounded(gt=-1, le=4)], Annotated[float, Bounded(lt=0)],
    Annotated[float, Other("GeV")], Annotated[float, "text"], Annotated[float, Other("GeV"), 0:2], Annotated[int, 3:],
    PositiveFloat, Probability, Annotated[PositiveFloat, Lt(3)], Annotated[float, iminuit.typing.Gt(2)],
    "Annotated[float, Gt(1)]", "Annotated[float, 0:1]", "PositiveFloat", "Probability",
    "Annotated[float, Interval(ge=2)]",
    "Annotated[float, Le(np.pi)]", "float", "NoSuchThing", "1 +", float, "Optional[float]", list[float], None,
]  # fmt: skip


@pytest.mark.parametrize("annotation", ANNOTATIONS, ids=str)
def test_limits_are_those_of_iminuit(annotation):
    def f(x, a):
        return x + a

    f.__annotations__ = {"a": annotation}
    assert describe(f, annotations=True) == iminuit.util.describe(f, annotations=True)


def test_text_may_also_name_what_its_module_knows():
    """Where iminuit finds no limits, and what it leaves as None."""

    def f(a: "Annotated[float, Bounded(ge=3)]", b: "NoSuchThing", c: "Probability"):  # noqa: F821
        return a

    assert describe(f, annotations=True) == {"a": (3, math.inf), "b": None, "c": (0, 1)}

    def g(a: Annotated[float, (None, 2)]):
        return a

    assert describe(g, annotations=True) == {"a": (-math.inf, 2)}


def test_annotations_become_limits_of_minuit():
    def f(a: PositiveFloat, b: Probability, c, d: "Annotated[float, 1:]"):
        return a + b + c + d

    for m in (jaxminuit.Minuit(f, 0.1, 0.5, 0.0, 2.0), iminuit.Minuit(f, 0.1, 0.5, 0.0, 2.0)):
        assert m.limits == [(0, np.inf), (0, 1), (-np.inf, np.inf), (1, np.inf)]


def test_protocols():
    for name in ("Model", "ModelGradient", "Cost", "CostVector", "CostGradient", "LossFunction"):
        mine, theirs = getattr(typing, name), getattr(iminuit.typing, name)
        for thing in (lambda x: x, 3, None, jaxminuit.testing.beale):
            assert isinstance(thing, mine) == isinstance(thing, theirs)
    assert typing.CostGradient is typing.CostVector


def test_the_same_names_with_the_same_fields():
    public = {n for n in vars(iminuit.typing) if n[0].isupper() and n not in ("NDArray", "List", "NamedTuple")}
    assert public - {"Optional", "Protocol", "Union"} <= set(typing.__all__)
    assert UserBound(1, None) == (1, None) == iminuit.typing.UserBound(1, None)
    for name in ("Gt", "Ge", "Lt", "Le", "Interval"):
        mine, theirs = (getattr(m, name) for m in (typing, iminuit.typing))
        assert mine.__dataclass_fields__.keys() == theirs.__dataclass_fields__.keys()
    assert Interval(ge=1) == Interval(None, 1, None, None)
