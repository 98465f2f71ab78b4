"""From the tree to the spec: every statement finds its meaning, every name its word."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nndsl.analysis.arguments import placeholder_argument
from nndsl.analysis.constants import constant_name
from nndsl.analysis.cycles import report_cycles
from nndsl.analysis.evaluate import bind, evaluate
from nndsl.analysis.experiments import read as read_experiment
from nndsl.analysis.fixes import fix
from nndsl.analysis.heads import (
    LOSS,
    METRICS,
    of_outputs,
    origins_of,
    read_heads,
    without_weight,
)
from nndsl.analysis.messages import show_value
from nndsl.analysis.network import MAX_LAYERS, instantiate_network
from nndsl.analysis.reuse import Reuse
from nndsl.analysis.scope import (
    DATA_SIZES,
    TOO_DEEP,
    AnalysisError,
    Binding,
    Block,
    Budget,
    Found,
    OwnWord,
    Scope,
    read_each,
)
from nndsl.analysis.sequence_sizes import SequenceSizes
from nndsl.analysis.slots import Slot, singular_of
from nndsl.analysis.spec import Head, Spec
from nndsl.analysis.suggest import correct_typo, did_you_mean, suggestion, typo_fix
from nndsl.analysis.toplevel import (
    DECLARATIONS,
    EXPERIMENTS,
    FORMS,
    IMPORT,
    IMPORT_FORM,
    OWN_KINDS,
    SECTIONS,
    WORDS,
    first_word,
    lines_of_networks,
    report_unknown,
    unknown_statements,
)
from nndsl.data import DataError, Description
from nndsl.diagnostics import Diagnostics, Edit, Fix, Label, Severity
from nndsl.ir.symbols import as_int, symbol
from nndsl.source import Origin, Source, Span
from nndsl.syntax import ast
from nndsl.vocabulary import registry
from nndsl.vocabulary.dataset import Data
from nndsl.vocabulary.layer import Layer, LayerInstance
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
        self.names: dict[str, Binding] = {}
        self.constants: set[str] = set()  # how they are called in a script
        self.blocks: dict[str, Block] = {}
        self.seen: dict[str, Span] = {}  # model and the sections, to find a second one
        self.words: dict[str, dict[str, OwnWord]] = {kind: {} for kind in OWN_KINDS.values()}
        self.definitions: list[tuple[str, OwnWord, ast.Declaration]] = []  # with their kinds
        budget = Budget(MAX_LAYERS)
        self.found = Found()
        self.scope = Scope(
            diagnostics,
            self.names,
            self.blocks,
            budget,
            words=self.words,
            found=self.found,
        )
        self.origins: dict[str, Origin] = {}
        self.sections: dict[str, ast.Setting | ast.Call] = {}
        self.name: ast.Name | None = None
        self.heads: tuple[Head, ...] = ()

    def spec(self) -> Spec:
        read_each(self.tree.statements, self.collect)
        unknown = unknown_statements(self.tree)  # that may have been a network
        known = [one for one in self.tree.statements if one not in unknown]
        for code, wrong, span in lines_of_networks(known):
            self.diagnostics.report(code, wrong, span)
        report_cycles(self.names, self.diagnostics)
        data = self.attempt("data", self.data)
        described = Description(failed="data" in self.seen or bool(unknown))
        if data is not None:
            described = self.known or self.describe(data)
        self.name_sizes(described)
        in_order = sorted(self.definitions, key=lambda one: list(self.words).index(one[0]))
        read_each(in_order, lambda one: self.define(*one))
        network = reused = self.reuse.network(described, self.names)
        if network is None:
            network = self.attempt("network", self.network)
        read = [
            let for name, let in self.names.items() if let.used and name not in self.found.sizes
        ]
        train = self.attempt("train", self.section)
        named = [name for name in EXPERIMENTS if name in self.sections]
        experiments = {name: self.attempt(name, self.experiment) for name in named}
        self.report_unused()
        numbers = {n: let.number for n, let in self.names.items() if let.number is not None}
        sizes = SequenceSizes(
            {self.names[name].constant: number for name, number in numbers.items()},
            {self.names[n].constant: DATA_SIZES[n] for n in self.found.sizes if n in numbers},
        )
        read_for = described
        if data is not None and self.named:
            data = sizes.of_data(data)
            described = sizes.of_description(self.with_named_features(described))
        if network is not None and reused is None:
            network = sizes.of_network(network, described) if self.named else network
            self.reuse.keep_network(network, read_for, read)
        return Spec(
            name=self.name.text if self.name else stem(self.tree.source),
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

    # --- Collecting -------------------------------------------------------------------

    def collect(self, statement: ast.Statement) -> None:
        """Note a statement of the top, for its meaning to be found; AnalysisError if it is none."""
        name = statement.name
        match statement:
            case ast.Declaration():
                self.declare(statement)
            case ast.Setting(name=ast.Name(text="data")):
                self.add_section(statement)
            case ast.Call() if name.text in SECTIONS and name.text != "data":
                if statement.body is None:
                    self.seen[name.text] = name.span
                    wrong, help = f"`{name.text}` needs a body", f"write {name.text} {{ … }}"
                    raise self.scope.reject("NN223", wrong, statement.span, help=help)
                self.add_section(statement)
            case ast.Broken():
                self.seen.setdefault(name.text, name.span)
            case _:
                self.seen.setdefault(name.text, name.span)
                self.reject_statement(statement)

    def add_section(self, statement: ast.Setting | ast.Call) -> None:
        name = statement.name
        self.scope.require_new(self.seen, name.text, name.span)
        self.sections[name.text] = statement
        self.origins[name.text] = Origin(statement.span)

    def declare(self, statement: ast.Declaration) -> None:
        word, name = statement.word, statement.name
        match word.text:
            case "model" if (
                statement.value is None and statement.body is None and statement.arguments is None
            ):
                self.scope.require_new(self.seen, word.text, word.span)
                self.name = name
            case "let" if statement.value is not None:
                self.check_name(name, self.names, "let")
                constant = constant_name(name.text, self.constants) if self.named else ""
                binding = Binding(name, statement.value, self.scope, constant=constant)
                if self.names.setdefault(name.text, binding) is binding:
                    self.constants.add(constant)
                    self.origins[f"let.{constant}"] = Origin(statement.span)
            case "block" if statement.body is not None:
                if any(isinstance(a.value, ast.Hole) for a in statement.arguments or ()):
                    return  # what it takes is not known
                self.check_name(name, self.blocks, "block")
                block = Block(name, self.parameters(statement), statement.body)
                self.blocks.setdefault(name.text, block)
            case form if form in OWN_KINDS and statement.body is not None:
                kind = OWN_KINDS[form]
                self.check_name(name, self.words[kind], form)
                word_of_page = OwnWord(name)
                self.words[kind].setdefault(name.text, word_of_page)
                self.definitions.append((kind, word_of_page, statement))
            case form if form in DECLARATIONS:
                wrong = f"`{form}` is written {FORMS[form]}"
                raise self.scope.reject("NN224", wrong, statement.span)
            case form if form == IMPORT:
                self.reject_import(statement)
            case _:
                report_unknown(statement, DECLARATIONS, self.diagnostics)

    def define(self, kind: str, word: OwnWord, declaration: ast.Declaration) -> None:
        """Find out what a word of the page is; AnalysisError where its definition is wrong."""
        if any(isinstance(a.value, ast.Hole) for a in declaration.arguments or ()):
            raise AnalysisError  # what it takes is not known
        from nndsl.analysis.own_words import read_word  # few pages need it

        try:
            parameters = self.parameters(declaration)
            word.builtin = read_word(kind, declaration, parameters, self.scope)
        except RecursionError:
            raise self.scope.reject("NN213", TOO_DEEP, declaration.name.span) from None

    def check_name(
        self, name: ast.Name, known: Mapping[str, Binding | Block | OwnWord], word: str
    ) -> None:
        stands_in_network = word in ("block", singular_of(Layer.kind))
        layers = self.words[Layer.kind]
        every = (known, *(k for k in (self.blocks, layers) if stands_in_network))
        first = next((k[name.text] for k in every if name.text in k), None)
        if first is not None:
            there = Label(first.name.span, "first defined here")
            self.diagnostics.report("NN203", f"`{name.text}` is defined twice", name.span, there)
        shadowed = registry.kinds_of(name.text)
        if word in OWN_KINDS:  # a place is for one kind of words
            shadowed = tuple(kind for kind in shadowed if kind == OWN_KINDS[word])
        if shadowed or name.text in WORDS:
            what = f"a word of the language ({', '.join(shadowed) or 'a section'})"
            article = "an" if word[0] in "aeiou" else "a"
            wrong = f"`{name.text}` is {what}; {article} {word} of this name would hide it"
            self.diagnostics.report("NN225", wrong, name.span, help="choose another name")

    def parameters(self, block: ast.Declaration) -> dict[str, tuple[ast.Name, ast.Value | None]]:
        first: dict[str, Span] = {}

        def parameter(argument: ast.Argument) -> tuple[str, tuple[ast.Name, ast.Value | None]]:
            name, default = argument.name, None if argument.name is None else argument.value
            if isinstance(argument.value, ast.Reference) and argument.value.arguments is None:
                name = name or argument.value.name
            if name is None:
                wrong = "a parameter of a block is a name, or name = default"
                raise self.scope.reject("NN224", wrong, argument.span)
            self.scope.require_new(first, name.text, name.span)
            return name.text, (name, default)

        found, _ = read_each(block.arguments or (), parameter)
        return dict(found)

    def reject_statement(self, statement: ast.Statement) -> None:
        name, reject = statement.name, self.scope.reject
        if name.text in SECTIONS:
            form = "data = …" if name.text == "data" else f"{name.text} {{ … }}"
            raise reject("NN224", f"`{name.text}` is written {form}", statement.span)
        if name.text == IMPORT:
            self.reject_import(statement)
        if name.text in DECLARATIONS:
            raise reject("NN224", f"`{name.text}` is written {FORMS[name.text]}", statement.span)
        if registry.kinds_of(name.text) and isinstance(statement, ast.Call):
            help = "put it between the braces of network { … }"
            raise reject(
                "NN221", f"`{name.text}` stands outside of `network`", name.span, help=help
            )
        is_setting = isinstance(statement, ast.Setting)
        lost = is_setting and suggestion(name.text, WORDS) is None
        report_unknown(statement, WORDS, self.diagnostics, _homes(name.text) if lost else None)

    def reject_import(self, statement: ast.Statement) -> None:
        wrong = f"`{IMPORT}` is written {IMPORT_FORM}"
        help = "the name of a file stands in quotes"
        raise self.scope.reject("NN224", wrong, statement.span, help=help)

    # --- Meaning ----------------------------------------------------------------------

    def attempt(self, name: str, read: Callable[[Any], Any]) -> Any:
        """Return what a section means, or None where there is none or it is wrong."""
        if name not in self.sections:
            return None
        try:
            return read(self.sections[name])
        except AnalysisError:
            return None
        except RecursionError:
            self.diagnostics.report("NN213", TOO_DEEP, self.sections[name].name.span)
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
            constant = constant_name(name, self.constants) if self.named else ""
            self.names[name] = Binding(
                ast.Name(name, span), value, self.scope, used=True, constant=constant
            )
            self.constants.add(constant)
            self.found.sizes.append(name)

    def with_named_features(self, described: Description) -> Description:
        """Return what is known of the data with a name for its features, where the page uses it."""
        binding = self.names.get("features")
        if "features" not in self.found.sizes or binding is None or binding.number is None:
            return described
        if described.shape is None or len(described.shape) > 1:
            return described
        return replace(described, shape=(as_int(symbol(binding.constant, binding.number)),))

    def network(self, call: ast.Call) -> tuple[LayerInstance, ...]:
        if call.arguments:
            raise self.scope.reject("NN205", "`network` takes no arguments", call.arguments[0].span)
        if call.body is None or not call.statements:
            raise self.scope.reject("NN223", "the network has no layers", call.span)
        return instantiate_network(call.body, self.scope)

    def experiment(self, call: ast.Call) -> Any:
        return read_experiment(call, self.scope, self.tree)

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
        self.found.heads += [one.name.text for one in named if one.word.text == LOSS]
        self.heads = read_heads(named, self.scope)
        first = next(one for one in named if one.word.text == LOSS)
        assert first.value is not None
        _, value = without_weight(first.value)
        return [ast.Argument(first.word, value, first.span)]

    def report_unused(self) -> None:
        if self.diagnostics.failed or not self.seen.keys() - {"model"}:
            return  # a file of words alone has them for others
        every: dict[str, Mapping[str, Binding | Block | OwnWord]]
        every = {"block": self.blocks}
        every |= {form: self.words[kind] for form, kind in OWN_KINDS.items()}
        for imported in self.tree.imports:
            words = [word for known in every.values() for word in known.values()]
            there = [word for word in words if word.name.span.source in imported.sources]
            if there and not any(word.used for word in there):
                self.diagnostics.report(
                    "NN401",
                    f"nothing of {imported.span.text} is used",
                    imported.span,
                    severity=Severity.WARNING,
                )
        for word, known in ({"let": self.names} | every).items():
            for name, defined in known.items():
                if not defined.used and defined.name.span.source is self.tree.source:
                    self.diagnostics.report(
                        "NN401",
                        f"{word} `{name}` is never used",
                        defined.name.span,
                        severity=Severity.WARNING,
                    )


def _homes(setting: str) -> str:
    """Say where a setting belongs that stands at the top of a spec."""
    for section in SECTIONS:
        word = registry.find(Section.kind, section)
        if word is not None and setting in word.model_fields:
            return f"it belongs into {section} {{ … }}"
    return f"a name of your own is given with let {setting} = …"


def stem(source: Source) -> str:
    """Return the name of a spec that gives itself none: its file's, as a name of the language."""
    text = Path(source.name).stem.strip("<>") or "model"
    name = re.sub(r"[^A-Za-z0-9]", "_", text)
    return name if name and not name[0].isdigit() else f"_{name}"
