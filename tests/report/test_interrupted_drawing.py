"""Ctrl-C while a report is drawn: a word about it, and nothing that is half written."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import FrameType
from weakref import WeakValueDictionary

import pytest

from nndsl.cli import main
from nndsl.report.drawing import save, themed

SPEC = """\
model cut
data = spiral(samples=40, validation=0.2)
network { dense(4); relu; dense(3) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); epochs = 2 }
"""
DRAWING = ("matplotlib", "jinja2", "markupsafe", "report", "xml")  # folders of what draws


@cache
def draws(path: str) -> bool:
    return any(folder in DRAWING for folder in Path(path).parts)


class Interruption:
    """Sends SIGINT in a call of what draws, by its number, or as the first of its objects dies."""

    def __init__(self, number: int = 0, *, at_a_death: bool = False) -> None:
        self.calls, self.number, self.at_a_death = 0, number, at_a_death

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        path, name = frame.f_code.co_filename, frame.f_code.co_name
        if not self.calls and name not in ("finish_run", "report_record", "draw"):
            return  # nothing is drawn yet
        if draws(path):
            self.calls += 1
            if self.calls == self.number:
                signal.raise_signal(signal.SIGINT)
        elif self.at_a_death and self.calls and name == "remove" and path.endswith("weakref.py"):
            self.at_a_death = False
            signal.raise_signal(signal.SIGINT)


def run(interruption: Interruption, folder: str) -> int:
    before = sys.gettrace()
    sys.settrace(interruption)
    try:
        return main(["run", "cut.nn", "--record", "-o", folder])
    finally:
        sys.settrace(before)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    Path("cut.nn").write_text(SPEC)
    ignored: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", ignored.append)
    yield tmp_path
    assert not ignored


def require_clean_end(folder: str, code: int, err: str) -> None:
    assert code == 130
    assert err.endswith("interrupted\n")
    assert "Traceback" not in err
    kept = {path.name for path in Path(folder).iterdir()}
    assert {"weights.npz", "history.csv", "results.json"} <= kept
    assert not [name for name in kept if name.startswith(".")]


def test_ctrl_c_in_a_callback_that_raises_nothing(place: Path) -> None:
    """Python would print what it raises there, with a traceback, and go on."""
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

    class Mortal(Artist):
        def draw(self, renderer: object) -> None:
            held: WeakValueDictionary[int, Interruption] = WeakValueDictionary()
            held[0] = Interruption()  # nobody else holds it

    def draw() -> None:
        with themed():
            figure = Figure()
            figure.add_artist(Mortal())
            save(figure, place, "loss")

    interruption = Interruption(at_a_death=True)
    before = sys.gettrace()
    sys.settrace(interruption)
    try:
        with pytest.raises(KeyboardInterrupt):
            draw()
    finally:
        sys.settrace(before)
    assert not interruption.at_a_death, "none of its objects died"


@pytest.mark.slow
def test_ctrl_c_anywhere_in_a_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(Interruption(), "first") == 0  # what is read once is read
    whole = Interruption()
    assert run(whole, "whole") == 0
    assert whole.calls > 10_000
    capsys.readouterr()
    for number in range(1, whole.calls * 9 // 10, whole.calls // 6):  # no run makes as many
        code = run(Interruption(number), f"cut{number}")
        require_clean_end(f"cut{number}", code, capsys.readouterr().err)
