"""What somebody is likely to have written, told from the arrays that a function had.

What follows the mark is also a part of the tests that a student gets: numpy is enough for it.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import combinations, islice, product

import numpy as np

from nndsl.live.gradients.mistakes import likely_mistake, of_a_failure
from nndsl.live.judging.observation import Array

# --- What was written instead --------------------------------------------------------

CLOSE = 1e-8  # relative: what rounding does in float64
CLOSE_SINGLE = 1e-4  # and in float32, in which a student may have computed
ENOUGH = 5  # numbers of each sign: so many agree by no accident
LARGEST = 100_000  # numbers of an array that is tried as a factor
SAMPLE = 50  # numbers of an array by which a product is known
MOST_VARIABLES = 150  # that are tried: how many there are is up to a student
MOST_PRODUCTS = 20_000  # of so many factors, that are tried
MOST_FACTORS = 3  # of a term
OF_TERMS = {  # what is wrong with a term that so many times is to be added
    1: "is not added",
    -1: "is not subtracted",
    2: "is to be added, and is subtracted",
    -2: "is to be subtracted, and is added",
}
FUNCTIONS = (np.tanh, np.exp, np.log, np.sqrt, np.square)  # that are forgotten
INVERSES = ((np.tanh, np.arctanh), (np.exp, np.log))  # of those that something is wrong within
Arrays = Mapping[str, Array]
Factor = tuple[str, Array]  # a matrix or its transpose, by the name of the matrix


def likely_cause(
    actual: Array,
    right: Array,
    others: Arrays,
    terms: Arrays,
    examples: int,
    read: Collection[str],
) -> str:
    """Say which variable stands in the wrong place, or lacks. Empty: it cannot be told.

    `others` are the variables that the line could read, the likeliest first: of more than
    MOST_VARIABLES the rest is left out. `read` are those that it does read, and `terms` what may be
    added to a product: by name.
    """
    actual, right = numbers(actual), numbers(right)
    tried = ((name, numbers(a)) for name, a in others.items() if 0 < a.size <= LARGEST)
    others = dict(islice(tried, MOST_VARIABLES))
    said = _cause(actual, right, others, terms, examples, read)
    if said or actual.shape != right.shape:
        return said
    with np.errstate(all="ignore"):
        said = _of_functions(actual, right)
        inverted = [(f.__name__, inverse(actual), inverse(right)) for f, inverse in INVERSES]
    others, terms = _single(others), _single(terms)  # what is near 1 has no more digits
    for name, inner, should in () if said else inverted:
        if np.isfinite(inner).all() and np.isfinite(should).all():
            one, other = inner.astype(np.float32), should.astype(np.float32)
            if said := _cause(one, other, others, terms, examples, read):
                return f"within np.{name}, {said}"
    return said


def _single(arrays: Arrays) -> dict[str, Array]:
    return {name: a.astype(np.float32) for name, a in arrays.items()}


def _cause(
    actual: Array,
    right: Array,
    others: Arrays,
    terms: Arrays,
    examples: int,
    read: Collection[str],
) -> str:
    added = (a for n, a in others.items() if n in read and a.shape == right.shape)
    for term in (np.zeros(()), *terms.values(), *islice(added, MOST_FACTORS)):
        of_product = actual - term if actual.shape == right.shape else actual
        if said := _of_product(of_product, right - term, others, read):
            return said
    if actual.shape != right.shape:
        return ""
    for name, term in terms.items():
        if are_equal(actual + term, right):
            return f"{name} is not added"
        if are_equal(actual + 2 * term, right):
            return f"{name} is to be added, and is subtracted"
        is_vector = term.ndim == 1  # a bias, which is added to no gradient of its own
        if is_vector and not any(one in others and are_equal(others[one], term) for one in read):
            continue
        if said := likely_mistake(actual - term, right - term, examples, None):
            return f"before {name} is added, {said}"
    matrices = {name: a for name, a in others.items() if a.ndim == 2}
    for first, second in _products(right - actual, matrices):
        return f"the product of {first[0]} and {second[0]} is not added"
    return _of_numbers(actual, right, others, read)


def _of_functions(actual: Array, right: Array) -> str:
    """Say which function of numpy's was not taken of a value, or that its order is another."""
    if are_equal(np.sort(actual, axis=None), np.sort(right, axis=None)):
        return "its numbers are right, and stand in another order"
    for function in FUNCTIONS:
        if are_equal(function(actual), right):
            return f"np.{function.__name__} is missing"
        if are_equal(function(right), actual):
            return f"np.{function.__name__} is taken once too often"
    return ""


