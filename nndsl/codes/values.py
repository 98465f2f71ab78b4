"""Codes of values."""

from nndsl.codes.code import Code

CODES = (
    Code(
        "NN208",
        "another kind of value is needed",
        "A value is of a kind that has no meaning in its place: a text where a number stands, a "
        "number where a word stands, a list where one value stands.",
        "Each kind of value has its use; a text that happens to hold digits is not a number.",
        """network {
  input(64)
  dense(100, bias=0)
}
""",
        """network {
  input(64)
  dense(100, bias=false)
}
""",
    ),
    Code(
        "NN209",
        "out of range",
        "A number is smaller or larger than the word allows. `nndsl list NAME` shows the range.",
        "Negative units or a dropout of 1.5 have no meaning; absurdly large numbers are slips "
        "of the keyboard.",
        """network {
  input(64)
  dense(100)
  relu
  dropout(50)
  dense(10)
}
""",
        """network {
  input(64)
  dense(100)
  relu
  dropout(0.5)
  dense(10)
}
""",
    ),
    Code(
        "NN210",
        "not a whole number",
        "A number that counts something has a fraction. A whole-valued one, such as `100 / 2`, "
        "is accepted.",
        "Rounding would be a guess. `//` divides and drops the remainder.",
        """let width = 25

network {
  input(64)
  dense(width / 2)
}
""",
        """let width = 25

network {
  input(64)
  dense(width // 2)
}
""",
    ),
    Code(
        "NN212",
        "arithmetic without a result",
        "A division by zero, the root of a negative number, or a result of a size that no "
        "number holds.",
        "There is no value to go on with.",
        """let parts = 0

network {
  input(64)
  dense(100 // parts)
}
""",
        """let parts = 4

network {
  input(64)
  dense(100 // parts)
}
""",
    ),
    Code(
        "NN213",
        "beyond a limit",
        "The spec asks for more than the compiler goes along with: 100_000 layers, 10**9 "
        "numbers in a layer, 100 variants, 1_000 values to choose from, or names and structures "
        "that stand in each other too deeply.",
        "A few characters can ask for more than any machine holds. A limit says so at once, "
        "instead of a computer that no longer answers.",
        """network {
  input(1_000_000)
  dense(1_000_000)
}
""",
        """network {
  input(1_000_000)
  dense(100)
}
""",
    ),
)
