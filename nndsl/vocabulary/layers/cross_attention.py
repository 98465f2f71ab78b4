"""Attention to another sequence."""

from pydantic import Field

from nndsl.shapes import SequenceShape, Shape, describe, divisors
from nndsl.vocabulary.builtin import Size
from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.layer import SAYS_POSITIONS, Layer, Parameter, ShapeError, Window
from nndsl.vocabulary.positions import GRADIENT_AT_PADDING, LEAVE_OUT_PADDING


class CrossAttention(Layer):
    """Every position takes a mean of the positions of `memory`, by how well they fit its query.

    What a decoder sees of an encoder: Vaswani et al. 2017, section 3.2.3. With `projections=false`
    the positions themselves are queries, keys and values (Luong et al. 2015); `scaled=false` leaves
    their products as they are.
    """

    called = ("encoder_decoder_attention", "luong_attention", "memory_attention")

    heads: Size = Field(1, description="heads side by side, each with its part of the features")
    projections: bool = Field(True, description="are queries, keys, values and results products?")
    scaled: bool = Field(True, description="are scores divided by the root of a head's features?")
    init: Initializer | None = Field(None, description="how the weights begin; left out, xavier")

    required_inputs = ("x", "memory")
    masked = "memory"
    symbol = "M"
    attends = "weights"
    sees_positions = True

    @property
    def equation(self) -> str:  # type: ignore[override]
        scores = "q k^T" + " / sqrt(size)" * self.scaled
        where = ", not of padding" * self.is_masked
        mixed = f"softmax({scores}{where}) v"
        mixed = f"concat({mixed})" if self.heads > 1 else mixed
        if not self.projections:
            return f"q = x    k, v = memory    y = {mixed}"
        return f"q = x W_q + b_q    k, v = memory W_kv + b_kv    y = {mixed} W_out + b_out"

    @property
    def _scale(self) -> str:
        return " / math.sqrt(size)" * self.scaled

    @property
    def forward(self) -> str:  # type: ignore[override]
        if self.projections:
            made = """
            queries = (x @ W_q + b_q).reshape(N, T, heads, size)
            parts = (memory @ W_kv + b_kv).reshape(N, S, 2, heads, size)
            k, v = parts.transpose(2, 0, 3, 1, 4)   # keys and values, of what is looked at
            """
        else:
            made = """
            queries = x.reshape(N, T, heads, size)
            k = memory.reshape(N, S, heads, size).transpose(0, 2, 1, 3)   # keys and values are one
            """
        v = "v" if self.projections else "k"
        joined = "the heads side by side" if self.heads > 1 else "a row for each position"
        return f"""
            {made.strip()}
            q = queries.transpose(0, 2, 1, 3)
            scores = q @ k.transpose(0, 1, 3, 2){self._scale}
            {LEAVE_OUT_PADDING * self.is_masked}
            weights = softmax(scores)   # how much each takes of each
            mixed = weights @ {v}
            concat = mixed.transpose(0, 2, 1, 3).reshape(-1, features)   # {joined}
            y = concat{" @ W_out + b_out" * self.projections}
        """

    @property
    def backward(self) -> str:  # type: ignore[override]
        before = """
            dW_out = concat.T @ dy
            db_out = dy.sum(axis=0)
            dconcat = dy @ W_out.T
        """
        if self.projections:
            after = """
            dqueries = dq.transpose(0, 2, 1, 3).reshape(-1, features)
            dparts = np.stack([dk, dv]).transpose(1, 3, 0, 2, 4).reshape(-1, twice)
            dW_q = x.T @ dqueries
            db_q = dqueries.sum(axis=0)
            dW_kv = memory.T @ dparts
            db_kv = dparts.sum(axis=0)
            dx = dqueries @ W_q.T
            dmemory = dparts @ W_kv.T
            """
        else:
            after = """
            dx = dq.transpose(0, 2, 1, 3).reshape(-1, features)
            dmemory = (dk + dv).transpose(0, 2, 1, 3).reshape(-1, features)   # keys and values
            """
        v = "v" if self.projections else "k"
        dconcat = "dconcat" if self.projections else "dy"
        return f"""
            {before.strip() * self.projections}
            dmixed = {dconcat}.reshape(N, T, heads, size).transpose(0, 2, 1, 3)
            dv = weights.transpose(0, 1, 3, 2) @ dmixed
            dweights = dmixed @ {v}.transpose(0, 1, 3, 2)
            inner = (dweights * weights).sum(axis=-1, keepdims=True)
            dscores = weights * (dweights - inner)   # softmax: dw_j / ds_i = w_j ((i = j) - w_i)
            {GRADIENT_AT_PADDING * self.is_masked}
            dq = dscores @ k{self._scale}   # scores are q k^T
            dk = dscores.transpose(0, 1, 3, 2) @ q{self._scale}
            {after.strip()}
        """

    def output_shape(self, *inputs: Shape) -> Shape:
        for shape, name in zip(inputs, ("what it looks from", "`memory`"), strict=False):
            if not isinstance(shape, SequenceShape):
                raise ShapeError(
                    f"`cross_attention` takes positions, and {name} is {describe(shape)}",
                    f"keep all positions (output=all), or put `{SAYS_POSITIONS}` before it",
                )
        (positions, features), (_, others) = inputs[:2]
        if features % self.heads:
            raise ShapeError(
                f"`cross_attention` has {self.heads} heads, which do not divide the "
                f"{features} features of a position",
                f"of numbers nearby, {divisors(features, self.heads)} would",
            )
        if not self.projections and features != others:
            raise ShapeError(
                "without projections both sides have as many features, and here they have "
                f"{features} and {others}",
                "leave out projections=false, or give both as many units",
            )
        return SequenceShape((positions, features))

    def windows(self, *inputs: Shape) -> tuple[Window, ...] | None:
        return None

    def multiplications(self, *inputs: Shape) -> int:
        (positions, features), (others, width) = inputs[:2]
        products = 2 * positions * features**2 + 2 * others * width * features
        return self.projections * products + 2 * positions * others * features

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        (positions, features), (others, _) = inputs[:2]
        return {
            **{"T": positions, "S": others, "features": features, "heads": self.heads},
            **{"size": features // self.heads, "twice": 2 * features},
        }

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        if not self.projections:
            return {}
        features, others = inputs[0][-1], inputs[1][-1]
        init = self.init or "xavier"
        return {
            "W_q": Parameter((features, features), init, features, features, True),
            "b_q": Parameter((features,), "zeros"),
            "W_kv": Parameter((others, 2 * features), init, others, features, True),
            "b_kv": Parameter((2 * features,), "zeros"),
            "W_out": Parameter((features, features), init, features, features, True),
            "b_out": Parameter((features,), "zeros"),
        }
