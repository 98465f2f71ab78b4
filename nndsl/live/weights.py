"""Files of weights: arrays by name, and what network and what inputs they belong to.

Beside parameters, states and what inputs and targets are prepared by a file holds texts:
`network`, the identity of the network; `spec`, its canonical text; `examples`, what was known of
the data, as JSON. A script writes `network` alone. Nothing of a file is unpickled, executed or
believed without a check, and no array is read that the network has no use for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import IO, Annotated, Any
from zipfile import ZipFile

import numpy as np
from pydantic import BaseModel, Field, ValidationError

from nndsl import __version__
from nndsl.analysis.compile import analyse
from nndsl.analysis.spec import Spec
from nndsl.analysis.spec_edits import beside
from nndsl.data import Column, DataPart, Description, Signal
from nndsl.files import write_bytes
from nndsl.live.arrays import Array
from nndsl.live.errors import ModelError
from nndsl.live.network import Network
from nndsl.shapes import Shape, Tokens
from nndsl.source import Source
from nndsl.syntax.printer import print_tree
from nndsl.vocabulary.builtin import Count, Real, Size

WEIGHTS = "weights.npz"  # in the folder of a run
NETWORK, SPEC, EXAMPLES = "network", "spec", "examples"
STATISTICS = ("fill", "mean", "scale", "target_mean", "target_scale", "class_weights")
LONGEST_TEXT = 4_000_000  # characters
_ORIGIN = "weights are written by `nndsl run`, by a script (train.weights.npz) and by Model.save"


class _Part(BaseModel, strict=True, frozen=True):
    """What is kept of one of several arrays."""

    shape: Annotated[tuple[Size, ...], Field(max_length=32)]
    is_target: bool = False
    whole: bool = False
    kinds: Count | None = None
    classes: Size | None = None
    outputs: Size | None = None
    per_position: bool = False
    has_gaps: bool = False


class _Examples(BaseModel, strict=True, frozen=True):
    """What is kept of the data's description: all that a prediction needs."""

    version: str  # of nndsl, that wrote it
    shape: Annotated[tuple[Size, ...], Field(max_length=32)]
    tokens: Size | None = None  # kinds of them, where an example is tokens
    padding: Count | None = None  # which of them fills up what is shorter
    per_position: bool = False
    has_gaps: bool = False
    classes: Size | None = None
    outputs: Size | None = None
    examples: Count | None = None
    test_examples: Count | None = None
    names: tuple[str, ...] = ()
    characters: str = ""
    words: tuple[str, ...] = ()
    inputs: tuple[Column, ...] = ()
    time_form: str = ""
    signal: tuple[Real, Real] | None = None
    parts: dict[str, _Part] = {}


# What is kept as it is in the description.
_AS_KNOWN = {*_Examples.model_fields} - {"version", "shape", "tokens", "padding", "signal", "parts"}


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """A file of weights that was looked into: shapes of its arrays, and its texts if it has them.

    `known` is what was known of the data that the weights were trained on.
    """

    path: Path
    shapes: Mapping[str, Shape]
    network: str | None = None
    spec: str | None = None
    known: Description | None = None

    @property
    def statistics(self) -> tuple[str, ...]:
        """The arrays by which inputs and targets are prepared."""
        return tuple(name for name in STATISTICS if name in self.shapes)

    @property
    def weights(self) -> dict[str, Shape]:
        """The shapes of the parameters and states."""
        about = {NETWORK, SPEC, EXAMPLES, *STATISTICS}
        return {name: shape for name, shape in self.shapes.items() if name not in about}

    def read(self, names: tuple[str, ...]) -> dict[str, Array]:
        """Return arrays of the file. ModelError where they are damaged."""
        try:
            with ZipFile(self.path) as archive:
                arrays = {}
                for name in names:
                    with archive.open(f"{name}.npy") as file:
                        arrays[name] = np.lib.format.read_array(file, allow_pickle=False)
        except Exception as error:  # what numpy and zipfile raise depends on which byte is wrong
            raise _unreadable(self.path, error) from None
        return arrays