def _of_product(actual: Array, right: Array, others: Arrays, read: Collection[str]) -> str:
    matrices = {name: a for name, a in others.items() if a.ndim == 2}
    for first, second in _products(right, matrices):
        for said, one, other in _arranged(first, second):
            if one.shape[1] == other.shape[0] and are_equal(one @ other, actual):
                return said
        for name, other in ((n, a) for n, a in matrices.items() if n in read):
            for turned in (other, other.T):
                if turned.shape == first[1].shape and are_equal(turned @ second[1], actual):
                    return f"{name} stands where {first[0]} should"
                if turned.shape == second[1].shape and are_equal(first[1] @ turned, actual):
                    return f"{name} stands where {second[0]} should"
    return ""


def cause_of_a_failure(says: str, right: Array, others: Arrays, terms: Arrays) -> str:
    """Say which factors of a product that failed do not fit. Empty: it cannot be told."""
    sizes, right = _sizes(says), numbers(right)
    shapes = re.search(r"shapes \((\d+),(\d+)\) \((\d+),(\d+)\)", says)
    found = set()
    tried = ((n, numbers(a)) for n, a in others.items() if a.ndim == 2 and a.size <= LARGEST)
    matrices = dict(islice(tried, MOST_VARIABLES))
    for term in (np.zeros(()), *terms.values()):
        for first, second in _products(right - term, matrices):
            for said, one, other in _arranged(first, second):
                inner = (other.shape[0], one.shape[1])
                if inner == sizes:
                    found.add(said)
                if shapes and inner[0] == inner[1] and right.ndim == 2:
                    made = (one.shape[0], other.shape[1])
                    if made == (int(shapes[1]), int(shapes[2])) != right.shape:
                        found.add(said)
    if not found and sizes == right.shape and _scales(right, matrices):
        return "`*` is meant, number by number, and not `@`"
    return found.pop() if len(found) == 1 else ""


def of_a_failure_in_words(says: str, line: int, cause: str) -> str:
    """Say what shapes numpy could not put together, and why. Empty: it failed at something else.

    `cause` is what the factors of the product tell; empty: nothing.
    """
    if sizes := _sizes(says):
        rows, columns = sizes
        cause = cause or f"the first has {columns} columns, and the second {rows} rows"
        return f"line {line}: the shapes of this matrix product do not fit: {cause}"
    if "matmul" in says and "enough dimensions" in says:
        return f"line {line}: a factor of this matrix product is a number"
    shapes = re.findall(r"\((\d+(?:,\d*)+)\)", says)
    if "broadcast" not in says or len(shapes) < 2:
        return ""
    one, other = (" x ".join(filter(None, shape.split(","))) for shape in shapes[:2])
    likely = cause or of_a_failure(Exception(says))
    return f"line {line}: the shapes {one} and {other} do not fit. Likely: {likely}"


def _sizes(says: str) -> tuple[int, int] | None:
    """Return how many rows the second factor of a failed product has, and columns the first."""
    matmul = re.search(r"size (\d+) is different from (\d+)", says)
    dot = re.search(r"not aligned: (\d+) \(dim \d+\) != (\d+)", says)
    if matmul:
        return int(matmul[1]), int(matmul[2])
    return (int(dot[2]), int(dot[1])) if dot else None


def _scales(right: Array, matrices: Arrays) -> bool:
    """Is an array another one times slopes or a mask? None of these is below zero."""
    signs = np.sign(right)
    is_mixed = min((signs > 0).sum(), (signs < 0).sum()) >= ENOUGH
    alike = (a for a in matrices.values() if a.shape == right.shape)
    return bool(is_mixed and any(((signs == 0) | (signs == np.sign(a))).all() for a in alike))


def _products(right: Array, matrices: Arrays) -> Iterator[tuple[Factor, Factor]]:
    """Yield the pairs of matrices, or of their transposes, whose product an array is."""
    turned = [(name, one) for name, a in matrices.items() for one in (a, a.T)]
    for (name, first), (other, second) in product(turned, repeat=2):
        fits = right.ndim == 2 and first.shape[1] == second.shape[0]
        fits = fits and right.shape == (first.shape[0], second.shape[1])
        if fits and are_equal(first @ second, right):
            yield (name, first), (other, second)


def _arranged(first: Factor, second: Factor) -> Iterator[tuple[str, Array, Array]]:
    """Yield products of the same factors that are not as they should be, and what is wrong."""
    (name, one), (other, two) = first, second
    turned = "is missing, or one too many"
    yield f"a transpose of {name} {turned}", one.T, two
    yield f"a transpose of {other} {turned}", one, two.T
    yield f"a transpose of {name} and of {other} {turned}", one.T, two.T
    yield f"the product of {name} and {other} is transposed", two.T, one.T
    for left, right in ((two, one), (two, one.T), (two.T, one)):
        yield f"{name} and {other} are in the wrong order", left, right


