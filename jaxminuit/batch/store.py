"""Where the results of toys are kept, chunk by chunk: in a directory that survives everything, or in memory."""

import hashlib
import json
import os
import warnings
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import jax
import numpy as np

from jaxminuit.batch.columns import TOYS, names_of
from jaxminuit.batch.files import packed, parquet, unpacked
from jaxminuit.core.whole_file import write_whole

FORMAT, VERSION = "jaxminuit study", 1
MANIFEST = "manifest.json"
ABOUT = b"jaxminuit"  # the note in every chunk that says where it belongs
MEANINGS = {
    "kind": "kind of study",
    "names": "names of the parameters",
    "key": "random key",
    "start": "start of the fits",
    "generate": "function that generates the data",
    "fcn": "FCN",
}


@dataclass(frozen=True)
class Manifest:
    """What a study is: everything its numbers depend on, and how they are cut into chunks.

    `kind` says what was done with the toys, and so what columns there are; `truths` the parameters that toys were
    generated from, where these come from a fit: a study that goes on keeps its own, which are compared as far as fits
    agree.
    `start` has the start values and a hash of all that the fits start from, `generate` and `fcn` are fingerprints of
    the traced functions, which depend on the version of JAX.
    """

    names: list[str]
    n: int
    chunk: int
    key: dict[str, Any]
    start: dict[str, Any]
    options: dict[str, Any]
    generate: str
    fcn: str
    jaxminuit: str
    kind: str = TOYS
    truths: list[list[float]] | None = None
    jax: str = jax.__version__
    format: str = FORMAT
    version: int = VERSION

    @property
    def fingerprint(self) -> str:
        """A hash of what the study is, the same for any number of toys and any cut into chunks."""
        left_out = ("n", "chunk", "truths", "jaxminuit", "jax")
        what = {name: value for name, value in asdict(self).items() if name not in left_out}
        return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()

    @property
    def minos(self) -> list[str]:
        """Names of the parameters that Minos does."""
        return self.options["minos"]

    @property
    def columns(self) -> list[str]:
        """Names of the columns of a chunk."""
        return names_of(self.kind, self.names, self.minos, len(self.key["words"]))

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return -(-self.n // self.chunk)

    def text(self) -> bytes:
        """The content of the file."""
        return (json.dumps(asdict(self), indent=1) + "\n").encode()


class Memory:
    """Chunks that are kept in memory only."""

    def __init__(self, manifest: Manifest):
        self.manifest = manifest
        self.columns: dict[int, dict[str, np.ndarray]] = {}

    def load(self, chunks: Iterable[int]) -> None:
        """Nothing to read."""

    def write(self, chunk: int, columns: dict[str, np.ndarray]) -> None:
        """Keep a chunk."""
        self.columns[chunk] = columns


class Directory(Memory):
    """Chunks in a directory, one Parquet file each, beside a manifest in JSON.

    A file gets its name only when it is whole and on the disk, so that whatever has a name can be trusted, and an
    interruption costs the chunk that was being worked on.
    """

    def __init__(self, path: Path, manifest: Manifest):
        super().__init__(manifest)
        self.path = path

    @classmethod
    def opened(cls, path: str | os.PathLike, wanted: Manifest) -> "Directory":
        """The store of a study, made if there is none yet; ValueError for the store of another one.

        A store that exists keeps its cut into chunks.
        """
        parquet()
        path = Path(path)
        if path.exists() and not path.is_dir():
            raise ValueError(f"{path} is not a directory, so it cannot be the store of a study")
        path.mkdir(parents=True, exist_ok=True)
        if not (path / MANIFEST).exists():
            _check_empty(path)
            write_whole(path / MANIFEST, wanted.text(), new=True)
        found = manifest_in(path)
        _check_same(path, found, wanted)
        if wanted.n > found.n:
            write_whole(path / MANIFEST, replace(found, n=wanted.n).text())
        return cls(path, replace(found, n=wanted.n))

    def file(self, chunk: int) -> Path:
        """The file of a chunk."""
        return self.path / f"chunk-{chunk:06d}.parquet"

    def load(self, chunks: Iterable[int]) -> None:
        """Read those of the given chunks that are there and were not read before."""
        for chunk in chunks:
            if chunk not in self.columns and self.file(chunk).exists():
                self.columns[chunk] = self._read(chunk)

    def write(self, chunk: int, columns: dict[str, np.ndarray]) -> None:
        """Bring a chunk to the disk; OSError that says what has been kept if that fails."""
        try:
            write_whole(self.file(chunk), packed(columns, {ABOUT: self._about(chunk)}))
        except OSError as error:
            kept = f"{sum(1 for _ in self.path.glob('chunk-*.parquet'))} chunks of {self.manifest.chunk} toys are kept"
            reason = f"{error.strerror or error}; chunk {chunk} could not be brought to the disk, {kept}"
            reason += ": make room and start again with the same store to go on"
            raise OSError(error.errno, reason, str(self.file(chunk))) from error
        super().write(chunk, columns)

    def _about(self, chunk: int) -> bytes:
        return json.dumps({"fingerprint": self.manifest.fingerprint, "chunk": chunk}).encode()

    def _read(self, chunk: int) -> dict[str, np.ndarray]:
        path, m = self.file(chunk), self.manifest
        columns, notes = unpacked(path)
        if notes.get(ABOUT) != self._about(chunk):
            raise ValueError(f"{path} does not belong to this study, or to this place in it: remove it, or put it back")
        first = chunk * m.chunk
        if sorted(columns) != sorted(m.columns) or not np.array_equal(
            columns["index"], np.arange(first, first + m.chunk)
        ):
            raise ValueError(f"{path} does not hold toys {first} to {first + m.chunk - 1} of this study: remove it")
        return columns


def opened(path: str | os.PathLike | None, wanted: Manifest) -> Memory:
    """The store of a study in a directory; without one in memory."""
    return Memory(wanted) if path is None else Directory.opened(path, wanted)


def manifest_in(path: Path) -> Manifest:
    """The manifest of a store; ValueError if there is none, or none that can be read."""
    file = path / MANIFEST
    if not file.is_file():
        raise ValueError(f"{path} is not the store of a study: it has no {MANIFEST}")
    try:
        content = json.loads(file.read_bytes())
    except ValueError as error:
        raise ValueError(f"{file} is damaged: it is not JSON ({error})") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"{path} is not the store of a study: its {MANIFEST} is of another kind")
    if content.get("version") != VERSION:
        raise ValueError(
            f"{path} has the format version {content.get('version')!r}, but this jaxminuit reads and writes {VERSION}"
        )
    try:
        return Manifest(**content)
    except TypeError as error:
        raise ValueError(f"{file} is damaged: {error}") from error


