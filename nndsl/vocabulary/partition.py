"""How examples fall into parts, and how inputs and targets are prepared: text for all data."""

from collections.abc import Mapping
from math import inf, isfinite
from textwrap import dedent

from nndsl.data import Description
from nndsl.vocabulary.dataset import Data, Part
from nndsl.vocabulary.preparation import Step

PARTS = ("training", "validation", "test")
_ORDERS = {
    "shuffled": ["order = rng.permutation(len(X))   # shuffle once, then cut"],
    "stratified": [
        "place = rng.random(len(X))   # shuffle, so that each piece has its share of every class",
        "for label in np.unique(t):",
        "    members = np.flatnonzero(t == label)",
        "    place[members] = (rng.permutation(len(members)) + place[members]) / len(members)",
        "order = place.argsort()",
    ],
    "grouped": [
        "names, group = np.unique(group_names, return_inverse=True)",
        "place = rng.permutation(len(names))[group]   # shuffle the groups, rows in their order",
        'order = place.argsort(kind="stable")',
        "ends = np.cumsum(np.bincount(place))   # where the groups end in this order",
    ],
    "in_order": ["order = np.arange(len(X))[::-1]   # the last rows are held back"],
}
_FOLDS = [
    "pieces = np.array_split({rest}, FOLDS)",
    "validation = pieces.pop(FOLD - 1)   # the others are learnt from",
    "training = np.concatenate(pieces)",
]
_OF_GROUPS = [
    "fold = place[{rest}] % FOLDS + 1   # all rows of a group have one",
    "training, validation = {rest}[fold != FOLD], {rest}[fold == FOLD]",
]
_IN_TIME = [
    "pieces = np.array_split({rest}, FOLDS + 1)[::-1]   # the oldest rows first",
    "validation = pieces[FOLD]",
    "training = np.concatenate(pieces[:FOLD])   # what came before, and nothing later",
]


def parts(data: Data) -> tuple[str, ...]:
    """Return the parts that are not empty, in order."""
    has = {"validation": data.holds_validation, "test": bool(data.test) or data.has_own_test}
    return tuple(part for part in PARTS if has.get(part, True))


def text(
    data: Data,
    described: Description,
    encode: str = "{}",
    between: tuple[float, float] = (-inf, inf),
    found: Step | None = None,
) -> tuple[str, str]:
    """Return the statements that follow `read`, and what the function returns.

    `encode` is the code of targets, which lie `between` two numbers: `{}` stands for those that
    were read. What is `found` is so on the targets of the training part.
    """
    lines, cut = _cut(data, "X")
    if data.training and not cut:
        more = (", w", ", w[:TRAINING]") if data.weighs else ("", "")
        lines.append(f"X, t{more[0]} = X[:TRAINING], t[:TRAINING]{more[1]}")
    endings = ("", *["_test"] * data.has_own_test)
    if isfinite(between[0]):
        for ending in endings:
            lines += within(f"t{ending}", between)
    if encode != "{}":
        lines += [f"t{ending} = {encode.format(f't{ending}')}" for ending in endings]
    lines += cut
    preparation = data.preparation(described)
    for step, name in (*((step, "X") for step in preparation.inputs), (preparation.targets, "t")):
        if step is not None:
            lines += _lines(step.fit, seen=f"{name}[training]" if cut else name)
            for ending in endings:
                lines += _lines(step.apply, X=f"{name}{ending}")
    if found is not None:
        lines += _lines(found.fit, seen="t[training]" if cut else "t")
    pairs = [_pair(part, data, bool(cut)) for part in parts(data)]
    return "\n".join(lines), ", ".join(pairs)


def of_classes(classes: int | None, outputs: int) -> str:
    """Return the code of class numbers as numbers between 0 and 1: `{}` stands for the classes."""
    if outputs == 1:
        return "{}[:, np.newaxis].astype(dtype)   # a column of 0 and 1"
    return f"np.eye({classes}, dtype=dtype)[{{}}]   # one-hot"


