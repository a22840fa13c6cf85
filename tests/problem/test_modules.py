"""Parameters as evermore has them: containers of objects that hold a value beside its bounds and its constraint."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxtyping import Array

import jaxminuit as jm

SIGNAL, BACKGROUND = jnp.array([3.0, 9.0, 3.0]), jnp.array([50.0, 40.0, 30.0])
OBSERVED = jnp.array([54.0, 51.0, 31.0])


class Parameter(eqx.Module):
    """A value; bounds and prior go with it but are not fitted."""

    value: Array
    bounds: tuple = eqx.field(static=True, default=(None, None))
    constrained: bool = eqx.field(static=True, default=False)

    def scaled(self, template, up=1.0):
        """The template times the value, or moved by it."""
        return template * (1.0 + (up - 1.0) * self.value) if self.constrained else template * self.value


class Model(eqx.Module):
    """A signal strength and a background uncertainty."""

    mu: Parameter
    nuisance: dict[str, Parameter]

    def loss(self, observed):
        """-2 ln L."""
        rate = self.mu.scaled(SIGNAL) + self.nuisance["norm"].scaled(BACKGROUND, 1.05)
        return 2.0 * jnp.sum(rate - observed * jnp.log(rate)) + self.nuisance["norm"].value ** 2


def model(mu=1.0):
    return Model(Parameter(jnp.asarray(mu), (0.0, 10.0)), {"norm": Parameter(jnp.asarray(0.0), constrained=True)})


def limits_of(tree):
    """The bounds in the tree, by the names that Parameters makes."""
    found = jax.tree_util.tree_flatten_with_path(tree, is_leaf=lambda x: isinstance(x, Parameter))[0]
    return {f"{jax.tree_util.keystr(path, simple=True, separator='.')}.value": p.bounds for path, p in found}


def test_a_module_of_parameters_is_fitted_as_it_is():
    start = jm.Parameters(model(), limits=limits_of(model()))
    assert start.names == ("mu.value", "nuisance.norm.value")
    np.testing.assert_array_equal(start.lower, [0.0, -np.inf])
    np.testing.assert_array_equal(start.upper, [10.0, np.inf])
    fcn = jm.FCN(lambda m, observed: m.loss(observed), data=OBSERVED)
    fitted = jm.migrad(fcn, start)
    assert fitted.valid
    assert isinstance(fitted.params, Model)
    assert fitted.params.mu.bounds == (0.0, 10.0)
    slopes = jax.grad(lambda m: m.loss(OBSERVED))(fitted.params)
    pulls = np.array([slopes.mu.value, slopes.nuisance["norm"].value]) * np.asarray(fitted.errors)
    assert np.max(np.abs(pulls)) < 0.02  # the goal of the EDM is 2e-4
    again = jm.migrad(fcn, jm.Parameters(model(2.0), limits=limits_of(model()), fixed=["nuisance"]))
    assert float(again.params.nuisance["norm"].value) == 0.0


def test_the_fitted_part_of_a_module():
    """The usual split of a Module: what varies, and the rest as data."""
    whole = model()
    varied = eqx.tree_at(lambda m: m.nuisance["norm"].value, jax.tree_util.tree_map(lambda _: True, whole), False)
    part, rest = eqx.partition(whole, varied)
    fcn = jm.FCN(lambda p, d: eqx.combine(p, d[0]).loss(d[1]), data=(rest, OBSERVED))
    start = jm.Parameters(part)
    assert start.names == ("mu.value",)
    fitted = jm.migrad(fcn, start)
    assert fitted.valid
    combined = eqx.combine(fitted.params, rest)
    assert abs(jax.grad(lambda m: m.loss(OBSERVED))(combined).mu.value * fitted.errors[0]) < 0.02


@pytest.mark.filterwarnings("ignore")  # of evermore and flax
def test_parameters_of_evermore():
    evm = pytest.importorskip("evermore")
    nnx = pytest.importorskip("flax.nnx")
    parameters = {"mu": evm.Parameter(1.0, lower=0.0, upper=10.0), "norm": evm.NormalParameter(0.0)}
    graph, state = nnx.split(parameters)

    def loss(state, data):
        p = nnx.merge(graph, state)
        up, down = jnp.asarray(1.05), jnp.asarray(0.95)
        background = p["norm"].scale_log_asymmetric(up=up, down=down)(data["background"])
        rate = p["mu"].scale()(data["signal"]) + background
        return 2.0 * jnp.sum(rate - data["observed"] * jnp.log(rate)) + p["norm"].get_value() ** 2

    def by_hand(p, data):
        factor = jnp.where(p[1] > 0, 1.05 ** p[1], 0.95 ** -p[1])
        rate = p[0] * data["signal"] + factor * data["background"]
        return 2.0 * jnp.sum(rate - data["observed"] * jnp.log(rate)) + p[1] ** 2

    data = {"signal": SIGNAL, "background": BACKGROUND, "observed": OBSERVED}
    start = jm.Parameters(state, limits={0: (0.0, 10.0)})
    fitted = jm.migrad(jm.FCN(loss, data=data), start)
    assert fitted.valid
    assert [name.split(".")[0] for name in fitted.names] == ["mu", "norm"]
    back = nnx.merge(graph, fitted.params)
    np.testing.assert_allclose(back["mu"].get_value(), fitted.values[0])
    plain = jm.migrad(jm.FCN(by_hand, data=data), jm.Parameters(jnp.array([1.0, 0.0])))
    # evermore joins the two sides smoothly around 0: a tenth of an error is allowed for that
    np.testing.assert_allclose(fitted.values, plain.values, atol=0.1 * float(plain.errors[0]))
