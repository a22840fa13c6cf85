"""A person at a terminal: questions, Ctrl-C, Ctrl-D, completion, history."""

import builtins
import threading

import numpy as np
import pytest

from jaxminuit.command.completion import suggestions
from jaxminuit.command.deck import Deck
from jaxminuit.command.functions import UserFunction
from jaxminuit.command.setting import option
from jaxminuit.command.state import Parameter
from jaxminuit.command.streams import Closed, Source
from jaxminuit.command.table import options
from jaxminuit.command.terminal import Terminal, history_file
from tests.command.decks import quadratic_fortran

START = ["Fit", "1 'X' 0. .5", "2 'Y' 0. .5", ""]
UP, TAB, CTRL_C, CTRL_D, ENTER = "\x1b[A", "\t", "\x03", "\x04", "\r"


def session(records, fcn=quadratic_fortran, **options):
    """(text, Deck, prompts) of what somebody types; exceptions among the records are raised."""
    left, prompts, written = iter(records), [], []

    def ask(prompt):
        prompts.append(prompt.strip())
        record = next(left)
        if isinstance(record, str):
            return record
        raise record

    source = Source(5, "terminal", ask=ask)
    deck = Deck(UserFunction(fcn), source, written.append, interactive=True, **options)
    deck.run()
    return "".join(written), deck, prompts


def test_ctrl_d_ends_as_exit():
    """The FCN is called with IFLAG 3; before there are parameters the session just ends."""
    text, deck, prompts = session([*START, "xyz", Closed()])
    assert " LAST CALL" in text
    assert text.rstrip().endswith("MINUIT TERMINATED BY MINUIT COMMAND: EXIT")
    assert deck.status == 0
    assert prompts[0].startswith("ENTER MINUIT TITLE")
    assert "ENTER MINUIT" not in text
    text, deck, _ = session(["Fit", Closed()])
    assert " LAST CALL" not in text
    assert deck.status == 0


def test_what_ends_a_deck_only_costs_a_person_a_line(tmp_path):
    """Missing files, recursion, unreadable matrices and definitions: back to the prompt, parameters as they were."""
    (tmp_path / "loop.dat").write_text("set inputrewind 21\n")
    (tmp_path / "bad.dat").write_text("fix 1\nparameters\n1 'A' x1 2z\n")
    wrong = ["set input 21 missing.dat", "set input abc", "set input 22 loop.dat", "n", "set cov", "1 2 x"]
    records = [*START, *wrong, "set input 23 bad.dat", "n", "", "release 1", "show par", Closed()]
    text, deck, _ = session(records, folder=str(tmp_path))
    assert deck.status == 0
    assert [(p.value, p.kind) for p in deck.state.parameters] == [(0.0, "variable")] * 2
    assert "cannot read 'missing.dat'" in text
    assert deck.state.interactive
    assert any(problem.startswith("bad.dat:3: ") for problem in deck.problems)


def test_an_fcn_that_fails_at_first_can_be_tried_elsewhere():
    """The session goes on to the commands."""

    def fcn(npar, grad, xval, iflag, futil):
        return 1.0 / float(xval[0])

    text, deck, _ = session(["Fit", "1 'X' 0. .5", "", "set param 1 2", "call 4", "show fcn", Closed()], fcn)
    assert "THE USER FUNCTION FAILED: ZeroDivisionError" in text
    assert deck.state.find(1).value == 2.0
    assert deck.state.fcn == 0.5


@pytest.mark.parametrize(("command", "kept"), [("migrad", True), ("simplex", True), ("scan", False), ("call 4", False)])
def test_ctrl_c_in_a_command(command, kept):
    """Migrad and Simplex leave their best point, others the parameters of before; the session goes on."""
    calls = []

    def fcn(npar, grad, xval, iflag, futil):
        calls.append(1)
        if armed and len(calls) > armed[0]:
            armed.clear()
            raise KeyboardInterrupt
        return quadratic_fortran(npar, grad, xval, 4, futil)

    armed = []

    def records():
        yield from [*START, "show fcn"]
        calls.clear()
        armed.append(0 if command == "call 4" else 20)
        yield command
        yield KeyboardInterrupt()
        yield "show par"
        yield Closed()

    text, deck, _ = session(records(), fcn)
    assert " INTERRUPTED." in text
    values = np.array([p.value for p in deck.state.parameters])
    if kept:
        value = quadratic_fortran(2, np.zeros(2), values, 4, None)
        assert value < 15.8
        assert deck.state.fcn == pytest.approx(value, rel=1e-12)
        assert deck.state.matrix is None
        assert deck.state.minimised == -1
    else:
        assert values.tolist() == [0.0, 0.0]
        assert deck.state.fcn == 15.8


