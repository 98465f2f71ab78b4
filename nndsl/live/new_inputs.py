"""New examples, in files or as Python has them: as the data of a spec would hold them."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from math import isqrt, prod
from os import PathLike
from pathlib import Path
from typing import IO, Any
from zipfile import ZipFile

import numpy as np

from nndsl.data import MAX_NUMBER, Description
from nndsl.data.class_folders import read_png_header
from nndsl.data.new_examples import python_rows, read_plain
from nndsl.data.table import PARQUET
from nndsl.data.words import word_encoder
from nndsl.live.arrays import Array, Examples
from nndsl.live.errors import ModelError
from nndsl.live.network import Network
from nndsl.live.weights import read_header
from nndsl.shapes import Shape, Tokens
from nndsl.vocabulary.dataset import Data

TABLES = (".csv", ".gz", PARQUET)
KINDS = (*TABLES, ".npz", ".npy")
IMAGE = ".png"


@dataclass(frozen=True, slots=True)
class NewInputs:
    """Examples (N, …) as a file holds them, and for each the number of its row, from 1.

    `unused` are the columns of a table that are no inputs, `lacking` its rows that hold no
    example, since an input is missing. `files` are the names of images.
    """

    X: Examples
    rows: list[int]
    unused: tuple[str, ...] = ()
    lacking: Sequence[int] = ()
    files: tuple[str, ...] = ()


def read_inputs(
    path: Path, shape: Shape, data: Data | None, known: Description, array: str | None = None
) -> NewInputs:
    """Read examples of a shape. `array` is the name of one of several arrays.

    ModelError or DataError where the file holds no such examples.
    """
    if path.is_dir() or path.suffix.lower() == IMAGE:
        if array is not None:
            raise ModelError(f"{path} has no arrays", "leave out --array")
        return _read_images(path, shape, data)
    if not path.is_file():
        what = "is no regular file" if path.exists() else "does not exist"
        raise ModelError(f"{path} {what}")
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise ModelError(
            f"{path} is no file of examples: its name ends with {kind or 'nothing'}",
            f"examples are read from {', '.join(KINDS)}, {IMAGE} and folders of these",
        )
    if kind not in TABLES:
        X = _read_array(path, kind, shape, array or "", data.input_name if data else "")
        return NewInputs(_finite(X, path), list(range(1, len(X) + 1)))
    if array is not None:
        raise ModelError(f"{path} is a table and has no arrays", "leave out --array")
    read = data.read_new(path, known) if data else read_plain(path, prod(shape))
    X = np.array(read.numbers, np.float64)
    X = X if known.inputs else X.reshape(-1, *shape)
    return NewInputs(X, read.rows, read.unused, read.lacking)


def _read_images(path: Path, shape: Shape, data: Data | None) -> NewInputs:
    """Read an image, or all of a folder in the order of their names. ModelError or DataError."""
    side = isqrt(shape[0])
    picture = (1, side, side) if shape == (side * side,) else shape  # a row of pixels
    if len(picture) != 3 or picture[0] not in (1, 3):
        raise ModelError(f"the network takes examples of the shape {shape}, and no images")
    channels, height, width = picture
    white = data.white if data is not None else 0
    if not white:
        raise ModelError(
            "the spec's data does not say what number a white pixel is",
            "give images as it holds them, in an array: numpy.save writes one",
        )
    if find_spec("PIL") is None:
        raise ModelError("Pillow, which reads images, is missing", "pip install 'nndsl[images]'")
    from PIL import Image

    files = sorted(path.glob(f"[!.]*{IMAGE}")) if path.is_dir() else [path]
    if not files:
        raise ModelError(f"the folder {path} holds no {IMAGE} files")
    images = []
    for file in files:
        header = read_png_header(file)
        if header.size != (height, width):
            wanted = f"the network takes images {height} high and {width} wide"
            raise ModelError(f"{file} is {header.spell_size()}", wanted)
        try:
            with Image.open(file) as image:
                pixels = np.array(image.convert("L" if channels == 1 else "RGB"))
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
            raise ModelError(f"{file} is damaged: it cannot be read") from None
        images.append(np.moveaxis(pixels.reshape(height, width, channels), -1, 0))
    X = np.array(images).reshape(-1, *shape) * white / 255
    names = tuple(file.name for file in files)
    return NewInputs(X, list(range(1, len(X) + 1)), files=names)


def take_inputs(
    examples: Any, network: Network, data: Data | None, known: Description, array: str | None = None
) -> NewInputs:
    """Take examples of a network from a file, or as Python has them. `array` as above.

    ModelError or DataError where there are no such examples.
    """
    if len(network.input_names) > 1 and not known.inputs:
        return _take_several(examples, network)
    if isinstance(examples, str | PathLike):
        return read_inputs(Path(examples), network.example_shape, data, known, array)
    if data is not None and known.inputs:
        rows, unused = python_rows(examples, known.inputs)
        read = data.encode_new(rows, known)
        return NewInputs(np.array(read.numbers, np.float64), read.rows, unused, read.lacking)
    if known.vocabulary and not isinstance(examples, np.ndarray):
        examples = [_tokens(text, known) for text in examples]
    X = _finite(network.inputs(examples), "X")
    if not len(X):
        raise ModelError("there are no examples")
    return NewInputs(X, list(range(1, len(X) + 1)))


def _take_several(examples: Any, network: Network) -> NewInputs:
    """Take the arrays of several inputs, from a file or by name."""
    names, shapes = network.input_names, network.script.inputs.values()
    if isinstance(examples, str | PathLike):
        path = Path(examples)
        if path.suffix.lower() != ".npz":
            help = f"save them by name: numpy.savez(file, {', '.join(f'{n}=…' for n in names)})"
            raise ModelError(f"the network has {len(names)} inputs, and {path} is no .npz", help)
        read = (
            _read_array(path, ".npz", shape, name, "")
            for name, shape in zip(names, shapes, strict=True)
        )
        examples = {name: _finite(X, path) for name, X in zip(names, read, strict=True)}
    X = network.inputs(examples)
    for name, array in X.items():
        _finite(array, name)
    if not len(X):
        raise ModelError("there are no examples")
    return NewInputs(X, list(range(1, len(X) + 1)))


def _tokens(text: Any, known: Description) -> Any:
    """Return the places of a text's characters or words; what is no text stays."""
    if not isinstance(text, str):
        return text
    if isinstance(known.shape, Tokens) and known.shape.padding is not None:
        return word_encoder(known.words, known.shape[0])(text)
    tokens, what = known.tokens_of(text), "word" if known.words else "character"
    strange = next((token for token in tokens if token not in known.vocabulary), None)
    if strange is not None:
        raise ModelError(f"the network knows no {strange!r}: its text has no such {what}")
    return [known.vocabulary.index(token) for token in tokens]


