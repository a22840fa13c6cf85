"""Wrong arguments of fit_many: an exception that names the thing, before anything is traced."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm
from jaxminuit import cost
from tests.batch.cases import START, TOYS, many

BAD_LIMITS = START.replace(values=np.array([[0.0, 1.0], [0.0, -1.0], [0.0, 1.0]]))


def untraceable(p, data):
    raise AssertionError("the FCN was called")


def density(x, mu, sigma):
    return jax.scipy.stats.norm.pdf(x, mu, sigma)


def quiet(data=TOYS):
    return jm.FCN(untraceable, data=data, errordef=0.5)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((quiet([TOYS[:3], TOYS[:4]]), START), {}, r"data\[0\] has 3, .*data\[1\] has 4; pad data of different length"),
        ((quiet(), START.replace(values=np.zeros((3, 2)) + 1.0)), {}, "do not agree on the number of fits"),
        ((quiet(TOYS[:3]), BAD_LIMITS), {}, r"fit 1: start value of sigma, -1, is outside \(0, inf\)"),
        ((quiet(3.0), START), {}, r"data has shape \(\), so there is no axis 0"),
        ((quiet(), START), {"in_axes": 2}, "no axis 2"),
        ((quiet(), START), {"in_axes": None}, "no array has an axis of fits"),
        (
            (quiet({"x": TOYS}), START),
            {"in_axes": {"y": 0}},
            r"does not have the structure of the data, .*'x'.*: give every",
        ),
        ((quiet(np.zeros((0, 3))), START), {}, "there are no fits"),
        ((quiet({"x": TOYS, "w": TOYS[0]}), START), {}, "in_axes has None for what all fits share"),
        ((quiet([[1.0, 2.0], [1.0]]), START), {}, r"data\[0\]\[0\] has shape \(\), .* data must be stacked in arrays"),
        ((quiet(), START.replace(step=np.ones((3, 2)))), {}, "data has 24, start.step has 3; pad"),
        ((quiet(), START), {"devices": []}, "devices must be None, 'all', or a list"),
        ((quiet(), START), {"devices": jax.devices()[:1] * 2}, "a device may not be twice"),
        ((cost.UnbinnedNLL(TOYS[0], density), START), {"in_axes": 0}, r"errordef has shape \(\), .* jax.vmap"),
        ((quiet(), START), {"lanes": 0}, "lanes must be 'auto', 'measure' or a whole number from 1, not 0"),
        ((quiet(), START), {"lanes": "many"}, "lanes must be"),
        ((quiet(), START), {"devices": "gpu"}, "devices must be None, 'all', or a list"),
        ((quiet(), START), {"minos": ["nu"]}, "unknown parameter 'nu'"),
        ((quiet(), START), {"strategy": 3}, "strategy must be 0, 1 or 2"),
        ((quiet(), START), {"iterate": -1}, "iterate must be a whole number"),
        ((cost.UnbinnedNLL(TOYS[0], density), START), {}, "no array has an axis of fits"),
    ],
)
def test_values_that_cannot_be(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        jm.fit_many(*arguments, **options)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((jm.HostFCN(untraceable), START), {}, "loop over jaxminuit.migrad"),
        ((untraceable, START), {}, "wrap a function as FCN"),
        (([cost.UnbinnedNLL(x, density) for x in TOYS], START), {}, "not a list of 24: jax.vmap"),
        ((quiet(), [0.0, 1.0]), {}, "start must be Parameters"),
        ((quiet(), START), {"hesse": 1}, "hesse must be True or False, not 1"),
        ((quiet(), START), {"progress": 3}, "progress must be"),
        ((quiet(), START), {"in_axes": 0.5}, "in_axes must hold whole numbers"),
    ],
)
def test_things_of_the_wrong_kind(arguments, options, message):
    with pytest.raises(TypeError, match=message):
        jm.fit_many(*arguments, **options)


def test_inside_jit_it_says_what_to_use():
    with pytest.raises(TypeError, match="use jax.vmap of migrad"):
        jax.jit(lambda x: jm.fit_many(many(x), START).fval)(jnp.asarray(TOYS))
