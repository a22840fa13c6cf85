"""Files that are either whole or not there."""

import os
import secrets
from pathlib import Path


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
