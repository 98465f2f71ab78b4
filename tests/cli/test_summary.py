"""nndsl summary: what a page says about a network, to the letter."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from command_line import Cli

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.nn"))

STRUCTURED = """\
let width = 16

data = digits(validation=0.1)

block hidden(n) {
  dense(n, init=he, bias=false)
  batch_norm
  relu
}

network {
  hidden(width)
  residual { dense(width); tanh }
  concat {
    branch { dense(4) }
    branch { dense(4, init=normal(0.01)); relu }
  }
  dense(10)
}

train {
  loss      = softmax_cross_entropy
  optimizer = adam(lr=cosine(0.001, warmup=100))
  dtype     = float64
}
"""

SUMMARY = """\
net, from net.nn
  data  digits(images=false, validation=0.1, test=0)
        1,617 training, 180 validation examples; 10 classes

#  layer                  name  output  params  initializer
   (the input)            X     64
1  dense(16, init=he, b…  Z1    16       1,024  he, as given
   batch_norm             BN1   16          32  gamma ones, beta zeros
   relu                   A1    16
2  dense(16)              Z2    16         272  xavier: tanh follows
   tanh                   A2    16
   add                    R2    16              reads A2, A1
3  dense(4)               Z3    4           68  xavier: no activation follows
4  dense(4, init=normal…  Z4    4           68  normal(0.01), as given; reads R2
   relu                   A4    4
   concat                 C4    8               reads Z3, A4
5  dense(10)              Z5    10          90  xavier: no activation follows

  layers       5 with weights (#)
  parameters   1,554 (12.4 kB)
  to train     49.7 kB with the gradients and 2 states of adam
  activations  1.01 kB an example, 32.3 kB a batch: the outputs of all layers
  forward      2,976 FLOP an example in products of matrices

train  (· is a default)
  loss        softmax_cross_entropy(label_smoothing=0)
  optimizer   adam(lr=cosine(0.001, warmup=100, floor=0), beta1=0.9,
              beta2=0.999, epsilon=1e-8)
· gradient    - (how the gradient is found; left out, backpropagation)
· regularize  - (a penalty on all weights)
· clip        - (a bound on the gradient)
· batch       32
· accumulate  1
· mix         - (examples of a batch that are mixed, and their targets alike)
· epochs      20, of 51 steps: 1,020 in all
· steps       - (optimizer steps, instead of epochs)
· stop        - (when to end before the last epoch)
· average     - (weights averaged along the training, to judge by and to keep)
· metrics     accuracy
· report      - (how often to report; left out, at most 20 lines a run)
  dtype       float64
· seed        0
"""


def test_a_page(cli: Cli, spec: Path) -> None:
    spec.write_text(STRUCTURED)
    result = cli("summary", spec)
    assert (result.code, result.err) == (0, "")
    assert result.out == SUMMARY


def test_settings_from_outside(cli: Cli, spec: Path) -> None:
    assert "1  dense(20)" in cli("summary", spec, "--set", "width=20").out


def test_a_network_alone(cli: Cli, spec: Path) -> None:
    spec.write_text("network { input(1, 2, 3); flatten; dense(2) }")
    result = cli("summary", spec)
    assert "   input(1, 2, 3)  X     1 x 2 x 3\n" in result.out
    assert "  parameters   14 (56 bytes)\n" in result.out
    assert "train" not in result.out


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_every_summary_fits_a_screen(path: Path, cli: Cli) -> None:
    result = cli("summary", path)
    assert result.code == 0
    assert max(map(len, result.out.splitlines())) <= max(80, len(f"x, from {path}") + 40)
    assert all(len(line) <= 80 for line in result.out.splitlines()[1:])


def test_nothing_to_summarise(cli: Cli, spec: Path) -> None:
    spec.write_text("data = digits")
    assert cli("summary", spec).code == 1


def test_a_wide_terminal_shows_whole_layers(
    cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec.write_text(STRUCTURED, encoding="utf-8")
    monkeypatch.setenv("COLUMNS", "120")
    shown = cli("summary", spec).out
    assert "1  dense(16, init=he, bias=false)  Z1 " in shown
    assert "4  dense(4, init=normal(0.01))     Z4 " in shown
    assert max(map(len, shown.splitlines())) <= 120


def test_what_columns_of_texts_became(cli: Cli, spec: Path) -> None:
    Path("trees.csv").write_text("kind,age,site,height\noak,3,dry,2\nfir,4,wet,5\nelm,7,wet,9\n")
    spec.write_text('data = csv("trees.csv", target="height")\nnetwork { dense(1) }\n')
    said = "texts as columns of 0 and 1, `kind`: 3 columns, `site`: 2 columns"
    assert said in cli("summary", spec).out


def test_a_program_gets_numbers(cli: Cli, spec: Path) -> None:
    found = json.loads(cli("summary", spec, "--format", "json", "--set", "width=5").out)
    assert found["parts"] == {"training": 42, "validation": 6, "test": 12}
    assert found["parameters"] == 2 * 5 + 5 + 5 * 3 + 3
    dense = found["layers"][0]
    assert (dense["layer"], dense["line"], dense["output"]) == ("dense(5)", 6, [5])
    assert dense["parameters"] == {"W1": [2, 5], "b1": [5]}
    assert found["train"]["optimizer"].startswith("adam(lr=0.01")
    spec.write_text("minimize { f=x**2; start(x=1); optimizer = sgd(lr=0.1) }", encoding="utf-8")
    assert json.loads(cli("summary", spec, "--format", "json").out)["start"] == {"x": 1}


@pytest.mark.parametrize(
    ("loss", "learnt"),
    [
        ("binary_cross_entropy", "probabilities to predict, from 0 to 1"),
        ("mean_squared_error", "numbers to predict"),
    ],
)
def test_what_is_learnt(loss: str, learnt: str, cli: Cli, spec: Path) -> None:
    np.savez("a.npz", x=np.ones((9, 2), np.float32), t=np.linspace(0, 1, 9, dtype=np.float32))
    train = f"train {{ loss = {loss}; optimizer = adam }}"
    spec.write_text(f'data = npz("a.npz")\nnetwork {{ dense(1) }}\n{train}\n')
    assert f"9 training examples; {learnt}\n" in cli("summary", spec).out
