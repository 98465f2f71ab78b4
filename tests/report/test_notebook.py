"""What a notebook shows: of values, of cells that are pages, and of trainings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nndsl

PAGE = """\
data = spiral(classes=3, samples=60, validation=0.1, test=0.2)
network { dense(8); relu; dense(3) }
train { loss = softmax_cross_entropy; optimizer = adam(lr=0.01); epochs = 2 }
"""
SAYS = {
    "first_network": 'class="right">every gradient is right',
    "scikit_learn": "<td>dense(20)</td>",
    "variants": "<td>wide</td>",
}
NOTEBOOKS = sorted((Path(__file__).parents[2] / "docs" / "notebooks").glob("*.ipynb"))


def shown(value: Any) -> str:
    text = value._repr_html_()
    assert isinstance(text, str)
    assert text.startswith('<div class="nndsl">')
    assert "<script" not in text
    return text


def test_a_model_shows_its_layers_and_its_script() -> None:
    model = nndsl.load(text=PAGE)
    assert repr(model) == "<Model page: 51 parameters>"
    text = shown(model)
    assert "<td class=amount>24</td>" in text
    assert "steps taken" not in text
    assert "def loss_and_gradients" in text
    assert "<svg" in text
    assert "<td>dense(8)</td>" in text


def test_a_history_and_answers_show_tables() -> None:
    model = nndsl.load(text=PAGE)
    history = model.fit()
    text = shown(history)
    assert "<th class=amount>test accuracy</th>" in text
    assert "Without a network" in text or "no better" in text
    assert text.count("<svg") == 2
    assert repr(history).startswith("History(2 epochs: loss ")
    assert "steps taken" in shown(model)
    assert "nothing was trained" in shown(nndsl.History())
    assert "and 2 more" in shown(model.answer(np.zeros((12, 2))))


def test_a_page_what_is_wrong_with_it_and_its_values_show_themselves() -> None:
    model = nndsl.load(text=PAGE, set={"train.epochs": 3})
    assert repr(model.spec) == "<Spec page: data, network, train>"
    assert "<span class=k>train</span>" in shown(model.spec)
    assert "<span class=n>3</span>" in shown(model.spec)
    found = nndsl.check("net.nn", text="network { input(3); droput(0.5) }")
    assert found[0].code == "NN201"
    assert 'class="wrong">error[NN201]: unknown layer' in shown(found)
    assert "help: did you mean `dropout`?" in shown(found)
    assert "no errors" in shown(nndsl.check("net.nn", text="network { input(3); dense(2) }"))
    values = nndsl.trace(model)
    assert {"A1", "dW1"} <= {value.name for value in values}
    assert "<td>A1 = np.maximum(0, Z1)</td>" in shown(values)


@pytest.fixture
def shell() -> Any:
    pytest.importorskip("IPython")
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.testing.globalipapp import start_ipython

    shell = start_ipython() or InteractiveShell.instance()
    shell.run_line_magic("load_ext", "nndsl")
    yield shell
    shell.run_line_magic("unload_ext", "nndsl")
    assert not nndsl.Model.on_training


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_a_cell_is_a_page(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    model = shell.run_cell_magic("nn", "net --set train.epochs=1", PAGE)
    assert shell.user_ns["net"] is model
    assert model.spec.train.epochs == 1
    assert shell.run_cell_magic("nn", "other --train", PAGE) is None
    assert len(shell.user_ns["other_history"].rows) == 2
    for cell, said in (
        ("%%nn\nnetwork { input(3); droput(0.5) }", "help: did you mean `dropout`?"),
        ("%%nn 1x\n" + PAGE, "`1x` is no name of a variable"),
        ("%%nn --trian\n" + PAGE, "unrecognized arguments: --trian"),
        ("%%nn --train\nnetwork { input(3); dense(2) }", "nothing to train"),
        ("import nndsl\nnndsl.load(text='network { dense(, }')", "1 | network { dense(, }"),
    ):
        capsys.readouterr()
        result = shell.run_cell(cell)
        assert result.error_in_exec is not None
        printed = capsys.readouterr().out
        assert said in printed
        assert "Traceback" not in printed


@pytest.mark.slow
def test_what_others_gave_a_notebook_stays(
    shell: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def listener(model: nndsl.Model, history: nndsl.History, has_ended: bool) -> None:
        trained.append(has_ended)

    trained: list[bool] = []
    shell.run_line_magic("unload_ext", "nndsl")
    monkeypatch.setattr(nndsl.Model, "on_training", [listener])
    shell.set_custom_exc((KeyError,), lambda *_, **__: print("another's KeyError"))
    others = shell.CustomTB
    shell.run_line_magic("load_ext", "nndsl")
    shell.run_cell("{}[1]")
    shell.run_cell("import nndsl; nndsl.load(text='network { dense(, }')")
    printed = capsys.readouterr().out
    assert "another's KeyError" in printed
    assert "1 | network { dense(, }" in printed
    shell.run_cell_magic("nn", "other --train", PAGE)
    assert trained == [False, False, True]
    shell.run_line_magic("unload_ext", "nndsl")
    assert nndsl.Model.on_training == [listener]
    assert (shell.custom_exceptions, shell.CustomTB) == ((KeyError,), others)
    shell.set_custom_exc((), None)
    nndsl.Model.on_training = ()


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(shell: Any, path: Path, folder: Path) -> None:
    if path.stem == "scikit_learn":
        pytest.importorskip("sklearn")
    import nbformat
    from IPython.utils.capture import capture_output

    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") for cell in notebook.cells), "keep it without outputs"
    pictures = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            with capture_output() as seen:
                result = shell.run_cell(cell.source)
            result.raise_error()
            assert len(seen.outputs) <= 2, "a search is a wall of curves"
            if hasattr(result.result, "_repr_html_"):
                pictures.append(shown(result.result))
    assert SAYS[path.stem] in "".join(pictures)


@pytest.mark.slow
def test_a_notebook_runs_in_jupyter(tmp_path: Path) -> None:
    pytest.importorskip("ipykernel")
    pytest.importorskip("nbclient")
    import nbformat
    from nbclient import NotebookClient

    cells = [nbformat.v4.new_code_cell(code) for code in ("%load_ext nndsl", f"%%nn net\n{PAGE}")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": tmp_path}}).execute()
    assert "text/html" in notebook.cells[1].outputs[0].data
