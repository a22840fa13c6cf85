"""Names and limits of parameters: one way to read them for models, costs and plain functions."""

from dataclasses import dataclass
from functools import partial
from math import inf
from typing import Annotated

import equinox as eqx
import jax
import pytest
from iminuit import typing as it
from iminuit.cost import NormalConstraint
from iminuit.util import describe as iminuit_describe

from jaxminuit import cost
from jaxminuit.problem.describe import describe, merge, model_signature
from tests.cost.cost_models import SAMPLE, pdf


@dataclass
class AtLeast:
    ge: float


def annotated(x, a: Annotated[float, 0:], b: Annotated[float, (-1, 2)], c: Annotated[float, it.Interval(gt=0, le=1)]):
    return x


def more(x, a: Annotated[float, it.Gt(0), it.Lt(3)], b: Annotated[float, :5], c: float, d: "Annotated[float, 0:1]" = 3):
    return x


@pytest.mark.parametrize("function", [annotated, more, pdf, lambda a, b=2, *args, c=3: 0, lambda a, *, b: 0])
def test_names_and_limits_are_those_of_iminuit(function):
    ours, theirs = (d(function, annotations=True) for d in (describe, iminuit_describe))
    assert list(ours) == describe(function) == iminuit_describe(function)
    if function is more:  # iminuit does not look up names of text annotations in the caller's module
        assert ours.pop("d") == (0, 1)
        theirs.pop("d")
    assert ours == theirs


def test_other_kinds_of_callables():
    class Line(eqx.Module):
        def __call__(self, x, a, b: Annotated[float, AtLeast(1.0)]):
            return x

    def open_signature(*args):
        return args

    open_signature._parameters = {"p": (None, 2), "q": None}

    class Declared:
        parameters = {"p": (None, 2), "q": None}

    assert describe(Line(), annotations=True) == {"x": None, "a": None, "b": (1.0, inf)}
    assert describe(jax.jit(pdf)) == describe(pdf) == ["x", "mu", "sigma"]
    assert describe(partial(pdf, sigma=1.0)) == ["x", "mu"]
    assert describe(min) == ["iterable", "default", "key"]  # from its docstring
    for function in (open_signature, Declared()):
        assert describe(function, annotations=True) == {"p": (-inf, 2.0), "q": None}
    assert describe(lambda a, *b, c=1: a) == ["a"]
    assert describe(NormalConstraint("a", 1, 1)) == ["a"]  # iminuit's


def test_model_signature():
    assert model_signature(annotated)[0] == ("a", (0.0, inf))
    assert model_signature(annotated, name=("p", "q", "r"))[2] == ("r", (0.0, 1.0))
    assert model_signature(lambda x, *par: x, name=["a", "b"]) == (("a", None), ("b", None))
    with pytest.raises(ValueError, match="name has 2 entries, but the model has 3 parameters"):
        model_signature(annotated, name=("p", "q"))
    with pytest.raises(ValueError, match="give them as name"):
        model_signature(lambda x, *par: x)
    with pytest.raises(ValueError, match="must differ"):
        model_signature(pdf, name=("a", "a"))


def test_merge_shares_names_and_intersects_limits():
    first = (("a", None), ("b", (0.0, inf)))
    second = (("c", None), ("b", (-1.0, 5.0)), ("a", (1.0, 2.0)))
    signature, maps = merge([first, second])
    assert dict(signature) == {"a": (1.0, 2.0), "b": (0.0, 5.0), "c": None}
    assert maps == ((0, 1), (2, 1, 0))
    with pytest.raises(ValueError, match=r"no value of b is allowed by both"):
        merge([first, (("b", (-3.0, -2.0)),)])


def test_cost_tells_its_parameters():
    c = cost.UnbinnedNLL(SAMPLE, annotated)
    assert c.parameters == c._parameters == {"a": (0.0, inf), "b": (-1.0, 2.0), "c": (0.0, 1.0)}
    assert c.npar == 3
    assert describe(c) == iminuit_describe(c) == ["a", "b", "c"]
