"""What there is to say of a name of a page, as Markdown; and of the call that is being written."""

from collections.abc import Iterator

from nndsl.analysis.slots import describe_kind
from nndsl.assistance.builtin_docs import arguments, documentation, example, signature
from nndsl.assistance.names import ARGUMENT, FUNCTION, LET, VALUE, Mention, mention_at
from nndsl.assistance.page import Page
from nndsl.assistance.place import place_at
from nndsl.assistance.shapes import shapes_of
from nndsl.languages import translated
from nndsl.record import record
from nndsl.source import Span
from nndsl.syntax import ast
from nndsl.vocabulary.builtin import Builtin
from nndsl.vocabulary.formula_functions import EVERY

MAX_EXAMPLE = 400  # characters of one that is shown beside an explanation
MAX_LINES = 12  # of the script that are shown
MAX_LAYERS = 200  # of a network whose script is written while one waits for an answer


def hover(page: Page, offset: int) -> tuple[Span, str] | None:
    """Return a piece of the page at an offset, and what there is to say of it, or None.

    That is what a name means, and why something there is wrong.
    """
    mention = mention_at(page, offset)
    wrong = [one for one in page.diagnostics if one.span.start <= offset <= one.span.end]
    span = mention.span if mention is not None else wrong[0].span if wrong else None
    said = list(_paragraphs(page, mention)) if mention is not None else []
    for code in dict.fromkeys(one.code for one in wrong):
        said += ["---"] * bool(said) + explanation(code)
    return (span, "\n\n".join(said)) if span is not None and said else None


def explanation(code: str) -> list[str]:
    """Return what a code means, why it matters, and how it is written rightly, in paragraphs."""
    from nndsl.lints.table import all_codes  # which imports all rules

    known = all_codes()[code]
    example = [_code(known.right.strip(), "nn")] if len(known.right) < MAX_EXAMPLE else []
    said = map(translated, filter(None, (known.what, known.why)))
    return [f"**{code}**: {translated(known.title)}", *said, *example]


def _paragraphs(page: Page, mention: Mention) -> Iterator[str]:
    name, word = mention.span.text, mention.word
    if word is not None and mention.role == ARGUMENT:
        yield from argument_docs(word, name)
        return
    if word is not None:
        yield word_docs(word)
    elif mention.role == FUNCTION:
        yield _code(name, "nn")
        yield translated(EVERY[name].says)
    elif mention.definition is not None:
        line = mention.definition.source.line(mention.definition.line)
        yield _code(line.strip().removesuffix("{").rstrip(), "nn")
    if mention.role == LET and page.checked.spec is not None:
        constants = page.checked.spec.constants
        constant = next((one for one in constants if one.lower() == name.lower()), None)
        if constant is not None:
            yield f"`{constant} = {constants[constant]:g}` in the script"
    place = mention.span
    if mention.role == VALUE and mention.definition is not None:
        place = mention.definition
    statement = _line_of(page, place)
    if statement is not None:
        yield from _in_its_place(page, statement)


def word_docs(word: type[Builtin]) -> str:
    """Return the documentation of a word as Markdown: its signature, what it is, an example."""
    given = example(word)
    lines = [_code(signature(word), "nn"), f"*{translated(describe_kind(word.kind))}*"]
    lines += map(translated, documentation(word))
    lines += [f"for example `{given}`"] if given and given != word.keyword() else []
    return "\n\n".join(lines)


def argument_docs(word: type[Builtin], name: str) -> Iterator[str]:
    """Yield what an argument of a word is: what it takes, its default, its meaning."""
    for argument, takes, says in arguments(word):
        if argument == name:
            yield f"**{name}** (`{word.keyword()}`): {translated(says or 'an argument')}"
            yield translated(takes)


def _in_its_place(page: Page, statement: ast.Statement) -> Iterator[str]:
    """Yield what a layer does where it stands: shapes, its equation, its lines of the script."""
    shapes = shapes_of(page, statement)
    if shapes is None:
        return
    yield f"**{shapes.before} → {shapes.after}**" + (
        f", {shapes.parameters:,} parameters" * bool(shapes.parameters)
    )
    nodes = [*page.nodes_at(statement.span.start, statement.span.end).values()]
    if len({node.layer.equation for node in nodes}) == 1 and nodes[0].layer.equation:
        yield f"`{nodes[0].layer.equation}`"
    if page.graph is not None and len(page.graph.nodes) > MAX_LAYERS:
        return
    lines = page.script_lines(statement.span.start, statement.span.end)
    if page.script is not None and lines:
        text = page.script.text.splitlines()
        shown = list(dict.fromkeys(text[line - 1].strip() for line in lines))
        yield _code("\n".join(shown[:MAX_LINES] + ["…"] * (len(shown) > MAX_LINES)), "python")


def _line_of(page: Page, span: Span) -> ast.Statement | None:
    """Return the innermost statement whose first word a name is."""
    for node in ast.walk(*page.statements):
        if isinstance(node, ast.Call | ast.Setting | ast.Declaration):
            value = getattr(node, "value", None)
            first = [
                node.name.span,
                *([node.word.span] if isinstance(node, ast.Declaration) else []),
            ]
            first += [value.name.span] if isinstance(value, ast.Reference) else []
            if span in first:
                return node
    return None


def _code(text: str, language: str) -> str:
    return f"```{language}\n{text}\n```"


@record
class CallHelp:
    """The call that is being written: its signature, its parameters, and which of them is next."""

    signature: str
    says: str
    parameters: tuple[tuple[str, str], ...]  # with what each is
    active: int | None


def call_help(page: Page, offset: int) -> CallHelp | None:
    """Return help for the call in whose parentheses an offset is; None outside of calls."""
    place = place_at(page, offset)
    word = place.call
    if word is None or place.opener != "(":
        return None
    if isinstance(word, ast.Declaration):
        given = [one.span.text for one in word.arguments or ()]
        names = [one.partition("=")[0].strip() for one in given]
        said, known = "defined on this page", [(text, "") for text in given]
        shown = f"{word.name.text}({', '.join(given)})"
        variadic, by_position = False, len(names)
    else:
        known = [
            (name, f"{translated(takes)}. {translated(says)}".strip())
            for name, takes, says in arguments(word)
        ]
        names = [name for name, _ in known]
        said, shown = translated(documentation(word)[0]), signature(word)
        variadic, by_position = bool(word.variadic), len(word.by_position())
    active = names.index(place.argument) if place.argument in names else None
    if active is None and not place.argument and (place.position < by_position or variadic):
        active = min(place.position, len(names) - 1) if names else None
    return CallHelp(shown, said, tuple(known), active)
