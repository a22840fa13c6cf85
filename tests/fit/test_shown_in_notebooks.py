"""In a notebook every result is small tables: well-formed, without scripts, with what the text says."""

import html.parser
import re
from dataclasses import fields, replace

import jax
import jax.numpy as jnp
import pytest

import jaxminuit as jm
from jaxminuit.batch.fits import Fits
from jaxminuit.core.html import COLOURS
from jaxminuit.core.status import Status
from jaxminuit.errors.contour_result import Contour
from jaxminuit.errors.profile import Profile
from jaxminuit.errors.result import MinosErrors

FCN = jm.FCN(lambda p, d: jnp.sum((p["<tau>"] - d) ** 2) + (p["base"] - 1.0) ** 2 / 4, data=jnp.array([1.0, 2.0]))
START = jm.Parameters({"<tau>": 1.0, "base": 0.0, "held": 3.0}, limits={"base": (-5, 1.5)}, fixed=["held"])


class Checker(html.parser.HTMLParser):
    """Open elements, all texts, and the styles of cells."""

    def __init__(self, text):
        super().__init__()
        self.open, self.texts, self.styles = [], [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        assert tag in {"table", "caption", "tr", "td", "th"}
        self.open.append(tag)
        self.styles += [value for key, value in attrs if key == "style"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data.strip())


@pytest.fixture(scope="module")
def results():
    """One fit, and results around it as they may come."""
    minimum = jm.migrad(FCN, START)
    batch = jax.tree_util.tree_map(lambda *x: jnp.stack(x), minimum, replace(minimum, status=Status.CALL_LIMIT))
    ends = {"values": minimum.values, "fval": minimum.fval, "rise": jnp.array(1.0), "names": minimum.names}
    ends |= {f"{side}_method": jnp.zeros(3, int) for side in ("lower", "upper")}
    ends |= {f"{side}_params": jnp.zeros((3, 3)) for side in ("lower", "upper")}
    ends |= {f"{side}_nfcn": jnp.zeros(3, int) for side in ("lower", "upper")}
    ends |= {"lower": jnp.array([-0.7, -2.0, jnp.nan]), "upper": jnp.array([0.71, 2.3e-11, jnp.nan])}
    ends |= {"lower_status": jnp.array([0, 0, 5]), "upper_status": jnp.array([0, 1, 5])}
    points = {"points": jnp.array([[0.5, 1.25], [jnp.nan, jnp.nan]]), "status": jnp.array([1, 4])}
    points |= {"params": jnp.zeros((2, 3)), "nfcn": jnp.array(17), "nhessian": jnp.array(2)}
    x = jnp.linspace(0.0, 1.75, 4)
    one_fit = {field.name: getattr(batch, field.name) for field in fields(batch)}
    return {
        "parameters": START,
        "minimum": minimum,
        "minos": MinosErrors(**ends),
        "contour": Contour(**points, fval=minimum.fval, rise=jnp.array(2.3), names=("<tau>", "base")),
        "profile": Profile(x, x**2, jnp.array([0, 0, 3, 0]), jnp.zeros((4, 3)), jnp.ones(4, int), "<tau>"),
        "fits": Fits(**one_fit),
        "starts": jm.MultiStart(best=minimum, fits=batch),
    }


def test_a_minos_end_on_a_limit_is_0(results):
    """What rounding leaves of the way to the limit is not shown."""
    _, row = str(results["minos"]).splitlines()
    assert row.split()[2:4] == ["-2", "+0"]
    assert "upper: the parameter limit was reached" in row


@pytest.mark.parametrize("name", ["parameters", "minimum", "minos", "contour", "profile", "fits", "starts"])
def test_tables_say_what_the_text_says(results, name):
    page = Checker(results[name]._repr_html_())
    assert all("color:black" in style for style in page.styles if "background" in style)  # readable in dark mode
    shown = set(re.findall(r"\d[\d.e+-]*", " ".join(page.texts)))
    told = set(re.findall(r"\d[\d.e+-]*", str(results[name])))
    assert told <= shown, f"only in the text: {told - shown}"
    assert any("<tau>" in text for text in page.texts)


def test_the_verdict_has_a_colour(results):
    bad = jm.migrad(FCN, START, max_calls=1)
    assert COLOURS["good"] in results["minimum"]._repr_html_()
    assert COLOURS["bad"] not in results["minimum"]._repr_html_()
    assert not bad.valid
    assert COLOURS["bad"] in bad._repr_html_()


def test_batches_are_one_line(results):
    batch = jax.tree_util.tree_map(lambda x: jnp.stack([x, x]), results["minimum"])
    assert "2 fits by Migrad, 2 valid" in batch._repr_html_()
    assert str(batch.parameters) == "2 starts of 3 parameters: <tau>, base, held"
    assert "&lt;tau&gt;" in batch.parameters._repr_html_()


def test_nothing_is_shown_of_what_holds_no_numbers(results):
    """The notebook then takes the text, which is the structure."""
    seen = []
    jax.jit(lambda m: seen.append(m._repr_html_()) or m.fval)(results["minimum"])
    assert seen == [None]


def test_parameters_are_a_table():
    lines = str(START).splitlines()
    assert lines == [
        "3 parameters",
        "  <tau>   1  step 0.01",
        "  base    0  step 0.1   limits (-5, 1.5)",
        "  held    3  fixed",
    ]
    assert repr(START) == str(START)
