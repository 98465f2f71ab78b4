"""Self-attention."""

from pydantic import Field

from nndsl.shapes import SequenceShape, Shape, divisors
from nndsl.vocabulary.builtin import Fraction, Size
from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.layer import Parameter, ShapeError
from nndsl.vocabulary.positions import (
    GRADIENT_AT_PADDING,
    LEAVE_OUT_PADDING,
    LayerOfPositions,
    positions_of,
)


class SelfAttention(LayerOfPositions):
    """Every position takes a mean of all positions, weighted by how well they fit its query.

    Vaswani et al. 2017, section 3.2: softmax(q k^T / sqrt(size)) v, in several heads side by
    side, whose results are mixed by one more product.
    """

    called = ("attention", "multi_head_attention", "multihead_attention")

    heads: Size = Field(1, description="heads side by side, each with its part of the features")
    causal: bool = Field(False, description="a position sees itself and those before it alone")
    dropout: Fraction = Field(0.0, description="probability of leaving out a position, in training")
    init: Initializer | None = Field(None, description="how the weights begin; left out, xavier")

    masked = "x"
    training_only = ("dropout",)
    symbol = "M"
    attends = "weights"
    derivation = r"""
        Take one row of the scores $s$ with the weights $w = \mathrm{softmax}(s)$. Each weight
        depends on every score of its row: $\partial w_j / \partial s_i = w_j ([i = j] - w_i)$.
        So what comes in, $g_j = \partial L / \partial w_j$, becomes
        $$\frac{\partial L}{\partial s_i} = \sum_j g_j w_j ([i = j] - w_i)
        = w_i \left(g_i - \sum_j g_j w_j\right)$$
        The sum is `inner`. All else are products of matrices: the scores are $q k^{\top}$, so that
        $q$ gets the gradient times $k$, and $k$ its transpose times $q$.
    """
    questions = """
        What do the weights of a row add up to? Which numbers of a row are 0 where it is causal?
        = To 1, as of any softmax. Those right of the diagonal: their scores are minus infinity.
    """

    @property
    def equation(self) -> str:  # type: ignore[override]
        scores = f"q k^T / sqrt(size){' + causal_mask' * self.causal}"
        kept = " keep / (1 - dropout)" * bool(self.dropout)
        where = ", not of padding" * self.is_masked
        mixed = f"softmax({scores}{where}){kept} v"
        mixed = f"concat({mixed})" if self.heads > 1 else mixed  # of the heads
        return f"q, k, v = x W_qkv + b_qkv    y = {mixed} W_out + b_out"

    @property
    def sees_ahead(self) -> str:  # type: ignore[override]
        return "" if self.causal else "write causal=true"

    @property
    def forward(self) -> str:  # type: ignore[override]
        return self._text(drops=bool(self.dropout))

    @property
    def inference_forward(self) -> str:  # type: ignore[override]
        return self._text(drops=False) if self.dropout else ""

    def _text(self, *, drops: bool) -> str:
        mask = "np.triu(np.full((T, T), -np.inf, dtype), 1)   # so none sees ahead"
        dropped = """
            keep = rng.random(weights.shape) >= dropout
            kept = weights * keep / (1 - dropout)   # so that the mean stays
        """
        joined = "the heads side by side" if self.heads > 1 else "a row for each position"
        return f"""
            {self.rows}
            parts = ({self.x_rows} @ W_qkv + b_qkv).reshape(-1, T, 3, heads, size)
            q, k, v = parts.transpose(2, 0, 3, 1, 4)   # queries, keys, values
            {f"causal_mask = {mask}" * self.causal}
            scores = q @ k.transpose(0, 1, 3, 2) / math.sqrt(size){" + causal_mask" * self.causal}
            {LEAVE_OUT_PADDING * self.is_masked}
            weights = softmax(scores)   # how much each takes of each
            {dropped * drops}
            mixed = {"kept" if drops else "weights"} @ v
            concat = mixed.transpose(0, 2, 1, 3).reshape(-1, features)   # {joined}
            y = concat @ W_out + b_out
        """

    @property
    def backward(self) -> str:  # type: ignore[override]
        kept = "kept" if self.dropout else "weights"
        return f"""
            dW_out = concat.T @ dy
            db_out = dy.sum(axis=0)
            dconcat = dy @ W_out.T
            dmixed = dconcat.reshape(-1, T, heads, size).transpose(0, 2, 1, 3)
            dv = {kept}.transpose(0, 1, 3, 2) @ dmixed
            dweights = dmixed @ v.transpose(0, 1, 3, 2)
            {"dweights = dweights * keep / (1 - dropout)" * bool(self.dropout)}
            inner = (dweights * weights).sum(axis=-1, keepdims=True)
            dscores = weights * (dweights - inner)   # softmax: dw_j / ds_i = w_j ((i = j) - w_i)
            {GRADIENT_AT_PADDING * self.is_masked}
            dq = dscores @ k / math.sqrt(size)   # scores are q k^T
            dk = dscores.transpose(0, 1, 3, 2) @ q / math.sqrt(size)
            dparts = np.stack([dq, dk, dv]).transpose(1, 3, 0, 2, 4).reshape(-1, all_parts)
            dW_qkv = {self.x_rows}.T @ dparts
            db_qkv = dparts.sum(axis=0)
            dx = {self.like_input("dparts @ W_qkv.T")}
        """

    def output_shape(self, *inputs: Shape) -> Shape:
        positions, features = positions_of("self_attention", inputs[0])
        if features % self.heads:
            raise ShapeError(
                f"`self_attention` has {self.heads} heads, which do not divide the "
                f"{features} features of a position",
                f"of numbers nearby, {divisors(features, self.heads)} would",
            )
        return SequenceShape((positions, features))

    def multiplications(self, *inputs: Shape) -> int:
        positions, features = inputs[0]
        # Each position meets each other one twice: its key, and then its values.
        return super().multiplications(*inputs) + 2 * positions * positions * features

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        positions, features = inputs[0]
        return {
            **{"T": positions, "features": features, "heads": self.heads},
            **{"size": features // self.heads, "all_parts": 3 * features},
        }

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        features = inputs[0][-1]
        init = self.init or "xavier"
        return {
            "W_qkv": Parameter((features, 3 * features), init, features, features, True),
            "b_qkv": Parameter((3 * features,), "zeros"),
            "W_out": Parameter((features, features), init, features, features, True),
            "b_out": Parameter((features,), "zeros"),
        }
