"""`jaxminuit demo`: its numbers against Fortran Minuit, its text, its picture, its exit status."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import jaxminuit
from jaxminuit import cli
from jaxminuit.demo import k0, picture, run
from jaxminuit.demo.fits import chi_square_grid, fit_kaons

REFERENCE = json.loads(Path(__file__).with_name("k0_reference.json").read_text())
CASES = ("delta_m_fixed", "delta_m_free")


@pytest.fixture(scope="module")
def fits():
    return dict(zip(CASES, fit_kaons(k0.fcn()), strict=True))


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """Text pieces, folder and result of one whole run."""
    pieces, folder = [], tmp_path_factory.mktemp("demo")
    good = run.run_demo(folder / "new", write=pieces.append)
    return "\n".join(pieces), folder / "new", good


@pytest.mark.parametrize("case", CASES)
def test_numbers_are_those_of_the_original_program(fits, case):
    """Values to 0.01 of an error (both stop within EDM 1e-4), errors, Minos errors and correlations to 0.5 %."""
    fit, reference = fits[case], REFERENCE[case]
    assert bool(fit.minimum.valid)
    assert bool(fit.minimum.accurate)
    np.testing.assert_allclose(fit.minimum.fval, reference["fmin"], atol=2e-4)
    for name, expected in reference["parameters"].items():
        i = fit.minimum.names.index(name)
        assert abs(float(fit.minimum.values[i]) - expected["value"]) < 0.01 * expected["error"], name
        np.testing.assert_allclose(fit.minimum.errors[i], expected["error"], rtol=5e-3, err_msg=name)
        sides = [float(fit.minos.lower[i]), float(fit.minos.upper[i])]
        np.testing.assert_allclose(sides, expected["minos"], rtol=5e-3, err_msg=name)
        whole = float(fit.minimum.global_correlation[i])
        np.testing.assert_allclose(whole, expected["global_correlation"], atol=5e-3)
    free = np.flatnonzero(~np.asarray(fit.minimum.parameters.fixed))
    covariance, expected = np.asarray(fit.minimum.covariance)[np.ix_(free, free)], np.array(reference["covariance"])
    scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    np.testing.assert_allclose(covariance / scale, expected / scale, atol=1e-2)


def test_contour_grid_agrees_with_the_minos_errors(fits):
    """Where F = Fmin + UP on the grid ends where Minos says, to one spacing."""
    fit = fits["delta_m_fixed"]
    re_x, im_x, grid = chi_square_grid(k0.fcn(), fit.minimum)
    assert grid.shape == (im_x.size, re_x.size)
    assert grid.min() >= float(fit.minimum.fval) - 1e-3
    inside = grid <= float(fit.minimum.fval) + 1.0
    for i, (axis, values) in enumerate(((0, re_x), (1, im_x))):
        covered = values[inside.any(axis=axis)] - float(fit.minimum.values[i])
        spacing = values[1] - values[0]
        assert covered[0] == pytest.approx(float(fit.minos.lower[i]), abs=spacing)
        assert covered[-1] == pytest.approx(float(fit.minos.upper[i]), abs=spacing)


def test_text_has_both_fits(printed):
    text, _, good = printed
    assert good
    for part in ("Delta M fixed at 0.535", "Delta M free", "34.4603", "33.4345", "-0.0635", "correlations", "Minos -"):
        assert part in text


def test_picture_is_drawn(printed):
    """A PNG of the stated size whose pixels are not all alike."""
    _, folder, _ = printed
    pixels = pytest.importorskip("matplotlib.image").imread(folder / run.PICTURE)
    assert pixels.shape[:2] == (624, 1500)
    assert len(np.unique(pixels.reshape(-1, pixels.shape[-1]), axis=0)) > 100


def test_without_matplotlib_the_text_still_comes(fits, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r'pip install "jaxminuit\[plot\]"'):
        picture.draw(k0.decays(), *fits.values(), tmp_path / "no.png")
    pieces = []
    assert run.run_demo(tmp_path, write=pieces.append)
    assert "no picture" in pieces[-1]
    assert not list(tmp_path.iterdir())


def test_command_line(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(cli, "run_demo", lambda *arguments: asked.append(arguments) or len(asked) == 1)
    assert cli.main(["demo", "--output", "there"]) == 0
    assert cli.main(["demo", "--no-plot"]) == 1
    assert asked == [("there", True), (".", False)]
    assert cli.main([]) == 2
    assert "demo" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="2"):
        cli.main(["no-such-command"])


def test_version_from_a_fresh_interpreter():
    root = Path(jaxminuit.__file__).parents[1]
    command = [sys.executable, "-m", "jaxminuit", "--version"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"jaxminuit {jaxminuit.__version__}"
