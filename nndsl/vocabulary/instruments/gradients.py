"""The gradients of the parameters."""

from nndsl.vocabulary.instrument import Instrument


class Gradients(Instrument):
    """The gradient of each parameter: its length, and how its entries are distributed."""

    watches = "parameters"
    value = "dp"
    curve = "norm"
    curve_title = "length of the gradient"
    measure = """
        mean = dp.mean()
        std = dp.std()
        zero = (dp == 0).mean()
        norm = np.sqrt((dp * dp).sum())
        rms = np.sqrt((dp * dp).mean())
    """
