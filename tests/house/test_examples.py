"""The examples of the docstrings and of the pages of the API reference do what they show."""

import doctest
import importlib
import inspect
import re

import pytest

import jaxminuit
from tests.house.floors import PACKAGE, ROOT, sources

PAGES = {str(path.relative_to(ROOT)): path for path in sorted((ROOT / "docs").rglob("*.rst"))}
MODULES = [str(path.relative_to(ROOT)) for path in sources() if re.search(r"^ *>>> ", path.read_text(), re.MULTILINE)]
SLOW = re.compile("docs/api/(batch|toys)|jaxminuit/batch")  # lanes take long to compile
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL


def timed(names):
    """The names, long ones in the slow half."""
    return [pytest.param(name, marks=[pytest.mark.slow] if SLOW.match(name) else []) for name in names]


def run(examples):
    """Carry out the examples of one docstring or page; the report of what differs, or nothing."""
    report = []
    doctest.DocTestRunner(optionflags=FLAGS, verbose=False).run(examples, out=report.append)
    return "".join(report)


@pytest.mark.parametrize("name", timed(PAGES))
def test_pages(name):
    text = PAGES[name].read_text()
    assert run(doctest.DocTestParser().get_doctest(text, {}, name, str(PAGES[name]), 0)) == ""


@pytest.mark.parametrize("name", timed(MODULES))
def test_docstrings(name):
    module = importlib.import_module(name.removesuffix(".py").replace("/", "."))
    found = [test for test in doctest.DocTestFinder().find(module, globs={}) if test.examples]
    assert found, f"{name} shows examples that nobody can read: they are not in a docstring of the module"
    for examples in found:
        assert run(examples) == ""


def test_every_page_has_an_example():
    without = [name for name, path in PAGES.items() if ">>> " not in path.read_text()]
    assert without == []


def test_every_public_name_is_in_the_reference():
    """Another public name? Put it on a page in docs/api."""
    shown = set(re.findall(r"^\.\. auto\w+:: (?:jaxminuit\.)?([\w.]+)", _all_pages(), re.MULTILINE))
    assert {name for name in jaxminuit.__all__ if name not in shown} == set()
    rooms = {name for name in ("cost", "stats") for name in _documented(name)}
    assert {name for name in rooms if name not in shown and name.partition(".")[2] not in shown} == set()


def _documented(room):
    """Public classes, functions and modules of a room."""
    module = importlib.import_module(f"{PACKAGE.name}.{room}")
    return [
        f"{room}.{name}"
        for name in module.__all__
        if inspect.getdoc(getattr(module, name)) and name != "Cost" and not name.isupper()
    ]


def _all_pages():
    return "\n".join(path.read_text() for path in PAGES.values())
