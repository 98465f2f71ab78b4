"""Codes of shapes."""

from nndsl.codes.code import Code

CODES = (
    Code(
        "NN301",
        "shapes do not fit",
        "A layer cannot take what comes in. The message names both shapes, and the marks show "
        "the layer and where the other shape comes from. Shapes are those of one example; the "
        "batch is left out.",
        "In numpy the same mistake ends training with a message about axes, or worse, repeats "
        "numbers until they fit.",
        """network {
  input(64)
  residual {
    dense(128)
    relu
  }
}
""",
        """network {
  input(64)
  residual {
    dense(64)
    relu
  }
}
""",
    ),
    Code(
        "NN302",
        "the shape of the input is not known",
        "Neither `input` nor the data says what an example looks like. Data in a file may be "
        "too large to look into, or not there yet; the message says so.",
        "The shape of every weight follows from it.",
        """network {
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
        "NN303",
        "the input is not what the data holds",
        "`input` declares one shape, and the examples of the data have another.",
        "One of the two is a mistake. With data, `input` may be left out.",
        """data = digits()

network {
  input(8, 8)
  flatten
  dense(10)
}
""",
        """data = digits(images=true)

network {
  input(1, 8, 8)
  flatten
  dense(10)
}
""",
    ),
    Code(
        "NN304",
        "the output does not fit the loss or the data",
        "The last layer puts out more or fewer numbers than the targets have, or than there are "
        "classes, or something that is no row of numbers.",
        "A classifier with nine outputs can never say the tenth class.",
        """data = digits(validation=0.1, test=0.2)

network {
  dense(50)
  relu
  dense(9)
}

train {
  loss      = softmax_cross_entropy
  optimizer = adam(lr=0.001)
}
""",
        """data = digits(validation=0.1, test=0.2)

network {
  dense(50)
  relu
  dense(10)
}

train {
  loss      = softmax_cross_entropy
  optimizer = adam(lr=0.001)
}
""",
    ),
    Code(
        "NN305",
        "cannot be trained through",
        "A layer has the derivative 0 wherever it has one, so that no gradient comes through.",
        "The weights before it would stay as they began, while the loss still falls a little, "
        "thanks to the layers behind it.",
        """data = digits(validation=0.1, test=0.2)

network {
  dense(50)
  step
  dense(10)
}

train {
  loss      = softmax_cross_entropy
  optimizer = adam(lr=0.001)
}
""",
        """data = digits(validation=0.1, test=0.2)

network {
  dense(50)
  relu
  dense(10)
}

train {
  loss      = softmax_cross_entropy
  optimizer = adam(lr=0.001)
}
""",
    ),
)
