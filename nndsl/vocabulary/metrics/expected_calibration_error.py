"""The expected calibration error."""

from nndsl.vocabulary.metric import Metric


class ExpectedCalibrationError(Metric):
    """How far confidence and accuracy are apart: of what is said with 0.8, are 8 of 10 right?

    The confidence is the probability of the predicted class. Ten bins of equal width, weighted by
    their examples. Guo et al. 2017.
    """

    needs_classes = True
    takes_estimate = True
    needs_probabilities = True
    has_baseline = False  # what always occurs as often as it is said to is calibrated
    is_share = True
    value = ""
    functions = '''
def calibration_error(confidence, right):
    """Return how far confidence and accuracy are apart, over ten bins, by their examples."""
    bins = np.searchsorted(np.linspace(0, 1, 11)[1:-1], confidence)
    apart = np.bincount(bins, confidence, 10) - np.bincount(bins, right, 10)
    return np.abs(apart).sum() / len(confidence)


def weighted_calibration_error(confidence, right, w):
    """Return the same, of examples with weights w, which are 1 in all."""
    bins = np.searchsorted(np.linspace(0, 1, 11)[1:-1], confidence)
    return np.abs(np.bincount(bins, w * confidence) - np.bincount(bins, w * right)).sum()
'''

    def for_outputs(self, count: int, *, weighs: bool = False) -> str:
        confidence = "np.maximum(x, 1 - x)[:, 0]" if count == 1 else "x.max(axis=1)"
        if weighs:
            return f"weighted_calibration_error({confidence}, predicted == true, w)"
        return f"calibration_error({confidence}, predicted == true)"
