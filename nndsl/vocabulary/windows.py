"""Windows that move over images and signals: their places, and the functions that move them."""

import math
import textwrap
from typing import TYPE_CHECKING, Literal, Self

from pydantic import PrivateAttr

from nndsl.shapes import Channels, Position, SequenceShape, Shape, describe
from nndsl.vocabulary.layer import Layer, ShapeError, Window

ENDS = ("top", "bottom"), ("left", "right")  # where padding stands before and behind each axis
AXES = "row", "column"  # what one place along each axis is called

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
SPACED = '''
def spaced_im2col(x, size, stride, dilation):
    """As `im2col`, of a window with gaps: the numbers it sees stand `dilation` apart."""
    span = dilation * (size - 1) + 1   # with the gaps
    seen = np.lib.stride_tricks.sliding_window_view(x, (span, span), axis=(2, 3))
    seen = seen[:, :, ::stride, ::stride, ::dilation, ::dilation].transpose(0, 1, 4, 5, 2, 3)
    N, C, _, _, rows, columns = seen.shape
    return seen.reshape(N, C * size * size, rows * columns)


def spaced_col2im(cols, shape, size, stride, dilation):
    """Return images of this shape, with each number added where `spaced_im2col` takes it."""
    N, C, _, _ = shape
    x = np.zeros(shape, cols.dtype)
    rows, columns = places(shape, dilation * (size - 1) + 1, stride)
    seen = cols.reshape(N, C, size, size, rows, columns)
    for i, j in np.ndindex(size, size):   # the spots of the window, and where each begins
        top, left = dilation * i, dilation * j
        spot = np.s_[:, :, top:top + stride * rows:stride, left:left + stride * columns:stride]
        x[spot] += seen[:, :, i, j]   # a number is seen from several places
    return x
'''


