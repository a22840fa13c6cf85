"""Fits compiled ahead of time, and kept in files."""

import json
import os
import pickle
import subprocess
import sys

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm
from jaxminuit import cost
from jaxminuit.fit import fit_file
from tests.house.floors import ROOT


def nll(p, x):
    return -jnp.sum(jax.scipy.stats.norm.logpdf(x, p["mu"], p["sigma"]))


def sample(seed):
    return np.random.default_rng(seed).normal(5.0, 2.0, 50)


def started(mu=1.0, name="mu"):
    return jm.Parameters({name: mu, "sigma": 1.0}, limits={"sigma": (0.0, None)})


def fitted(x, start):
    return jm.migrad(jm.FCN(nll, data=x, errordef=0.5), start)


@pytest.fixture(scope="module")
def fit():
    return jm.compiled(fitted, sample(1), started())


@pytest.fixture(scope="module")
def file(fit, tmp_path_factory):
    return fit.save(tmp_path_factory.mktemp("fits") / "new folder" / "fit.jm")


def same(a, b):
    """Equal to the last bit, in the same structure."""
    assert jax.tree.structure(a) == jax.tree.structure(b)
    assert all(
        np.array_equal(x, y, equal_nan=True) for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    )
    return True


def test_other_numbers_are_fitted(fit):
    x, start = sample(2), started(3.0)
    found, wanted = fit(x, start), fitted(x, start)
    assert jax.tree.structure(found) == jax.tree.structure(wanted)
    assert found.valid
    np.testing.assert_allclose(found.values, wanted.values, rtol=1e-9)  # other options of XLA round differently
    np.testing.assert_allclose(found.covariance, wanted.covariance, rtol=1e-7)
    held = fit(x, jm.Parameters({"mu": 4.0, "sigma": 1.0}, limits={"sigma": (0.0, None)}, fixed=["mu"]))
    assert held.values[0] == 4.0
    assert held.values[1] == pytest.approx(np.sqrt(np.mean((x - 4.0) ** 2)), rel=1e-6)


def test_another_process_runs_it_without_the_model_and_without_compiling(fit, file, tmp_path):
    np.save(tmp_path / "x.npy", sample(3))
    script = (
        "import pickle, sys, numpy as np\n"
        "from jax import monitoring\n"
        "heard = []\n"
        "monitoring.register_event_duration_secs_listener(lambda event, *_, **__: heard.append(event))\n"
        "import jaxminuit as jm\n"
        f"x = np.load({str(tmp_path / 'x.npy')!r})\n"
        "start = jm.Parameters({'mu': 2.0, 'sigma': 1.0}, limits={'sigma': (0.0, None)})\n"
        "heard.clear()\n"
        f"fit = jm.load_compiled({str(file)!r})\n"
        "minimum = fit(x, start)\n"
        "assert not [event for event in heard if 'backend_compile' in event], heard\n"
        "sys.stdout.buffer.write(pickle.dumps([np.asarray(minimum.params['mu']), np.asarray(minimum.covariance)]))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu", "JAXMINUIT_CACHE": "0"}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=True)
    mu, covariance = pickle.loads(done.stdout)
    wanted = fit(sample(3), started(2.0))
    assert mu == wanted.params["mu"]
    np.testing.assert_array_equal(covariance, wanted.covariance)


def test_the_file_gives_the_same(fit, file):
    loaded = jm.load_compiled(file)
    assert same(loaded(sample(2), started(3.0)), fit(sample(2), started(3.0)))
    assert same(loaded(sample(4), started(3.0)), fit(sample(4), started(3.0)))  # looked at once only
    assert "argument 0 float64[50]" in repr(loaded)
    with pytest.raises(ValueError, match="the compiled fit fitted comes from a file: copy that file"):
        loaded.save(file)


@pytest.mark.parametrize("from_file", [False, True])
def test_wrong_arguments(fit, file, from_file):
    fit, x, start = jm.load_compiled(file) if from_file else fit, sample(1), started()
    with pytest.raises(ValueError, match=r"argument 0 must have the shape .* \(50,\), not \(49,\)"):
        fit(x[1:], start)
    with pytest.raises(TypeError, match="argument 0 must hold numbers of the kind float64, not complex128"):
        fit(x + 0j, start)
    with pytest.raises(TypeError, match=r"compiled for arrays at \['argument 0', 'argument 1.values'"):
        fit(start)
    with pytest.raises(TypeError, match=r"for other names of parameters.*'mu'.*'nu'"):
        fit(x, started(name="nu"))
    with pytest.raises(TypeError, match="cannot be called inside jit, vmap or grad"):
        jax.vmap(fit, in_axes=(0, None))(np.stack([x, x]), start)
    with pytest.raises(TypeError, match="argument 0 must be an array of numbers, not 'x'"):
        fit("x", start)
    assert fit(np.ones(50, int), start).fval.dtype == float  # whole numbers are real ones


