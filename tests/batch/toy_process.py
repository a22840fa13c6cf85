"""The study of the tests in another process, which may kill itself at a moment."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import jax

ROOT = Path(__file__).parents[2]


def child(store, moment="none", process="", address=""):
    """Start the process; `process` is its share, as "0/2"; with an address it joins JAX's distributed runtime."""
    cache = jax.config.jax_compilation_cache_dir or tempfile.mkdtemp()
    env = {**os.environ, "PYTHONPATH": str(ROOT), "JAX_COMPILATION_CACHE_DIR": cache}
    env |= {"JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.2", "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1"}
    command = [sys.executable, "-m", "tests.batch.toy_process", str(store), moment, process, address]
    return subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def ended(processes):
    """Return codes of the processes, and what they printed."""
    texts = [process.communicate(timeout=300)[0] for process in processes]
    return [process.returncode for process in processes], "\n".join(texts)


def die(*_):
    """kill -9."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(moment):
    """Change what the store calls so that the process dies at a moment of its second chunk, or at the beginning."""
    fsync, replace = os.fsync, os.replace

    def half_written(handle):
        if "chunk-000001" in os.readlink(f"/proc/self/fd/{handle}"):
            os.ftruncate(handle, os.fstat(handle).st_size // 2)
            die()
        fsync(handle)

    def before_rename(old, new):
        if "chunk-000001" in str(new):
            die()
        replace(old, new)

    if moment == "write":
        os.fsync = half_written
    elif moment == "rename":
        os.replace = before_rename
    elif moment == "manifest":
        os.link = die


def main(store, moment, process, address):
    """The program of the process."""
    die_at(moment)
    index, count = map(int, (process or "0/1").split("/"))
    if address:
        jax.distributed.initialize(address, num_processes=count, process_id=index)
    from tests.batch.toy_models import study  # arrays, which must not be made before the runtime is there

    share = None if address else (index, count)
    study(store, process=share, progress=(lambda done, total: die()) if moment == "fit" else False)


if __name__ == "__main__":
    main(*sys.argv[1:])
