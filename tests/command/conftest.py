"""Errors of the command language itself end its tests."""

import pytest

from jaxminuit.command.failures import DEBUG


@pytest.fixture(autouse=True)
def _show_internal_errors(monkeypatch):
    """An exception that nobody expects is raised, not told."""
    monkeypatch.setenv(DEBUG, "1")
