"""The transposed convolution of images."""

from nndsl.vocabulary.transposed_convolution import TransposedConvolution
from nndsl.vocabulary.windows import COL2IM, IM2COL, SLICES


class ConvTranspose2d(TransposedConvolution):
    """Each place of an image puts filters down, `stride` apart, and where they meet is their sum.

    A convolution the other way round: it makes images larger, with weights that are learnt. Zeiler
    et al. 2010. What `conv2d` does backward it does forward: `col2im` and `im2col` change parts.
    """

    called = ("conv2d_transpose", "deconv", "deconv2d", "deconvolution", "conv_transpose")

    functions = "\n\n".join((SLICES, IM2COL, COL2IM))

    def put_down(self) -> str:
        return """
            size = W.shape[2]   # height and width of a filter
            flat = x.reshape(len(x), len(W), -1)   # the places of an image in a row
            cols = W.reshape(len(W), -1).T @ flat   # what each place puts down: a column
            tall, wide = [stride * (length - 1) + size for length in x.shape[2:]]
            spread = col2im(cols, (len(x), W.shape[1], tall, wide), size, stride)   # summed up
        """

    def pick_up(self, dspread: str) -> str:
        return f"""
            dcols = im2col({dspread}, size, stride)   # of all that a place put down
            dW = (flat @ dcols.transpose(0, 2, 1)).sum(axis=0).reshape(W.shape)   # over all places
            dx = (W.reshape(len(W), -1) @ dcols).reshape(x.shape)
        """