def _cut(data: Data, first: str) -> tuple[list[str], list[str]]:
    """Return the lines that order the examples, by their targets as read, and that cut off parts.

    `first` is one of the arrays.
    """
    cut = {*parts(data)} - {"training", *["test"] * data.has_own_test}
    if not cut:
        return [], []
    order = [line.replace("len(X)", f"len({first})") for line in _ORDERS[data.order]]
    lines: list[str] = []
    sized = sorted(cut - {"validation" if data.fold else ""})  # the test part first
    if sized:
        names = [f"n_{part}" for part in sized]
        ends = [" + ".join(names[: number + 1]) for number in range(len(names))]
        rest = "rest" if data.fold else "training"
        counts = ", ".join(_count(data, part, first) for part in sized)
        lines.append(f"{', '.join(names)} = {counts}")
        if data.order == "grouped":  # up to where the group ends that a cut falls into
            for n, end in enumerate(ends):
                before = f" - {ends[n - 1]}" if n else "   # whole groups"
                lines.append(f"{names[n]} = ends[np.searchsorted(ends, {end})]{before}")
        lines.append(f"{', '.join(sized)}, {rest} = np.split(order, [{', '.join(ends)}])")
        if data.in_sequence:
            lines.append("training = training[::-1]   # as they follow each other")
    if data.fold:
        folds = _IN_TIME if data.is_ordered else _FOLDS
        folds = _OF_GROUPS if data.order == "grouped" else folds
        lines += [line.format(rest="rest" if sized else "order") for line in folds]
    if data.training:
        lines.append("training = training[:TRAINING]   # the other parts stay as they are")
    return order, lines


def within(t: str, between: tuple[float, float]) -> list[str]:
    """Return the lines that refuse targets outside of two numbers."""
    least, most = (f"{bound:g}" for bound in between)
    if not isfinite(between[1]):
        wrong = f"there are targets below {least}: rescale them"
        return [f"if {t}.min() < {least}:", f'    raise ValueError("{wrong}")']
    wrong = f"targets go from {{}} to {{}}, and not {least} to {most}: rescale them"
    return [
        f"low, high = {t}.min(), {t}.max()",
        f"if not {least} <= low <= high <= {most}:",
        f'    raise ValueError("{wrong}".format(low, high))',
    ]


def several_parts(
    data: Data, described: Description, encoded: Mapping[str, str]
) -> tuple[str, str]:
    """Return the same for data of several arrays: `encoded` says what the function returns of them.

    Its keys are names for arrays, and its values their code, where that is not the name itself.
    """
    order, cut = _cut(data, next(iter(described.parts)))
    lines = [f"{name} = {code}" for name, code in encoded.items() if code != name]
    if data.training and not cut:
        some = ", ".join(f"{name}[:TRAINING]" for name in encoded)
        lines.append(f"{', '.join(encoded)} = {some}")
    each = [f"{name}[{{}}]" if cut else name for name in encoded]
    groups = [f"({', '.join(code.format(part) for code in each)})" for part in parts(data)]
    return "\n".join([*lines, *order, *cut]), ", ".join(groups)


def _count(data: Data, part: str, first: str) -> str:
    """Return the code of how many examples a part holds."""
    share: Part = getattr(data, part)
    return part.upper() if isinstance(share, int) else f"round({part.upper()} * len({first}))"


def _lines(text: str, **names: str) -> list[str]:
    return dedent(text).strip().format(**names).split("\n")


def _pair(part: str, data: Data, is_cut: bool) -> str:
    names = ("X", "t", "w") if data.weighs else ("X", "t")
    if part == "test" and data.has_own_test:
        return f"({', '.join(f'{name}_test' for name in names)})"
    return f"({', '.join(f'{name}[{part}]' if is_cut else name for name in names)})"
