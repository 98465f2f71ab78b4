"""Codes of statements and where they stand."""

from nndsl.codes.code import Code

CODES = (
    Code(
        "NN220",
        "unknown statement",
        "A section, a setting or a declaration at the top of the spec, or in the JSON form, is "
        "none of the language's: there are `model`, `let`, `block`, `data`, `network`, `train`, "
        "`compare`, `search`, `record`, `expect` and `minimize`. In `compare` there is "
        "`variant`.",
        "A misspelt section that was skipped would take all its settings with it.",
        """netwrok {
  input(64)
  dense(100)
}
""",
        """network {
  input(64)
  dense(100)
}
""",
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
        """network {
  input(64)
  dense(100) { relu }
  dense(10)
}
""",
        """network {
  input(64)
  dense(100)
  relu
  dense(10)
}
""",
    ),
    Code(
        "NN223",
        "an empty body",
        "A section or a structure has nothing in its braces, or no braces at all.",
        "What is empty is unfinished, or a brace closes too early.",
        """network {
  input(64)
  repeat(3) { }
}
""",
        """network {
  input(64)
  repeat(3) { dense(64); relu }
}
""",
    ),
    Code(
        "NN224",
        "written in another form",
        "A statement is known, and its form is another: `let` without a value, a section as a "
        "setting, a comparison with one `=`. The message shows the form.",
        "Each kind of statement has one form, so that a reader knows what it does before "
        "reading its words.",
        """let width

network {
  input(64)
  dense(100)
}
""",
        """let width = 100

network {
  input(64)
  dense(width)
}
""",
    ),
    Code(
        "NN225",
        "would hide a word",
        "A `let`, a block or a variable has the name of a word of the language.",
        "After `let relu = 3` nobody could tell which of the two `relu` means.",
        """let momentum = 0.2

network {
  input(64)
  dense(100)
  dropout(momentum)
  relu
  dense(10)
}
""",
        """let rate = 0.2

network {
  input(64)
  dense(100)
  dropout(rate)
  relu
  dense(10)
}
""",
    ),
    Code(
        "NN226",
        "an empty spec",
        "There is no statement in the text.",
        "There is nothing to check. `nndsl new NAME` writes a spec to begin with.",
        """# My first network.
""",
        """# My first network.
network {
  input(64)
  dense(10)
}
""",
    ),
    Code(
        "NN227",
        "nothing to build",
        "`build`, `summary` and `run` need a network, and the spec has none. `check` accepts "
        "it: a page of definitions is not wrong.",
        "A script without a network has no content.",
        """data = digits(test=0.2)
""",
        """data = digits(test=0.2)

network {
  dense(10)
}
""",
    ),
)
