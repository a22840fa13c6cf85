"""Results as DataFrames."""

import dataclasses

import numpy as np
import pytest

import jaxminuit as jm
from tests.results.results import PROFILE, contour, fits, minimum, minos_errors

pd = pytest.importorskip("pandas")


def test_a_row_for_each_parameter():
    m = minimum()
    table = jm.to_pandas(m)
    assert list(table) == ["name", "value", "error", "lower", "upper", "lower_limit", "upper_limit", "fixed"]
    assert list(table["name"]) == list(m.names)
    np.testing.assert_array_equal(table["value"], m.values)
    np.testing.assert_array_equal(table["error"], m.errors)
    np.testing.assert_array_equal(table["upper_limit"], [np.inf, np.inf, 9.0])
    assert list(table["fixed"]) == [False, True, False]
    assert table["lower"].isna().all()
    with_minos = jm.to_pandas(m, minos_errors())
    np.testing.assert_array_equal(with_minos["lower"], minos_errors().lower)
    np.testing.assert_array_equal(with_minos["upper"], minos_errors().upper)
    sides = jm.to_pandas(minos_errors())
    assert list(sides["upper_status"]) == ["VALID", "NOT_RUN", "VALID"]


def test_a_row_for_each_fit():
    many = fits()
    table = jm.to_pandas(many)
    assert len(table) == len(many) == 4
    np.testing.assert_array_equal(table["value:mu"], many.values[:, 0])
    np.testing.assert_array_equal(table["error:sigma"], many.errors[:, 1])
    np.testing.assert_array_equal(table["lower:mu"], many.minos_errors.lower[:, 0])
    assert set(table["upper_status:mu"]) == {"VALID"}
    assert "lower:sigma" not in table
    assert set(table["status"]) == {"CONVERGED"}
    assert (table["status"] == "CALL_LIMIT").sum() == 0  # known, though none has it
    assert table["valid"].all()


def test_a_row_for_each_toy():
    """Of a study as it would come from a store."""
    m, rows = fits(), 4
    empty = {f.name: None for f in dataclasses.fields(jm.Study)}
    shared = {name: np.asarray(getattr(m, name)) for name in ("values", "errors", "fval", "edm", "nfcn", "status")}
    codes = {name: np.asarray(getattr(m, name)) for name in ("matrix_status", "rung")}
    study = jm.Study(**(empty | shared | codes | {"names": m.names, "n": rows, "index": np.arange(rows)}))
    table = jm.to_pandas(study)
    assert list(table["index"]) == [0, 1, 2, 3]
    pd.testing.assert_frame_equal(table.drop(columns="index"), jm.to_pandas(m)[list(table)[1:]])


def test_a_row_for_each_point():
    table = jm.to_pandas(contour())
    assert list(table) == ["a", "b", "rise", "status", "valid"]
    np.testing.assert_array_equal(table["rise"], [1.0] * 5 + [4.0] * 5)
    np.testing.assert_array_equal(table[["a", "b"]], np.asarray(contour().points).reshape(-1, 2))
    assert table["status"][3] == "FAILED"
    assert not table["valid"][3]
    profile = jm.to_pandas(PROFILE)
    assert list(profile) == ["mu", "fval", "status", "valid", "nfcn"]
    assert profile["status"][5] == "NOT_FINITE"


def test_wrong_arguments():
    with pytest.raises(TypeError, match="not list"):
        jm.to_pandas([1])
    with pytest.raises(ValueError, match="minos belongs to a FunctionMinimum, not to Profile"):
        jm.to_pandas(PROFILE, minos_errors())
    with pytest.raises(ValueError, match="of the same parameters"):
        jm.to_pandas(minimum(), fits().minos_errors)
