"""What do 40 answers to a lab get, and how long does it take?

python -m bench.class_of_40

Takes the lab on backpropagation, writes 40 answers to its exercise (right, right in another way,
with one mistake each, unfinished, broken, endless, cheating), grades them, and prints what each was
meant to be, beside what it got, after how many seconds, and why.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from nndsl.analysis.compile import analyse
from nndsl.cli import main
from nndsl.course.grading import Grade, Grader
from nndsl.course.labs import labs, page
from nndsl.course.reference import Reference
from nndsl.diagnostics import Diagnostics
from nndsl.source import source_of

LAB = "backpropagation"
ALL_BACK = "dZ3 = np.exp(log_P)"
NOTHING = "return loss, {name: 0 * p for name, p in params.items()}\n    "
READS = 'open("../labs-key/train.py").read()\n    '
BY_HAND = """\
dW3 = np.zeros_like(W3)
    for n in range(N):
        for i in range(len(W3)):
            dW3[i] += A2[n, i] * dZ3[n]"""
DIFFERENCES = """\
def loss_and_gradients(X, t):
    loss, _ = step(X, t)
    gradients = {}
    for name, p in params.items():
        gradients[name] = np.zeros_like(p)
        for i in np.ndindex(p.shape):
            was = p[i]
            p[i] = was + 1e-4
            above, _ = step(X, t)
            p[i] = was - 1e-4
            below, _ = step(X, t)
            p[i] = was
            gradients[name][i] = (above - below) / 2e-4
    return loss, gradients


