"""Columns of other packages as data of costs: the same numbers as from NumPy, and errors where these would be wrong."""

import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm
from jaxminuit import cost

X = np.array([0.5, 1.0, -0.3, 2.0, 0.1])
Y = np.array([1.0, 2.0, 0.4, 4.2, 0.0])
WEIGHTS = np.array([1.0, 2.0, 1.5, 0.5, 3.0])


def pdf(x, mu):
    """A Gaussian."""
    return jnp.exp(-0.5 * (x - mu) ** 2) / jnp.sqrt(2.0 * jnp.pi)


def plane(x, mu):
    """A Gaussian of two observables."""
    return pdf(x[0], mu) * pdf(x[1], 2.0 * mu)


def line(x, a, b):
    """A straight line."""
    return a + b * x


def cdf(x, mu):
    """Logistic."""
    return 1.0 / (1.0 + jnp.exp(mu - x))


def pandas_columns():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"x": X, "y": Y, "w": WEIGHTS}, index=[7, 3, 5, 1, 0])
    yield frame["x"], frame["y"], frame["w"], frame[["x", "y"]]
    frame = frame.astype("Float64")
    yield frame["x"], frame["y"], frame["w"], frame[["x", "y"]]
    pytest.importorskip("pyarrow")
    frame = frame.astype("float64[pyarrow]")
    yield frame["x"], frame["y"], frame["w"], frame[["x", "y"]]


def arrow_columns():
    pa = pytest.importorskip("pyarrow")
    table = pa.table({"x": X, "y": Y, "w": WEIGHTS})
    yield (*(pa.array(column) for column in (X, Y, WEIGHTS)), table.select(["x", "y"]))
    table = pa.concat_tables([table.slice(0, 2), table.slice(2)])
    assert table["x"].num_chunks == 2
    yield table["x"], table["y"], table["w"], table.select(["x", "y"])


def awkward_columns():
    ak = pytest.importorskip("awkward")
    yield ak.Array(X), ak.Array(Y), ak.Array(WEIGHTS), ak.zip({"x": X, "y": Y})


def uproot_columns(path):
    uproot = pytest.importorskip("uproot")
    with uproot.recreate(path / "tree.root") as file:
        file["tree"] = {"x": X, "y": Y, "w": WEIGHTS}
    tree = uproot.open(path / "tree.root")["tree"]
    for library in ("np", "ak", "pd"):
        table = tree.arrays(["x", "y", "w"], library=library)
        both = np.stack([X, Y]) if library == "np" else table[["x", "y"]]
        yield table["x"], table["y"], table["w"], both


