"""From the tree to the spec: every statement finds its meaning, every name its word."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from nndsl.analysis.arguments import placeholder_argument
from nndsl.analysis.cycles import report_cycles
from nndsl.analysis.declared import Declared
from nndsl.analysis.evaluate import bind, evaluate
from nndsl.analysis.experiments import read as read_experiment
from nndsl.analysis.fixes import fix
from nndsl.analysis.heads import LOSS, METRICS, of_outputs, origins_of, read_heads, without_weight
from nndsl.analysis.messages import show_value
from nndsl.analysis.network import instantiate_network
from nndsl.analysis.reuse import Reuse
from nndsl.analysis.scope import DATA_SIZES, TOO_DEEP, AnalysisError, read_each
from nndsl.analysis.sequence_sizes import SequenceSizes
from nndsl.analysis.slots import Slot
from nndsl.analysis.spec import Head, Spec
from nndsl.analysis.suggest import correct_typo, did_you_mean, typo_fix
from nndsl.analysis.toplevel import (
    DECLARATIONS,
    EXPERIMENTS,
    first_word,
    lines_of_networks,
    unknown_statements,
)
from nndsl.data import DataError, Description
from nndsl.diagnostics import Diagnostics, Edit, Fix, Label
from nndsl.ir.symbols import as_int, symbol
from nndsl.source import Origin, Source, Span
from nndsl.syntax import ast
from nndsl.vocabulary import registry
from nndsl.vocabulary.dataset import Data
from nndsl.vocabulary.layer import LayerInstance
from nndsl.vocabulary.section import Section


def resolve(
    tree: ast.Tree,
    diagnostics: Diagnostics,
    known: Description | None = None,
    *,
    named: bool = True,
    reuse: Reuse,
) -> Spec:
    """Return what the tree means. What is wrong is recorded and left out of the spec.

    `known` stands for what the data would say of itself. Unless it is `named`, numbers are plain.
    `reuse` has what was found out for trees with the same definitions and network.
    """
    return _Resolver(tree, diagnostics, known, named=named, reuse=reuse).spec()


class _Resolver:
    def __init__(
        self,
        tree: ast.Tree,
        diagnostics: Diagnostics,
        known: Description | None,
        *,
        named: bool,
        reuse: Reuse,
    ) -> None:
        self.reuse = reuse
        self.tree = tree
        self.named = named
        self.known = known
        self.diagnostics = diagnostics
        self.declared = declared = Declared(tree, diagnostics, named=named)
        self.scope, self.names, self.origins = declared.scope, declared.names, declared.origins
        self.heads: tuple[Head, ...] = ()

    def spec(self) -> Spec:
        declared, found = self.declared, self.scope.found
        read_each(self.tree.statements, declared.collect)
        unknown = unknown_statements(self.tree)  # that may have been a network
        known = [one for one in self.tree.statements if one not in unknown]
        for code, wrong, span in lines_of_networks(known):
            self.diagnostics.report(code, wrong, span)
        report_cycles(self.names, self.diagnostics)
        data = self.attempt("data", self.data)
        described = Description(failed="data" in declared.seen or bool(unknown))
        if data is not None:
            described = self.known or self.describe(data)
        self.name_sizes(described)
        declared.define_words()
        network = reused = self.reuse.network(described, self.names)
        if network is None:
            network = self.attempt("network", self.network)
        read = [let for name, let in self.names.items() if let.used and name not in found.sizes]
        train = self.attempt("train", self.section)
        named = [name for name in EXPERIMENTS if name in declared.sections]
        read_one = partial(read_experiment, scope=self.scope, tree=self.tree)
        experiments = {name: self.attempt(name, read_one) for name in named}
        declared.report_unused()
        numbers = {n: let.number for n, let in self.names.items() if let.number is not None}
        sizes = SequenceSizes(
            {self.names[name].constant: number for name, number in numbers.items()},
            {self.names[n].constant: DATA_SIZES[n] for n in found.sizes if n in numbers},
        )
        read_for = described
        if data is not None and self.named:
            data = sizes.of_data(data)
            described = sizes.of_description(self.with_named_features(described))
        if network is not None and reused is None:
            network = sizes.of_network(network, described) if self.named else network
            self.reuse.keep_network(network, read_for, read)
        return Spec(
            name=declared.name.text if declared.name else stem(self.tree.source),
            source=self.tree.source,
            tree=self.tree,
            data=data,
            description=described,
            network=network,
            train=train,
            is_recalled=self.known is not None,
            named_heads=self.heads if train is not None else (),
            constants=sizes.constants,
            comments=sizes.comments,
            **({"dtype": train.dtype, "seed": train.seed} if train is not None else {}),
            experiments=experiments,
            origins=self.origins,
        )

    # --- Meaning ----------------------------------------------------------------------

    def attempt(self, name: str, read: Callable[[Any], Any]) -> Any:
        """Return what a section means, or None where there is none or it is wrong."""
        if name not in self.declared.sections:
            return None
        try:
            return read(self.declared.sections[name])
        except AnalysisError:
            return None
        except RecursionError:
            self.diagnostics.report("NN213", TOO_DEEP, self.declared.sections[name].name.span)
            return None

    def data(self, setting: ast.Setting) -> Data:
        value = setting.value
        found = evaluate(value, Slot(kinds=(Data.kind,)), self.scope)
        if not isinstance(found, Data):
            wrong = f"expected a source of data, found {show_value(found)}"
            raise self.scope.reject("NN208", wrong, value.span)
        self.origins |= {
            f"data.{argument.name.text}": Origin(argument.value.span)
            for argument in (value.arguments or () if isinstance(value, ast.Reference) else ())
            if argument.name is not None
        }
        return found

    def describe(self, data: Data) -> Description:
        try:
            return self.reuse.description(data, self.tree.source.folder)
        except DataError as error:
            origin = self.origins.get(f"data.{error.field}", self.origins["data"])
            where: Origin | Span = error.span or origin
            read = (Label(origin.span, "read here"),) if error.span is not None else ()
            mended = typo_fix(origin.span, error.wrong, error.known) if error.known else ()
            help = did_you_mean(error.wrong, error.known) if mended else error.help
            if error.setting:
                mended = self.with_argument(error.setting)
            self.diagnostics.report("NN311", error.message, where, *read, help=help, fixes=mended)
            return Description(failed=True)

    def with_argument(self, setting: str) -> tuple[Fix, ...]:
        """Return the fix that gives the data an argument, `delimiter=";"`, or another value."""
        name, _, value = setting.partition("=")
        if (given := self.origins.get(f"data.{name}")) is not None:
            return fix(f"write {setting}", Edit(given.span, value), safe=True)
        statement = next(s for s in self.tree.statements if s.name.text == "data")
        end = statement.span.end - 1
        text = statement.span.source.text[: end + 1]
        if not text.endswith(")"):
            return ()
        has_comma = text[:-1].rstrip().endswith((",", "("))
        comma = " " * text.endswith(",)") if has_comma else ", "
        place = Span(statement.span.source, end, end)
        return fix(f"write {setting}", Edit(place, f"{comma}{setting}"), safe=True)

    def name_sizes(self, described: Description) -> None:
        """Bind the names of the data's sizes, unless a `let` has them: an unknown one is a hole."""
        classes = [part.classes for part in described.parts.values() if part.classes]
        known = {
            "features": described.features,
            "classes": classes[0] if len(classes) == 1 else described.classes,
        }
        for name, size in known.items():
            if name in self.names or (size is None and not described.failed):
                continue
            span = (
                self.origins["data"].span
                if "data" in self.origins
                else Span(self.tree.source, 0, 0)
            )
            value = ast.Hole(span) if size is None else ast.Number(size, span)
            self.declared.bind(ast.Name(name, span), value, used=True)
            self.scope.found.sizes.append(name)

    def with_named_features(self, described: Description) -> Description:
        """Return what is known of the data with a name for its features, where the page uses it."""
        binding = self.names.get("features") if "features" in self.scope.found.sizes else None
        shape = described.shape
        if binding is None or binding.number is None or shape is None or len(shape) > 1:
            return described
        return replace(described, shape=(as_int(symbol(binding.constant, binding.number)),))

    def network(self, call: ast.Call) -> tuple[LayerInstance, ...]:
        if call.arguments:
            raise self.scope.reject("NN205", "`network` takes no arguments", call.arguments[0].span)
        if call.body is None or not call.statements:
            raise self.scope.reject("NN223", "the network has no layers", call.span)
        return instantiate_network(call.body, self.scope)

    def section(self, call: ast.Call) -> Any:
        """Return a section of settings; whatever else stands there is reported."""
        section = call.name.text
        word = registry.get(Section, section)
        if call.arguments:
            wrong = f"`{section}` takes no arguments"
            self.diagnostics.report("NN205", wrong, call.arguments[0].span)
        arguments = []
        named = of_outputs(call.statements) if section == "train" else []
        nameless: list[ast.Statement] = []
        if named:
            nameless += self.report_nameless(named, call)
            arguments += self.losses(named)
        for statement in call.statements:
            if statement in named or statement in nameless:
                continue
            if isinstance(statement, ast.Setting):
                name = statement.name
                arguments.append(ast.Argument(name, statement.value, statement.span))
                setting = correct_typo(name.text, word.model_fields) or name.text
                self.origins.setdefault(f"{section}.{setting}", Origin(statement.value.span))
                if isinstance(statement.value, ast.Sequence):
                    for number, item in enumerate(statement.value.items):
                        self.origins[f"{section}.{setting}.{number}"] = Origin(item.span)
                continue
            if not isinstance(statement, ast.Broken):
                wrong = f"expected a setting, name = value, in `{section}`"
                first = first_word(statement)[1].text
                way_out = f"`{first}` stands at the top of the page, outside of `{section}`"
                help = way_out if first in DECLARATIONS else None
                self.diagnostics.report("NN224", wrong, statement.span, help=help)
            arguments.append(placeholder_argument(statement, word))
        found = bind(word, arguments, call.span, self.scope)
        if nameless:
            raise AnalysisError
        return found

    def report_nameless(
        self, named: list[ast.Declaration], call: ast.Call
    ) -> Iterator[ast.Statement]:
        """Report settings that do not say of which of several outputs they are, and yield them."""
        for statement in call.statements:
            if isinstance(statement, ast.Setting) and statement.name.text in (LOSS, METRICS):
                name, there = statement.name.text, Label(named[0].span, "that of an output")
                wrong = f"`{name}` does not say of which output it is"
                help = f"write `{name} {named[0].name.text} = …`"
                self.diagnostics.report("NN321", wrong, statement.name.span, there, help=help)
                yield statement

    def losses(self, named: list[ast.Declaration]) -> list[ast.Argument]:
        """Read the losses of several outputs; return that of the first as the one of `train`."""
        self.origins |= origins_of(named)
        self.scope.found.heads += [one.name.text for one in named if one.word.text == LOSS]
        self.heads = read_heads(named, self.scope)
        first = next(one for one in named if one.word.text == LOSS)
        assert first.value is not None
        _, value = without_weight(first.value)
        return [ast.Argument(first.word, value, first.span)]


def stem(source: Source) -> str:
    """Return the name of a spec that gives itself none: its file's, as a name of the language."""
    text = Path(source.name).stem.strip("<>") or "model"
    name = re.sub(r"[^A-Za-z0-9]", "_", text)
    return name if name and not name[0].isdigit() else f"_{name}"
