"""Codes of names and arguments."""

from nndsl.codes.code import Code

CODES = (
    Code(
        "NN201",
        "unknown name",
        "A name means nothing in its place: no layer, loss or other word is called so, and "
        "neither is a `let` or a block. The help line names the closest one, or all there are.",
        "A misspelt word that was skipped, or taken for another, would train a network that "
        "nobody wrote.",
        """network {
  input(64)
  dens(100)
}
""",
        """network {
  input(64)
  dense(100)
}
""",
    ),
    Code(
        "NN202",
        "unknown argument",
        "A word has no argument of this name, or a section no setting. `nndsl list NAME` shows "
        "those it has.",
        "An argument that was ignored would leave its default in force, and nobody would see it.",
        """network {
  input(64)
  dense(unitz=100)
}
""",
        """network {
  input(64)
  dense(units=100)
}
""",
    ),
    Code(
        "NN203",
        "given twice",
        "The same name is defined, or the same argument, setting or section is given, more than "
        "once; both places are shown.",
        "One of the two would have to be ignored, and which one is a guess.",
        """network {
  input(64)
  dense(100, bias=true, bias=false)
}
""",
        """network {
  input(64)
  dense(100, bias=false)
}
""",
    ),
    Code(
        "NN204",
        "something is missing",
        "A word needs an argument, or a section a setting or another section, that the spec "
        "does not give and that has no default.",
        "Values that matter are asked for: a guessed number of units would be wrong.",
        """network {
  input(64)
  dense(init=he)
}
""",
        """network {
  input(64)
  dense(100, init=he)
}
""",
    ),
    Code(
        "NN205",
        "too many arguments by position",
        "An argument without a name stands where the word takes arguments by name alone. `nndsl "
        "list NAME` says how many may come by position: mostly one, the one that everybody "
        "knows.",
        "What the second of three numbers means is clear to those who wrote them, and to no one "
        "who reads them.",
        """network {
  input(64)
  dense(100, false)
}
""",
        """network {
  input(64)
  dense(100, bias=false)
}
""",
    ),
    Code(
        "NN206",
        "no place for a value from outside",
        "`--set NAME=VALUE` names neither a `let` of the spec nor a setting. A setting of a "
        "section is written with the section: `--set train.epochs=1`.",
        "A misspelt name would run the experiment with the old value, under a new title.",
        """let size = 100

network {
  input(64)
  dense(size)
}
""",
        """let width = 100

network {
  input(64)
  dense(width)
}
""",
        settings={"width": "50"},
    ),
    Code(
        "NN207",
        "defined by itself",
        "A `let` needs its own value, perhaps by way of others, or a block contains itself.",
        "Neither has an end. To repeat layers, write `repeat(3) { … }`.",
        """let narrow = wide - 50
let wide = narrow + 50

network {
  input(64)
  dense(narrow)
}
""",
        """let narrow = 50
let wide = narrow + 50

network {
  input(64)
  dense(wide)
}
""",
    ),
)