def test_what_cannot_be_compiled():
    with pytest.raises(TypeError, match="function must be callable, not 3"):
        jm.compiled(3, sample(1))
    with pytest.raises(TypeError, match="a HostFCN runs on the host, where there is nothing to compile"):
        jm.compiled(jm.migrad, jm.HostFCN(lambda p: 0.0), started())
    with pytest.raises(TypeError, match=r"argument 0\['x'\] must be an array of numbers, not 'y'"):
        jm.compiled(fitted, {"x": "y"}, started())


def test_costs_and_options(tmp_path):
    x = np.linspace(0.0, 1.0, 5)
    chi2 = cost.LeastSquares(x, 1.0 + 2.0 * x, 0.1, lambda x, a, b: a + b * x)
    start = jm.Parameters({"a": 0.0, "b": 0.0})
    fit = jm.compiled(jm.migrad, chi2, start, strategy=0)
    assert fit.name == "migrad"
    assert fit(chi2, start).nhessian == 0
    loaded = jm.load_compiled(fit.save(tmp_path / "line"))
    np.testing.assert_allclose(
        loaded(chi2.replace(y=3.0 - x), start).values, [3.0, -1.0], atol=1e-3
    )  # 1 % of the errors
    other = cost.LeastSquares(x, 1.0 + 2.0 * x, 0.1, lambda x, a, b: a * x + b)
    with pytest.raises(TypeError, match="compiled for another function"):
        fit(other, start)


class Shape(eqx.Module):
    mu: jax.Array
    sigma: jax.Array


def test_parameters_of_any_structure_and_batches(tmp_path):
    """The parameters are a Module of Equinox, of which there are two data sets."""

    def both(x, start):
        fcn = jm.FCN(lambda p, x: jnp.sum(((x - p.mu) / p.sigma) ** 2 + 2 * jnp.log(p.sigma)), data=x)
        return jm.migrad(fcn, start)

    x, start = jnp.stack([sample(1), sample(2)]), jm.Parameters(Shape(jnp.array(4.0), jnp.array(1.0)))
    fit = jm.compiled(jax.vmap(both, in_axes=(0, None)), x, start)
    found = jm.load_compiled(fit.save(tmp_path / "both"))(x, start)
    assert same(found, fit(x, start))
    np.testing.assert_allclose(found.values[:, 0], x.mean(1), rtol=1e-6)
    one = jax.tree.map(lambda leaf: leaf[1], found)
    assert isinstance(one.params, Shape)
    assert float(one.params.sigma) == pytest.approx(float(x[1].std()), rel=1e-4)


def changed(file, path, edit):
    """A file like another, with another header."""
    magic, line, rest = file.read_bytes().split(b"\n", 2)
    header = json.loads(line)
    edit(header)
    path.write_bytes(b"\n".join((magic, json.dumps(header).encode(), rest)))
    return path


def test_files_that_cannot_be_used(file, tmp_path):
    path, content = tmp_path / "file", file.read_bytes()

    def refuses(reason):
        with pytest.raises(ValueError, match=reason):
            jm.load_compiled(path)

    path.write_bytes(b"PK")
    refuses("file is not a compiled fit of jaxminuit")
    path.write_bytes(content.replace(b"fit 1\n", b"fit 2\n", 1))
    refuses("another format than this version of jaxminuit writes")
    path.write_bytes(content[:60])
    refuses("is damaged: its header cannot be read")
    path.write_bytes(content[:-1])
    refuses("is damaged: the part code is not what was written")
    path.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    refuses("is damaged: the part code")
    changed(file, path, lambda header: header["versions"].update(jaxminuit="0.0.9"))
    refuses("was written with jaxminuit 0.0.9, but this is jaxminuit")
    changed(file, path, lambda header: header["machine"].update(jax="0.9.0"))
    refuses(
        f"was compiled for jax 0.9.0, but this is jax {jax.__version__}: compile and save it again, or save it with"
    )
    changed(file, path, lambda header: header["machine"].update(device="Linux other"))
    refuses("was compiled for device Linux other, but this is")
    with pytest.raises(FileNotFoundError):
        jm.load_compiled(tmp_path / "nothing")


def test_a_portable_file_is_compiled_on_another_machine(fit, tmp_path):
    pytest.importorskip("flatbuffers")
    file = fit.save(tmp_path / "fit", portable=True)
    changed(file, file, lambda header: header["machine"].update(jax="0.9.0", device="Linux other"))
    found, wanted = jm.load_compiled(file)(sample(2), started(3.0)), fit(sample(2), started(3.0))
    assert jax.tree.structure(found) == jax.tree.structure(wanted)
    np.testing.assert_allclose(found.values, wanted.values, rtol=1e-9)  # other options of XLA round differently
    changed(file, file, lambda header: header["versions"].update(equinox="0.1"))
    with pytest.raises(ValueError, match="was written with equinox 0.1"):
        jm.load_compiled(file)


def test_a_file_is_whole_or_not_there(fit, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        fit.save(tmp_path / "fit")
    assert list(tmp_path.iterdir()) == []


def test_results_of_unknown_classes_are_refused(monkeypatch, file):
    def missing(_):
        raise AttributeError("module 'model' has no attribute 'Fit'")

    monkeypatch.setattr(fit_file.pickle, "loads", missing)
    with pytest.raises(ValueError, match="returns something of a class that is not here: module 'model'"):
        jm.load_compiled(file)
