"""The store of toys: nothing gets lost, and nothing foreign gets in."""

import errno
import json
import os
import shutil
import signal
import socket
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm
from jaxminuit.batch import store as rooms
from tests.batch.toy_models import CHUNK, EVENTS, START, TOYS, TRUTH, generate, nll, same, study
from tests.batch.toy_process import child, ended


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """An undisturbed study, in memory, and the same on disk."""
    path = tmp_path_factory.mktemp("reference") / "study"
    undisturbed = study()
    assert same(study(path), undisturbed)
    return undisturbed, path


@pytest.fixture
def finished(reference, tmp_path):
    """A finished store that a test may spoil."""
    return shutil.copytree(reference[1], tmp_path / "study")


@pytest.fixture
def no_fits(monkeypatch):
    """Nothing may be fitted."""
    monkeypatch.setattr(sys.modules["jaxminuit.batch.toys"], "fit_many", None)


# ---- interruptions --------------------------------------------------------------------------------------------------


def test_kill_at_any_moment_costs_at_most_one_chunk(reference, tmp_path):
    moments = {"manifest": 0, "fit": 1, "write": 1, "rename": 1}  # and how many chunks are whole by then
    processes = [child(tmp_path / moment, moment) for moment in moments]
    codes, output = ended(processes)
    assert codes == [-signal.SIGKILL] * len(moments), output
    for moment, whole in moments.items():
        path = tmp_path / moment
        names = sorted(entry.name for entry in path.iterdir())
        assert sum(name.startswith("chunk-") for name in names) == whole, names
        assert any(name.endswith(".tmp") for name in names) == (moment != "fit")
        assert same(study(path), reference[0]), moment
        assert not list(path.glob(".chunk*.tmp"))


def test_several_processes_share_a_store_and_survive_each_other(reference, tmp_path):
    """The second of two dies after its first chunk; the first ends its share; whoever comes then does the rest."""
    codes, output = ended([child(tmp_path, "none", "0/2"), child(tmp_path, "fit", "1/2")])
    assert codes == [0, -signal.SIGKILL], output
    assert sorted(entry.name for entry in tmp_path.glob("chunk-*")) == [f"chunk-00000{k}.parquet" for k in (0, 1, 2)]
    part = jm.Study.read(tmp_path)
    assert len(part) == 3 * CHUNK
    assert part.n == TOYS
    assert "72 toys of 96" in part.summary()
    assert same(study(tmp_path), reference[0])


@pytest.mark.slow
def test_processes_of_the_distributed_runtime_share_a_study(reference, tmp_path):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{s.getsockname()[1]}"
    codes, output = ended([child(tmp_path, "none", f"{i}/2", address) for i in range(2)])
    assert codes == [0, 0], output
    assert len(list(tmp_path.glob("chunk-*.parquet"))) == TOYS // CHUNK
    assert same(jm.Study.read(tmp_path, TRUTH), reference[0])


def test_an_exception_costs_one_chunk_and_only_missing_ones_are_fitted(reference, tmp_path, monkeypatch):
    def stop(done, total):
        if done == 2 * CHUNK:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        study(tmp_path, progress=stop)
    module = sys.modules["jaxminuit.batch.toys"]
    fitted, seen = [], []
    fit_many = module.fit_many
    monkeypatch.setattr(module, "fit_many", lambda *args, **options: fitted.append(1) or fit_many(*args, **options))
    assert same(study(tmp_path, progress=lambda *numbers: seen.append(numbers)), reference[0])
    assert len(fitted) == TOYS // CHUNK - 2
    assert seen == [(3 * CHUNK, TOYS), (TOYS, TOYS)]


@pytest.mark.usefixtures("no_fits")
def test_a_finished_study_is_read_without_fitting(reference, finished):
    assert same(study(finished), reference[0])
    read = jm.Study.read(finished)
    assert same(read, reference[0])
    np.testing.assert_array_equal(read.truth, START.values)
    np.testing.assert_array_equal(jm.Study.read(finished, TRUTH).truth, [1.0, 2.0])
    assert len(study(finished, n=30)) == 30  # the first toys of the same study


def test_a_study_can_be_enlarged(reference, tmp_path):
    """The last chunk of the smaller one was whole already; a store keeps its cut into chunks."""
    assert len(study(tmp_path, n=TOYS - 30)) == TOYS - 30
    assert same(study(tmp_path, chunk=7), reference[0])
    assert json.loads((tmp_path / "manifest.json").read_text())["n"] == TOYS


def test_a_full_disk_is_an_error_and_no_loss(reference, tmp_path, monkeypatch):
    fsync = os.fsync

    def full(handle):
        if "chunk-000002" in os.readlink(f"/proc/self/fd/{handle}"):
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left on device; chunk 2 .* 2 chunks of 24 .* kept") as caught:
        study(tmp_path)
    assert caught.value.errno == errno.ENOSPC
    assert caught.value.filename == str(tmp_path / "chunk-000002.parquet")
    assert not list(tmp_path.glob(".*.tmp"))
    monkeypatch.setattr(os, "fsync", fsync)
    assert same(study(tmp_path), reference[0])


