"""Codes of names, values and statements: what the spec says."""

from nndsl.codes.code import Code, network

CODES = (
    Code(
        "NN201",
        "unknown name",
        "A name means nothing in its place: no layer, loss or other word is called so, and "
        "neither is a `let` or a block. The help line names the closest one, or all there are.",
        "A misspelt word that was skipped, or taken for another, would train a network that "
        "nobody wrote.",
        network("input(64); dens(100)"),
        network("input(64); dense(100)"),
    ),
    Code(
        "NN202",
        "unknown argument",
        "A word has no argument of this name, or a section no setting. `nndsl list NAME` shows "
        "those it has.",
        "An argument that was ignored would leave its default in force, and nobody would see it.",
        network("input(64); dense(unitz=100)"),
        network("input(64); dense(units=100)"),
    ),
    Code(
        "NN203",
        "given twice",
        "The same name is defined, or the same argument, setting or section is given, more than "
        "once; both places are shown.",
        "One of the two would have to be ignored, and which one is a guess.",
        network("input(64); dense(100, bias=true, bias=false)"),
        network("input(64); dense(100, bias=false)"),
    ),
    Code(
        "NN204",
        "something is missing",
        "A word needs an argument, or a section a setting or another section, that the spec "
        "does not give and that has no default.",
        "Values that matter are asked for: a guessed number of units would be wrong.",
        network("input(64); dense(init=he)"),
        network("input(64); dense(100, init=he)"),
    ),
    Code(
        "NN205",
        "too many arguments by position",
        "An argument without a name stands where the word takes arguments by name alone. `nndsl "
        "list NAME` says how many may come by position: mostly one, the one that everybody "
        "knows.",
        "What the second of three numbers means is clear to those who wrote them, and to no one "
        "who reads them.",
        network("input(64); dense(100, false)"),
        network("input(64); dense(100, bias=false)"),
    ),
    Code(
        "NN206",
        "no place for a value from outside",
        "`--set NAME=VALUE` names neither a `let` of the spec nor a setting. A setting of a "
        "section is written with the section: `--set train.epochs=1`.",
        "A misspelt name would run the experiment with the old value, under a new title.",
        "let size = 100\n\n" + network("input(64); dense(size)"),
        "let width = 100\n\n" + network("input(64); dense(width)"),
        settings={"width": "50"},
    ),
    Code(
        "NN207",
        "defined by itself",
        "A `let` needs its own value, perhaps by way of others, or a block contains itself.",
        "Neither has an end. To repeat layers, write `repeat(3) { … }`.",
        "let narrow = wide - 50\nlet wide = narrow + 50\n\n" + network("input(64); dense(narrow)"),
        "let narrow = 50\nlet wide = narrow + 50\n\n" + network("input(64); dense(wide)"),
    ),
    Code(
        "NN208",
        "another kind of value is needed",
        "A value is of a kind that has no meaning in its place: a text where a number stands, a "
        "number where a word stands, a list where one value stands.",
        "Each kind of value has its use; a text that happens to hold digits is not a number.",
        network("input(64); dense(100, bias=0)"),
        network("input(64); dense(100, bias=false)"),
    ),
    Code(
        "NN209",
        "out of range",
        "A number is smaller or larger than the word allows. `nndsl list NAME` shows the range.",
        "Negative units or a dropout of 1.5 have no meaning; absurdly large numbers are slips "
        "of the keyboard.",
        network("input(64); dense(100); relu; dropout(50); dense(10)"),
        network("input(64); dense(100); relu; dropout(0.5); dense(10)"),
    ),
    Code(
        "NN210",
        "not a whole number",
        "A number that counts something has a fraction. A whole-valued one, such as `100 / 2`, "
        "is accepted.",
        "Rounding would be a guess. `//` divides and drops the remainder.",
        "let width = 25\n\n" + network("input(64); dense(width / 2)"),
        "let width = 25\n\n" + network("input(64); dense(width // 2)"),
    ),
    Code(
        "NN212",
        "arithmetic without a result",
        "A division by zero, the root of a negative number, or a result of a size that no "
        "number holds.",
        "There is no value to go on with.",
        "let parts = 0\n\n" + network("input(64); dense(100 // parts)"),
        "let parts = 4\n\n" + network("input(64); dense(100 // parts)"),
    ),
    Code(
        "NN213",
        "beyond a limit",
        "The spec asks for more than the compiler goes along with: 20_000 layers, 10**9 "
        "numbers in a layer, 100 variants, 1_000 values to choose from, or names and structures "
        "that stand in each other too deeply.",
        "A few characters can ask for more than any machine holds. A limit says so at once, "
        "instead of a computer that no longer answers.",
        network("input(1_000_000); dense(1_000_000)"),
        network("input(1_000_000); dense(100)"),
    ),
    Code(
        "NN220",
        "unknown statement",
        "A section, a setting or a declaration at the top of the spec, or in the JSON form, is "
        "none of the language's: there are `model`, `let`, `block`, `data`, `network`, `train`, "
        "`compare`, `search`, `record`, `expect` and `minimize`. In `compare` there is "
        "`variant`.",
        "A misspelt section that was skipped would take all its settings with it.",
        "netwrok {\n  input(64)\n  dense(100)\n}\n",
        network("input(64); dense(100)"),
    ),
    Code(
        "NN221",
        "in the wrong place",
        "A layer stands outside of the network, something else stands in it, or a structure "
        "holds what it cannot hold.",
        "Where a layer stands says what it is connected to.",
        """network {
  input(64)
  concat {
    dense(10)
    dense(20)
  }
}
""",
        """network {
  input(64)
  concat {
    branch { dense(10) }
    branch { dense(20) }
  }
}
""",
    ),
    Code(
        "NN222",
        "a body that has no use",
        "Braces follow a word that takes none: only structures, such as `residual` and "
        "`repeat`, hold other layers.",
        "What follows a layer stands on the next line; in braces it would look as if it "
        "belonged to it.",
        network("input(64); dense(100) { relu }; dense(10)"),
        network("input(64); dense(100); relu; dense(10)"),
    ),
    Code(
        "NN223",
        "an empty body",
        "A section or a structure has nothing in its braces, or no braces at all.",
        "What is empty is unfinished, or a brace closes too early.",
        network("input(64); repeat(3) { }"),
        "network {\n  input(64)\n  repeat(3) { dense(64); relu }\n}\n",
    ),
    Code(
        "NN224",
        "written in another form",
        "A statement is known, and its form is another: `let` without a value, a section as a "
        "setting, a comparison with one `=`. The message shows the form.",
        "Each kind of statement has one form, so that a reader knows what it does before "
        "reading its words.",
        "let width\n\n" + network("input(64); dense(100)"),
        "let width = 100\n\n" + network("input(64); dense(width)"),
    ),
    Code(
        "NN225",
        "would hide a word",
        "A `let`, a block or a variable has the name of a word of the language.",
        "After `let relu = 3` nobody could tell which of the two `relu` means.",
        "let momentum = 0.2\n\n"
        + network("input(64); dense(100); dropout(momentum); relu; dense(10)"),
        "let rate = 0.2\n\n" + network("input(64); dense(100); dropout(rate); relu; dense(10)"),
    ),
    Code(
        "NN226",
        "an empty spec",
        "There is no statement in the text.",
        "There is nothing to check. `nndsl new NAME` writes a spec to begin with.",
        "# My first network.\n",
        "# My first network.\n" + network("input(64); dense(10)"),
    ),
    Code(
        "NN227",
        "nothing to build",
        "`build`, `summary` and `run` need a network, and the spec has none. `check` accepts "
        "it: a page of definitions is not wrong.",
        "A script without a network has no content.",
        "data = digits(test=0.2)\n",
        "data = digits(test=0.2)\n\n" + network("dense(10)"),
    ),
    Code(
        "NN228",
        "a layer without an output",
        "A layer of the page has no line `y = …`: nothing says what comes out of it.",
        "`x` is what comes in, and `y` what goes on to the next layer.",
        "layer double {\n  z = 2 * x\n}\n\n" + network("input(64); double; dense(10)"),
        "layer double {\n  y = 2 * x\n}\n\n" + network("input(64); double; dense(10)"),
    ),
    Code(
        "NN229",
        "nothing to import",
        "`import` names a file that cannot be read, that lies outside of the page's folder, that "
        "comes back to itself, or that holds something else than words.",
        "A page means what stands in it and in the files that it names; one that is skipped "
        "would leave its words without a meaning.",
        'import "word.nn"\n\n' + network("input(64); swish; dense(10)"),
        'import "words.nn"\n\n' + network("input(64); swish; dense(10)"),
        files={"words.nn": "layer swish {\n  y = x * sigmoid(x)\n}\n"},
    ),
)
