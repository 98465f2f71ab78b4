"""Files of weights: what they belong to, what is said where that is another network, bad files."""

from __future__ import annotations

import io
import json
import pickle
import warnings
import zipfile
from collections.abc import Callable
from errno import EACCES
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nndsl
from nndsl.live.weights import open_weights

SPEC = """\
data = spiral(classes=3, samples=60, test=0.2)
network {
  dense(8)
  relu
  dropout(0.2)
  dense(3)
}
train { loss = softmax_cross_entropy; optimizer = adam(lr=0.01); epochs = 2 }
"""


def load(old: str = "", new: str = "", **options: Any) -> nndsl.Model:
    assert old in SPEC
    return nndsl.load("net.nn", text=SPEC.replace(old, new) if old else SPEC, **options)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """Return a file of weights of SPEC."""
    path = tmp_path / "w.npz"
    load().save(path)
    return path


def refusal(model: nndsl.Model, path: Path) -> nndsl.ModelError:
    before = {name: array.copy() for name, array in model.parameters.items()}
    with pytest.raises(nndsl.ModelError) as caught:
        model.restore(path)
    assert all(np.array_equal(before[name], p) for name, p in model.parameters.items())
    return caught.value


def without(path: Path, *names: str, **more: Any) -> Path:
    """Write the file again without some of its arrays, and with others."""
    with np.load(path) as file:
        kept = {name: file[name] for name in file if name not in names}
    np.savez(path, allow_pickle=True, **{**kept, **more})
    return path


def test_weights_say_what_they_belong_to(saved: Path) -> None:
    with np.load(saved, allow_pickle=False) as file:
        assert list(file) == ["W1", "b1", "W2", "b2", "network", "spec", "examples"]
        assert str(file["network"]) == load().script.identity
        assert "dropout(0.2)" in str(file["spec"])
        about = json.loads(str(file["examples"]))
    assert (about["version"], about["shape"], about["classes"]) == (nndsl.__version__, [2], 3)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("epochs = 2", "epochs = 9; seed = 3"),
        ("adam(lr=0.01)", "sgd(lr=1)"),
        ("dropout(0.2)", "dropout(0.5)"),
        ("  dropout(0.2)\n", ""),
        ("epochs = 2", "dtype = float64"),
    ],
)
def test_another_training_takes_the_weights(old: str, new: str, saved: Path) -> None:
    model = load(old, new)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.restore(saved)
    assert np.array_equal(model.parameters["W2"], load().parameters["W2"])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("dense(8)", "dense(9)", "`dense(9)` at line 3 is `dense(8)` in the weights' spec"),
        ("relu", "tanh", "`tanh` at line 4 is `relu` in the weights' spec"),
        ("  relu\n", "", "`relu` stands in the weights' spec, and is not there any more"),
        ("  relu\n", "  relu\n  softmax\n", "`softmax` at line 5 is not in the weights' spec"),
        ("dense(8)", "dense(8, bias=false)", "`dense(8, bias=false)` at line 3 is `dense(8)` in"),
        (
            "spiral(classes=3, samples=60",
            "blobs(classes=3, features=4, samples=60",
            "an example is a row of 4 features, and a row of 2 features in the weights' spec",
        ),
    ],
)
def test_what_differs_is_said(old: str, new: str, said: str, saved: Path) -> None:
    error = refusal(load(old, new), saved)
    assert error.help is not None
    assert error.help.startswith(said)
    assert "dropout" not in error.help


def test_an_activation_with_an_argument_that_is_a_default(saved: Path) -> None:
    load("relu", "leaky_relu").save(saved)
    error = refusal(load("relu", "leaky_relu(slope=0.3)"), saved)
    said = "`leaky_relu(slope=0.3)` at line 4 is `leaky_relu` in the weights' spec"
    assert (error.help or "").startswith(said)


def test_names_and_shapes_are_both_said(saved: Path) -> None:
    message = str(refusal(load("dense(8)", "dense(9)\n  batch_norm"), saved))
    assert f"{saved} lacks gamma1, beta1, running_mean1, running_var1; " in message
    assert f"W1 is (2, 8) in {saved}, and (2, 9) in the model" in message
    load("dense(8)", "dense(8)\n  batch_norm").save(saved)
    message = str(refusal(load(), saved))
    assert f"{saved} holds gamma1, beta1, running_mean1, running_var1, which the model" in message


