"""Excerpts from transcripts of the original program, with the numbers that make them."""

import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "data"


def excerpts(name):
    """The excerpts of ``data/<name>.json`` as parameters of a test, named after their transcripts."""
    items = json.loads((FOLDER / f"{name}.json").read_text())
    return [pytest.param(item, id=f"{item['transcript']}-{i}") for i, item in enumerate(items)]
