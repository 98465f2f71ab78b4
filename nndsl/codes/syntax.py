"""Codes of syntax: of the language, and of its JSON form (NN110 to NN112)."""

from nndsl.codes.code import Code, network

# The limits of nndsl.syntax, which the codes do not import; the examples hold them to it.
_MAX_CHARACTERS = 1_000_000
_MAX_BRACKETS = 100

_ROWS = "1,2,3,4,0.5\n2,1,4,3,1.5\n4,3,1,2,0.9\n3,3,2,1,2.1\n"
CODES: tuple[Code, ...] = (
    Code(
        "NN101",
        "something else was expected",
        "A statement does not go on as it began. The message says what could stand here and what "
        "stands here instead; the rest of the statement is not read, the other statements are.",
        "What the text means can only be guessed, and a guess would train another network than "
        "the one that was meant.",
        network("input(64); dense(100 init=he)"),
        network("input(64); dense(100, init=he)"),
    ),
    Code(
        "NN102",
        "a bracket without its partner",
        "A `(`, `[` or `{` is not closed, or a `)`, `]` or `}` closes nothing. An open one is "
        "shown where it opens, with the place where its partner was expected. Line breaks mean "
        "nothing in `(…)` and `[…]`, so that a statement ends only where they are closed; which "
        "`{` lacks its `}` is told by the indentation.",
        "Where a body or a list of arguments ends decides what belongs to it.",
        network("input(64); dense(100; relu"),
        network("input(64); dense(100); relu"),
    ),
    Code(
        "NN103",
        "a string that is not whole",
        "A string is not closed on its line, or holds what no string holds: a control character, "
        'an escape that JSON does not have (it has \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with '
        "four digits), or half of a surrogate pair.",
        "Without its end nobody knows where a string stops and the spec goes on.",
        'data = csv("C:\\data.csv", target="y")\n\n' + network("input(4); dense(1)"),
        'data = csv("data.csv", target="y")\n\n' + network("input(4); dense(1)"),
        files={"data.csv": "a,b,c,d,y\n" + _ROWS * 5},
    ),
    Code(
        "NN104",
        "not a number",
        "A word begins with a digit and is no number, or it is a number that a computer cannot "
        "hold: too large or too small for a 64-bit float, or an integer of more than 300 digits. "
        "Numbers are written `20`, `0.5`, `1e-4` or `100_000`.",
        "A number that was rounded to 0, to infinity or at a letter would be another number.",
        network("input(64); dense(0x10)"),
        network("input(64); dense(16)"),
    ),
    Code(
        "NN105",
        "a character that means nothing",
        "This character begins nothing in the language. Often it is a typographic quote, dash or "
        "product sign that came with a copied text, or a letter that is not one of A-Z and a-z.",
        "Skipping it could change the meaning of what stands around it.",
        "let width = 2 × 50\n\n" + network("input(64); dense(width)"),
        "let width = 2 * 50\n\n" + network("input(64); dense(width)"),
    ),
    Code(
        "NN106",
        "a text that is too long",
        f"The text has more than {_MAX_CHARACTERS:,} characters.",
        "No page that a person writes is so long. The limit keeps a file that is no spec, or that "
        "means harm, from holding up whoever checks it.",
        "# " + "far too long " * (_MAX_CHARACTERS // 13 + 1) + "\nnetwork {\n  input(64)\n}\n",
        "# short enough\n" + network("input(64); dense(100)"),
    ),
    Code(
        "NN107",
        "nested too deeply",
        f"More than {_MAX_BRACKETS} brackets and operators stand in each other.",
        "Nobody can read that. The limit keeps every part of the compiler safe from texts that "
        "are made to exhaust it. Parts of a long formula can have names of their own: "
        "`let half = …`.",
        f"network {{\n  input(64)\n  dense({'(' * _MAX_BRACKETS}100{')' * _MAX_BRACKETS})\n}}\n",
        network("input(64); dense((100))"),
    ),
    Code(
        "NN110",
        "not JSON",
        "The text of a `.json` file breaks the rules of JSON: a comma or a bracket is missing or "
        "too many, names and strings do not stand in double quotes, or there is a comment. A JSON "
        "text is read up to its first error.",
        "The JSON form is for programs to write and to read, and all of them go by these rules.",
        '{"network": [{"kind": "input", "shape": 64}, {"kind": "dense", "units": 100},]}\n',
        '{"network": [{"kind": "input", "shape": 64}, {"kind": "dense", "units": 100}]}\n',
    ),
    Code(
        "NN111",
        "a name twice in an object",
        "A JSON object has two members of the same name; both places are shown.",
        "Most programs that read JSON keep the last one without a word, so that the first is "
        "silently ignored.",
        '{"network": [{"kind": "input", "shape": 64}, '
        '{"kind": "dense", "units": 5, "units": 9}]}\n',
        '{"network": [{"kind": "input", "shape": 64}, {"kind": "dense", "units": 9}]}\n',
    ),
    Code(
        "NN112",
        "JSON of another form",
        "The text is JSON, but no spec: there is an array, a number or a null where the JSON form "
        "has something else, or an object lacks a member. `nndsl schema` prints the form, and "
        "editors that know JSON Schema check it while you type.",
        "Each part of the JSON form stands for one thing of the language; this one stands for "
        "none.",
        '{"network": {"kind": "dense", "units": 100}}\n',
        '{"network": [{"kind": "input", "shape": 64}, {"kind": "dense", "units": 100}]}\n',
    ),
)