def test_many_differences_are_not_all_said(saved: Path) -> None:
    deep = load("dense(8)", "\n".join(["dense(8)", "relu"] * 12))
    deep.save(saved)
    wider = load("dense(8)", "\n".join(["dense(9)", "relu"] * 12))
    error = refusal(wider, saved)
    assert str(error).endswith("; and 20 more")
    assert (error.help or "").endswith("\nand 7 more")


def test_a_file_that_says_nothing_is_taken_with_a_warning(saved: Path) -> None:
    without(saved, "network", "spec", "examples")
    model = load()
    with pytest.warns(UserWarning, match="does not say which network it belongs to"):
        model.restore(saved)
    assert "(2, 9) in the model" in str(refusal(load("dense(8)", "dense(9)"), saved))


def test_weights_of_a_script_have_the_identity_alone(saved: Path) -> None:
    without(saved, "spec", "examples")
    load().restore(saved)
    error = refusal(load("relu", "tanh"), saved)
    assert "belongs to another network: names and shapes agree" in str(error)
    assert "build the script again" in (error.help or "")


def test_another_version_may_write_the_same_network_otherwise(saved: Path) -> None:
    without(saved, network=np.array("00000000"))
    load().restore(saved)
    refusal(load("relu", "tanh"), saved)


def test_statistics_of_inputs_are_kept(tmp_path: Path) -> None:
    rows = "".join(f"{n},{n % 3},{'ab'[n % 2]}\n" for n in range(20))
    (tmp_path / "t.csv").write_text(f"u,v,kind\n{rows}")
    (tmp_path / "net.nn").write_text(
        'data = csv("t.csv", target="kind", standardize=true, test=5)\nnetwork { dense(2) }\n'
        "train { loss = softmax_cross_entropy; optimizer = adam; epochs = 1 }\n"
    )
    model = nndsl.load(tmp_path / "net.nn")
    model.fit()
    model.save(tmp_path / "w.npz")
    other = nndsl.load(tmp_path / "net.nn")
    other.restore(tmp_path / "w.npz")
    other.save(tmp_path / "again.npz")
    with np.load(tmp_path / "again.npz") as file:
        assert np.array_equal(file["mean"], model.statistics["mean"])
        assert np.array_equal(file["scale"], model.statistics["scale"])
    without(tmp_path / "w.npz", mean=np.zeros(3))
    assert "`mean` is (3,) in" in str(refusal(other, tmp_path / "w.npz"))


# --- Damaged, foreign and hostile files -----------------------------------------------


