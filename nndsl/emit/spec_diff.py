"""What two specs mean differently."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from nndsl.analysis.builtin_printer import number, print_builtin, write_value
from nndsl.analysis.compare import ComparisonSpec
from nndsl.analysis.compile import Checked, analyse_tree
from nndsl.analysis.graph import Graph
from nndsl.analysis.minimize import DescentSpec
from nndsl.analysis.node import Node
from nndsl.analysis.override import override
from nndsl.analysis.search import SearchSpec
from nndsl.analysis.slots import slots
from nndsl.analysis.toplevel import without_experiments
from nndsl.diagnostics import Diagnostics
from nndsl.emit.build import build_descent
from nndsl.emit.script import write_descent, write_script
from nndsl.ir.printer import expression
from nndsl.program.lower import lower
from nndsl.program.program import Program
from nndsl.record import record
from nndsl.shapes import show_shape
from nndsl.source import Source
from nndsl.syntax.ast import Declaration, Value
from nndsl.syntax.parser import parse_value
from nndsl.vocabulary.builtin import Builtin
from nndsl.vocabulary.layer import Layer, LayerInstance
from nndsl.vocabulary.range import Range


@record
class Change:
    """Something that is another, or is there in one of two specs alone (the other is None)."""

    name: str
    before: str | None
    after: str | None


@record
class LayerLine:
    """A line of the network: `+` for one that is new, `-` for one that is gone, or a blank."""

    sign: str
    text: str


@record
class SpecDiff:
    """All that is different; `weights` are the arrays of a file of saved weights.

    `network` is every line of both networks, and empty where these compute the same. `breaking`
    says that weights which were saved before do not fit the network any more: its identity is
    another, be it by names, by shapes, or by what it computes.
    """

    network: tuple[LayerLine, ...]
    sizes: tuple[Change, ...]
    settings: tuple[Change, ...]
    weights: tuple[Change, ...]
    breaking: bool = False

    @property
    def same(self) -> bool:
        return not (self.network or self.sizes or self.settings or self.weights)


def spec_diff(old: Checked, new: Checked) -> SpecDiff:
    """Return what two specs without errors mean differently."""
    before, after = _program(old), _program(new)
    found = SpecDiff(
        network=tuple(_network(old, new)),
        sizes=_changes(_sizes(old.graph), _sizes(new.graph)),
        settings=_changes(_settings(old), _settings(new)),
        weights=_changes(_weights(before), _weights(after)),
        breaking=before is not None and after is not None and before.identity != after.identity,
    )
    return found if not found.same else replace(found, settings=_of_scripts(old, new))


def _of_scripts(old: Checked, new: Checked) -> tuple[Change, ...]:
    """Return the first line that scripts of equal settings have different: their data is, say."""
    before, after = _script(_unnamed(old)), _script(_unnamed(new))
    for first, second in zip_longest(before, after):
        if first != second:
            return (Change("script", first, second),)
    return ()


def _unnamed(checked: Checked) -> Checked:
    """Return a spec without names for its numbers: a `let` may be written out."""
    assert checked.tree is not None
    return analyse_tree(checked.tree, Diagnostics(), named=False)


def _script(checked: Checked) -> list[str]:
    """Return the lines of a script below its head, which names the spec."""
    if descent := build_descent(checked):
        text = write_descent(descent).text
    else:
        program = _program(checked)
        text = write_script(program).text if program else ""
    return text.partition('\n"""\n')[2].splitlines()


