"""Scripts that a person edited: each mistake is found, its line is named, and nothing crashes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import nndsl
from nndsl.cli import main
from nndsl.live.gradients.executable import one_thread
from nndsl.live.gradients.report import Report
from nndsl.live.judging.reference import Reference
from nndsl.live.script.judge import judge

PAGE = """\
data = spiral(classes=3, samples=60, test=0.2)

network {
  dense(5)
  tanh
  dense(3)
}

train {
  loss       = softmax_cross_entropy
  optimizer  = sgd(lr=0.1)
  regularize = l2(0.1)
  epochs     = 2
}
"""
DROPOUT = PAGE.replace("tanh", "tanh\n  dropout(0.3)")
RETURNED = 'return loss, penalty, {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}'
SPAWNED = "__import__('multiprocessing').get_context('spawn').Process(target=print).start()"
# What stands there, what a person made of it, how many lines further, and what is said of it.
MISTAKES = {
    "a sign": ("dW2 = A1.T", "dW2 = -A1.T", "", "its sign is wrong"),
    "a transposition": ("dA1 = dZ2 @ W2.T", "dA1 = (W2 @ dZ2.T)", "", "as built: dA1 = dZ2 @ W2.T"),
    "1/N": ("dZ2 /= N", "dZ2 *= 1", "", "1/N is missing: it is 7 times"),
    "a factor": ("dA1 * (1 - A1 * A1)", "dA1", "", "the factor `1 - A1 ** 2` is missing"),
    "the penalty": ("X.T @ dZ1 + L2 * W1", "X.T @ dZ1", "", "the penalty's term is missing"),
    "not summed": ("db2 = dZ2.sum(axis=0)", "db2 = dZ2", "", "its shape is 7 x 3 instead of 3"),
    "the wrong axis": ("db1 = dZ1.sum(axis=0)", "db1 = dZ1.sum(axis=1)", "", "over the wrong axis"),
    "a stale variable": ("X.T @ dZ1", "X.T @ dA1", "", "dA1 stands where dZ1 should"),
    "zeros": (
        RETURNED,
        "return 0.0, 0.0, {k: np.zeros_like(p) for k, p in params.items()}",
        "",
        "The loss is 0, and should be",
    ),
    "a forward pass": ("Z1 = X @ W1 + b1", "Z1 = X @ W1 - b1", "", "the loss: no."),
    "a sum for a mean": ("t].mean()\n    pen", "t].sum()\n    pen", "", "as built: loss = -log_P"),
    "a penalty": ("penalty = 0.5 * L2", "penalty = L2", "", "The penalty is"),
    "no gradient": (', "b2": db2}', "}", "", "it is not returned"),
    "no array": ('"b1": db1', '"b1": None', "", "it is None, and no array"),
    "rows": ('"b1": db1', '"b1": [[1], [1, 2]]', "", "rows that have different lengths"),
    "a complex number": ('"b1": db1', '"b1": db1 * 1j', "", "it is complex"),
    "nothing": (RETURNED, "pass", "", "It returns None"),
    "a dictionary alone": (
        RETURNED,
        'return {"W1": dW1}',
        "",
        "It returns a dictionary, and should return (loss, penalty, gradients)",
    ),
    "a loss for each": (
        "return loss, p",
        "return log_P, p",
        "",
        "7 x 3 numbers, and should be one",
    ),
    "a list": ('{"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}', "[dW1, db1]", "", "a dictionary"),
    "an unknown name": ("db1 = dZ1.sum", "db1 = dZ3.sum", "", "mend how it is spelt"),
    "an empty blank": ("db1 = ", 'raise NotImplementedError("db1: (5,)")  # ', "", "not written"),
    "no Python": ("dW2 = A1.T @ dZ2", "dW2 = A1.T @@ dZ2", "", "It is no Python"),
    "no function": ("def loss_and_gradients", "def loss_and_gradient", "-", "It has no `loss_and_"),
    "a module": ("import numpy as np", "import numpy as np, no_such", "", "imports `no_such`"),
    "an end": ("N = len(X)", "N = len(X); sys.exit()", "", "It ends the program"),
    "a quiet end": ("N = len(X)", "N = len(X); os._exit(0)", "", "It ends the program"),
    "a crash": ("N = len(X)", "N = len(X); __import__('faulthandler')._sigsegv()", "", "exit code"),
    "a copy": ("N = len(X)", "N = len(X); os.fork()", "", "start or end a process"),
    "a process": ("N = len(X)", f"N = len(X); {SPAWNED}", "", "start or end a process"),
    "an array that grows": (
        "db1 = dZ1.sum(axis=0)",
        "db1 = vars(loss_and_gradients).setdefault('db1', np.zeros(5)); db1 += dZ1.sum(axis=0)",
        "-",
        "gives another loss or gradient",
    ),
    "memory": ("N = len(X)", "N = len(X); Z = np.ones((10**6, 10**6))", "", "more memory than"),
    "a flood": ("N = len(X)", "N = len(X)\n    while N: print('*' * 99)", "", "1,000,000"),
    "no end": ("N = len(X)", "N = len(X)\n    while N: pass", "", "a loop has no end"),
    "uphill": ("params[name] -=", "params[name] +=", "", "uphill"),
    "first weights": ("init_rng.spawn(1)[0]", "np.random.default_rng(7); shape = (3, 3)", "", "W1"),
    "an input that changes": ("N = len(X)", "N = len(X); X *= 1.5", "-", "changes X"),
}
RIGHT = {
    "einsum": ("X.T @ dZ1", 'np.einsum("ni,nj->ij", X, dZ1)'),
    "a loop": (
        "db1 = dZ1.sum(axis=0)",
        "db1 = np.zeros(5)\n    for row in dZ1:\n        db1 += row",
    ),
    "other names": (
        RETURNED,
        "g = dict(W1=dW1, b1=db1, W2=dW2, b2=db2)\n    return loss, penalty, g",
    ),
    "several returns": ("N = len(X)", "N = len(X)\n    if N < 0:\n        return None"),
    "a function inside": (
        "dW2 = A1.T @ dZ2",
        "def product(a, b, /):\n        return a.T @ b\n    dW2 = product(A1, dZ2)",
    ),
}


def judged(folder: Path, old: str, new: str, page: str = PAGE, timeout: int = 100) -> Report:
    """Build the script of a page, change it, and judge what came of it."""
    spec, script = folder / "net.nn", folder / "mine.py"
    spec.write_text(page, "utf-8")
    text = nndsl.build(spec)
    (folder / "built.py").write_text(text, "utf-8")
    assert text.count(old) == 1, old
    script.write_text(text.replace(old, new), "utf-8")
    return nndsl.judge_script(spec, script, timeout=timeout)


def lines(report: Report) -> set[int | None]:
    """Return the lines that a report names as wrong."""
    named = {report.culprit.line} if report.culprit else {row.line for row in report.failures}
    return named | {prop.line for prop in report.properties if not prop.passed}


@pytest.mark.slow
@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_found_and_its_line_named(name: str, tmp_path: Path) -> None:
    old, new, where, said = MISTAKES[name]
    report = judged(tmp_path, old, new)
    text = " ".join(str(report).split())
    assert not report.passed
    assert said in text, report
    if where != "-":
        script, built = ((tmp_path / f).read_text("utf-8") for f in ("mine.py", "built.py"))
        pairs = enumerate(zip(script.split("\n"), built.split("\n"), strict=False), 1)
        assert next(at for at, (is_now, was) in pairs if is_now != was) + len(where) in lines(
            report
        )
    for never in ("Traceback", "internal", "nndsl/"):
        assert never not in text


@pytest.mark.slow
@pytest.mark.parametrize("name", RIGHT)
def test_another_way_to_write_it_passes(name: str, tmp_path: Path) -> None:
    report = judged(tmp_path, *RIGHT[name])
    assert report.passed, report


NORMALISED = PAGE.replace("  tanh", "  batch_norm\n  relu")
FIRST = {  # what stands there, what a person made of it, and what is said of the first variable
    "a value beside a gradient": (
        "along_x_hat = (dx_hat * x_hat).mean(axis=0)",
        "along_x_hat = (dx_hat * x_hat).sum(axis=0)",
        "along_x_hat: 1/N is missing",
    ),
    "before running means": ("Z1 = X @ W1 + b1", "Z1 = X @ W1 - b1", "Z1: b1 is to be added"),
    "a shape": ("dBN1 = dA1 * (BN1 > 0)", "dBN1 = (dA1 * (BN1 > 0)).T", "dBN1: its shape is 5 x 7"),
    "a name of one's own": (
        "dBN1 = dA1 * (BN1 > 0)",
        "slope = BN1 < 0\n    dBN1 = dA1 * slope",
        "dBN1: `BN1 < 0` stands where",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FIRST)
def test_the_first_wrong_variable_is_told_as_a_grade_tells_it(name: str) -> None:
    old, new, said = FIRST[name]
    model = nndsl.load("net.nn", text=NORMALISED)
    before, behind = model.source.split("def loss_and_gradients", 1)
    if old in before:
        text = model.source.replace(old, new)
    else:
        text = f"{before}def loss_and_gradients{behind.replace(old, new, 1)}"
    with one_thread():
        report = judge(model, text, lambda doing: None)
    culprit = report.culprit
    assert culprit is not None, str(report)
    assert culprit.says.startswith(said), culprit
    first = culprit.first_line or culprit.line
    assert new.split("\n")[-1].strip() in "\n".join(text.split("\n")[first - 1 : culprit.line])
    assert culprit.layer
    assert culprit.layer_line
    assert f"\nthe first variable that is wrong:\n  {said}" in str(report)
    assert Report.from_json(report.to_json()).culprit == culprit
    right = Reference(model.checked).checks(text, 0).first_wrong()
    assert right.startswith(culprit.says)


@pytest.mark.slow
def test_why_a_product_fails_is_told() -> None:
    model = nndsl.load("net.nn", text=NORMALISED)
    with one_thread():
        report = judge(model, model.source.replace("dZ2 @ W2.T", "dZ2 @ W2"), lambda doing: None)
    (failed,) = (prop for prop in report.properties if not prop.passed)
    said = f"line {failed.line}: the shapes of this matrix product do not fit: a transpose of W2"
    assert failed.help.startswith(said)
    assert report.culprit is None


@pytest.mark.slow
def test_a_script_with_names_of_its_own_is_held_to_its_own_loss() -> None:
    """No variable has a name of the page: the first gradient that is wrong for its loss is told."""
    model = nndsl.load("net.nn", text=PAGE)
    before, step = model.source.split("def loss_and_gradients", 1)
    step, behind = step.split("\n\n\n", 1)
    for name, own in {"Z": "U", "A": "H", "dW": "dM", "db": "dv"}.items():
        step = re.sub(rf"\b(d?){name}(\d)\b(?!\":)", rf"\1{own}\2", step)
    wrong = step.replace("dH1 * (1 - H1 * H1)", "dH1 * (1 - H1)")
    assert step != wrong
    text = f"{before}def loss_and_gradients{wrong}\n\n\n{behind}"
    with one_thread():
        report = judge(model, text, lambda doing: None)
    assert report.culprit is not None, str(report)
    assert (report.culprit.variable, report.culprit.says) == ("dU1", "")
    assert text.split("\n")[report.culprit.line - 1].strip().startswith("dU1 = ")


FORGED = f"""
import os, sys, json
forged = {{"report": {Report("net", (), (), 0, (), 0).to_json()!r}}}
frame = sys._getframe()
while frame and NONCE:
    forged["nonce"] = frame.f_locals.get("nonce")
    frame = frame.f_back
