"""Transcripts of the original program, where they lie beside the checkout."""

import json
from pathlib import Path

import pytest

from tests.command import transcripts

pytestmark = pytest.mark.skipif(not transcripts.CASES.is_dir(), reason="the transcripts are not beside this checkout")
ENOUGH = 0.95  # of the lines: wording exactly, numbers within Minuit's own tolerance
QUICK = (  # few subjects, one shape of fit; the slow half runs all
    *("migrad_quad", "set_warn", "set_input", "show_all_before", "seek", "call_fcn", "interactive_files", "futil"),
)
WAIVERS = json.loads((Path(__file__).parent / "waivers.json").read_text())
CASES = [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in transcripts.data_driven()]


@pytest.mark.parametrize("name", CASES)
def test_the_print_out_is_that_of_the_original(name):
    """At least 95 % of the lines agree, but for the cases that are waived with a reason, and these do not."""
    share, waived = transcripts.score(name), name in WAIVERS["transcripts"]
    assert (share >= ENOUGH) != waived, f"{share:.3f}, waived: {waived}"


@pytest.mark.parametrize("name", CASES)
def test_the_states_are_those_of_the_original(name):
    """Values within 0.02 errors, errors 1 %, FCN 1e-4 after every command, but for the cases that are waived."""
    found, waived = transcripts.misses(name), name in WAIVERS["states"]
    assert bool(found) == waived, f"waived: {waived}; {found[:4]}"


@pytest.mark.parametrize("part", ["transcripts", "states"])
def test_waivers_are_of_cases_that_exist(part):
    """A misspelt name would hide a case."""
    assert set(WAIVERS[part]) <= set(transcripts.data_driven())