def open_weights(path: str | Path) -> WeightsFile:
    """Look into a file of weights, or that in the folder of a run. ModelError where it is none."""
    path = Path(path, WEIGHTS) if Path(path).is_dir() else Path(path)
    if not path.is_file():
        what = "is no regular file" if path.exists() else "does not exist"
        raise ModelError(f"{path} {what}", _ORIGIN)
    shapes: dict[str, Shape] = {}
    texts: dict[str, str] = {}
    try:
        with ZipFile(path) as archive:
            for member in archive.namelist():
                name = member.removesuffix(".npy")
                with archive.open(member) as file:
                    shape, dtype = read_header(file)
                if name in (NETWORK, SPEC, EXAMPLES):
                    texts |= _text(archive, member, name, shape, dtype)
                elif dtype.kind not in "biuf":
                    raise ModelError(
                        f"`{name}` in {path} holds no numbers, but texts, objects or the like",
                        "such arrays are never read: save numbers alone with numpy.savez",
                    )
                shapes[name] = shape
        known = _description(texts[EXAMPLES]) if EXAMPLES in texts else None
    except ModelError:
        raise
    except Exception as error:  # as above
        raise _unreadable(path, error) from None
    return WeightsFile(path, shapes, texts.get(NETWORK), texts.get(SPEC), known)


def open_run(folder: str | Path) -> tuple[Source, WeightsFile]:
    """Return the spec of a run from its folder, and its weights; data is read beside them.

    ModelError where there are none. The spec is that of the weights: with the values of `--set`.
    """
    file = open_weights(folder)
    if file.spec is None:
        raise ModelError(f"{file.path} does not hold its spec", "name that, and --weights")
    source = Source(str(file.path), file.spec, file.path)
    spec = analyse(source, known=file.known or Description()).spec
    return beside(source, spec), file


def save_weights(model: Network, path: str | Path) -> None:
    """Write the weights of a model, and what they belong to, in one step. OSError."""
    texts = {
        NETWORK: model.script.identity,
        SPEC: print_tree(model.spec.tree),
        EXAMPLES: _record(model.spec, model.example_shape).model_dump_json(),
    }
    about = {
        name: np.array(text.encode("utf-8", "backslashreplace").decode())
        for name, text in texts.items()
        if len(text) <= LONGEST_TEXT
    }
    arrays: dict[str, Array] = {
        **model.parameters,
        **model.saved_state,
        **model.statistics,
        **about,
    }
    write_bytes(Path(path), lambda file: np.savez(file, **arrays))  # type: ignore[arg-type]


def _unreadable(path: Path, error: Exception) -> ModelError:
    if isinstance(error, PermissionError):
        return ModelError(f"{path} cannot be read: {error.strerror}")
    return ModelError(f"{path} is no .npz file of weights, or damaged", _ORIGIN)


def read_header(file: IO[bytes]) -> tuple[Shape, np.dtype[Any]]:
    """Read the header of an array, and no number of it. ValueError."""
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    elif version == (2, 0):
        shape, _, dtype = np.lib.format.read_array_header_2_0(file)
    else:
        raise ValueError("names of fields in UTF-8: no array of numbers has them")
    return shape, dtype


def _text(
    archive: ZipFile, member: str, name: str, shape: Shape, dtype: np.dtype[Any]
) -> dict[str, str]:
    if dtype.kind != "U" or shape or dtype.itemsize > 4 * LONGEST_TEXT:
        return {}  # an array of numbers may have such a name in a file made by hand
    with archive.open(member) as file:
        text = str(np.lib.format.read_array(file, allow_pickle=False))
    return {name: text.encode().decode()}  # an array may hold numbers that are no characters


def _record(spec: Spec, shape: Shape) -> _Examples:
    known, signal = spec.description, spec.description.signal
    is_finite = signal is not None and all(map(isfinite, signal))
    return _Examples(
        version=__version__,
        shape=shape,
        tokens=shape.vocab_size if isinstance(shape, Tokens) else None,
        padding=shape.padding if isinstance(shape, Tokens) else None,
        signal=(signal.mean, signal.variance) if signal and is_finite else None,
        parts={
            name: _Part(**{field: getattr(part, field) for field in _Part.model_fields})
            for name, part in known.parts.items()
        },
        **{field: getattr(known, field) for field in _AS_KNOWN},
    )


def _description(text: str) -> Description | None:
    """Return what a file says of its data, or None where that is not what nndsl writes."""
    try:
        kept = _Examples.model_validate_json(text)
    except (ValidationError, RecursionError):
        return None
    width = sum(column.width for column in kept.inputs)
    if width and kept.shape[-1:] != (width,):  # in front may stand the rows of a window
        return None
    shape = Tokens(kept.shape, kept.tokens, kept.padding) if kept.tokens else kept.shape
    return Description(
        shape=None if kept.parts else shape,
        parts={name: DataPart(**dict(part)) for name, part in kept.parts.items()},
        signal=Signal(*kept.signal) if kept.signal else None,
        **{field: getattr(kept, field) for field in _AS_KNOWN},
    )