def _finite(X: Array, path: Path | str) -> Array:
    """Return examples. ModelError where a number of theirs is none, or too large."""
    wrong = ~(np.abs(X.astype(np.float64)) <= MAX_NUMBER)
    if wrong.any():
        row, *entry = np.unravel_index(wrong.argmax(), wrong.shape)
        place = f" at ({', '.join(map(str, entry))})" if entry else ""
        raise ModelError(
            f"row {row + 1} of {path} holds {X[(row, *entry)]}{place}",
            f"inputs are finite numbers up to {MAX_NUMBER:.0e}",
        )
    return X


def _read_array(path: Path, kind: str, shape: Shape, wanted: str, usual: str) -> Array:
    try:
        if kind == ".npy":
            if wanted:
                raise ModelError(f"{path} is one array, without a name", "leave out --array")
            with path.open("rb") as file:
                _require_shape(file, shape, str(path))
                file.seek(0)
                return _numbers(file)
        with ZipFile(path) as archive:
            members = {name.removesuffix(".npy"): name for name in archive.namelist()}
            name = wanted or (next(iter(members)) if len(members) == 1 else usual)
            if name not in members:
                held = ", ".join(f"`{member[:60]}`" for member in list(members)[:10]) or "none"
                raise ModelError(
                    f"{path} has no array `{name}`" if name else f"which array of {path}?",
                    f"it holds {held}: name one with --array",
                )
            with archive.open(members[name]) as file:
                _require_shape(file, shape, f"`{name}` in {path}")
            with archive.open(members[name]) as file:
                return _numbers(file)
    except ModelError:
        raise
    except Exception:  # what numpy and zipfile raise depends on which byte is wrong
        raise ModelError(
            f"{path} is no {kind} file, or damaged", "numpy.save and numpy.savez write them"
        ) from None


def _numbers(file: IO[bytes]) -> Array:
    array: Array = np.lib.format.read_array(file, allow_pickle=False)
    return array


def _require_shape(file: IO[bytes], shape: Shape, name: str) -> None:
    found, dtype = read_header(file)
    if dtype.kind not in "biuf":
        raise ModelError(f"{name} holds no numbers, but texts, objects or the like")
    if found[1:] == shape and len(found) == len(shape) + 1:
        if not found[0]:
            raise ModelError(f"{name} holds no examples")
        return
    help = f"the first axis counts the examples: (N, {', '.join(map(str, shape))})"
    if found == shape:
        help += "; for a single one save x[np.newaxis]"
    elif prod(found[1:]) == prod(shape) and found:
        help += f"; save x.reshape(-1, {', '.join(map(str, shape))})"
    raise ModelError(
        f"the network takes examples of the shape {shape}, and {name} is {found}", help
    )