def _changes(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[Change, ...]:
    names = dict.fromkeys([*old, *new])
    return tuple(
        Change(name, old.get(name), new.get(name))
        for name in names
        if old.get(name) != new.get(name)
    )


# --- The network ----------------------------------------------------------------------


@record
class _Line:
    text: str  # as the spec gives it
    whole: str  # with all defaults: what it means
    word: str


def _network(old: Checked, new: Checked) -> Iterator[LayerLine]:
    if _computed(old.graph) == _computed(new.graph):
        return
    before, after = _lines_of(old), _lines_of(new)
    for tag, i, i_end, j, j_end in _matched(before, after, "whole"):
        if tag == "equal":
            yield from (LayerLine(" ", line.text) for line in after[j:j_end])
            continue
        inner = _matched(before[i:i_end], after[j:j_end], "word")
        for _, first, last, new_first, new_last in inner:  # a layer stands beside its new form
            yield from (LayerLine("-", line.text) for line in before[i + first : i + last])
            yield from (LayerLine("+", line.text) for line in after[j + new_first : j + new_last])


def _matched(
    before: Sequence[_Line], after: Sequence[_Line], by: str
) -> list[tuple[str, int, int, int, int]]:
    old, new = ([str(getattr(line, by)) for line in lines] for lines in (before, after))
    found: list[tuple[str, int, int, int, int]] = []
    for tag, i, i_end, j, j_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if by == "word" and tag == "equal":
            found += [(tag, i + k, i + k + 1, j + k, j + k + 1) for k in range(i_end - i)]
        else:
            found.append((tag, i, i_end, j, j_end))
    return found


def _lines_of(checked: Checked) -> list[_Line]:
    network = checked.spec.network if checked.spec else None
    return list(_lines(network or (), 0))


def _lines(layers: Sequence[LayerInstance], depth: int) -> Iterator[_Line]:
    indent = "  " * depth
    for placed in layers:
        layer: Layer = placed.layer
        opener = " {" if placed.body else ""
        text = f"{indent}{print_builtin(layer, defaults=False)}{opener}"
        yield _Line(text, f"{indent}{print_builtin(layer)}{opener}", f"{indent}{layer.keyword()}")
        if placed.body:
            yield from _lines(placed.body, depth + 1)
            yield _Line(f"{indent}}}", f"{indent}}}", f"{indent}}}")


def _computed(graph: Graph | None) -> list[Any]:
    """Return what a network computes, however it is written: layers, what they read, beginnings."""
    if graph is None:
        return []
    numbers = {x: -at for at, x in enumerate(graph.inputs.values())}
    found: list[Any] = [x.shape for x in graph.inputs.values()]
    for position, node in enumerate(graph.nodes, 1):
        numbers[node.output] = position
        reads = [numbers[value] for value in node.inputs]
        found.append((print_builtin(node.layer), reads, _beginnings(node)))
    return [*found, numbers[graph.output]]


def _beginnings(node: Node) -> list[str]:
    inits = [parameter.init for parameter in node.parameters.values()]
    return [print_builtin(init) if isinstance(init, Builtin) else str(init) for init in inits]


# --- Everything else ------------------------------------------------------------------


def _sizes(graph: Graph | None) -> dict[str, str]:
    if graph is None:
        return {}
    return {
        "input shape": ", ".join(show_shape(x.shape) for x in graph.inputs.values()),
        "output shape": show_shape(graph.output.shape),
        "parameters": str(graph.parameter_count),
        "FLOP forward": str(graph.forward_flops),
    }


def _program(checked: Checked) -> Program | None:
    if checked.spec is None or checked.graph is None:
        return None
    return lower(checked.spec, checked.graph)


def _weights(program: Program | None) -> dict[str, str]:
    if program is None:
        return {}
    return {a.name: show_shape(a.shape) for a in (*program.parameters, *program.states)}


def _settings(checked: Checked) -> dict[str, str]:
    """Return every setting with its value, those that are left out too, and the experiments."""
    spec = checked.spec
    if spec is None:
        return {}
    declared = [s.word.text for s in spec.tree.statements if isinstance(s, Declaration)]
    found = {"model": spec.name} if "model" in declared else {}
    if spec.data is not None:
        found["data"] = print_builtin(spec.data)
    if spec.train is not None:
        found |= _values(spec.train)
    for name, meant in spec.experiments.items():
        match meant:
            case ComparisonSpec(settings=settings, variants=variants):
                found |= _values(settings)
                for variant in variants:
                    parts = [_effect(checked, variant.values), *map(str, variant.expectations)]
                    found[f"variant {variant.name.text}"] = "; ".join(filter(None, parts))
            case SearchSpec(settings=settings, ranges=ranges):
                found |= _values(settings)
                found |= {f"search {name}": _range(checked, name, r) for name, r in ranges.items()}
            case DescentSpec(formula=formula, named=named, start=start):
                for step, value in (*named, ("f", formula)):
                    found[f"{name}.{step}"] = expression(value)
                found[f"{name}.start"] = ", ".join(f"{x}={number(v)}" for x, v in start.items())
                found[f"{name}.optimizer"] = print_builtin(meant.optimizer)
                found[f"{name}.steps"] = number(meant.steps)
            case tuple():
                parts = [print_builtin(x) if isinstance(x, Builtin) else str(x) for x in meant]
                found[name] = "; ".join(parts)
    return found


def _values(section: Builtin) -> dict[str, str]:
    own = slots(type(section))
    values = {name: getattr(section, name) for name in own}
    return {
        f"{section.keyword()}.{name}": write_value(value, own[name])
        for name, value in values.items()
        if value is not None
    }


def _effect(checked: Checked, values: Mapping[str, Value]) -> str:
    """Return what other values change: settings, and lines of the network with their numbers."""
    assert checked.tree is not None
    tree = without_experiments(checked.tree)
    other = analyse_tree(override(tree, values)[0], Diagnostics())
    base = analyse_tree(tree, Diagnostics())
    parts = [f"{c.name} {c.after}" for c in _changes(_settings(base), _settings(other))]
    for position, line in enumerate(_network(base, other), 1):
        if line.sign != " ":
            parts.append(f"{line.sign} line {position} {line.text.strip()}")
    return ", ".join(parts)


def _range(checked: Checked, name: str, range_: Range) -> str:
    """Return a range with what its ends change, or, where it is a list, every value."""
    texts = [Source("", text) for text in range_.written]
    values = [value for text in texts if (value := parse_value(text, Diagnostics())) is not None]
    effects = "; ".join(_effect(checked, {name: value}) for value in values)
    return f"{print_builtin(range_) if range_.numeric else range_.keyword()}: {effects}"
