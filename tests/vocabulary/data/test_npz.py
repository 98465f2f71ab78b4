"""Arrays of an npz file: described without numpy, read by the script's text, refused in words."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nndsl
from nndsl.data import DataError, raw_numbers
from nndsl.shapes import Tokens
from nndsl.vocabulary import named_arrays
from nndsl.vocabulary.data.npz import Npz

IMAGES = np.arange(24, dtype=np.uint8).reshape(4, 2, 3)


def refusal(folder: Path, **arguments: Any) -> DataError:
    with pytest.raises(DataError) as caught:
        Npz(file="a.npz", **arguments).describe(folder)
    return caught.value


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("dtype", ["<i8", ">i2", "u1", "<u4", "?"])
def test_whole_numbers_are_classes(tmp_path: Path, load: Any, save: Any, dtype: str) -> None:
    save(tmp_path / "a.npz", x=IMAGES, t=np.array([0, 1, 1, 0], dtype))
    data = load(Npz(file="a.npz", scale=1 / 255))
    assert np.array_equal(data.X, IMAGES / 255)
    assert data.t.tolist() == [0, 1, 1, 0]
    assert (data.known.classes, data.known.outputs, data.known.title) == (2, None, "a.npz")


def test_floats_are_a_regression(tmp_path: Path, load: Any) -> None:
    t = np.array([0.5, 1, 2, 3], ">f4")
    np.savez(tmp_path / "a.npz", x=np.asfortranarray(IMAGES), t=t, many=np.column_stack([t, t]))
    one = load(Npz(file="a.npz"), np.float32)
    assert np.array_equal(one.X, IMAGES)
    assert one.t.ravel().tolist() == t.tolist()
    assert load(Npz(file="a.npz", t="many")).known.outputs == 2


def test_images_can_be_targets(tmp_path: Path, load: Any) -> None:
    images = IMAGES.reshape(4, 1, 2, 3)
    np.savez(tmp_path / "a.npz", x=images, t=images / 2, mask=images[:, 0] % 3, flat=IMAGES[:, 0])
    data = load(Npz(file="a.npz"))
    assert data.known.outputs == 6
    assert np.array_equal(data.t, images.reshape(4, 6) / 2)
    pixels = load(Npz(file="a.npz", t="mask"))
    assert (pixels.known.classes, pixels.known.per_position) == (3, True)
    assert np.array_equal(pixels.t, images.reshape(4, 6) % 3)
    assert "has shape (4, 3)" in str(refusal(tmp_path, t="flat"))


def test_a_script_reads_a_regression(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.ones((4, 3)), y=np.arange(4.0))
    text = 'data = npz("a.npz", t="y", test=1)\nnetwork { dense(1) }\n'
    train = "train { loss = mean_squared_error; optimizer = sgd }\n"
    (tmp_path / "a.nn").write_text(text + train, "utf-8")
    X, t = nndsl.load(tmp_path / "a.nn").data()["training"]
    assert X.shape == (3, 3)
    assert t.shape == (3, 1)


@pytest.mark.parametrize("dtype", [np.uint8, np.float64])
def test_inputs_can_be_their_own_targets(tmp_path: Path, load: Any, dtype: type) -> None:
    np.savez(tmp_path / "a.npz", x=IMAGES.astype(dtype), u=IMAGES[:2], rows=IMAGES.reshape(4, 6))
    data = load(Npz(file="a.npz", t="x", test=("u", "u"), scale=1 / 255))
    assert (data.known.classes, data.known.outputs) == (None, 6)
    assert np.array_equal(data.t, data.X.reshape(4, 6))  # scaled, as the inputs are
    assert np.array_equal(data.t_test, data.X_test.reshape(2, 6))
    rows = load(Npz(file="a.npz", x="rows", t="rows"))
    assert np.array_equal(rows.t, rows.X)


def test_the_test_part_can_be_arrays(tmp_path: Path, load: Any) -> None:
    np.savez(tmp_path / "a.npz", x=IMAGES, t=[0, 1, 1, 0], u=IMAGES[:2] + 1, v=[2, 0])
    word = Npz(file="a.npz", test=("u", "v"), scale=0.3)
    data = load(word)
    assert word.has_own_test
    assert (data.known.classes, data.known.test_examples) == (3, 2)
    assert np.array_equal(data.X_test, (IMAGES[:2] + 1) * 0.3)
    assert data.t_test.tolist() == [2, 0]
    assert data.t_test.dtype == np.int64


@pytest.mark.parametrize("test", [0.25, (0.25,), [0.25]])
def test_the_test_part_can_be_a_fraction(test: Any) -> None:
    word = Npz(file="a.npz", test=test)
    assert word.test == 0.25
    assert not word.has_own_test


@pytest.mark.parametrize(
    "name", ['"', "'", "'\"", "a\nb", "{x}", "\\", "\u2028", "größe # 'x", "\t"]
)
def test_no_name_of_an_array_is_code(tmp_path: Path, load: Any, name: str) -> None:
    np.savez(tmp_path / "a.npz", **{"x": IMAGES, name: np.zeros(4, int)})
    assert load(Npz(file="a.npz", t=name)).known.classes == 1


@pytest.mark.parametrize(
    ("arrays", "arguments", "field", "message"),
    [
        ({"x": IMAGES}, {}, "t", 'no array "t"'),
        ({"t": IMAGES}, {}, "x", 'no array "x"'),
        ({"x": IMAGES, "t": [0, 1]}, {}, "t", "holds 4 examples"),
        ({"x": IMAGES, "t": [0, 1, -1, 0]}, {}, "t", "holds -1, which is no class number"),
        ({"x": IMAGES, "t": [0, 1, 10**9, 0]}, {}, "t", "holds 1000000000, which"),
        ({"x": IMAGES, "t": [[0], [1], [1], [0]]}, {}, "t", r"shape \(4, 1\)"),
        ({"x": IMAGES, "t": np.zeros((4, 1, 1), int)}, {}, "t", r"shape \(4, 1, 1\)"),
        ({"x": np.zeros(4), "t": [0] * 4}, {}, "x", r"shape \(4,\)"),
        ({"x": IMAGES, "t": ["a"] * 4}, {}, "t", "no plain numbers"),
        ({"x": IMAGES, "t": np.array([None] * 4)}, {}, "t", "no plain numbers"),
        ({"x": IMAGES * 1j, "t": [0] * 4}, {}, "x", "no plain numbers"),
        ({"x": np.zeros((2, 2), [("a", int)]), "t": [0] * 4}, {}, "x", "no plain numbers"),
        ({"x": np.zeros((0, 2)), "t": []}, {}, "x", "empty"),
        ({"x": IMAGES, "t": [0] * 4}, {"test": ("u", "t")}, "test", 'no array "u"'),
        (
            {"x": IMAGES, "t": [0] * 4, "u": np.zeros((4, 9))},
            {"test": ("u", "t")},
            "test",
            r"the test part is of shape \(9,\)",
        ),
        (
            {"x": IMAGES, "t": [0] * 4, "v": np.zeros(4)},
            {"test": ("x", "v")},
            "test",
            "with 1 floats",
        ),
    ],
)
def test_wrong_arrays(
    tmp_path: Path, arrays: Any, arguments: Any, field: str, message: str
) -> None:
    np.savez(tmp_path / "a.npz", allow_pickle=True, **arrays)
    error = refusal(tmp_path, **arguments)
    assert error.field == field
    with pytest.raises(DataError, match=message):
        raise error


def npy(header: bytes, start: bytes = b"\x93NUMPY\x01\0") -> bytes:
    return start + len(header).to_bytes(2, "little") + header


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x93NUMPY\x09\0",
        npy(b"(" * 9000),
        npy(b"__import__('os').system('true')"),
        npy(b"[1]"),
        npy(b"{'descr': '<f8'}"),
        npy(b"{'descr': '<f8', 'shape': (4, -1)}"),
        npy(b"{'descr': '<f8', 'shape': (True, 2)}"),
        npy(b"{'descr': '<f8', 'shape': [4, 2]}"),
        npy(b"{'descr': [('a', '<f8')], 'shape': (4, 2)}"),
        npy(b"\xff", b"\x93NUMPY\x03\0"),
        b"\x93NUMPY\x02\0\xff\xff\xff\xff",
    ],
)
def test_hostile_headers(tmp_path: Path, content: bytes) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", content)
    assert refusal(tmp_path).field == "x"


def test_damaged_files(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, x=IMAGES, t=np.arange(4) % 2)
    whole = path.read_bytes()
    for position in range(0, len(whole), 7):
        path.write_bytes(whole[:position])
        assert refusal(tmp_path).field == "file"
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0xFF]) + whole[position + 1 :])
        with contextlib.suppress(DataError):
            Npz(file="a.npz").describe(tmp_path)
    path.write_bytes(b"not a zip")
    assert "no .npz file" in refusal(tmp_path).message


def test_targets_cut_short(tmp_path: Path) -> None:
    whole = io.BytesIO()
    np.save(whole, np.arange(4))
    inputs = io.BytesIO()
    np.save(inputs, IMAGES)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", inputs.getvalue())
        archive.writestr("t.npy", whole.getvalue()[:-1])
    assert 'the array "t" is damaged: 31 bytes' in refusal(tmp_path).message


def test_many_targets_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez(tmp_path / "a.npz", x=IMAGES, t=[0, 1, 1, 0])
    monkeypatch.setattr(named_arrays, "MAX_READ", 31)
    known = Npz(file="a.npz").describe(tmp_path)
    assert (known.classes, known.outputs) == (None, None)
    assert known.note == raw_numbers.NOT_COUNTED


def test_numpy_is_not_imported(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=IMAGES, t=[0, 1, 1, 0])
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    code = (
        "import sys; from pathlib import Path; from nndsl.vocabulary import registry\n"
        "folder = Path(sys.argv[1])\n"
        "words = [registry.find('data', name) for name in registry.names('data')]\n"
        "registry.find('data', 'npz')(file='a.npz').describe(folder)\n"
        "registry.find('data', 'csv')(file='a.csv', target='b').describe(folder)\n"
        "assert len(words) > 10 and 'numpy' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)


TOKENS = np.array([[0, 3, 1], [2, 2, 0]])


def test_whole_numbers_can_be_tokens(tmp_path: Path, load: Any) -> None:
    np.savez(tmp_path / "a.npz", x=TOKENS, t=[0, 1], all=TOKENS % 2)
    one = load(Npz(file="a.npz", tokens=5), np.float32)
    assert isinstance(one.known.shape, Tokens)
    assert one.known.shape.vocab_size == 5
    assert np.array_equal(one.X, TOKENS)
    assert (one.X.dtype, one.known.per_position) == (np.int64, False)
    each = load(Npz(file="a.npz", tokens=5, t="all", classes=4))
    assert (each.known.per_position, each.known.classes) == (True, 4)
    assert np.array_equal(each.t, TOKENS % 2)
    assert load(Npz(file="a.npz", tokens=5, t="x")).known.classes == 4  # to say it again


def test_classes_that_the_file_lacks_can_be_declared(tmp_path: Path, load: Any) -> None:
    np.savez(tmp_path / "a.npz", x=IMAGES, t=[0, 1, 1, 0])
    assert load(Npz(file="a.npz", classes=3)).known.classes == 3


@pytest.mark.parametrize(
    ("arguments", "message", "field"),
    [
        ({"tokens": 3}, '"x" holds token 3: the kinds are 0 to 2', "tokens"),
        ({"tokens": 4, "x": "f"}, 'the array "f" has floats, and no tokens', "x"),
        ({"tokens": 4, "x": "t"}, 'the array "t" has shape (2,)', "x"),
        ({"tokens": 4, "t": "wide"}, 'the array "wide" has shape (2, 4)', "t"),
        ({"t": "wide"}, 'the array "wide" has shape (2, 4)', "t"),
        ({"classes": 1}, '"t" holds class 1: the classes are 0 to 0', "classes"),
    ],
)
def test_what_are_no_tokens_is_said(
    tmp_path: Path, arguments: dict[str, Any], message: str, field: str
) -> None:
    wide = np.zeros((2, 4), int)
    np.savez(tmp_path / "a.npz", x=TOKENS, t=[0, 1], f=TOKENS / 2, wide=wide)
    wrong = refusal(tmp_path, **arguments)
    assert (wrong.message, wrong.field) == (message, field)
