"""The optimizer for pyhf beside pyhf's own minuit optimizer."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm
from jaxminuit.fit.programs import PROGRAMS

pyhf = pytest.importorskip("pyhf")
pytestmark = pytest.mark.filterwarnings("ignore")  # of pyhf itself, with new NumPy and JAX
BACKGROUND = {"bkg": [50.0, 52.0], "bkg_uncertainty": [3.0, 7.0]}
TIGHT = {"tolerance": 1e-3, "strategy": 1}  # so that the peer's own error is below 1e-5
MODEL = pyhf.simplemodels.uncorrelated_background([12.0, 11.0], **BACKGROUND, validate=False)
OBSERVED, OTHER = ([*counts, *MODEL.config.auxdata] for counts in ([61.0, 66.0], [55.0, 62.0]))


@pytest.fixture(autouse=True)
def _default_backend():
    yield
    pyhf.set_backend("numpy")


def both(work):
    """What `work` gives with our optimizer and with theirs, on the jax backend."""
    results = []
    for optimizer in (jm.adapters.pyhf_optimizer(), pyhf.optimize.minuit_optimizer(**TIGHT)):
        pyhf.set_backend("jax", optimizer)
        results.append(work())
    return results


def flat(result):
    return np.concatenate([np.ravel(part) for part in result])


def test_fits_agree():
    """Parameters, errors, correlations and values to 1e-4."""
    everything = {"return_uncertainties": True, "return_correlations": True, "return_fitted_val": True}

    def work():
        free = pyhf.infer.mle.fit(OBSERVED, MODEL, **everything)
        fixed = pyhf.infer.mle.fixed_poi_fit(0.7, OTHER, MODEL, **everything)
        stitched = pyhf.infer.mle.fixed_poi_fit(0.7, OTHER, MODEL, do_stitch=True)
        return [*free, *fixed, stitched]

    ours, theirs = both(work)
    assert [np.shape(part) for part in ours] == [np.shape(part) for part in theirs]
    np.testing.assert_allclose(flat(ours), flat(theirs), atol=1e-4)
    parameters, errors = np.asarray(ours[3]).T
    assert parameters[0] == 0.7
    assert errors[0] == 0.0


def test_hypothesis_tests_agree():
    config = MODEL.config
    table = (config.suggested_init(), config.suggested_bounds(), config.suggested_fixed())

    def work():
        tested = pyhf.infer.hypotest(1.0, OBSERVED, MODEL, return_expected_set=True, return_tail_probs=True)
        q = pyhf.infer.test_statistics.qmu_tilde(1.3, OTHER, MODEL, *table)
        return [*tested, q]

    ours, theirs = both(lambda: np.concatenate([np.ravel(part) for part in work()]))
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_other_data_and_fixed_values_compile_nothing():
    pyhf.set_backend("jax", jm.adapters.pyhf_optimizer())
    pyhf.infer.mle.fit(OBSERVED, MODEL)
    before = PROGRAMS.traced
    first = pyhf.infer.mle.fit(OTHER, MODEL, return_fitted_val=True)[1]
    second = pyhf.infer.mle.fixed_poi_fit(1.3, OTHER, MODEL, return_fitted_val=True)[1]
    pyhf.infer.mle.fit(OTHER, MODEL, par_bounds=[(-5, 5), (0.1, 5), (0.1, 5)], init_pars=[0.5, 1.1, 0.9])
    assert PROGRAMS.traced == before
    assert first < second


def test_the_result_object():
    pyhf.set_backend("jax", jm.adapters.pyhf_optimizer())
    x, result = pyhf.infer.mle.fit(OBSERVED, MODEL, return_result_obj=True)
    assert result.success
    np.testing.assert_array_equal(result.x, x)
    assert isinstance(result.minimum, jm.FunctionMinimum)
    assert result.minimum.names == tuple(MODEL.config.par_names)
    np.testing.assert_allclose(np.diag(result.hess_inv)[1:] ** 0.5, result.unc[1:], rtol=1e-2)
    assert "converged" in result.message


def test_a_failed_fit_raises_what_pyhf_raises():
    pyhf.set_backend("jax", jm.adapters.pyhf_optimizer())
    with pytest.raises(pyhf.exceptions.FailedMinimization, match="call limit") as failure:
        pyhf.infer.mle.fit(OBSERVED, MODEL, maxiter=2)
    assert not failure.value.result.success


def test_the_numpy_backend_runs_on_the_host():
    pyhf.set_backend("numpy", jm.adapters.pyhf_optimizer(tolerance=1e-2))
    ours = pyhf.infer.mle.fit(OBSERVED, MODEL, return_uncertainties=True)
    pyhf.set_backend("numpy", pyhf.optimize.minuit_optimizer(**TIGHT))
    theirs = pyhf.infer.mle.fit(OBSERVED, MODEL, return_uncertainties=True)
    np.testing.assert_allclose(ours, theirs, atol=1e-3)  # finite differences on both sides
    pyhf.set_backend("numpy", jm.adapters.pyhf_optimizer())
    with pytest.raises(pyhf.exceptions.Unsupported, match="need the jax backend"):
        pyhf.infer.mle.fit(OBSERVED, MODEL, do_grad=True)
    with pytest.raises(pyhf.exceptions.Unsupported, match="colour"):
        pyhf.infer.mle.fit(OBSERVED, MODEL, colour="red")


def test_single_precision():
    """In 32 bit to a hundredth of an error, for the function has six digits."""
    pyhf.set_backend("jax", jm.adapters.pyhf_optimizer())
    exact = pyhf.infer.mle.fit(OBSERVED, MODEL, return_uncertainties=True)
    pyhf.set_backend("jax", jm.adapters.pyhf_optimizer(), precision="32b")
    found = pyhf.infer.mle.fit(OBSERVED, MODEL, return_uncertainties=True)
    assert found.dtype == np.float32
    assert np.all(np.abs(found[:, 0] - exact[:, 0]) < 0.01 * exact[:, 1])
    np.testing.assert_allclose(found[:, 1], exact[:, 1], rtol=1e-2)


@pytest.mark.slow
def test_fits_are_differentiable_in_their_data():
    """Against central differences of whole fits, which are good to 1e-8 / 1e-3."""
    pyhf.set_backend("jax", jm.adapters.pyhf_optimizer())
    data = jnp.asarray(OBSERVED)

    def strength(data):
        return pyhf.infer.mle.fit(data, MODEL)[0]

    steps = 1e-3 * jnp.eye(data.size)
    differences = [(strength(data + step) - strength(data - step)) / 2e-3 for step in steps]
    np.testing.assert_allclose(jax.grad(strength)(data), differences, atol=2e-5)
    batch = jnp.stack([data, data + 1.0])
    np.testing.assert_allclose(jax.vmap(strength)(batch), [strength(row) for row in batch], atol=1e-5)
