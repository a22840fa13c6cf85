"""Progress: counts, stages, rate and expected end, wherever they are shown."""

import sys

import numpy as np
import pytest

import jaxminuit as jm
from jaxminuit.batch.progress import Progress
from tests.batch.cases import START, TOYS, many
from tests.batch.counting import single, single_toy


@pytest.fixture
def no_tqdm(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)


@pytest.mark.usefixtures("no_tqdm")
def test_a_line_with_rate_and_expected_end(capsys, monkeypatch):
    monkeypatch.setattr("time.perf_counter", iter([0.0] + [2.0] * 20).__next__)
    with Progress(True, 300, "toys", 100) as progress:
        progress.add(50)
        assert "150 of 300 toys, 25 a second, 6 s left, until " in capsys.readouterr().err
        progress.inside("free: ").tell("Hesse of 5 fits")
        assert "; free: Hesse of 5 fits" in capsys.readouterr().err
        progress.inside().add(10)
        progress.inside(counts=True).add(150)
    shown = capsys.readouterr().err
    assert "300 of 300 toys, 100 a second" in shown
    assert shown.endswith("\n")


def test_a_bar_of_tqdm(capsys):
    pytest.importorskip("tqdm")
    with Progress(True, 300, "toys", 100) as progress:
        progress.tell("Minos of 7 ends")
        assert "Minos of 7 ends" in capsys.readouterr().err
        progress.add(200)
    assert "300/300" in capsys.readouterr().err


@pytest.mark.usefixtures("no_tqdm")
def test_fit_many_names_its_stages(capsys):
    jm.fit_many(many(TOYS[:5]), START, strategy=0, hesse=True, minos=["mu"], lanes=2, iterate=0, progress=True)
    shown = capsys.readouterr().err
    places = [shown.index(text) for text in ("Migrad of 5 fits", "Hesse of 5 fits", "Minos of 10 ends", "5 of 5 fits")]
    assert places == sorted(places)


def test_statistics_count_their_own_units(monkeypatch):
    """Both fits of each data set, which end together where they are small; toys, whose fits are not counted."""
    fcn, start = single(np.array([1.0, 5.0, 9.0]))
    seen = []
    jm.likelihood_ratio(fcn, start, "mu", 2.0, lanes=2, strategy=0, progress=lambda *n: seen.append(n))
    assert seen == [(6, 6)]
    monkeypatch.setattr("jaxminuit.batch.tuning.LONGEST", 8)
    seen.clear()
    fcn, start = single(5.0)
    test = jm.hypotest(
        single_toy, fcn, start, "mu", 2.0, n=10, key=1, lanes=2, strategy=0, progress=lambda *n: seen.append(n)
    )
    assert seen == [(7, 20), (14, 20), (20, 20)]
    assert len(test.null) == len(test.alternative) == 10


def test_progress_in_jupyter(monkeypatch):
    class Shell:
        def has_trait(self, name):
            return name == "kernel"

    shown = []

    class Display:
        HTML = staticmethod(str)

        def display(self, first, display_id):
            assert display_id
            return self

        def update(self, html):
            shown.append(html)

    module = type(sys)("IPython")
    module.get_ipython = Shell
    module.display = type(sys)("IPython.display")
    module.display.HTML, module.display.display = str, Display().display
    monkeypatch.setitem(sys.modules, "IPython", module)
    monkeypatch.setitem(sys.modules, "IPython.display", module.display)
    with Progress(True, 20, "toys") as progress:
        progress.add(20)
    assert len(shown) == 2
    assert "max='20'" in shown[1]
    assert "20 of 20 toys" in shown[1]