# ---- what does not belong here --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_fits")
class TestForeign:
    def test_a_directory_with_something_else(self, tmp_path):
        (tmp_path / "thesis.tex").touch()
        with pytest.raises(ValueError, match=r"not the store of a study: it holds 'thesis.tex'"):
            study(tmp_path)
        assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.tex"]

    def test_a_file(self, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(ValueError, match="is not a directory"):
            study(tmp_path / "file")
        with pytest.raises(ValueError, match="has no manifest"):
            jm.Study.read(tmp_path)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "manifest.json is damaged: it is not JSON"),
            ('{"format": "jaxminuit st', "manifest.json is damaged: it is not JSON"),
            ("[]", "not the store of a study"),
            ('{"manifest_version": 3}', "not the store of a study"),
            ('{"format": "jaxminuit study", "version": 2}', "has the format version 2, but .* writes 1"),
            ('{"format": "jaxminuit study", "version": 1}', "manifest.json is damaged: .*missing"),
        ],
    )
    def test_a_manifest_that_is_none(self, tmp_path, text, message):
        (tmp_path / "manifest.json").write_text(text)
        with pytest.raises(ValueError, match=message):
            study(tmp_path)

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"tol": 0.01}, "tol is 0.1 there, and 0.01 here"),
            ({"minos": ["mu", "sigma"]}, r"minos is \['mu'\] there"),
            ({"key": 8}, r"the random key differs: .*7.* there, and .*8.* here"),
            ({"key": jax.random.key(7, impl="rbg")}, "the random key differs: .*threefry"),
            ({"start": jm.Parameters({"mu": 1.5, "sigma": 2.5})}, "the start of the fits differs"),
            ({"generate": lambda key: 1.0 + 2.1 * jax.random.normal(key, (EVENTS,))}, "generates the data differs"),
            ({"fcn": jm.FCN(lambda p, x: 2.0 * nll(p, x), np.zeros(EVENTS))}, "the FCN differs"),
            ({"fcn": jm.FCN(nll, np.zeros(EVENTS), errordef=1.0)}, "the FCN differs"),
        ],
    )
    def test_another_study(self, finished, changes, message):
        with pytest.raises(ValueError, match=message):
            study(finished, **changes)

    def test_arrays_inside_functions_count_too(self, tmp_path, monkeypatch):
        """They do not stand in the text of the traced program."""

        def shifted(shift):
            return jax.jit(lambda key: shift + generate(key))

        def made(shift, **changes):
            study(tmp_path, generate=shifted(shift), n=1, chunk=1, **changes)

        with pytest.raises(TypeError, match="not callable"):  # where it would begin to fit
            made(jnp.linspace(0.0, 1.0, EVENTS))
        with pytest.raises(TypeError, match="not callable"):
            made(jnp.linspace(0.0, 1.0, EVENTS))
        with pytest.raises(ValueError, match="generates the data differs"):
            made(jnp.linspace(0.0, 1.1, EVENTS))

    def test_other_versions_are_named(self, reference, finished):
        file = finished / "manifest.json"
        content = json.loads(file.read_text())
        print = content["generate"]
        file.write_text(json.dumps({**content, "jaxminuit": "0.0.7"}))
        with pytest.warns(UserWarning, match="begun with jaxminuit 0.0.7"):
            assert same(study(finished), reference[0])
        for chunk in finished.glob("chunk*"):
            chunk.unlink()
        file.write_text(json.dumps({**content, "jax": "0.9.9", "generate": print[::-1]}))
        with (
            pytest.warns(UserWarning, match="JAX 0.9.9.*cannot be checked"),
            pytest.raises(TypeError, match="callable"),
        ):
            study(finished)

    @pytest.mark.parametrize("share", [0.0, 0.4, 0.98])
    def test_a_truncated_chunk(self, finished, share):
        file = finished / "chunk-000002.parquet"
        content = file.read_bytes()
        file.write_bytes(content[: int(share * len(content))])
        with pytest.raises(ValueError, match=r"chunk-000002.parquet is damaged .*: remove it"):
            study(finished)

    def test_a_flipped_bit(self, finished):
        """In the middle of the numbers, where only the checksum can tell."""
        file = finished / "chunk-000001.parquet"
        content = bytearray(file.read_bytes())
        value = jm.Study.read(finished).values[CHUNK, 0].tobytes()
        at = content.find(value)
        assert at > 0
        content[at + 2] ^= 1
        file.write_bytes(content)
        with pytest.raises(ValueError, match=r"chunk-000001.parquet is damaged"):
            study(finished)

    def test_a_chunk_of_another_place_or_study(self, finished):
        shutil.copy(finished / "chunk-000001.parquet", finished / "chunk-000003.parquet")
        with pytest.raises(ValueError, match=r"chunk-000003.parquet does not belong to this study, or to this place"):
            study(finished)


def test_a_damaged_chunk_is_made_again_once_it_is_removed(reference, finished):
    (finished / "chunk-000002.parquet").unlink()
    assert same(study(finished), reference[0])


def test_without_pyarrow(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r'pip install "jaxminuit\[store\]"'):
        study(tmp_path / "study")
    assert not (tmp_path / "study").exists()


def test_the_files_are_plain_parquet_and_json(reference):
    """Other programs can read them: one column a number, named by the parameter."""
    import pyarrow.parquet as pq

    table = pq.read_table(reference[1] / "chunk-000001.parquet")
    np.testing.assert_array_equal(table["index"], np.arange(CHUNK, 2 * CHUNK))
    np.testing.assert_array_equal(table["value:mu"], reference[0].values[CHUNK : 2 * CHUNK, 0])
    np.testing.assert_array_equal(table["lower:mu"], reference[0].minos_lower[CHUNK : 2 * CHUNK, 0])
    assert "lower:sigma" not in table.column_names
    manifest = json.loads((reference[1] / "manifest.json").read_text())
    assert manifest["names"] == ["mu", "sigma"]
    assert rooms.manifest_in(reference[1]).chunks == TOYS // CHUNK