@pytest.mark.parametrize("source", ["pandas", "pyarrow", "awkward", "uproot"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_columns_are_data(source, tmp_path):
    columns = {"pandas": pandas_columns, "pyarrow": arrow_columns, "awkward": awkward_columns}
    for x, y, w, both in columns[source]() if source in columns else uproot_columns(tmp_path):
        unbinned = cost.UnbinnedNLL(x, pdf, weights=w)
        np.testing.assert_array_equal(unbinned.data, X)
        np.testing.assert_array_equal(unbinned.weights, WEIGHTS)
        curve = cost.LeastSquares(x, y, w, line)
        np.testing.assert_array_equal(curve.data, np.stack([X, Y, WEIGHTS], axis=-1))
        np.testing.assert_array_equal(cost.UnbinnedNLL(both, plane).data, [X, Y])
        binned = cost.BinnedNLL(w, np.arange(6.0), cdf)
        np.testing.assert_array_equal(binned.n, WEIGHTS)
        fcn = jm.FCN(lambda p, d: jnp.sum((d["x"] - p) ** 2), data={"x": x})
        np.testing.assert_array_equal(fcn.data["x"], X)
        unbinned.data = y
        np.testing.assert_array_equal(unbinned.data, Y)
        curve.mask = np.array([True, True, False, True, True])
        curve.y = x
        np.testing.assert_array_equal(curve.y, X)


def pandas_wrong(pd):
    yield pd.Series([1.0, None], dtype="Float64"), ValueError, "data has 1 missing values"
    yield pd.Series([1, None, None], dtype="Int64"), ValueError, "data has 2 missing values"
    yield pd.Series([1.0, 2.0], dtype="category"), TypeError, "data is categorical"
    yield pd.Series(["a", "b"]), TypeError, "data must be an array of real numbers"
    yield pd.Series([1.0, "b"], dtype=object), TypeError, "data must be an array of real numbers, not of object"
    yield pd.Series(pd.to_datetime(["2026-01-01"])), TypeError, "data must be an array of real numbers"
    table = pd.DataFrame({"x": [1.0], "y": pd.Series([None], dtype="Float64")})
    yield table, ValueError, "column 'y' of data has 1 missing values"


def pyarrow_wrong(pa):
    yield pa.array([1.0, None]), ValueError, "data has 1 missing values"
    yield pa.chunked_array([[1, 2], [None]]), ValueError, "data has 1 missing values"
    yield pa.array([1.0, 2.0, 1.0]).dictionary_encode(), TypeError, "data is categorical"
    yield pa.array(["a"]), TypeError, "data must be an array of real numbers"
    yield pa.array([[1.0], [2.0, 3.0]]), TypeError, "data must be an array of real numbers"


def awkward_wrong(ak):
    yield ak.Array([1.0, None]), TypeError, "data must be an array of real numbers"
    yield ak.Array([[1.0], [2.0, 3.0]]), TypeError, "data must be an array of real numbers"
    yield ak.Array(["a", "b"]), TypeError, "data must be an array of real numbers"


@pytest.mark.parametrize("package", ["pandas", "pyarrow", "awkward"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_would_be_wrong_is_an_error(package):
    module = pytest.importorskip(package)
    cases = {"pandas": pandas_wrong, "pyarrow": pyarrow_wrong, "awkward": awkward_wrong}[package](module)
    good = cost.UnbinnedNLL(X, pdf)
    for column, error, message in cases:
        with pytest.raises(error, match=message):
            cost.UnbinnedNLL(column, pdf)
        with pytest.raises(error, match=message):
            good.data = column
        with pytest.raises(error):
            jm.FCN(pdf, data=column)


def test_masked_arrays_do_not_lose_their_mask():
    masked = np.ma.masked_array(X, X < 0)
    with pytest.raises(ValueError, match="data has 1 missing values"):
        cost.UnbinnedNLL(masked, pdf)
    with pytest.raises(ValueError, match="y has 1 missing values"):
        cost.LeastSquares(X, masked, 1.0, line)
    np.testing.assert_array_equal(cost.UnbinnedNLL(masked[masked > 0.2], pdf).data, X[X > 0.2])


def test_flags_of_pandas_are_a_mask():
    pd = pytest.importorskip("pandas")
    flags = pd.Series([True, False, True, True, False], dtype="boolean")
    np.testing.assert_array_equal(cost.UnbinnedNLL(X, pdf, mask=flags).mask, flags.to_numpy(bool))
    with pytest.raises(ValueError, match="mask has 1 missing values"):
        cost.UnbinnedNLL(X, pdf, mask=pd.Series([True, None, True, True, False], dtype="boolean"))


def test_histograms_of_hist():
    """Counts and weights, one and two dimensions, growing and categorical axes."""
    hist = pytest.importorskip("hist")
    plain = hist.Hist.new.Reg(4, -1, 3, name="x").Double().fill(X)
    c = cost.ExtendedBinnedNLL(plain, None, lambda x, s, mu: s * cdf(x, mu))
    np.testing.assert_array_equal(c.n, plain.values())
    np.testing.assert_array_equal(c.xe, plain.axes[0].edges)
    weighted = hist.Hist.new.Reg(4, -1, 3).Weight().fill(X, weight=WEIGHTS)
    c = cost.BinnedNLL(weighted, None, cdf)
    np.testing.assert_array_equal(c.n, np.stack([weighted.values(), weighted.variances()], axis=-1))
    two = hist.Hist.new.Reg(4, -1, 3).Reg(3, -1, 5, growth=True).Weight().fill(X, 3.0 * Y, weight=WEIGHTS)
    c = cost.BinnedNLL(two, None, lambda x, mu: cdf(x[0], mu) * cdf(x[1], mu))
    assert c.n.shape == (*two.values().shape, 2)
    assert c.xe[1][-1] >= 3.0 * Y.max()  # the axis grew
    assert np.isfinite(c(0.5))
    with pytest.raises(ValueError, match="counts, not of kind MEAN"):
        cost.BinnedNLL(hist.Hist.new.Reg(4, -1, 3).Mean().fill(X, sample=Y), None, cdf)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_histograms_of_uproot(tmp_path):
    uproot, hist = pytest.importorskip("uproot"), pytest.importorskip("hist")
    weighted = hist.Hist.new.Reg(4, -1, 3).Weight().fill(X, weight=WEIGHTS)
    with uproot.recreate(tmp_path / "h.root") as file:
        file["plain"], file["weighted"] = np.histogram(X, 4, (-1, 3)), weighted
    with uproot.open(tmp_path / "h.root") as file:
        plain = cost.BinnedNLL(file["plain"], None, cdf)
        np.testing.assert_array_equal(plain.n, np.histogram(X, 4, (-1, 3))[0])
        np.testing.assert_allclose(plain.xe, np.linspace(-1, 3, 5))
        sums = cost.BinnedNLL(file["weighted"], None, cdf)
        np.testing.assert_allclose(sums.n, np.stack([weighted.values(), weighted.variances()], axis=-1))
