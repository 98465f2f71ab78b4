"""From the tree to the spec: every statement finds its meaning, every name its word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from nndsl.analysis.arguments import lost_argument
from nndsl.analysis.cycles import report_cycles
from nndsl.analysis.evaluate import bind, evaluate
from nndsl.analysis.experiments import READERS
from nndsl.analysis.messages import show_value
from nndsl.analysis.network import MAX_LAYERS, instantiate_layers
from nndsl.analysis.scope import TOO_DEEP, AnalysisError, Binding, Block, Budget, Scope
from nndsl.analysis.slots import Slot
from nndsl.analysis.spec import LayerInstance, Spec
from nndsl.analysis.suggest import correct_typo, suggestion
from nndsl.analysis.toplevel import (
    DECLARATIONS,
    FORMS,
    SECTIONS,
    WORDS,
    report_unknown,
    unknown_statements,
)
from nndsl.data import DataError, Description
from nndsl.diagnostics import Diagnostics, Label, Severity
from nndsl.source import Origin, Source
from nndsl.syntax import ast
from nndsl.vocabulary import registry
from nndsl.vocabulary.dataset import Data
from nndsl.vocabulary.section import Section


def resolve(tree: ast.Tree, diagnostics: Diagnostics, known: Description | None = None) -> Spec:
    """Return what the tree means. What is wrong is recorded and left out of the spec.

    `known` stands for what the data would say of itself.
    """
    return _Resolver(tree, diagnostics, known).spec()


class _Resolver:
    def __init__(self, tree: ast.Tree, diagnostics: Diagnostics, known: Description | None) -> None:
        self.tree = tree
        self.known = known
        self.diagnostics = diagnostics
        self.names: dict[str, Binding] = {}
        self.blocks: dict[str, Block] = {}
        self.seen: dict[str, ast.Name] = {}  # model and the sections, to find a second one
        self.scope = Scope(diagnostics, self.names, self.blocks, Budget(MAX_LAYERS))
        self.origins: dict[str, Origin] = {}
        self.sections: dict[str, ast.Setting | ast.Call] = {}
        self.name: ast.Name | None = None

    def spec(self) -> Spec:
        for statement in self.tree.statements:
            self.collect(statement)
        report_cycles(self.names, self.diagnostics)
        data = self.attempt("data", self.data)
        network = self.attempt("network", self.network)
        train = self.attempt("train", self.section)
        experiments = {
            name: self.attempt(name, self.experiment) for name in READERS if name in self.sections
        }
        self.report_unused()
        return Spec(
            name=self.name.text if self.name else stem(self.tree.source),
            source=self.tree.source,
            tree=self.tree,
            data=data,
            description=self.known or self.describe(data)
            if data is not None
            else Description(failed="data" in self.seen or bool(unknown_statements(self.tree))),
            network=network,
            train=train,
            **({"dtype": train.dtype, "seed": train.seed} if train is not None else {}),
            experiments=experiments,
            origins=self.origins,
        )

    # --- Collecting -------------------------------------------------------------------

    def collect(self, statement: ast.Statement) -> None:
        match statement:
            case ast.Declaration():
                self.declare(statement)
            case ast.Setting(name=ast.Name(text="data")):
                self.add_section(statement)
            case ast.Call(name=name) if name.text in SECTIONS and name.text != "data":
                if statement.body is None:
                    self.diagnostics.error(
                        "NN223",
                        f"`{name.text}` needs a body",
                        statement.span,
                        help=f"write {name.text} {{ … }}",
                    )
                    self.seen[name.text] = name
                else:
                    self.add_section(statement)
            case ast.Broken(name=name):
                self.seen.setdefault(name.text, name)
            case _:
                self.reject_statement(statement)

    def add_section(self, statement: ast.Setting | ast.Call) -> None:
        name = statement.name
        if self.is_new(name):
            self.sections[name.text] = statement
            self.origins[name.text] = Origin(statement.span)

    def is_new(self, name: ast.Name, key: str | None = None) -> bool:
        first = self.seen.setdefault(key or name.text, name)
        if first is not name:
            self.diagnostics.error(
                "NN203",
                f"`{key or name.text}` is given twice",
                name.span,
                Label(first.span, "first given here"),
            )
        return first is name

    def declare(self, statement: ast.Declaration) -> None:
        match statement.word.text:
            case "model" if (
                statement.value is None and statement.body is None and statement.arguments is None
            ):
                if self.is_new(statement.word):
                    self.name = statement.name
            case "let" if statement.value is not None:
                self.check_name(statement.name, self.names, "let")
                self.names.setdefault(
                    statement.name.text, Binding(statement.name, statement.value, self.scope)
                )
            case "block" if statement.body is not None:
                if any(isinstance(a.value, ast.Hole) for a in statement.arguments or ()):
                    return  # what it takes is not known
                self.check_name(statement.name, self.blocks, "block")
                self.blocks.setdefault(
                    statement.name.text,
                    Block(statement.name, self.parameters(statement), statement.body),
                )
            case word if word in DECLARATIONS:
                wrong = f"`{word}` is written {FORMS[word]}"
                self.diagnostics.error("NN224", wrong, statement.span)
            case _:
                report_unknown(statement, DECLARATIONS, self.diagnostics)

    def check_name(self, name: ast.Name, known: dict[str, Any], word: str) -> None:
        if name.text in known:
            self.diagnostics.error(
                "NN203",
                f"`{name.text}` is defined twice",
                name.span,
                Label(known[name.text].name.span, "first defined here"),
            )
        shadowed = registry.kinds_of(name.text)
        if shadowed or name.text in SECTIONS or name.text in DECLARATIONS:
            what = f"a word of the language ({', '.join(shadowed) or 'a section'})"
            self.diagnostics.error(
                "NN225",
                f"`{name.text}` is {what}; a {word} of this name would hide it",
                name.span,
                help="choose another name",
            )

    def parameters(self, statement: ast.Declaration) -> dict[str, tuple[ast.Name, Any]]:
        found: dict[str, tuple[ast.Name, Any]] = {}
        for argument in statement.arguments or ():
            value = argument.value
            if argument.name is not None:
                name, default = argument.name, value
            elif isinstance(value, ast.Reference) and value.arguments is None:
                name, default = value.name, None
            else:
                self.diagnostics.error(
                    "NN224", "a parameter of a block is a name, or name = default", argument.span
                )
                continue
            if name.text in found:
                self.diagnostics.error(
                    "NN203",
                    f"`{name.text}` is given twice",
                    name.span,
                    Label(found[name.text][0].span, "first given here"),
                )
            found.setdefault(name.text, (name, default))
        return found

    def reject_statement(self, statement: ast.Statement) -> None:
        name = statement.name
        if name.text in SECTIONS:
            form = "data = …" if name.text == "data" else f"{name.text} {{ … }}"
            self.diagnostics.error("NN224", f"`{name.text}` is written {form}", statement.span)
        elif name.text in DECLARATIONS:
            wrong = f"`{name.text}` is written {FORMS[name.text]}"
            self.diagnostics.error("NN224", wrong, statement.span)
        elif registry.kinds_of(name.text) and isinstance(statement, ast.Call):
            self.diagnostics.error(
                "NN221",
                f"`{name.text}` stands outside of `network`",
                name.span,
                help="put it between the braces of network { … }",
            )
        else:
            is_setting = isinstance(statement, ast.Setting)
            lost = is_setting and suggestion(name.text, WORDS) is None
            help = _homes(name.text) if lost else None
            report_unknown(statement, WORDS, self.diagnostics, help)
        self.seen.setdefault(name.text, name)

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
            self.diagnostics.error("NN213", TOO_DEEP, self.sections[name].name.span)
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
            return data.describe(self.tree.source.folder)
        except DataError as error:
            origin = self.origins.get(f"data.{error.field}", self.origins["data"])
            self.diagnostics.error("NN311", error.message, origin, help=error.help)
            return Description(failed=True)

    def network(self, call: ast.Call) -> tuple[LayerInstance, ...]:
        if call.arguments:
            raise self.scope.reject("NN205", "`network` takes no arguments", call.arguments[0].span)
        assert call.body is not None
        if not call.body.statements:
            raise self.scope.reject("NN223", "the network has no layers", call.span)
        return instantiate_layers(call.body, self.scope)

    def section(self, call: ast.Call) -> Any:
        name = call.name.text
        word = registry.get(Section, name)
        assert call.body is not None
        return bind(word, self.settings(call.body, word, call), call.span, self.scope)

    def experiment(self, call: ast.Call) -> Any:
        return READERS[call.name.text](call, self.scope, self.tree)

    def settings(self, body: ast.Body, word: type[Section], call: ast.Call) -> list[ast.Argument]:
        """Return the settings of a section as arguments; whatever else stands there is reported."""
        section = word.keyword()
        if call.arguments:
            self.diagnostics.error(
                "NN205", f"`{section}` takes no arguments", call.arguments[0].span
            )
        arguments = []
        for statement in body.statements:
            if isinstance(statement, ast.Setting):
                name = statement.name
                arguments.append(ast.Argument(name, statement.value, statement.span))
                setting = correct_typo(name.text, word.model_fields) or name.text
                self.origins.setdefault(f"{section}.{setting}", Origin(statement.value.span))
                continue
            if not isinstance(statement, ast.Broken):
                self.diagnostics.error(
                    "NN224", f"expected a setting, name = value, in `{section}`", statement.span
                )
            arguments.append(lost_argument(statement, word))
        return arguments

    def report_unused(self) -> None:
        if self.diagnostics.failed:
            return
        for word, known in (("let", self.names), ("block", self.blocks)):
            for name, thing in known.items():
                if not thing.used:
                    self.diagnostics.error(
                        "NN401",
                        f"{word} `{name}` is never used",
                        thing.name.span,
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
    name = "".join(
        character if character.isalnum() and character.isascii() else "_" for character in text
    )
    return name if name and not name[0].isdigit() else f"_{name}"