class WindowLayer(Layer):
    """A layer whose window moves over the axes behind the first, which is that of the channels."""

    if TYPE_CHECKING:  # the fields, which each word describes
        kernel: int
        padding: Literal["valid", "same"] | int

    _axes_of_input: int = PrivateAttr(3)
    _needs_padding: bool = PrivateAttr(True)

    @property
    def axes(self) -> int:
        """Over how many axes the window moves: 2 of an image, 1 of a signal."""
        return self.axes_of_input - 1

    @property
    def step(self) -> int:
        """How far the window moves from place to place."""
        raise NotImplementedError

    @property
    def span(self) -> int:
        """How far the window reaches along each axis."""
        return self.kernel

    @property
    def ends(self) -> tuple[tuple[str, str], ...]:
        """What the padding before and behind each axis is called."""
        return ENDS[-self.axes :]

    def for_shapes(self, *inputs: Shape) -> Self:
        placed = super().for_shapes(*inputs)
        placed._needs_padding = any(sum(self.around(length)) for length in inputs[0][1:])
        return placed

    @property
    def pads(self) -> bool:
        """Does padding stand around the input?"""
        same = self.padding == "same" and self.span > 1
        return (same or self.padding not in ("valid", "same", 0)) and self._needs_padding

    @property
    def pads_evenly(self) -> bool:
        """Is there as much padding on all sides, whatever the shape of the input?"""
        return isinstance(self.padding, int) or (self.step == 1 and self.span % 2 == 1)

    @property
    def margins(self) -> str:
        """How much padding stands before and behind each axis, as `np.pad` takes it."""
        ends = (("pad", "pad"),) * self.axes if self.pads_evenly else self.ends
        return ", ".join(f"({before}, {behind})" for before, behind in ends)

    @property
    def crop(self) -> str:
        """The statement that takes it off."""
        lengths = [
            f"{before}:{before} + x.shape[{at}]" for at, (before, _) in enumerate(self.ends, 2)
        ]
        if self.pads_evenly:
            lengths = ["pad:-pad"] * self.axes
        return f"dx = dpadded[:, :, {', '.join(lengths)}]"

    def around(self, length: int) -> tuple[int, int]:
        """Return how much padding stands before and behind an axis of this length."""
        if isinstance(self.padding, int):
            return self.padding, self.padding
        if self.padding == "valid":
            return 0, 0
        outputs = -(-length // self.step)
        total = max(0, (outputs - 1) * self.step + self.span - length)
        return total // 2, total - total // 2

    def padding_numbers(self, x: Shape) -> dict[str, int]:
        """Return how much padding there is, by the names that the texts have."""
        around = [self.around(length) for length in x[1:]]
        pairs = zip(ENDS[-len(around) :], around, strict=True)
        named = {end: n for ends, counts in pairs for end, n in zip(ends, counts, strict=True)}
        return {"pad": around[0][0], **named}

    def outputs_of(self, x: Shape) -> tuple[int, ...]:
        """Return how many places the window has along each axis."""
        padded = (length + sum(self.around(length)) for length in x[1:])
        return tuple(places(length, self.span, self.step) for length in padded)

    def windows(self, *inputs: Shape) -> tuple[Window, ...]:
        ((_, *lengths),) = inputs
        before = (self.around(length)[0] for length in lengths)
        return tuple(Window(self.span, self.step, zeros) for zeros in before)

    def unseen(self, x: Shape) -> str:
        """Return in words what no window reaches at the end of each axis: "the last 2 rows"."""
        gap = max(0, self.step - self.span)
        said = []
        for axis, length in zip(AXES if len(x) == 3 else ("step",), x[1:], strict=True):
            before, behind = self.around(length)
            rest = (before + length + behind - self.span) % self.step - behind - gap
            if rest > 0:
                said.append(f"the last {axis}" if rest == 1 else f"the last {rest} {axis}s")
        return " and ".join(said)


def lines(*texts: str) -> str:
    """Return statements below each other; an empty text is none."""
    return "\n".join(textwrap.dedent(text).strip() for text in texts if text)


def places(length: int, size: int, stride: int) -> int:
    """Return how many places a window has along an axis."""
    return (length - size) // stride + 1


def require_images(word: str, x: Shape) -> None:
    """ShapeError where an example is not an image of channels, height and width."""
    if len(x) == 3:
        return
    message = f"`{word}` takes images (channels x height x width), and gets {describe(x)}"
    edge = math.isqrt(math.prod(x))
    if isinstance(x, SequenceShape | Position):
        raise ShapeError(message, "put it before what makes positions of an example")
    if isinstance(x, Channels) and word.endswith("2d"):
        raise ShapeError(message, f"use `{word.replace('2d', '1d')}` for signals")
    if len(x) == 2:
        wanted = f"reshape(1, {x[0]}, {x[1]})"
    elif len(x) == 1 and edge > 1 and edge * edge == x[0]:
        wanted = f"reshape(1, {edge}, {edge})"
    else:
        raise ShapeError(message, "say with `reshape` what its images are")
    raise ShapeError(message, f"if these are images, put `{wanted}` before it")


def require_images_or_signals(word: str, x: Shape) -> None:
    """ShapeError where an example has no channels along one or two axes of places."""
    if isinstance(x, SequenceShape | Position):
        raise ShapeError(
            f"`{word}` takes images or signals (channels first), and gets {describe(x)}",
            "put `transpose` before it: it makes channels of the features",
        )
    if len(x) != 2:
        require_images(word, x)


def require_signals(word: str, x: Shape) -> None:
    """ShapeError where an example is not a signal of channels along time."""
    if len(x) != 2 or isinstance(x, SequenceShape):
        help = "say with `reshape` what its channels and steps are"
        if isinstance(x, SequenceShape | Position):
            help = "put `transpose` before it: it makes channels of the features"
        elif len(x) == 1:
            help = f"if this is a signal of one channel, put `reshape(1, {x[0]})` before it"
        elif len(x) == 3:
            help = f"use `{word.replace('1d', '2d')}` for images"
        raise ShapeError(f"`{word}` takes signals (channels x time), and gets {describe(x)}", help)


def require_room(what: str, size: int, area: tuple[int, int], padded: str, help: str) -> None:
    """ShapeError where a window is larger than an image of this height and width."""
    if size > min(area):
        raise ShapeError(
            f"{what} is {size} x {size}, and its images are {area[0]} high and {area[1]} wide"
            f"{padded}: it fits nowhere",
            help,
        )