for number in range(3, 20):
    try:
        os.write(number, json.dumps(forged).encode() + b"\\n")
    except OSError:
        pass
"""


@pytest.mark.slow
def test_a_report_that_the_script_writes_does_not_count(tmp_path: Path) -> None:
    report = judged(tmp_path, "import numpy as np", FORGED.replace("NONCE", "False"))
    assert not report.passed
    assert "NameError" in report.properties[0].detail, report


@pytest.mark.slow
def test_no_script_passes_without_its_gradients(tmp_path: Path) -> None:
    crash = "import faulthandler\nfaulthandler._sigsegv()"
    report = judged(tmp_path, "import numpy as np", FORGED.replace("NONCE", "True") + crash)
    assert not report.passed
    assert "Its process ended" in report.properties[0].detail, report


SWALLOWED = "try: os.fork()\nexcept BaseException: pass"
ATTACKS = {
    "a new starter": (
        "import sys\nsys.modules.pop('_posixsubprocess', None)\nimport _posixsubprocess",
        "imports `_posixsubprocess`",
    ),
    "what lies outside": ("open(os.path.abspath('../outside.txt')).read()", "it reads"),
    "what it changes": ("open(os.path.abspath('mine.py'), 'w')", "it writes to"),
    "a socket": ("import socket; socket.create_connection(('127.0.0.1', 9))", "it uses `socket`"),
    "what it swallows": (f"import os\n{SWALLOWED}", "It would start or end a process"),
    "numpy": ("np.allclose = lambda *_, **__: True", "It replaces `np.allclose`"),
    "what the judge cannot do without": ("np.array = None", "It replaces `np.array`"),
    "the report": (
        "import sys\nmodule = sys.modules['nndsl.live.gradients.report']\n"
        "module.Report.passed = property(lambda self: True)",
        "It replaces `nndsl.live.gradients.report.Report.passed`",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ATTACKS)
def test_what_a_script_has_no_need_of(name: str, tmp_path: Path) -> None:
    attack, said = ATTACKS[name]
    folder = tmp_path / "own"
    folder.mkdir()
    (tmp_path / "outside.txt").write_text("secret")
    report = judged(folder, "import numpy as np", f"import numpy as np, os\n{attack}")
    assert not report.passed
    assert said.lower() in " ".join(str(report).split()).lower(), report
    assert "train" in (folder / "mine.py").read_text("utf-8")


@pytest.mark.slow
def test_noise_may_be_drawn_in_another_way(tmp_path: Path) -> None:
    drawn = "noise_rng.random(A1.shape) >= DROPOUT_RATE"
    other = "noise_rng.binomial(1, 1 - DROPOUT_RATE, A1.shape)"
    report = judged(tmp_path, drawn, other, DROPOUT)
    assert report.passed, report
    assert not judged(tmp_path, drawn, f"{other} * 1.5", DROPOUT).passed


@pytest.mark.slow
def test_a_script_of_objects(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    spec, script = tmp_path / "net.nn", tmp_path / "mine.py"
    spec.write_text(DROPOUT.replace("  regularize = l2(0.1)\n", ""), "utf-8")
    text = nndsl.build(spec, style="layers")
    script.write_text(text, "utf-8")
    command = ["gradcheck", str(spec), "--script", str(script)]
    assert main(command) == 0
    script.write_text(text.replace("dW = self.x.T", "dW = -self.x.T"), "utf-8")
    assert text != script.read_text("utf-8")
    capfd.readouterr()
    assert main(command) == 1
    assert "its sign is wrong" in capfd.readouterr().out
    script.write_text(text.replace("dW = self.x.T @ dy", "dW = self.x.T @ dx"), "utf-8")
    assert main(command) == 1
    said = " ".join(capfd.readouterr().out.split())
    assert ": dW = self.x.T @ dx as built: dW = self.x.T @ dy " in said


@pytest.mark.slow
def test_the_command_and_its_json(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    spec, script = tmp_path / "net.nn", tmp_path / "mine.py"
    spec.write_text(PAGE, "utf-8")
    script.write_text("print('hello')\n", "utf-8")
    assert main(["gradcheck", str(spec), "--script", str(script), "--format", "json"]) == 1
    answer = capfd.readouterr().out
    (failed,) = json.loads(answer)["properties"]
    assert failed["detail"] == "It has no `loss_and_gradients`"
    report = Report.from_json(answer)
    assert (report.script, report.source) == (str(script), str(spec))
    assert report.to_json() + "\n" == answer
    assert main(["gradcheck", str(spec), "--script", str(tmp_path / "none.py")]) == 2
    assert "none.py does not exist" in capfd.readouterr().err


@pytest.mark.slow
def test_the_page_is_compiled_in_the_process_of_the_script_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, script = tmp_path / "net.nn", tmp_path / "mine.py"
    spec.write_text(PAGE, "utf-8")
    script.write_text(nndsl.build(spec), "utf-8")
    monkeypatch.delattr("nndsl.emit.build.lower")
    assert main(["gradcheck", str(spec), "--script", str(script)]) == 0


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("data = spiral", "there is no network here"),
        (
            "minimize { f = x * x; start(x=1); optimizer = sgd }",
            "there is no network here: the spec holds a formula",
        ),
        ("data = spiral; network { dense(3) }", "the spec has no train section"),
    ],
)
def test_a_page_that_no_script_can_be_held_to(page: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "net.nn").write_text(page.replace("; ", "\n"), "utf-8")
    (tmp_path / "mine.py").write_text("", "utf-8")
    with pytest.raises((nndsl.SpecError, nndsl.ModelError), match=said):
        nndsl.judge_script(tmp_path / "net.nn", tmp_path / "mine.py")


def test_a_report_is_read_back(tmp_path: Path) -> None:
    (tmp_path / "net.nn").write_text(PAGE, "utf-8")
    report = nndsl.check_gradients(nndsl.load(tmp_path / "net.nn"))
    assert Report.from_json(report.to_json()) == report
