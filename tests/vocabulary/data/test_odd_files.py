"""Odd and damaged files of every kind: the right reading, or an error in words and at its place."""

from __future__ import annotations

import gzip
import io
import os
import re
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nndsl
from nndsl.data import DataError, raw_numbers
from nndsl.lints import check
from nndsl.source import read_source

X = np.arange(24, dtype=np.float32).reshape(4, 6)
T = np.array([0, 1, 1, 0])
CSV = 'csv("f", target="t")'
NPZ = 'npz("f")'
IDX = 'idx("f.gz", "g")'
TEXT = 'text("f", window=4)'


def npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def archive(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(f"{name}.npy", content)
    return file.getvalue()


def npy(shape: str, descr: str = "<f4", content: bytes = b"") -> bytes:
    header = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}}}".encode()
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + content


def idx(array: Any, code: int = 8, dtype: str = "u1") -> bytes:
    array = np.asarray(array)
    lengths = np.array(array.shape, ">u4").tobytes()
    return bytes([0, 0, code, array.ndim]) + lengths + array.astype(dtype).tobytes()


def with_one(value: float, dtype: str = "f4") -> Any:
    array = X.astype(dtype)
    array[2, 3] = value
    return array


FINITE = "is no finite number"
WRONG = [
    # what the data is, the files, and what the error says
    (CSV, {"f": b""}, "`f` is empty"),
    (CSV, {"f": b"\xef\xbb\xbf"}, "`f` is empty"),
    (CSV, {"f": b"\n \n\n"}, "`f` is empty"),
    (CSV, {"f": b"a,t\n"}, "`f` has no rows below its header"),
    (CSV, {"f": b"a,t\n,\n \n"}, "`f` has no rows below its header"),
    (CSV, {"f": b"a,a,t\n1,2,3\n"}, "column 2 of `f` is called `a`, as another one is"),
    (CSV, {"f": b"a,t\n1,2\n3\n"}, "line 3 of `f` has 1 value, and the header 2"),
    (CSV, {"f": b'a,t\n"1\n2",3\n4\n'}, "line 4 of `f` has 1 value, and the header 2"),
    (CSV, {"f": b"a,t\n" + b"1" * 10_000_001}, "line 2 of `f` has more than 10_000_000"),
    (CSV, {"f": b"a,t\n\0,1\n2,3\n"}, "the text `\0` in line 2"),
    (CSV, {"f": b"a,t\n" + 30 * b"1,2\n" + b"-inf,2\n"}, "`a` is no finite number in line 32"),
    (CSV, {"f": b"a,t\n1e39,2\n1,2\n"}, "`a` is no finite number in line 2: 1e39"),
    (CSV, {"f": "a,t\n1,2\n".encode("utf-16")}, "not in UTF-8: line 1"),
    (CSV, {"f": "a,t\nä,2\n".encode("latin-1")}, "not in UTF-8: line 2"),
    (CSV, {"f": b"sep=;\na;t\n1;2\n"}, "one column only"),
    ('csv("f", target="t", delimiter=";")', {"f": b"a;t\n1,5;2\n"}, "a number with a comma"),
    (CSV, {"f": b"PK\x03\x04" + bytes(range(256))}, "`f`"),
    (NPZ, {"f": b""}, "no .npz file, or damaged"),
    (NPZ, {"f": npz(x=X, t=T)[:-30]}, "no .npz file, or damaged"),
    (NPZ, {"f": npz(x=X, t=np.array([0, "a", None, 1], object))}, 'the array "t" holds no plain'),
    (NPZ, {"f": npz(x=X, t=np.array(["a"] * 4))}, 'the array "t" holds no plain'),
    (NPZ, {"f": npz(x=X, t=T.astype("M8[D]"))}, 'the array "t" holds no plain'),
    (NPZ, {"f": npz(x=X, t=T + 2**53)}, "holds 9007199254740993, which is no class number"),
    (NPZ, {"f": npz(x=X, t=np.float32(1))}, 'the array "t" has shape ()'),
    (NPZ, {"f": npz(x=X[:0], t=T[:0])}, "is empty"),
    (NPZ, {"f": npz(x=with_one(np.nan), t=T)}, f'"x" holds nan at [2, 3], which {FINITE}'),
    (NPZ, {"f": npz(x=np.asfortranarray(with_one(np.nan)), t=T)}, "holds nan at [2, 3]"),
    (NPZ, {"f": npz(x=with_one(-np.inf, "f2"), t=T)}, "holds -inf at [2, 3]"),
    (NPZ, {"f": npz(x=with_one(1e300, ">f8"), t=T)}, "holds 1e+300 at [2, 3]"),
    (NPZ, {"f": npz(x=X, t=np.array([0, 1, np.nan, 1]))}, '"t" holds nan at [2]'),
    (NPZ, {"f": archive(x=npy("(1000000, 1000000)"), t=npy("(1,)"))}, "more than 10**9 numbers"),
    (NPZ, {"f": archive(x=npy("(4, 6)"), t=npy("(4,)"))}, '"x" is damaged: 0 bytes'),
    (NPZ, {"f": archive(x=npy("(2, 6)", content=bytes(10**8)), t=npy("(2,)"))}, "is damaged"),
    (NPZ, {"f": archive(x=npy("(4, -6)"), t=npy("(4,)"))}, "has a damaged header"),
    (IDX, {"f.gz": gzip.compress(idx(X))[:-9], "g": idx(T)}, "not in the idx format, or damaged"),
    (IDX, {"f.gz": idx(X), "g": idx(T)}, "not in the idx format, or damaged"),
    (IDX, {"f.gz": gzip.compress(idx(X) + b"\0" * 10**7), "g": idx(T)}, "holds more numbers than"),
    (IDX, {"f.gz": gzip.compress(idx(X)), "g": idx(T) + b"\0"}, "holds more numbers than"),
    (IDX, {"f.gz": gzip.compress(b"\0\0\x08\x04" + b"\xff" * 16), "g": idx(T)}, "10**9 numbers"),
    (
        IDX,
        {"f.gz": gzip.compress(idx(with_one(np.nan), 13, ">f4")), "g": idx(T)},
        "`f.gz` holds nan at [2, 3]",
    ),
    (IDX, {"f.gz": gzip.compress(idx(X)), "g": idx([0, 1, np.inf, 1], 14, ">f8")}, "inf at [2]"),
    (TEXT, {"f": b""}, "0 characters"),
    (TEXT, {"f": b"abc\xffabcabc"}, "no text in UTF-8: byte 3"),
]
RIGHT = [
    # what the data is, the files, the inputs and the targets
    (CSV, {"f": b"\xef\xbb\xbfa,t\r\n1,2\r\n3,4\r\n"}, [[1], [3]], [[2], [4]]),
    (CSV, {"f": b"a,t\r1,2\r3,4"}, [[1], [3]], [[2], [4]]),
    (CSV, {"f": b'\n \n"a","t"\n"1","x\ny"\n3,"z"\n\n'}, [[1], [3]], [0, 1]),
    (CSV, {"f": b'"a ""b""",t\n1,2\n,\n\t\n5,6\n'}, [[1], [5]], [[2], [6]]),
    (CSV, {"f": b"a,t\n1,2\n"}, [[1]], [[2]]),
    (CSV, {"f": "größe,t\n1,ä\n2,ß\n".encode()}, [[1], [2]], [1, 0]),
    (CSV, {"f": b"day,t\n2020-01-02,1\n2020-01-01,2\n"}, [[0, 1], [1, 0]], [[1], [2]]),
    (CSV, {"f": b"a,t\n9007199254740993,2\n1,2\n"}, [[2**53], [1]], [[2], [2]]),
    (
        'csv("f", target="t", classes=true)',
        {"f": b"a,t\n1,9007199254740993\n2,9007199254740992\n"},
        [[1], [2]],
        [1, 0],
    ),
    (NPZ, {"f": npz(x=np.asfortranarray(X), t=T.astype(">i2"))}, X.tolist(), T.tolist()),
    (NPZ, {"f": npz(x=X > 7, t=T > 0)}, (X > 7).tolist(), T.tolist()),
    (IDX, {"f.gz": gzip.compress(idx(X)), "g": idx(T)}, X.tolist(), T.tolist()),
    (
        'text("f", window=2)',
        {"f": b"\xef\xbb\xbfabcab"},
        [[0, 1], [2, 0]],
        [[1, 2], [0, 1]],
    ),
]


