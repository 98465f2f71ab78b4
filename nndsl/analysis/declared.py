"""What stands at the top of a page, by name: declarations and sections, not looked into yet."""

from collections.abc import Mapping

from nndsl.analysis.constants import constant_name
from nndsl.analysis.network import MAX_LAYERS
from nndsl.analysis.scope import (
    TOO_DEEP,
    AnalysisError,
    Binding,
    Block,
    Budget,
    OwnWord,
    Scope,
    read_each,
)
from nndsl.analysis.slots import singular_of
from nndsl.analysis.suggest import suggestion
from nndsl.analysis.toplevel import (
    DECLARATIONS,
    FORMS,
    IMPORT,
    OWN_KINDS,
    SECTION_FORMS,
    SECTIONS,
    WORDS,
    first_word,
    report_unknown,
)
from nndsl.diagnostics import Diagnostics, Label, Severity
from nndsl.source import Origin, Span
from nndsl.syntax import ast
from nndsl.vocabulary import registry
from nndsl.vocabulary.layer import Layer
from nndsl.vocabulary.section import Section


class Declared:
    """Collects what a page declares; a second of a name, and what is no statement, is reported."""

    def __init__(self, tree: ast.Tree, diagnostics: Diagnostics, *, named: bool) -> None:
        self.tree = tree
        self.diagnostics = diagnostics
        self.name: ast.Name | None = None
        self.names: dict[str, Binding] = {}
        self.blocks: dict[str, Block] = {}
        self.words: dict[str, dict[str, OwnWord]] = {kind: {} for kind in OWN_KINDS.values()}
        self.definitions: list[tuple[str, OwnWord, ast.Declaration]] = []  # with their kinds
        self.sections: dict[str, ast.Setting | ast.Call] = {}
        self.seen: dict[str, Span] = {}  # model and the sections, to find a second one
        self.origins: dict[str, Origin] = {}
        budget = Budget(MAX_LAYERS)
        self.scope = Scope(diagnostics, self.names, self.blocks, budget, words=self.words)
        self._named = named
        self._constants: set[str] = set()  # how they are called in a script

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
                if name.text not in self.names:
                    constant = self.bind(name, statement.value)
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
            case form if form in FORMS:
                raise self.wrong_form(statement)
            case _:
                report_unknown(statement, DECLARATIONS, self.diagnostics)

    def bind(self, name: ast.Name, value: ast.Value, *, used: bool = False) -> str:
        """Give a value a name, and return that which it has in a script."""
        constant = constant_name(name.text, self._constants) if self._named else ""
        self.names[name.text] = Binding(name, value, self.scope, used=used, constant=constant)
        self._constants.add(constant)
        return constant

    def define_words(self) -> None:
        """Find out what the words of the page are, once all names are known."""
        kinds = list(self.words)
        in_order = sorted(self.definitions, key=lambda one: kinds.index(one[0]))
        read_each(in_order, lambda one: self.define(*one))

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
        name = statement.name
        if name.text in WORDS:
            raise self.wrong_form(statement)
        if registry.kinds_of(name.text) and isinstance(statement, ast.Call):
            wrong = f"`{name.text}` stands outside of `network`"
            help = "put it between the braces of network { … }"
            raise self.scope.reject("NN221", wrong, name.span, help=help)
        is_setting = isinstance(statement, ast.Setting)
        lost = is_setting and suggestion(name.text, WORDS) is None
        report_unknown(statement, WORDS, self.diagnostics, _homes(name.text) if lost else None)

    def wrong_form(self, statement: ast.Statement) -> AnalysisError:
        """Report a statement that is not written as its first word is; return what to raise."""
        word = first_word(statement)[1].text
        form = (FORMS | SECTION_FORMS)[word]
        help = "the name of a file stands in quotes" if word == IMPORT else None
        return self.scope.reject("NN224", f"`{word}` is written {form}", statement.span, help=help)

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
