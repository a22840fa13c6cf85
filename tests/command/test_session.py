"""A whole interactive session in a process of its own, at a pseudo-terminal."""

import os
import select
import subprocess
import sys
import time

import pytest

pty = pytest.importorskip("pty")
pytest.importorskip("prompt_toolkit")
PROMPT, PATIENCE = "COMMAND:", 60.0
POSITION, ANSWER = b"\x1b[6n", b"\x1b[1;1R"  # prompt_toolkit asks the terminal where the cursor is


class Session:
    """`jaxminuit --fcn FCN` at a terminal: what is typed, and what was shown until a text appeared."""

    def __init__(self, *arguments, **environment):
        self.end, terminal = pty.openpty()
        command = [sys.executable, "-c", ATTACHED, *arguments]
        self.process = subprocess.Popen(
            command, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True,
            env={**os.environ, "TERM": "xterm", **environment},
        )  # fmt: skip
        os.close(terminal)
        self.shown = b""

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.kill()
        self.process.wait()
        os.close(self.end)

    def type(self, text):
        time.sleep(0.3)
        os.write(self.end, text.encode())

    def until(self, text):
        """What is shown up to a text; what comes after it stays for the next time."""
        limit, wanted = time.monotonic() + PATIENCE, text.encode()
        while wanted not in self.shown:
            assert time.monotonic() < limit, self.shown.decode(errors="replace")
            if select.select([self.end], [], [], 0.2)[0]:
                part = os.read(self.end, 65536)
                self.shown += part
                if POSITION in part:
                    os.write(self.end, ANSWER)
        end = self.shown.index(wanted) + len(wanted)
        found, self.shown = self.shown[:end], self.shown[end:]
        return found.decode(errors="replace")


ATTACHED = (  # the pseudo-terminal becomes the one that sends Ctrl-C
    "import fcntl, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "from jaxminuit.cli import main; sys.exit(main(sys.argv[1:]))"
)


@pytest.mark.slow
@pytest.mark.parametrize("options", [[], ["--plain"]], ids=["prompt_toolkit", "plain"])
def test_a_session(tmp_path, options):
    """Completion by TAB, Ctrl-C in a fit that takes long (and is not converged), Ctrl-C at the prompt, Ctrl-D."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
    fcn = os.path.join(root, "tests", "command", "functions_to_load.py:slow")
    called = tmp_path / "called"
    environment = {"PYTHONPATH": root, "XDG_STATE_HOME": str(tmp_path), "SLOW_FILE": str(called)}
    with Session("--fcn", fcn, *options, **environment) as session:
        session.until("TITLE")
        for line in ("Slow", "1 'X' 0. .5", "2 'Y' 0. .5"):
            session.type(line + "\r")
            session.until("DEFINITION:")
        session.type("\r")
        session.until(PROMPT)
        session.type("mig\t")
        session.type("\r")
        limit = time.monotonic() + PATIENCE
        while not called.exists():  # until the fit is in the FCN, away from its start
            assert time.monotonic() < limit
            time.sleep(0.1)
        session.type("\x03")
        session.until("INTERRUPTED")
        session.until(PROMPT)
        session.type("show fcn\r")
        session.until("FROM")
        session.until(PROMPT)
        session.type("half a line\x03")
        session.until(PROMPT)
        session.type("\x04")
        assert "FUNCTION WITH IFLAG = 3" in session.until("TERMINATED BY MINUIT COMMAND: EXIT")
        assert session.process.wait(PATIENCE) == 1
    history = (tmp_path / "jaxminuit" / "history").read_text()
    assert "MIGRAD" in history
