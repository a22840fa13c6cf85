"""Compiled programs kept on disk, for the first fit of the next process."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jax
from jax.experimental.compilation_cache import compilation_cache

VARIABLE = "JAXMINUIT_CACHE"


def enable_cache(directory: str | os.PathLike | None = None) -> Path:
    """Keep compiled programs on disk, so that the same fit in another process does not compile again.

    Switches on JAX's persistent compilation cache, for all programs of this process. The environment variable
    JAXMINUIT_CACHE does the same on import: a directory, or 1 for the default one.

    Parameters
    ----------
    directory
        Where to keep them; made if need be. Default: the directory that JAX is already set to use, else
        ``jaxminuit`` in the user's directory for caches (``$XDG_CACHE_HOME`` or ``~/.cache``; ``~/Library/Caches`` on
        macOS, ``%LOCALAPPDATA%`` on Windows). It can be removed at any time.

    Returns
    -------
    pathlib.Path
        The directory.

    Raises
    ------
    OSError
        If the directory cannot be made or written to.
    """
    chosen = Path(directory or jax.config.jax_compilation_cache_dir or _default()).expanduser()
    chosen.mkdir(parents=True, exist_ok=True)
    if not os.access(chosen, os.W_OK):
        raise PermissionError(f"the directory for compiled programs cannot be written to: {chosen}")
    jax.config.update("jax_compilation_cache_dir", str(chosen))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    compilation_cache.reset_cache()  # what was compiled before decided that there is none
    return chosen


@contextmanager
def no_cache() -> Iterator[None]:
    """Compile anew: a program that comes from the cache has lost what it takes to write it to a file."""
    enabled = jax.config.jax_enable_compilation_cache
    jax.config.update("jax_enable_compilation_cache", False)
    compilation_cache.reset_cache()  # what was compiled before decided that there is one
    try:
        yield
    finally:
        jax.config.update("jax_enable_compilation_cache", enabled)
        compilation_cache.reset_cache()


def cache_from_environment() -> None:
    """Switch the cache on if the environment says so; a directory that cannot be used is no reason not to run."""
    wanted = os.environ.get(VARIABLE, "")
    if wanted.lower() in ("", "0", "false", "no", "off"):
        return
    try:
        enable_cache(None if wanted.lower() in ("1", "true", "yes", "on") else wanted)
    except OSError as error:
        print(f"jaxminuit: {VARIABLE}={wanted} has no effect: {error}", file=sys.stderr)


def _default() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "jaxminuit"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "jaxminuit"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "jaxminuit"
