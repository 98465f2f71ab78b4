"""The steps of the optimizer."""

from nndsl.vocabulary.instrument import Instrument


class Updates(Instrument):
    """The last step of each epoch, and its size beside that of the parameter.

    `ratio` is the spread of the step over that of the weights; about 0.001 is usual. For epoch 0
    there is the very first step.
    """

    watches = "parameters"
    value = "p - before"
    curve = "ratio"
    curve_title = "std of a step / std of the weights"
    usual = 1e-3
    measure = """
        mean = (p - before).mean()
        std = (p - before).std()
        zero = (p == before).mean()
        ratio = (W - before).std() / before.std()
    """
