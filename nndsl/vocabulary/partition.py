"""How examples fall into parts, and how inputs and targets are prepared: text for all data."""

from __future__ import annotations

from math import inf, isfinite

from nndsl.vocabulary.dataset import Data, Part

PARTS = ("training", "validation", "test")
STANDARDIZE = "X = (X - mean) / scale"


def parts(data: Data) -> tuple[str, ...]:
    """Return the parts that are not empty, in order."""
    has = {
        "training": True,
        "validation": bool(data.validation),
        "test": bool(data.test) or data.has_own_test,
    }
    return tuple(part for part in PARTS if has[part])


def text(
    data: Data, classes: int | None, targets: str, between: tuple[float, float] = (-inf, inf)
) -> tuple[str, str]:
    """Return the statements that follow `read`, and what the function returns.

    `targets`: "classes" leaves them as they are; "one_hot" and "column" turn class numbers
    into rows of 0 and 1, or into a column of 0 and 1. Numbers lie `between` two others.
    """
    cut = [
        part
        for part in ("test", "validation")
        if part in parts(data) and not (part == "test" and data.has_own_test)
    ]
    lines: list[str] = []
    if data.training and not cut:
        lines.append("X, t = X[:TRAINING], t[:TRAINING]")
    if isfinite(between[0]):
        least, most = (f"{bound:g}" for bound in between)
        for t in ["t", *["t_test"] * data.has_own_test]:
            wrong = f"targets go from {{}} to {{}}, and not {least} to {most}: rescale them"
            lines += [
                f"low, high = {t}.min(), {t}.max()",
                f"if not {least} <= low <= high <= {most}:",
                f'    raise ValueError("{wrong}".format(low, high))',
            ]
    encode = {
        "one_hot": f"np.eye({classes}, dtype=dtype)[{{0}}]   # one-hot",
        "column": "{0}[:, np.newaxis].astype(dtype)   # a column of 0 and 1",
    }.get(targets)
    if encode:
        lines += [f"{t} = {encode.format(t)}" for t in ["t", *["t_test"] * data.has_own_test]]
    if cut:
        lines.append("order = rng.permutation(len(X))   # shuffle once, then cut")
        counts = []
        for part in cut:
            share: Part = getattr(data, part)
            counts.append(
                part.upper() if isinstance(share, int) else f"round({part.upper()} * len(X))"
            )
        names = [f"n_{part}" for part in cut]
        ends = [" + ".join(names[: number + 1]) for number in range(len(names))]
        lines.append(f"{', '.join(names)} = {', '.join(counts)}")
        lines.append(f"{', '.join(cut)}, training = np.split(order, [{', '.join(ends)}])")
        if data.training:
            lines.append("training = training[:TRAINING]   # the other parts stay as they are")
    if data.standardize_inputs:
        seen = "X[training]" if cut else "X"
        lines += [
            f"mean = {seen}.mean(axis=0, dtype=np.float64)   # in 64 bits: many rows",
            f"std = {seen}.std(axis=0, dtype=np.float64)",
            f"scale = np.where(np.ptp({seen}, axis=0) > 0, std, 1)   # 0 divides nothing",
            "mean, scale = mean.astype(dtype), scale.astype(dtype)",
            "statistics.update(mean=mean, scale=scale)   # saved: new examples need them as well",
            STANDARDIZE,
        ]
        if data.has_own_test:
            lines.append("X_test = (X_test - mean) / scale")
    pairs = [_pair(part, data, bool(cut)) for part in parts(data)]
    return "\n".join(lines), ", ".join(pairs)


def _pair(part: str, data: Data, is_cut: bool) -> str:
    if part == "test" and data.has_own_test:
        return "(X_test, t_test)"
    return f"(X[{part}], t[{part}])" if is_cut else "(X, t)"
