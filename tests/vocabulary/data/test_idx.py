"""Files in the idx format: described by their headers, read by the script's text."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nndsl.data import DataError
from nndsl.data.raw_numbers import NOT_COUNTED
from nndsl.vocabulary.data import idx as module
from nndsl.vocabulary.data.idx import Idx

IMAGES = np.arange(24).reshape(4, 2, 3)
CODES = {"u1": 8, "i1": 9, ">i2": 11, ">i4": 12, ">f4": 13, ">f8": 14}


def idx(array: Any, dtype: str = "u1") -> bytes:
    """Write an array in the idx format."""
    array = np.asarray(array)
    lengths = np.array(array.shape, ">u4").tobytes()
    return bytes([0, 0, CODES[dtype], array.ndim]) + lengths + array.astype(dtype).tobytes()


def write(folder: Path, **contents: bytes) -> None:
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        (folder / f"{name}.gz").write_bytes(gzip.compress(content))


def refusal(folder: Path, **arguments: Any) -> DataError:
    with pytest.raises(DataError) as caught:
        Idx(**{"images": "x", "labels": "t", **arguments}).describe(folder)
    return caught.value


@pytest.mark.parametrize("end", ["", ".gz"])
@pytest.mark.parametrize("dtype", CODES)
def test_images_and_labels(tmp_path: Path, load: Any, end: str, dtype: str) -> None:
    write(tmp_path, x=idx(IMAGES, dtype), t=idx([0, 2, 1, 0]))
    rows = load(Idx(images=f"x{end}", labels=f"t{end}", scale=1 / 255))
    assert np.array_equal(rows.X, IMAGES.reshape(4, 6) / 255)
    assert rows.t.tolist() == [0, 2, 1, 0]
    assert rows.known.classes == 3
    images = load(Idx(images=f"x{end}", labels=f"t{end}", shape=(1, 2, 3)), np.float32)
    assert np.array_equal(images.X, IMAGES[:, np.newaxis])


@pytest.mark.parametrize("dtype", CODES)
def test_the_type_of_the_labels_says_what_is_learnt(tmp_path: Path, load: Any, dtype: str) -> None:
    write(tmp_path, x=idx(IMAGES), t=idx([3, 1, 2, 0], dtype))
    data = load(Idx(images="x", labels="t.gz"))
    assert data.t.ravel().tolist() == [3, 1, 2, 0]
    assert (data.known.classes, data.known.outputs) == ((None, 1) if "f" in dtype else (4, None))


def test_the_test_part_can_be_files(tmp_path: Path, load: Any) -> None:
    write(tmp_path, x=idx(IMAGES), t=idx([0, 1, 1, 0]), u=idx(IMAGES[:2] + 1), v=idx([2, 0]))
    data = load(Idx(images="x", labels="t", test=("u.gz", "v")))
    assert np.array_equal(data.X_test, IMAGES[:2].reshape(2, 6) + 1)
    assert data.t_test.tolist() == [2, 0]
    assert (data.known.classes, data.known.test_examples) == (3, 2)


def test_many_labels_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, x=idx(IMAGES), t=idx([0, 1, 1, 0]))
    monkeypatch.setattr(module, "MAX_READ", 3)
    known = Idx(images="x", labels="t").describe(tmp_path)
    assert (known.classes, known.outputs, known.note) == (None, None, NOT_COUNTED)


@pytest.mark.parametrize(
    ("files", "arguments", "field", "message"),
    [
        ({"t": idx([0] * 4)}, {}, "images", "there is no file `x`"),
        ({"x": idx(IMAGES)}, {}, "labels", "there is no file `t`"),
        ({"x": idx(IMAGES), "t": idx([0, 1])}, {}, "labels", "`x` holds 4 examples, `t` 2 labels"),
        ({"x": idx(IMAGES), "t": idx(IMAGES)}, {}, "labels", "`t` has 3 axes; labels have one"),
        ({"x": idx(IMAGES), "t": idx([0, -1, 0, 0], "i1")}, {}, "labels", "no class number"),
        ({"x": idx(IMAGES[:0]), "t": idx([])}, {}, "images", "`x` is empty"),
        ({"x": idx(IMAGES), "t": idx([0] * 4)}, {"shape": (1, 7)}, "shape", "holds 6 numbers"),
        (
            {"x": idx(IMAGES), "t": idx([0] * 4), "u": idx([0.0] * 4, ">f4")},
            {"test": ("x.gz", "u")},
            "test",
            "1 floats",
        ),
        ({"x": idx(IMAGES), "t": idx([0] * 4)}, {"test": ("./x", "t.gz")}, None, "one name"),
    ],
)
def test_wrong_files(tmp_path: Path, files: Any, arguments: Any, field: Any, message: str) -> None:
    write(tmp_path, **files)
    error = refusal(tmp_path, **arguments)
    assert message in error.message
    assert error.field == field


@pytest.mark.parametrize("end", ["", ".gz"])
@pytest.mark.parametrize(
    "content",
    [b"", b"PK\3\4", b"\0\0\x08", b"\0\0\x08\0", b"\0\0\x07\1\0\0\0\4", b"\0\0\x08\3\0\0\0\4\0\0"],
)
def test_headers_that_are_none(tmp_path: Path, content: bytes, end: str) -> None:
    write(tmp_path, x=content, t=idx([0] * 4))
    error = refusal(tmp_path, images=f"x{end}")
    assert error.message == f"`x{end}` is not in the idx format, or damaged"
    assert error.field == "images"


def test_files_cut_short(tmp_path: Path) -> None:
    write(tmp_path, x=idx(IMAGES), t=idx([0] * 4))
    for name in ("x", "t", "t.gz"):
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole[: len(whole) - 12 if name == "t.gz" else -1])
        arguments = {"images": "x.gz", "labels": name} if name != "x" else {}
        assert "damaged" in refusal(tmp_path, **arguments).message
    (tmp_path / "x.gz").write_bytes(b"no gzip")
    assert "damaged" in refusal(tmp_path, images="x.gz").message


def test_a_header_that_promises_too_much_costs_nothing(tmp_path: Path) -> None:
    huge = b"\0\0\x08\2\xff\xff\xff\xff\xff\xff\xff\xff"
    write(tmp_path, x=huge, t=huge)
    for end in ("", ".gz"):
        assert "10**9" in refusal(tmp_path, images="x.gz", labels=f"t{end}").message
