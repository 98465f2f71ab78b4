"""The transposed convolution over time."""

from nndsl.vocabulary.transposed_convolution import TransposedConvolution


class ConvTranspose1d(TransposedConvolution):
    """Each step of a signal puts filters down, `stride` apart, and where they meet is their sum.

    A convolution the other way round: it makes signals longer, with weights that are learnt.
    Zeiler et al. 2010.
    """

    called = ("conv1d_transpose", "deconv1d")

    over_time = True

    def put_down(self) -> str:
        return """
            size = W.shape[2]   # the length of a filter
            cols = W.reshape(len(W), -1).T @ x   # what each step puts down: a column
            parts = cols.reshape(len(x), W.shape[1], size, x.shape[2])
            spread = np.zeros((len(x), W.shape[1], stride * (x.shape[2] - 1) + size), cols.dtype)
            steps = [np.s_[:, :, k:k + stride * x.shape[2]:stride] for k in range(size)]
            for k in range(size):
                spread[steps[k]] += parts[:, :, k]   # summed where they meet
        """

    def pick_up(self, dspread: str) -> str:
        return f"""
            dparts = np.stack([{dspread}[step] for step in steps], axis=2)
            dcols = dparts.reshape(cols.shape)   # of all that a step put down
            dW = (x @ dcols.transpose(0, 2, 1)).sum(axis=0).reshape(W.shape)   # over all steps
            dx = W.reshape(len(W), -1) @ dcols
        """
