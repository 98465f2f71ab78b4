"""nndsl build: the script, its data, and what is never overwritten."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Cli
from PIL import Image

import nndsl
from nndsl.emit import script as emit_script

SPECS = Path(__file__).parents[2] / "specs"
DIGITS = "data = digits(test=0.2)\nnetwork { dense(10) }\n" + (
    "train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); epochs = 1 }\n"
)


def files() -> dict[str, bytes]:
    """Return what stands in the working folder and below."""
    return {str(p): p.read_bytes() for p in sorted(Path().rglob("*")) if p.is_file()}


def test_it_writes_the_script(cli: Cli, spec: Path) -> None:
    result = cli("build", spec, "-o", "train.py")
    text = Path("train.py").read_text(encoding="utf-8")
    assert text == nndsl.build(spec)
    lines = len(text.splitlines())
    assert (result.code, result.out) == (0, "")
    assert result.err == f"wrote train.py ({lines} lines)\ntrain with: python train.py\n"
    assert sorted(files()) == ["net.nn", "train.py"]


def test_it_writes_to_stdout(cli: Cli, spec: Path) -> None:
    result = cli("build", spec, "-o", "-")
    assert (result.code, result.out, result.err) == (0, nndsl.build(spec), "")
    assert sorted(files()) == ["net.nn"]


def test_it_reads_stdin(cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(spec.read_bytes())))
    assert cli("build", "-", "-o", "train.py").code == 0
    assert Path("train.py").exists()


def test_settings_from_outside(cli: Cli, spec: Path) -> None:
    result = cli("build", spec, "-o", "-", "--set", "width=17", "--set", "train.epochs=2")
    assert "17" in result.out
    assert "EPOCHS = 2 " in result.out


def test_bundled_data_is_put_beside_the_script(cli: Cli, spec: Path) -> None:
    spec.write_text(DIGITS)
    Path("out").mkdir()
    result = cli("build", spec, "-o", "out/train.py")
    assert result.code == 0
    assert f"wrote {Path('out/digits.npz')} (the script reads it; a copy of " in result.err
    assert sorted(files()) == ["net.nn", "out/digits.npz", "out/train.py"]
    again = cli("build", spec, "-o", "out/train.py")
    assert "digits.npz" not in again.err

    done = subprocess.run(
        [sys.executable, "-W", "error", "out/train.py"], capture_output=True, text=True, check=True
    )
    assert "test accuracy" in done.stdout


def test_a_file_of_data_that_is_another_is_left_alone(cli: Cli, spec: Path) -> None:
    spec.write_text(DIGITS)
    Path("digits.npz").write_bytes(b"mine")
    before = files()
    result = cli("build", spec, "-o", "train.py")
    assert result.code == 2
    assert "error: digits.npz is another file than " in result.err
    assert "--force" in result.err
    assert files() == before

    result = cli("build", spec, "-o", "train.py", "--force")
    assert result.code == 0
    assert "wrote digits.npz" in result.err
    assert files()["digits.npz"] != b"mine"


def test_data_beside_the_spec_stays_where_it_is(cli: Cli, spec: Path) -> None:
    text = (SPECS / "pendulum.nn").read_text(encoding="utf-8")
    spec.write_text(text.replace("data/pendulum.csv", "pendulum.csv"))
    Path("pendulum.csv").write_bytes((SPECS / "data" / "pendulum.csv").read_bytes())
    assert "pendulum.csv" not in cli("build", spec, "-o", "train.py").err
    assert sorted(files()) == ["net.nn", "pendulum.csv", "train.py"]


def test_a_folder_of_data_is_put_beside_the_script(cli: Cli, spec: Path) -> None:
    for number in range(4):
        image = Path("images") / "ab"[number % 2] / f"{number}.png"
        image.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (2, 2), number).save(image)
    spec.write_text(
        'data = image_folder("images")\n'
        "network { flatten; dense(2) }\n"
        "train { loss = softmax_cross_entropy; optimizer = sgd; batch = 2; epochs = 1 }\n"
    )
    assert "images" not in cli("build", spec, "-o", "train.py").err  # they are there already
    Path("out").mkdir()
    result = cli("build", spec, "-o", "out/train.py")
    assert f"wrote {Path('out/images')} (the script reads it; a copy of images)" in result.err
    assert [name for name in files() if name.startswith("out/images/")] == [
        "out/images/a/0.png",
        "out/images/a/2.png",
        "out/images/b/1.png",
        "out/images/b/3.png",
    ]
    subprocess.run([sys.executable, "-W", "error", "out/train.py"], check=True, capture_output=True)
    assert "images" not in cli("build", spec, "-o", "out/train.py").err

    Image.new("L", (2, 2), 200).save("out/images/a/0.png")
    result = cli("build", spec, "-o", "out/train.py", "--force")
    assert result.code == 2
    assert "out/images holds something else than images" in result.err
    assert "--force" not in result.err


def test_a_script_whose_data_is_damaged_is_written_with_a_warning(cli: Cli, spec: Path) -> None:
    for name in ("a", "b"):
        Path("images", name).mkdir(parents=True)
        Image.new("L", (2, 2)).save(Path("images", name, "0.png"))
    image = Path("images/a/0.png")
    image.write_bytes(image.read_bytes()[:45])
    spec.write_text('data = image_folder("images")\nnetwork { flatten; dense(2) }\n')
    result = cli("build", spec, "-o", "train.py")
    assert result.code == 0
    assert "warning: the script cannot read its data: `a/0.png` is damaged" in result.err
    assert "None" not in result.err


def test_data_for_a_script_on_stdout_is_named(cli: Cli, spec: Path) -> None:
    spec.write_text(DIGITS)
    assert cli("build", spec, "-o", "-").err.startswith(
        "the script reads digits.npz beside itself: copy it from "
    )


def test_data_that_cannot_be_fetched_is_asked_for(
    cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(Path("cache").absolute()))
    monkeypatch.setenv("NNDSL_MIRROR", "http://127.0.0.1:1")
    monkeypatch.delenv("NNDSL_DATA", raising=False)
    spec.write_text(DIGITS.replace("digits(test=0.2)", "mnist"))
    result = cli("build", spec, "-o", "train.py")
    assert result.code == 0
    assert result.err.startswith("wrote train.py (")
    assert "warning: the script has no data yet: cannot download http://127.0.0.1:1/" in result.err
    assert "or put train-images-idx3-ubyte.gz, " in result.err
    assert sorted(files()) == ["net.nn", "train.py"]


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("none/train.py", "cannot write none/train.py: there is no folder none"),
        ("net.nn", "net.nn is the spec itself"),
        ("link.nn", "link.nn is the spec itself"),
        ("other.nn", "other.nn would be a page by its name, and holds a script"),
        ("folder", "folder is a folder"),
        ("digits.npz", "digits.npz is the data that the script reads"),
    ],
)
def test_outputs_that_cannot_be(output: str, message: str, cli: Cli, spec: Path) -> None:
    spec.write_text(DIGITS)
    Path("folder").mkdir()
    Path("link.nn").symlink_to("net.nn")
    before = files()
    result = cli("build", spec, "-o", output)
    assert result.code == 2
    first, second = result.err.splitlines()
    assert first == f"error: {message}"
    assert second.startswith("  = help: ")
    assert files() == before


def test_a_full_disk_leaves_the_old_script(
    cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("train.py").write_text("old")

    def fail(self: Path, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    result = cli("build", spec, "-o", "train.py", "--force")
    assert result.code == 2
    assert result.err.startswith("error: cannot write train.py: no space left on device\n")
    assert sorted(files()) == ["net.nn", "train.py"]
    assert files()["train.py"] == b"old"


def test_nothing_to_build(cli: Cli, spec: Path) -> None:
    spec.write_text("data = digits")
    result = cli("build", spec, "-o", "train.py")
    assert result.code == 1
    assert "error[NN227]: there is nothing to build: the spec has no network" in result.err


class TestCheck:
    def test_the_same(self, cli: Cli, spec: Path) -> None:
        cli("build", spec, "-o", "train.py")
        result = cli("build", spec, "-o", "train.py", "--check")
        assert (result.code, result.out, result.err) == (0, "", "train.py is up to date\n")

    def test_a_stale_spec(self, cli: Cli, spec: Path) -> None:
        cli("build", spec, "-o", "train.py")
        before = files()
        result = cli("build", spec, "-o", "train.py", "--check", "--set", "train.epochs=4")
        assert result.code == 1
        assert "\n-EPOCHS = 3 " in result.out
        assert "\n+EPOCHS = 4 " in result.out
        assert result.err == (
            "train.py is stale: the spec was changed, or other settings were given\n"
        )
        assert files() == before

    def test_an_edited_script(self, cli: Cli, spec: Path) -> None:
        cli("build", spec, "-o", "train.py")
        script = Path("train.py")
        script.write_text(script.read_text("utf-8").replace("EPOCHS = 3 ", "EPOCHS = 5 "), "utf-8")
        result = cli("build", spec, "-o", "train.py", "--check")
        assert result.code == 1
        assert "\n-EPOCHS = 5 " in result.out
        edited = "was edited by hand: put the change into the spec, or keep it elsewhere"
        assert result.err == f"train.py {edited}\n"
        result = cli("build", spec, "-o", "train.py", "--check", "--set", "train.epochs=4")
        assert [line.split()[1:3] for line in result.err.splitlines()] == [
            ["is", "stale:"],
            ["was", "edited"],
        ]

    def test_another_version(self, cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(emit_script, "__version__", "0.0.9")
            cli("build", spec, "-o", "train.py")
        result = cli("build", spec, "-o", "train.py", "--check")
        version = nndsl.__version__
        assert result.err == f"train.py was made by nndsl 0.0.9, and this is nndsl {version}\n"

    def test_other_options(self, cli: Cli, spec: Path) -> None:
        cli("build", spec, "-o", "train.py", "--optimize")
        result = cli("build", spec, "-o", "train.py", "--check")
        assert result.err == (
            "train.py was built with other options, or for a file of another name\n"
        )
        assert cli("build", spec, "-o", "train.py", "--optimize", "--check").code == 0

    def test_a_script_of_another_kind(self, cli: Cli, spec: Path) -> None:
        Path("train.py").write_text("print(1)\n")
        result = cli("build", spec, "-o", "train.py", "--check")
        assert (result.code, result.out[:13]) == (1, "--- train.py\n")
        assert "does not say that nndsl wrote it" in result.err

    def test_line_ends_of_another_system(self, cli: Cli, spec: Path) -> None:
        cli("build", spec, "-o", "train.py")
        Path("train.py").write_bytes(Path("train.py").read_bytes().replace(b"\n", b"\r\n"))
        assert cli("build", spec, "-o", "train.py", "--check").code == 0

    def test_none(self, cli: Cli, spec: Path) -> None:
        result = cli("build", spec, "-o", "train.py", "--check")
        assert (result.code, result.out) == (1, "")
        assert result.err.startswith("error: train.py does not exist\n")

    def test_stdout(self, cli: Cli, spec: Path) -> None:
        assert cli("build", spec, "-o", "-", "--check").code == 2


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("notes = 1\n", "is not a script that nndsl wrote"),
        ("a,b\n1,2\n", "is not a script that nndsl wrote"),
        (None, "was edited by hand"),
    ],
)
def test_what_a_person_wrote_is_not_replaced(
    cli: Cli, spec: Path, written: str | None, why: str
) -> None:
    output = Path("mine.py")
    assert cli("build", spec, "-o", output).code == 0
    again = cli("build", spec, "--set", "train.seed=2", "-o", output)
    assert again.code == 0  # nobody's work is lost
    text = written or output.read_text(encoding="utf-8").replace("import numpy", "import  numpy")
    output.write_text(text, encoding="utf-8")
    result = cli("build", spec, "-o", output)
    assert result.code == 2
    assert f"mine.py {why}" in result.err
    assert output.read_text(encoding="utf-8") == text
    assert cli("build", spec, "-o", output, "--force").code == 0
    assert output.read_text(encoding="utf-8") != text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("train", "function"), [("train { loss = huber; optimizer = sgd }", "train"), ("", "predict")]
)
@pytest.mark.parametrize("options", [[], ["--optimize"], ["--style", "layers"]])
def test_a_script_without_data_says_so_when_it_is_run(
    train: str, function: str, options: list[str], cli: Cli, spec: Path
) -> None:
    spec.write_text(f"network {{ input(4); dense(3) }}\n{train}\n", "utf-8")
    assert cli("build", spec, "-o", "net.py", *options).code == 0
    for given in ([], ["--check-gradients"]):
        done = subprocess.run(
            [sys.executable, "net.py", *given], capture_output=True, text=True, check=False
        )
        said = f"its spec names no data: import it, and call `{function}`\n"
        assert (done.returncode, done.stdout, done.stderr) == (1, "", said)
