"""Windows that move over images: how many places they have, and the functions that move them."""

from __future__ import annotations

import math

from nndsl.shapes import Position, SequenceShape, Shape, describe
from nndsl.vocabulary.layer import ShapeError

SLICES = '''
def places(shape, size, stride):
    """Return how many places a window has in images of this shape: down, and across."""
    _, _, height, width = shape
    return (height - size) // stride + 1, (width - size) // stride + 1


def slices(shape, size, stride):
    """Yield for each spot (i, j) of a window what it sees at all places, as an index."""
    rows, columns = places(shape, size, stride)
    for i in range(size):
        for j in range(size):
            yield np.s_[:, :, i:i + stride * rows:stride, j:j + stride * columns:stride]
'''
WINDOWS = '''
def windows(x, size, stride):
    """Return what a window sees at each of its places: (C, size, size, rows, columns, N)."""
    seen = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return seen[:, ::stride, ::stride].transpose(0, 4, 5, 1, 2, 3)
'''
IM2COL = '''
def im2col(x, size, stride):
    """Return what a window sees, a column for each place: (N, C*size*size, places)."""
    seen = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
    # its places come first, then its spots: (N, C, rows, columns, size, size)
    seen = seen[:, :, ::stride, ::stride].transpose(0, 1, 4, 5, 2, 3)
    N, C, _, _, rows, columns = seen.shape
    return seen.reshape(N, C * size * size, rows * columns)
'''
COL2IM = '''
def col2im(cols, shape, size, stride):
    """Return images of this shape, with each number of `cols` added where `im2col` takes it."""
    N, C, _, _ = shape
    x = np.zeros(shape, cols.dtype)
    seen = cols.reshape(N, C, size * size, *places(shape, size, stride))
    for k, spot in enumerate(slices(shape, size, stride)):
        x[spot] += seen[:, :, k]   # a number is seen from several places
    return x
'''


def places(length: int, size: int, stride: int) -> int:
    """Return how many places a window has along an axis."""
    return (length - size) // stride + 1


def unseen(rests: dict[str, int]) -> str:
    """Return in words what no window reaches at the end of each axis: "the last 2 rows"."""
    said = [
        f"the last {axis}" if rest == 1 else f"the last {rest} {axis}s"
        for axis, rest in rests.items()
        if rest > 0
    ]
    return " and ".join(said)


def require_images(word: str, x: Shape) -> None:
    """ShapeError where an example is not an image of channels, height and width."""
    if len(x) == 3:
        return
    message = f"`{word}` takes images (channels x height x width), and gets {describe(x)}"
    edge = math.isqrt(math.prod(x))
    if isinstance(x, SequenceShape | Position):
        raise ShapeError(message, "put it before what makes positions of an example")
    if len(x) == 2:
        wanted = f"reshape(1, {x[0]}, {x[1]})"
    elif len(x) == 1 and edge > 1 and edge * edge == x[0]:
        wanted = f"reshape(1, {edge}, {edge})"
    else:
        raise ShapeError(message, "say with `reshape` what its images are")
    raise ShapeError(message, f"if these are images, put `{wanted}` before it")


def require_room(what: str, size: int, area: tuple[int, int], padded: str, help: str) -> None:
    """ShapeError where a window is larger than an image of this height and width."""
    if size > min(area):
        raise ShapeError(
            f"{what} is {size} x {size}, and its images are {area[0]} high and {area[1]} wide"
            f"{padded}: it fits nowhere",
            help,
        )