class Trap:
    """What a pickle may hold: it writes a file when it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.write_text, (self.path, "sprung"))


def member(path: Path, name: str, content: bytes) -> None:
    """Put a member of any bytes into a file of weights."""
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)


def header(shape: str, descr: str = "'<f4'") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


def encrypt(path: Path) -> None:
    """Say of the first member that it is encrypted, in both of its heads."""
    content = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + flags] |= 1
    path.write_bytes(content)


BAD: dict[str, Callable[[Path], object]] = {
    "no zip": lambda path: path.write_text("weights"),
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:700]),
    "one array": lambda path: np.save(path.open("wb"), np.zeros(3)),
    "a pickle": lambda path: path.write_bytes(pickle.dumps({"W1": [1.0]})),
    "a text inside": lambda path: member(path, "readme.txt", b"hello"),
    "a long header": lambda path: member(
        path, "x.npy", b"\x93NUMPY\x02\x00" + (10**9).to_bytes(4, "little") + b"{" * 1000
    ),
    "a header that is cut": lambda path: member(
        path, "x.npy", b"\x93NUMPY\x01\x00\x09\x00{'descr':"
    ),
    "a header that is code": lambda path: member(path, "x.npy", header("__import__('os')")),
    "an encrypted member": lambda path: encrypt(path),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_a_message(kind: str, saved: Path) -> None:
    BAD[kind](saved)
    error = refusal(load(), saved)
    assert str(error).startswith(f"{saved} is no .npz file of weights, or damaged")
    assert "nndsl run" in (error.help or "")


def test_a_file_that_may_not_be_read_is_not_said_to_be_damaged(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *options: object) -> None:
        raise PermissionError(EACCES, "Permission denied", str(path))

    monkeypatch.setattr("nndsl.live.weights.ZipFile", refuse)
    assert str(refusal(load(), saved)) == f"{saved} cannot be read: Permission denied"


@pytest.mark.parametrize("place", ["weights.npz", "."])
def test_no_file_is_a_message(place: str, tmp_path: Path) -> None:
    assert str(refusal(load(), tmp_path / place)).endswith(("does not exist", "is no regular file"))


@pytest.mark.parametrize("characters", [b"\xff\xff\xff\xff", b"\0\0\x11\0", b"\0\xd8\0\0"])
@pytest.mark.parametrize("name", ["network", "spec", "examples"])
def test_a_text_that_is_none(name: str, characters: bytes, saved: Path) -> None:
    without(saved, name)
    member(saved, f"{name}.npy", header("()", "'<U1'") + characters)
    assert "damaged" in str(refusal(load(), saved))


def test_numbers_that_are_damaged(saved: Path) -> None:
    content = bytearray(saved.read_bytes())
    place = bytes(content).index(load().parameters["W2"].tobytes())
    content[place] ^= 0xFF
    saved.write_bytes(content)
    assert "damaged" in str(refusal(load(), saved))


def test_nothing_is_unpickled(saved: Path, tmp_path: Path) -> None:
    trap = np.array([Trap(tmp_path / "trap")], dtype=object)
    without(saved, "W1", W1=trap)
    assert "`W1` in" in str(refusal(load(), saved))
    without(saved, "W1", W1=np.zeros((2, 8)), network=trap)
    with pytest.warns(UserWarning, match="does not say"):
        load().restore(saved)
    assert not (tmp_path / "trap").exists()


def test_arrays_that_are_not_asked_for_are_not_read(saved: Path) -> None:
    member(saved, "big.npy", header("(1000000, 1000000, 1000)"))
    assert "big, which the model has not" in str(refusal(load(), saved))
    without_w1 = io.BytesIO()
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(without_w1, "w") as new:
        for name in ("b1.npy", "W2.npy", "b2.npy"):
            new.writestr(name, old.read(name))
        new.writestr("W1.npy", header("(1000000, 1000000, 1000)"))
    saved.write_bytes(without_w1.getvalue())
    assert "W1 is (1000000, 1000000, 1000) in" in str(refusal(load(), saved))


def test_a_foreign_file_is_named_as_such(saved: Path) -> None:
    np.savez(saved, x=np.zeros((4, 2)), t=np.zeros(4))
    message = str(refusal(load(), saved))
    assert "holds no weights of this network: it has x, t, and the network W1, b1, W2" in message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "network { dnse(8) }",
        "\x00{",
        "network { " * 5000,
        'data = csv("/etc/passwd", target="x")',
    ],
)
def test_a_spec_that_is_none_explains_nothing(text: str, saved: Path) -> None:
    without(saved, spec=np.array(text))
    error = refusal(load("relu", "tanh"), saved)
    assert "belongs to another network" in str(error)
    load().restore(saved)


def test_a_spec_in_a_file_reads_no_data(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = SPEC.replace("spiral(classes=3, samples=60, test=0.2)", 'csv("/etc/x", target="t")')
    without(saved, spec=np.array(hostile), network=np.array("00000000"))
    real, opened = Path.open, []

    def watched(path: Path, *arguments: Any, **options: Any) -> Any:
        opened.append(str(path))
        return real(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", watched)
    refusal(load("relu", "tanh"), saved)
    assert "/etc/x" not in opened


@pytest.mark.parametrize(
    "about",
    [
        "",
        "[]",
        '{"version": "1", "shape": [-1]}',
        '{"version": 1, "shape": [2]}',
        '{"version": "1", "shape": [2], "names": [3]}',
        '{"version": "1", "shape": [2], "inputs": [["a", []]]}',
        "[" * 100_000,
    ],
)
def test_what_is_said_of_the_data_is_checked(about: str, saved: Path) -> None:
    without(saved, examples=np.array(about))
    assert open_weights(saved).known is None
    load().restore(saved)