def _of_numbers(actual: Array, right: Array, others: Arrays, read: Collection[str]) -> str:
    """Say what is wrong with a value that is made of others number by number."""
    same = {n: a for n, a in others.items() if a.shape == right.shape and a.any()}
    if actual.any() and right.any() and not (actual * right).any():
        return "a mask lets through what it should not, and nothing else"
    for name, other in same.items():
        if are_equal(actual * other, right):
            return f"the factor {name} is missing"
        if name in read and are_equal(right * other, actual):
            return f"{name} is a factor too many"
        if are_equal(actual + other, right):
            return f"{name} is not added"
        if are_equal(actual - other, right):
            return f"{name} is not subtracted"
    for (name, other), (meant, should) in product(same.items(), repeat=2):
        if name in read and name != meant and are_equal(actual * should, right * other):
            return f"{name} stands where {meant} should"
    for name, other in same.items():
        made = actual * other
        if np.ptp(other) and np.count_nonzero(made) >= ENOUGH:
            times = float((made * right).sum() / (made * made).sum())
            if are_equal(times * made, right):
                return f"the factors {name} and {times:.6g} are missing"
    return _missing_term(actual, right, others)


def _missing_term(actual: Array, right: Array, others: Arrays) -> str:
    """Say which product of variables, or of their means, is a term that is left out of a sum."""
    lacks = right - actual
    factors = {n: a for n, a in _factors(others, right.shape) if a.any()}
    at = np.linspace(0, right.size - 1, min(right.size, SAMPLE), dtype=int)
    few = lacks.reshape(-1)[at]  # to look at all of so many products would take long
    known = {n: np.broadcast_to(a, right.shape).reshape(-1)[at] for n, a in factors.items()}
    table, close = np.array([*known.values()]), CLOSE_SINGLE * np.abs(few).max(initial=0.0)
    for count in range(1, min(MOST_FACTORS, len(known)) + 1):
        tried = [*islice(combinations(range(len(known)), count), MOST_PRODUCTS)]
        products = table[np.array(tried)].prod(axis=1)
        for times, said in OF_TERMS.items():
            for found in np.flatnonzero(np.abs(few - times * products).max(axis=1) <= close):
                names = [[*known][place] for place in tried[found]]
                whole = np.prod(np.broadcast_arrays(*(factors[n] for n in names)), axis=0)
                if are_equal(np.broadcast_to(times * whole, right.shape), lacks):
                    return f"{' * '.join(names)} {said}"
    return ""


def _factors(others: Arrays, shape: tuple[int, ...]) -> Iterator[Factor]:
    """Yield what may be multiplied to an array of a shape: variables, and the means of some."""
    for name, a in others.items():
        pairs = zip(a.shape[::-1], shape[::-1])  # noqa: B905
        if a.ndim <= len(shape) and all(n in (1, m) for n, m in pairs):
            yield name, a
    for name, a in others.items():
        if a.shape == shape and a.ndim:
            yield f"{name}.mean(axis=0)", a.mean(axis=0)
            yield f"{name}.mean(axis=-1)", a.mean(axis=-1, keepdims=True)


def of_targets(actual: Array, right: Array, targets: Array | None) -> str:
    """Say that a matrix is wrong in the columns of the targets alone. Empty: it is not so."""
    if targets is None or targets.dtype.kind not in "iu" or actual.shape != right.shape:
        return ""
    if right.ndim != 2 or targets.shape != right.shape[:1] or targets.max() >= right.shape[1]:
        return ""
    is_target = np.arange(right.shape[1]) == targets[:, None]
    is_wrong = np.abs(actual - right) > CLOSE * np.abs(right).max()
    alone = "it is wrong in the column of each example's target, and right in all others"
    return alone if np.array_equal(is_wrong, is_target) else ""


def numbers(array: Array) -> Array:
    """Return a mask as zeros and ones, of which one can be subtracted from another."""
    return array.astype(np.float64) if array.dtype.kind == "b" else array


def are_equal(one: Array, other: Array) -> bool:
    """Do two arrays, which are not zero, differ by rounding alone?"""
    fits = one.shape == other.shape and one.ndim > 0
    return fits and bool(one.any()) and is_close(numbers(one), numbers(other))


def is_close(actual: Array, right: Array, largest: float = 0.0, close: float = CLOSE) -> bool:
    """Do two arrays of one shape differ by rounding alone? `largest`: of what both are made of."""
    close = CLOSE_SINGLE if actual.dtype == np.float32 else close
    eps = np.finfo(np.float32 if actual.dtype == np.float32 else np.float64).eps
    allowed = close * np.linalg.norm(right) + 4 * eps * largest * right.size**0.5
    return bool(np.linalg.norm(actual - right) <= allowed + 1e-300)
