"""Starting up is kept quick by counting what is imported, which no busy machine disturbs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from test_start_up import imported

from nndsl.vocabulary import registry

THREADS = "OPENBLAS_NUM_THREADS"
SEEN = """
import builtins, os, sys
plain = builtins.__import__
def seen(name, *rest, **named):
    if name.partition(".")[0] == "numpy" and "numpy" not in sys.modules:
        n = os.environ.get("OPENBLAS_NUM_THREADS")
        print(f"OPENBLAS_NUM_THREADS={{n}}", file=sys.stderr)
    return plain(name, *rest, **named)
builtins.__import__ = seen
from nndsl.cli import main
main({arguments})
"""
MOST = {"--version": 40, "check": 284, "build": 364}  # modules that Python does not start with
SPEC = """\
data = digits
network {
  dense(20)
  relu
  dense(10)
}
train {
  loss = softmax_cross_entropy
  optimizer = adam
}
"""
CHOSEN_BY_ITSELF = {"input", "he", "xavier", "zeros", "accuracy", "train"}
WRITTEN = {"digits", "dense", "relu", "softmax_cross_entropy", "adam"}


@pytest.fixture
def own_spec(tmp_path: Path) -> Path:
    path = tmp_path / "own.nn"
    path.write_text(SPEC, "utf-8")
    return path


def words(modules: set[str]) -> set[str]:
    """Return the words of the vocabulary among modules: `nndsl.vocabulary.layers.dense`."""
    split = [name.split(".") for name in modules if name.startswith("nndsl.vocabulary.")]
    return {parts[3] for parts in split if len(parts) == 4}


@pytest.mark.slow
def test_a_check_imports_the_words_of_its_spec_alone(own_spec: Path) -> None:
    found = words(imported("check", own_spec))
    assert found >= WRITTEN
    assert found <= WRITTEN | CHOSEN_BY_ITSELF
    assert len(registry.names("layers")) > 15


@pytest.mark.slow
@pytest.mark.parametrize("command", MOST)
def test_few_modules_are_imported(command: str, own_spec: Path, tmp_path: Path) -> None:
    arguments: list[str | Path] = [command]
    if command != "--version":
        arguments.append(own_spec)
    if command == "build":
        arguments += ["-o", tmp_path / "train.py"]
    assert len(imported(*arguments)) <= MOST[command]


@pytest.mark.slow
def test_a_plain_build_knows_nothing_of_the_passes_for_speed(
    own_spec: Path, tmp_path: Path
) -> None:
    output = tmp_path / "train.py"
    modules = imported("build", own_spec, "-o", output)
    assert not any(name.startswith("nndsl.program.optimize") for name in modules)
    modules = imported("build", own_spec, "--optimize", "--force", "-o", output)
    assert "nndsl.program.optimize.optimize" in modules
    assert "numpy" not in modules


@pytest.mark.slow
def test_a_page_of_plain_layers_has_no_own_words_and_no_loops(
    own_spec: Path, tmp_path: Path
) -> None:
    modules = imported("build", own_spec, "-o", tmp_path / "train.py")
    rare = "vocabulary.own_layer", "program.loops", "program.layer_style"
    assert not modules & {f"nndsl.{name}" for name in rare}


def test_a_check_derives_nothing(own_spec: Path) -> None:
    assert "nndsl.ir.adjoint" not in imported("check", own_spec)


@pytest.mark.slow
def test_a_run_of_small_products_asks_for_one_thread_before_numpy_is_there(
    own_spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = {}
    large = SPEC.replace("dense(20)", "dense(4000)")
    large = large.replace("adam\n", "adam; batch = 200; steps = 1\n")
    for name, text, given in (("small", SPEC, None), ("large", large, None), ("own", SPEC, "2")):
        monkeypatch.delenv(THREADS, raising=False)
        if given is not None:
            monkeypatch.setenv(THREADS, given)
        own_spec.write_text(text, "utf-8")
        arguments = ["run", str(own_spec), "-o", str(tmp_path / name)]
        if text is SPEC:
            arguments += ["--set", "train.epochs=1"]
        done = subprocess.run(
            [sys.executable, "-c", SEEN.format(arguments=arguments)],
            capture_output=True,
            text=True,
            check=True,
            cwd=tmp_path,
        )
        (threads[name],) = (line for line in done.stderr.splitlines() if line.startswith(THREADS))
    assert threads == {"small": f"{THREADS}=1", "large": f"{THREADS}=None", "own": f"{THREADS}=2"}
