"""Tables of columns in the Parquet format."""

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