def write(folder: Path, data: str, files: dict[str, bytes], rest: str = "") -> Path:
    """Write the files and a spec that names them."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    spec = folder / "a.nn"
    spec.write_text(f"data = {data}\n{rest}")
    return spec


def network(layers: str, loss: str = "softmax_cross_entropy") -> str:
    return f"network {{ {layers} }}\ntrain {{ loss = {loss}; optimizer = sgd }}\n"


@pytest.mark.parametrize(("data", "files", "message"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_said(
    tmp_path: Path, data: str, files: dict[str, bytes], message: str
) -> None:
    found = check(read_source(write(tmp_path, data, files)), {})
    assert [d.code for d in found] == ["NN311"]
    assert message in found[0].message
    span, lines = found[0].span, map(int, re.findall(r"line (\d+)", found[0].message))
    assert span.line == (1 if span.source.name.endswith("a.nn") else max(lines))


@pytest.mark.parametrize(("data", "files", "X", "t"), RIGHT, ids=range(len(RIGHT)))
def test_what_is_odd_is_read(
    tmp_path: Path, data: str, files: dict[str, bytes], X: list[Any], t: list[Any]
) -> None:
    layers = "embedding(2); dense(3)" if data.startswith("text") else "dense(2)"
    rest = network(layers)
    if isinstance(t[0], list) and not data.startswith("text"):  # numbers to predict
        rest = network("dense(1)", "mean_squared_error")
    inputs, targets = nndsl.load(write(tmp_path, data, files, rest)).data()["training"]
    assert inputs.tolist() == X
    assert targets.tolist() == t


@pytest.mark.parametrize("data", [NPZ, 'idx("f", "g")'])
def test_what_the_checker_does_not_reach_is_found_before_training(
    tmp_path: Path, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw_numbers, "MAX_CHECKED", 16)
    wrong = with_one(np.nan)
    files = {"f": npz(x=wrong, t=T)} if data == NPZ else {"f": idx(wrong, 13, ">f4"), "g": idx(T)}
    model = nndsl.load(write(tmp_path, data, files, network("dense(2)")))
    name = "x" if data == NPZ else "f"
    with pytest.raises(DataError, match=rf"loaded: {name} is not finite at \[2 3\]$"):
        model.data()


@pytest.mark.skipif(os.name != "posix", reason="names of bytes")
def test_a_class_whose_name_is_no_text(tmp_path: Path) -> None:
    for name in ("a", "\udcff"):
        (tmp_path / "shapes" / name).mkdir(parents=True)
        (tmp_path / "shapes" / name / "0.png").touch()
    found = check(read_source(write(tmp_path, 'image_folder("shapes")', {})), {})
    assert [d.code for d in found] == ["NN311"]
    assert "is no text in UTF-8" in found[0].message
