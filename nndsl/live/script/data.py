"""Do the examples fall into parts as the page says, each once, with its own target?"""

import io
from collections.abc import Iterable, Sequence
from contextlib import redirect_stdout
from itertools import combinations
from pathlib import Path

import numpy as np

from nndsl.emit.layout import module
from nndsl.live.arrays import Array, listed
from nndsl.live.execute import execute
from nndsl.live.network import with_statistics
from nndsl.live.script.under_test import ScriptUnderTest
from nndsl.program.preprocessing import prepare
from nndsl.vocabulary import partition
from nndsl.vocabulary.dataset import Data

MAX_BYTES, MAX_EXAMPLES = 2_000_000, 20_000  # of data that is looked at
CLOSE = 1e-5  # relative: what rounding does to standardised numbers
CENTRED = 1e-3  # the greatest mean of a standardised column


def why_not(script: ScriptUnderTest, *, full: bool) -> str:
    """Say why the data is not looked at; empty: it is."""
    spec = script.reference.spec
    if spec.data is None:
        return "the page names no data"
    files = [Path(path) for path in spec.data.files(spec.source.folder).values()]
    if not all(path.exists() for path in files):
        return "its files are not there"
    size = sum(path.stat().st_size for path in files if path.is_file())
    if not full and (any(path.is_dir() for path in files) or size > MAX_BYTES):
        return "it is large: `--full` looks at it"
    count = spec.description.examples or 0
    if not full and count > MAX_EXAMPLES:
        return f"it has {count:,} examples: `--full` looks at them"
    return ""


def parts(script: ScriptUnderTest) -> str:
    """Are the parts what the page says: sizes, disjoint, complete, shuffled, prepared?"""
    data = script.reference.spec.data
    assert data is not None
    names = script.names()
    with redirect_stdout(io.StringIO()):  # what it leaves out is no answer to what was asked
        loaded = names["load_data"]()
    titles = partition.parts(data)
    pairs = dict(zip(titles, loaded if len(titles) > 1 else [loaded], strict=True))
    raw = script.reference.examples(np.float64)
    described = script.reference.spec.description
    for title, (X, *others) in pairs.items():
        *_, t = others[: len(others) - data.weighs]
        if len(X) != len(t):
            return f"the {title} part has {len(X)} inputs and {len(t)} targets"
    whole = len(raw[next(iter(described.parts), "X")])
    for title, count in _sizes(data, whole, len(raw.get("X_test", ()))).items():
        if len(pairs[title][0]) != count:
            return f"the {title} part has {len(pairs[title][0])} examples, and should have {count}"
    statistics = names.get("statistics", {})
    functions = execute(module(prepare(data, described, "np.float64")), "<preparation>")
    lacking = set(script.reference.spec.preparation.keeps) - set(statistics)
    if lacking:
        return f"`{min(lacking)}` is not kept in `statistics`"
    divided = [title for title in pairs if title != "test" or not data.has_own_test]
    sources = [(divided, "X", "t", "w")]
    sources += [(["test"], "X_test", "t_test", "w_test")] * data.has_own_test
    is_part = data.training is not None or (data.fold is not None and data.is_ordered)
    if described.parts:
        graph, spec = script.reference.graph, script.reference.spec
        wanted = [raw[name or next(iter(described.parts))] for name in graph.inputs]
        like = pairs["training"][len(wanted) :]
        targets = (raw[spec.part_of(head)] for head in spec.compared)
        wanted += [_encoded(t, one) for t, one in zip(targets, like, strict=True)]
        return _each_once(pairs, [*pairs], wanted, is_part=is_part)
    for group, x_name, t_name, w_name in sources:
        w = [raw[w_name]] if data.weighs else []
        X, heads = raw[x_name], script.reference.spec.compared
        like = pairs[group[0]][-len(heads) - data.weighs :]
        learnt = [
            _encoded(raw[t_name], one) if at is None else raw[t_name][:, [at]]
            for one, at in zip(like, map(script.reference.spec.target_column, heads), strict=False)
        ]
        if data.preparation(described).inputs:
            X = with_statistics(functions["prepare"], X / data.input_scale, statistics)
        if "scaled" in functions:
            learnt = [with_statistics(functions["scaled"], t, statistics) for t in learnt]
        inputs = listed(script.model.cut(X))
        wanted = [*inputs, *learnt, *w]
        if said := _each_once(pairs, group, wanted, is_part=is_part, in_sequence=data.in_sequence):
            return said
    if data.order == "grouped":
        at = len(pairs["training"]) - 1 - data.weighs
        found = {title: (pair[0], pair[at]) for title, pair in pairs.items()}
        if said := _groups_parted(found, [inputs[0], learnt[-1]], list(raw["group_names"])):
            return said
    if data.standardize_inputs:
        X = np.asarray(pairs["training"][0], np.float64)
        if np.abs(X.mean(axis=0)).max() > CENTRED or (X.std(axis=0) > 1 + CENTRED).any():
            return "the inputs are not standardised by mean and spread of the training part alone"
    return ""


