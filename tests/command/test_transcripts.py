"""Transcripts of the original program, where they lie beside the checkout."""

import pytest

from tests.command import transcripts

pytestmark = pytest.mark.skipif(not transcripts.CASES.is_dir(), reason="the transcripts are not beside this checkout")
QUICK = (  # few subjects, one shape of fit; `python -m tests.command.transcripts` runs all
    *("migrad_quad", "set_warn", "set_input", "show_all_before", "seek", "call_fcn", "interactive_files", "futil"),
)


@pytest.mark.parametrize("name", QUICK)
def test_the_print_out_is_that_of_the_original(name):
    """At least 95 % of the lines agree, wording exactly and numbers within Minuit's own tolerance."""
    assert transcripts.score(name) >= 0.95
