"""Files that are either whole or not there, and tables of columns in the Parquet format."""

import os
import secrets
from pathlib import Path
from typing import Any

import numpy as np


def parquet() -> tuple[Any, Any]:
    """The modules pyarrow and pyarrow.parquet; ImportError that says what to install."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise ImportError('a store on disk needs pyarrow: pip install "jaxminuit[store]"') from error
    return pyarrow, pyarrow.parquet


def packed(columns: dict[str, np.ndarray], notes: dict[bytes, bytes]) -> bytes:
    """Columns and notes as the content of a Parquet file, with checksums."""
    arrow, pq = parquet()
    table = arrow.table({name: arrow.array(column) for name, column in columns.items()})
    sink = arrow.BufferOutputStream()
    pq.write_table(table.replace_schema_metadata(notes), sink, write_page_checksum=True)
    return sink.getvalue().to_pybytes()


def unpacked(path: Path) -> tuple[dict[str, np.ndarray], dict[bytes, bytes]]:
    """Columns and notes of a Parquet file; ValueError that names a file that is not whole."""
    arrow, pq = parquet()
    try:
        table = pq.read_table(arrow.BufferReader(path.read_bytes()), page_checksum_verification=True)
        columns = {name: table.column(name).to_numpy() for name in table.column_names}
    except (arrow.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"{path} is damaged ({reason}): remove it, and its toys will be made and fitted again"
        ) from error
    return columns, table.schema.metadata or {}


def write_whole(path: Path, content: bytes, new: bool = False) -> None:
    """Write a file under another name, flush it to the disk, and rename it.

    With `new` a file that is there already stays as it is; else what an interrupted attempt left behind is removed.
    """
    for rest in () if new else path.parent.glob(f".{path.name}.*.tmp"):
        rest.unlink(missing_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        with open(temporary, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if not (new and _linked(temporary, path)):
            os.replace(temporary, path)
    except FileNotFoundError:
        if not path.exists():  # else another process has written the same at the same time, and tidied up
            raise
    finally:
        temporary.unlink(missing_ok=True)
    _flush_folder(path.parent)


def _linked(temporary: Path, path: Path) -> bool:
    """Give the file its name unless there is one of that name; False where the file system has no links."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        return True
    except OSError:
        return path.exists()
    return True


def _flush_folder(folder: Path) -> None:
    """Bring a rename to the disk, where the system can open folders."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
