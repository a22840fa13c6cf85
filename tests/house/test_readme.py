"""The README tells the truth: its code runs and prints what is shown, its commands are those of .ci/run."""

import contextlib
import io
import re

import pytest

from benchmarks.table import BEGIN, END
from tests.house.floors import ROOT

README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.S)


FITS = list(zip(blocks("python"), blocks("text"), strict=True))


@pytest.mark.parametrize(("code", "shown"), FITS, ids=range(len(FITS)))
def test_the_fits_print_what_is_shown(code, shown):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), {})
    assert _rounded(printed.getvalue()) == _rounded(shown)


def test_the_test_command_is_the_one_of_the_clean_clone():
    (line,) = [line.strip() for line in README.splitlines() if "-m pytest" in line]
    assert line.replace("python3", '"$python"', 1) in (ROOT / ".ci" / "run").read_text()


def test_there_is_a_place_for_the_figures():
    assert README.index(BEGIN) < README.index(END)


def test_every_path_of_the_map_exists():
    for path in re.findall(r"`([a-z]+/[a-z./]*)`", README):
        assert (ROOT / path).exists(), path


def _rounded(text):
    """Numbers to four digits; an EDM is only rounding noise, so only that there is one counts."""
    text = re.sub(r"EDM = \S+", "EDM", text)
    return re.sub(r"-?\d+\.\d+(?:e[+-]\d+)?", lambda number: f"{float(number.group()):.4g}", text).split()