def _sizes(data: Data, whole: int, own_test: int) -> dict[str, int]:
    """Return how many examples each part should have, where that is known."""
    if data.order == "grouped":  # as many as its groups have
        return {}
    sizes = {**data.part_sizes(whole), **({"test": own_test} if data.has_own_test else {})}
    sizes["training"] = min(sizes["training"], data.training or whole)
    return {title: sizes[title] for title in partition.parts(data)}


def _encoded(t: Array, like: Array) -> Array:
    """Return class numbers in the form that targets have: rows, or a column, of 0 and 1."""
    if np.ndim(like) != 2 or t.ndim != 1:
        return t
    if like.shape[1] == 1:
        return t[:, None].astype(np.float64)
    return np.eye(like.shape[1])[t]


def _each_once(
    pairs: dict[str, tuple[Array, ...]],
    group: list[str],
    arrays: list[Array],
    is_part: bool,
    in_sequence: bool = False,
) -> str:
    """Is each example in one part, once, with its target, and are they shuffled?"""
    rng = np.random.default_rng(0)
    weights = [rng.uniform(1, 2, array[0].size) for array in arrays]
    X = arrays[0]
    keys = {
        title: [_keys(a, w) for a, w in zip(pairs[title], weights, strict=True)] for title in group
    }
    expected = [_keys(a, w) for a, w in zip(arrays, weights, strict=True)]
    actual = [np.concatenate([keys[title][i] for title in group]) for i in range(len(arrays))]
    if not _same(actual[0], expected[0], is_part):
        for one, other in combinations(group, 2):
            known = {row.tobytes() for row in pairs[one][0]}
            both = sum(row.tobytes() in known for row in pairs[other][0])
            if both and len({row.tobytes() for row in X}) == len(X):
                return f"{both} examples are in the {one} part and in the {other} part"
        return "the parts do not hold each example of the data once, prepared as the page says"
    for a, e in zip(actual[1:], expected[1:], strict=True):
        if not _same(actual[0] + 1.7 * a, expected[0] + 1.7 * e, is_part):
            return "the targets, or weights, are not those of their inputs"
    if len(group) == 1:
        return ""
    order = np.argsort(expected[0])
    for title in group:
        at = np.searchsorted(expected[0][order], keys[title][0] - 1e-12 * np.abs(keys[title][0]))
        places = order[np.minimum(at, len(order) - 1)]
        if len(places) > 9 and not in_sequence and (np.diff(places) > 0).all():
            return f"the examples are not shuffled before the {title} part is cut off"
    return ""


def _groups_parted(
    pairs: dict[str, tuple[Array, Array]], arrays: list[Array], groups: Sequence[str]
) -> str:
    """Say which group is in two parts, going by rows that stand in the data once."""
    rng = np.random.default_rng(0)
    weights = [rng.uniform(1, 2, array[0].size) for array in arrays]

    def keys(found: Iterable[Array]) -> Array:
        return np.asarray(sum(map(_keys, found, weights)))

    known = keys(arrays)
    order = np.argsort(known)
    known = known[order]
    far = CLOSE * max(1.0, float(np.abs(known).max()))
    is_alone = (np.diff(known, prepend=-np.inf) > far) & (np.diff(known, append=np.inf) > far)
    part_of: dict[str, str] = {}
    for title, pair in pairs.items():
        at = np.minimum(np.searchsorted(known, keys(pair) - far / 2), len(known) - 1)
        for row in order[at[is_alone[at]]]:
            if (other := part_of.setdefault(groups[row], title)) != title:
                return f"rows of the group {groups[row]} are in the {other} and in the {title} part"
    return ""


def _keys(array: Array, weights: Array) -> Array:
    """Return a number for each example: the same for the same, whatever part it is in."""
    rows = np.asarray(array).reshape(len(array), -1)
    return np.asarray((rows * weights).sum(axis=1))


def _same(actual: Array, expected: Array, is_part: bool) -> bool:
    """Are these the same numbers in another order, or some of them?"""
    actual, expected = np.sort(actual), np.sort(expected)
    allowed = CLOSE * max(1.0, float(np.abs(expected).max(initial=0)))
    if is_part:
        at = np.searchsorted(expected, actual)
        near = [np.abs(expected[np.clip(at - i, 0, len(expected) - 1)] - actual) for i in (0, 1)]
        return bool((np.minimum(*near) <= allowed).all())
    return len(actual) == len(expected) and bool((np.abs(actual - expected) <= allowed).all())
