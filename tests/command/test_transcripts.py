"""Transcripts of the original program, where they lie beside the checkout."""

import pytest

from tests.command import transcripts

pytestmark = pytest.mark.skipif(not transcripts.CASES.is_dir(), reason="the transcripts are not beside this checkout")
QUICK = (  # one from every subject; `python -m tests.command.transcripts` runs all
    *("migrad_quad", "migrad_gauss_strat1", "fix_release_restore", "set_param", "set_warn", "set_input", "save"),
    *("show_all_after", "seek", "call_fcn", "errors_commands", "interactive_files", "params_fixed_format", "futil"),
)


@pytest.mark.parametrize("name", QUICK)
def test_the_print_out_is_that_of_the_original(name):
    """At least 95 % of the lines agree, wording exactly and numbers within Minuit's own tolerance."""
    assert transcripts.score(name) >= 0.95