def _check_empty(path: Path) -> None:
    other = sorted(entry.name for entry in path.iterdir() if not entry.name.startswith(f".{MANIFEST}."))
    if other:
        raise ValueError(
            f"{path} is not the store of a study: it holds {other[0]!r}{' and more' if len(other) > 1 else ''}, but no "
            f"{MANIFEST}; choose a new or an empty directory"
        )


def _check_same(path: Path, found: Manifest, wanted: Manifest) -> None:
    """ValueError that names the first thing in which the studies differ."""
    versions = [(found.jaxminuit, found.jax), (wanted.jaxminuit, wanted.jax)]
    if versions[0] != versions[1]:
        warnings.warn(
            f"the study in {path} was begun with jaxminuit {versions[0][0]} and JAX {versions[0][1]}, and goes on with "
            f"{versions[1][0]} and {versions[1][1]}: whether generate and fcn are the same cannot be checked, and "
            "values agree only within the goal of the EDM",
            stacklevel=4,
        )
    for name in sorted(found.options.keys() | wanted.options.keys()) if found.kind == wanted.kind else ():
        there, here = found.options.get(name), wanted.options.get(name)
        if there != here:
            raise ValueError(f"{path} holds a study with other options: {name} is {there!r} there, and {here!r} here")
    for name, meaning in MEANINGS.items():
        if name in ("generate", "fcn") and found.jax != wanted.jax:
            continue
        there, here = getattr(found, name), getattr(wanted, name)
        if there != here:
            values = "" if name in ("generate", "fcn") else f": {_short(there)} there, and {_short(here)} here"
            raise ValueError(f"{path} holds another study: the {meaning} differs{values}; choose another directory")
    if wanted.truths is not None and not _near(found.truths, wanted.truths):
        raise ValueError(
            f"{path} holds another study: its toys were generated from the parameters {_short(found.truths)}, and here "
            f"these are {_short(wanted.truths)}; choose another directory"
        )


def _near(found: Any, wanted: Any) -> bool:
    """Whether parameters are the same but for the rounding of the fits that they come from."""
    return np.shape(found) == np.shape(wanted) and np.allclose(found, wanted, rtol=1e-5, atol=1e-8)


def _short(entry: Any) -> str:
    text = str(entry)
    return text if len(text) < 200 else f"{text[:200]}..."