def test_saving_over_a_file_is_asked(tmp_path):
    """No: nothing is saved, and the name is asked again. Yes: written over."""
    (tmp_path / "old.dat").write_text("old\n")
    records = [*START, "save", "old.dat", "n", "save", "old.dat", "y", "y", "save", "n", Closed()]
    text, _, _ = session(records, folder=str(tmp_path))
    assert "EXISTS ALREADY" in text
    assert "NOTHING IS SAVED" in text
    saved = (tmp_path / "old.dat").read_text()
    assert "old" not in saved
    assert saved.count("PARAMETERS") == 2


def test_suggestions():
    """Commands, the words after SET, SHOW and HELP, and numbers of parameters by name, all from the table."""
    table = (Parameter(1, "Real(X)", 0.0, 0.1, "variable"), Parameter(5, "Delta M", 0.5, 0.1, "fixed"))
    assert [s.text for s in suggestions("mi", table)] == ["MIGRAD", "MINIMIZE", "MINOS"]
    assert [s.text for s in suggestions("set pri", table)] == ["PRINTOUT"]
    assert [s.text for s in suggestions("help set err", table)] == ["ERRORDEF"]
    assert [s.text for s in suggestions("show c", table)] == ["CORRELATIONS", "COVARIANCE"]
    assert suggestions("fix del", table) == [("5", "5  Delta M")]
    assert [s.text for s in suggestions("set limits 1 ", table)] == ["1", "5"]
    assert [s.text for s in suggestions("minos 500 r", table)] == ["1"]
    for nothing in ("migrad r", "set print r", "xyz r", "show lim r", "save "):
        assert suggestions(nothing, table) == []


def test_every_suggested_word_is_understood():
    """SET and SHOW find their words anywhere in a few columns: each suggestion means itself."""
    for command in ("SET", "SHOW"):
        for name in options(command):
            assert option(f"{command} {name}")[:3].upper() == name[:3]


@pytest.fixture
def keyboard():
    """(terminal maker, press) for what is typed into prompt_toolkit."""
    pytest.importorskip("prompt_toolkit")
    from prompt_toolkit.input import create_pipe_input
    from prompt_toolkit.output import DummyOutput

    def press(*keys):
        """Type keys one after the other, with time for the menu of completions between them."""
        for i, key in enumerate(keys):
            threading.Timer(0.2 * i, pipe.send_text, [key]).start()

    with create_pipe_input() as pipe:
        yield lambda **options: Terminal(input=pipe, output=DummyOutput(), **options), press


COMMAND = " ENTER MINUIT COMMAND:                  "


def test_line_editing(keyboard, tmp_path):
    """Completion, history over sessions, Ctrl-C and Ctrl-D."""
    make, press = keyboard
    history = tmp_path / "state" / "history"
    table = (Parameter(1, "Real(X)", 0.0, 0.1, "variable"), Parameter(5, "Delta M", 0.5, 0.1, "fixed"))
    terminal = make(history=history, parameters=lambda: table)
    press("mig", TAB, ENTER)
    assert terminal.ask(COMMAND) == "MIGRAD"
    press("fix De", TAB, ENTER)
    assert terminal.ask(COMMAND) == "fix 5"
    press("mig", TAB, ENTER)
    assert terminal.ask(" ENTER MINUIT TITLE") == "mig"
    press(CTRL_D)
    with pytest.raises(Closed):
        terminal.ask(COMMAND)
    press("half a line", CTRL_C)
    with pytest.raises(KeyboardInterrupt):
        make(history=history).ask(COMMAND)
    press(UP, UP, ENTER)
    assert make(history=history).ask(COMMAND) == "fix 5"


def test_without_prompt_toolkit(monkeypatch, tmp_path):
    """Plain input asks the same, and a history that cannot be written is left out."""
    asked = []
    monkeypatch.setattr(builtins, "input", lambda prompt: asked.append(prompt) or "migrad")
    (tmp_path / "file").write_text("")
    terminal = Terminal(history=tmp_path / "file" / "history", plain=True)
    assert terminal.ask(COMMAND) == "migrad"
    assert asked == [" ENTER MINUIT COMMAND: "]


def test_where_the_history_is(monkeypatch, tmp_path):
    """The user's folder for state."""
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert history_file() == tmp_path / "jaxminuit" / "history"
