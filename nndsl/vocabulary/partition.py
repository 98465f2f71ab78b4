"""How examples fall into parts, and how inputs and targets are prepared: statements for all data."""

from __future__ import annotations

from nndsl.vocabulary.dataset import Data, Part

PARTS = ("training", "validation", "test")


def parts(data: Data) -> tuple[str, ...]:
    """Return the parts that are not empty, in order."""
    has = {
        "training": True,
        "validation": bool(data.validation),
        "test": bool(data.test) or data.has_own_test,
    }
    return tuple(part for part in PARTS if has[part])


def text(data: Data, classes: int | None, targets: str) -> tuple[str, str]:
    """Return the statements that follow `read`, and what the function returns.

    `targets`: "classes" leaves them as they are; "one_hot" and "column" turn class numbers
    into rows of 0 and 1, or into a column of 0 and 1.
    """
    cut = [
        part
        for part in ("test", "validation")
        if part in parts(data) and not (part == "test" and data.has_own_test)
    ]
    lines: list[str] = []
    if targets != "classes":
        for name in ("t", "t_test") if data.has_own_test else ("t",):
            lines.append(
                f"{name} = np.eye({classes}, dtype=dtype)[{name}]   # one-hot: a row of zeros with a 1 for the class"
                if targets == "one_hot"
                else f"{name} = {name}[:, np.newaxis].astype(dtype)   # a column of 0 and 1"
            )
    if cut:
        lines.append("order = rng.permutation(len(X))   # shuffle once, then cut")
        counts = []
        for part in cut:
            share: Part = getattr(data, part)
            counts.append(part.upper() if isinstance(share, int) else f"round({part.upper()} * len(X))")
        names = [f"n_{part}" for part in cut]
        ends = [" + ".join(names[: number + 1]) for number in range(len(names))]
        lines.append(f"{', '.join(names)} = {', '.join(counts)}")
        lines.append(f"{', '.join(cut)}, training = np.split(order, [{', '.join(ends)}])")
    if data.standardize_inputs:
        seen = "X[training]" if cut else "X"
        lines += [
            f"mean, std = {seen}.mean(axis=0), {seen}.std(axis=0)   # of the training part alone",
            "scale = np.where(std > 0, std, 1)",
            "X = (X - mean) / scale",
        ]
        if data.has_own_test:
            lines.append("X_test = (X_test - mean) / scale")
    pairs = []
    for part in parts(data):
        if part == "test" and data.has_own_test:
            pairs.append("(X_test, t_test)")
        else:
            pairs.append(f"(X[{part}], t[{part}])" if cut else "(X, t)")
    return "\n".join(lines), ", ".join(pairs) if len(pairs) > 1 else pairs[0].strip(
        "()"
    ) if not cut else pairs[0]
