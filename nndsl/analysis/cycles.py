"""Names that are defined by themselves, perhaps by way of others: used or not, that has no end."""

from collections.abc import Iterator, Mapping

from nndsl.analysis.scope import MAX_LABELS, Binding, names_in
from nndsl.diagnostics import Diagnostics, Label
from nndsl.syntax.ast import Reference

Link = tuple[Binding, Reference]  # a name, and where its value needs the next one


def report_cycles(names: Mapping[str, Binding], diagnostics: Diagnostics) -> None:
    """Report every `let` that needs its own value, once a cycle; its bindings are `endless`."""
    done: set[str] = set()
    for first in names:
        trail: dict[str, Reference] = {}  # names on the way, each with the one that it needs
        waiting = [(first, _needed(names[first], names))]
        while waiting:
            name, needed = waiting[-1]
            reference = next(needed, None)
            if reference is None or name in done:
                done.add(name)
                trail.pop(name, None)
                waiting.pop()
                continue
            trail[name] = reference
            wanted = reference.name.text
            if wanted in trail:
                links = [(names[n], trail[n]) for n in list(trail)[list(trail).index(wanted) :]]
                done |= {binding.name.text for binding, _ in links}
                _report(links, diagnostics)
            elif wanted not in done:
                waiting.append((wanted, _needed(names[wanted], names)))


def _needed(binding: Binding, names: Mapping[str, Binding]) -> Iterator[Reference]:
    return (found for found in names_in(binding.value) if found.name.text in names)


def _report(links: list[Link], diagnostics: Diagnostics) -> None:
    for binding, _ in links:
        binding.cyclic = True
    start = min(range(len(links)), key=lambda at: links[at][0].name.span.start)
    links = links[start:] + links[:start]
    (first, reference), *others = links
    message = f"`{first.name.text}` is defined by itself"
    if others:
        texts = [f"`{binding.name.text}`" for binding, _ in others[:MAX_LABELS]]
        if len(others) > MAX_LABELS:
            texts.append(f"{len(others) - MAX_LABELS} more names")
        *most, last = texts
        message += f", by way of {', '.join(most)}{' and ' * bool(most)}{last}"
    labels = [
        Label(needs.span, f"`{binding.name.text}` needs `{needs.name.text}`")
        for binding, needs in others[:MAX_LABELS]
    ]
    if not others:
        labels = [Label(first.name.span, "defined here")]
    diagnostics.report("NN207", message, reference.span, *labels)
