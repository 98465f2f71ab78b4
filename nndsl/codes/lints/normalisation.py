"""Codes of normalisation and dropout."""

from nndsl.codes.code import Code
from nndsl.codes.lints.example import example

_NORMALISED = "dense(50, bias=false); batch_norm; relu; dense(10)"

CODES = (
    Code(
        "NN431",
        "bias without effect",
        "A layer with a bias stands directly before a batch normalisation.",
        "The normalisation takes every constant away again, and adds one of its own: the bias has "
        "a gradient of 0, and never changes.",
        example("dense(50); batch_norm; relu; dense(10)"),
        example(_NORMALISED),
        "Ioffe and Szegedy 2015, section 3.2.",
    ),
    Code(
        "NN432",
        "dropout before batch normalisation",
        "Dropout stands before a batch normalisation, with no layer with weights between them.",
        "Dropout changes the variance in training and not in prediction. The normalisation learns "
        "its running statistics in training, and predicts with the wrong ones.",
        example("dense(50, bias=false); dropout(0.2); batch_norm; relu; dense(10)"),
        example("dense(50, bias=false); batch_norm; relu; dropout(0.2); dense(10)"),
        "Li et al. 2019, Understanding the Disharmony between Dropout and Batch Normalization.",
    ),
    Code(
        "NN433",
        "dropout of the output",
        "Dropout stands behind the last layer with weights.",
        "It sets scores or predictions to 0 at random, and no layer behind it can make up for what "
        "is missing: the loss is noise.",
        example("dense(50); relu; dense(10); dropout(0.2)"),
        example("dense(50); relu; dropout(0.2); dense(10)"),
        "Srivastava et al. 2014, section 4: dropout is for input and hidden units.",
    ),
    Code(
        "NN434",
        "extreme dropout",
        "Dropout switches more than 80% of the units off.",
        "Little of the signal is left, and training stalls. Often the part to keep was meant.",
        example("dense(50); relu; dropout(0.9); dense(10)"),
        example("dense(50); relu; dropout(0.1); dense(10)"),
        "Srivastava et al. 2014, section 7.3: errors rise where few units are kept.",
    ),
    Code(
        "NN435",
        "batch of one example",
        "A batch, or the last one of an epoch, has a single example, and a layer normalises over "
        "the batch.",
        "The mean of one example is the example: the layer puts out 0 everywhere, and everything "
        "before it has a gradient of 0.",
        example(_NORMALISED, "batch = 32", data="digits(validation=197, test=319)"),
        example(_NORMALISED, "batch = 30", data="digits(validation=197, test=319)"),
        "PyTorch, which refuses it: Expected more than 1 value per channel when training.",
    ),
)
