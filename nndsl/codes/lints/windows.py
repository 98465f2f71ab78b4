"""Codes of layers that look at parts of their input."""

from nndsl.codes.code import Code
from nndsl.codes.lints.example import example

_IMAGES = "digits(images=true, validation=0.1, test=0.2)"

CODES = (
    Code(
        "NN461",
        "rows that nobody sees",
        "The windows of a layer do not reach the last rows or columns of its input.",
        "What is left over at the end is dropped without a word: it has no influence on the "
        "output, and what was computed there before was computed for nothing.",
        example(
            "conv2d(8, kernel=3, padding=same); relu; max_pool(3); flatten; dense(10)",
            data=_IMAGES,
        ),
        example(
            "conv2d(8, kernel=3, padding=same); relu; max_pool(2); flatten; dense(10)",
            data=_IMAGES,
        ),
        "Dumoulin and Visin 2016, A guide to convolution arithmetic for deep learning.",
    ),
    Code(
        "NN463",
        "a kernel larger than its image",
        "A window is longer than what it moves over, and fits only because zeros stand around it.",
        "Wherever it stands, a part of it sees nothing but zeros: the weights there are trained "
        "for nothing, or for the edge alone.",
        example(
            "conv2d(8, kernel=9, padding=same); relu; flatten; dense(10)",
            data=_IMAGES,
        ),
        example(
            "conv2d(8, kernel=3, padding=same); relu; flatten; dense(10)",
            data=_IMAGES,
        ),
        "Dumoulin and Visin 2016, A guide to convolution arithmetic for deep learning.",
    ),
)
