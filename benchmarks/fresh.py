"""Figures that only a new process can give: import time, the first fit without and with compiled programs on disk,
peak memory."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run_child(script: str, *arguments, cache: str | Path | None = None) -> dict:
    """Run benchmarks/children/<script>.py in a new process and return the JSON of its last line of output.

    `cache` is the folder of JAX's persistent compilation cache (every program is kept); None for no cache. The result
    gains `process_s`, the whole life of the process. RuntimeError with the child's words if it fails.
    """
    environment = {key: value for key, value in os.environ.items() if not key.startswith("JAX_COMPILATION_CACHE")}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    if cache is not None:
        environment |= {
            "JAX_COMPILATION_CACHE_DIR": str(cache),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        }
    command = [sys.executable, "-m", f"benchmarks.children.{script}", *map(str, arguments)]
    began = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    elapsed = time.perf_counter() - began
    if done.returncode != 0:
        raise RuntimeError(f"{script} {' '.join(map(str, arguments))} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1]) | {"process_s": elapsed}


def cold_and_cached(script: str, *arguments) -> tuple[dict, dict]:
    """The same child twice, with an empty cache folder and with the one that the first run has filled."""
    with tempfile.TemporaryDirectory() as folder:
        return run_child(script, *arguments, cache=folder), run_child(script, *arguments, cache=folder)