def update("""

Change = tuple[str, str]
ANSWERS: dict[str, tuple[Change, ...]] = {
    "right": (),
    "right: einsum": (("dW2 = A1.T @ dZ2", 'dW2 = np.einsum("ni,nj->ij", A1, dZ2)'),),
    "right: loops": (("dW3 = A2.T @ dZ3", BY_HAND),),
    "right: other names": (("dA1", "back"), ("dZ1", "g")),
    "right: P - T": (
        ("dZ3 = np.exp(log_P)", "T = np.eye(10)[t]; dZ3 = (np.exp(log_P) - T) / N"),
        ("    dZ3[np.arange(N), t] -= 1", "    # as above"),
        ("    dZ3 /= N", "    # as above"),
    ),
    "right: where": (("dZ1 = dA1 * (Z1 > 0)", "dZ1 = np.where(A1 > 0, dA1, 0)"),),
    "right: ones": (("db1 = dZ1.sum(axis=0)", "db1 = np.ones(N) @ dZ1"),),
    "right: dot": (("dA2 = dZ3 @ W3.T", "dA2 = np.dot(W3, dZ3.T).T"),),
    "sign": (("dZ3[np.arange(N), t] -= 1", "dZ3[np.arange(N), t] += 1"),),
    "sign at the end": (("dW1 = X.T @ dZ1", "dW1 = -X.T @ dZ1"),),
    "no 1/N": (("    dZ3 /= N", "    #"),),
    "1/N twice": (("dW3 = A2.T @ dZ3", "dW3 = A2.T @ dZ3 / N"),),
    "mean for sum": (("db2 = dZ2.sum(axis=0)", "db2 = dZ2.mean(axis=0)"),),
    "wrong axis": (("db3 = dZ3.sum(axis=0)", "db3 = dZ3.sum(axis=1)"),),
    "no axis": (("db1 = dZ1.sum(axis=0)", "db1 = dZ1.sum()"),),
    "transposed": (("dW2 = A1.T @ dZ2", "dW2 = dZ2.T @ A1"),),
    "no transpose": (("dA1 = dZ2 @ W2.T", "dA1 = dZ2 @ W2"),),
    "no relu": (("dZ1 = dA1 * (Z1 > 0)", "dZ1 = dA1"),),
    "relu of the other layer's sign": (("dZ2 = dA2 * (Z2 > 0)", "dZ2 = dA2 * (Z2 < 0)"),),
    "relu of dA": (("dZ2 = dA2 * (Z2 > 0)", "dZ2 = dA2 * (dA2 > 0)"),),
    "Z for A": (("dW3 = A2.T @ dZ3", "dW3 = Z2.T @ dZ3"),),
    "X for A": (("dW2 = A1.T @ dZ2", "dW2 = np.maximum(0, Z1 + 1).T @ dZ2"),),
    "one_hot left out": (("    dZ3[np.arange(N), t] -= 1", "    #"),),
    "scores for probabilities": (("dZ3 = np.exp(log_P)", "dZ3 = log_P.copy()"),),
    "changes Z in place": (("dZ1 = dA1 * (Z1 > 0)", "dZ1 = Z1; dZ1 *= dA1 > 0"),),
    "returns W for dW": (('"W2": dW2', '"W2": W2'),),
    "forgets b1": ((', "b1": db1', ""),),
    "zeros": (
        (
            ALL_BACK,
            "dZ3 = np.zeros_like(log_P)\n    return loss, {n: p * 0 for n, p in params.items()}",
        ),
    ),
    "unfinished": (("dA1 = dZ2 @ W2.T", 'raise NotImplementedError("dA1: shape (N, 50)")'),),
    "only dW3 and db3": (("dA2 = dZ3 @ W3.T", 'raise NotImplementedError("dA2")'),),
    "as handed out": ((ALL_BACK, 'raise NotImplementedError("dZ3: shape (N, 10)")'),),
    "a syntax error": (("dW1 = X.T @ dZ1", "dW1 = X.T @ dZ1)"),),
    "a name error": (("dW1 = X.T @ dZ1", "dW1 = x.T @ dZ1"),),
    "a shape error": (("dA2 = dZ3 @ W3.T", "dA2 = dZ3 @ A2"),),
    "no end": ((ALL_BACK, "while True: pass\n    " + ALL_BACK),),
    "much memory": ((ALL_BACK, "hog = np.ones(10**11)\n    " + ALL_BACK),),
    "differences": (("def loss_and_gradients(", "def step("), ("def update(", DIFFERENCES)),
    "cheat: imports nndsl": ((ALL_BACK, "import nndsl\n    " + ALL_BACK),),
    "cheat: reads the key": (
        (ALL_BACK, 'open("../labs-key/train.py").read()\n    dZ3 = np.exp(log_P)'),
    ),
    "cheat: exits": ((ALL_BACK, "import os; os._exit(0)\n    " + ALL_BACK),),
}


def reason(got: Grade) -> str:
    """Return in one line why points were lost."""
    lost = [item.says for item in got.items if item.says]
    said = got.refused or got.first_wrong or "; ".join(lost[:1])
    return " ".join(said.split())[:160]


def grade(folder: Path) -> None:
    """Write the answers into a folder, grade them, and print a table."""
    lab = next(lab for lab in labs() if lab.page == LAB)
    spec, exercise, key = (folder / name for name in (f"{LAB}.nn", "exercise", "key"))
    spec.write_text(page(spec.name).text, encoding="utf-8")
    blanks = ["--blank", lab.blank, "--level", str(lab.level)]
    assert main(["exercise", str(spec), *blanks, "-o", str(exercise), "--key", str(key)]) == 0
    right = (key / "train.py").read_text(encoding="utf-8")
    answers = folder / "answers"
    answers.mkdir()
    for number, changes in enumerate(ANSWERS.values()):
        text = right
        for was, now in changes:
            assert was in text, was
            text = text.replace(was, now)
        (answers / f"{number:02}.py").write_text(text, encoding="utf-8")
    checked = analyse(source_of(spec), Diagnostics())
    points = json.loads((key / "points.json").read_text(encoding="utf-8"))
    grader = Grader(Reference(checked), points=points)
    print("| answer | points | seconds | why |\n|---|---|---|---|")
    for number, answer in enumerate(ANSWERS):
        got = grader.grade("train.py", (answers / f"{number:02}.py").read_text(encoding="utf-8"))
        print(
            f"| {answer} | {got.points:g} of {got.of:g} | {got.seconds:.1f} | {reason(got)} |",
            flush=True,
        )


if __name__ == "__main__":
    with TemporaryDirectory() as temporary:
        grade(Path(temporary))
