"""The functions of a block in names of their own: no numbers but where a letter stands twice."""

from collections import Counter
from collections.abc import Collection, Sequence

from nndsl.program.program import Function

DIGITS = "0123456789_"
GRADIENT, CACHED, PART = "d", "cache_", "_part"


def in_local_names(
    functions: Sequence[Function], values: Collection[str], taken: Collection[str]
) -> tuple[list[Function], dict[str, str]]:
    """Return functions that share their names in shorter ones, and which are changed to which.

    What goes in, where it is one of the `values` of the network, is `x`. `taken` are names of the
    script.
    """
    bound = dict.fromkeys(
        name
        for function in functions
        for names in (function.arguments, *(made.writes for made in function.statements))
        for name in names
    )
    given = [name for name in functions[0].arguments if name in values]
    names = {given[0]: "x"} if len(given) == 1 else {}
    numbered = [n for n in bound if n not in names and n[-1:].isdigit() and not _is_about(n, bound)]
    bases = {name: name.rstrip(DIGITS) for name in numbered}
    times, met = Counter(bases.values()), Counter[str]()
    for name, base in bases.items():
        met[base] += 1
        alone = times[base] == 1 and base not in taken
        names[name] = base if alone else f"{base}{met[base]}"
    for name in bound:
        for before, after in ((GRADIENT, ""), (GRADIENT, PART), (CACHED, "")):
            inner = name.removeprefix(before).removesuffix(after)
            if inner in names and name == f"{before}{inner}{after}":
                names[name] = f"{before}{names[inner]}{after}"
    if len({names.get(name, name) for name in bound}) < len(bound):
        return [*functions], {}
    return [function.rename(names) for function in functions], names


def _is_about(name: str, bound: Collection[str]) -> bool:
    """Is it the gradient of another name, or what its backward pass reads?"""
    gradient = name.removeprefix(GRADIENT).removesuffix(PART)
    return (name[:1] == GRADIENT and gradient in bound) or name.startswith(CACHED)
