"""Codes of data, and of what is measured on it."""

from nndsl.codes.code import Code

_FLOWERS = "length,width,species\n1.4,0.2,setosa\n4.7,1.4,versicolor\n6.0,2.5,virginica\n"

CODES = (
    Code(
        "NN306",
        "classes and numbers do not go together",
        "A loss or a metric is for classes, and the targets of the data are numbers, or the "
        "other way round.",
        "The accuracy of a temperature means nothing.",
        """data = sine(samples=200, validation=0.1, test=0.1)

network {
  dense(50)
  tanh
  dense(1)
}

train {
  loss      = mean_squared_error
  optimizer = adam(lr=0.001)
  metrics   = [accuracy]
}
""",
        """data = sine(samples=200, validation=0.1, test=0.1)

network {
  dense(50)
  tanh
  dense(1)
}

train {
  loss      = mean_squared_error
  optimizer = adam(lr=0.001)
  metrics   = [mean_absolute_error]
}
""",
    ),
    Code(
        "NN307",
        "two lengths of a training",
        "`epochs` and `steps` are both given.",
        "They say the same thing, how long to train, and could disagree.",
        """data = digits(validation=0.1, test=0.2)

network {
  dense(50)
  relu
  dense(10)
}

train {
  loss      = softmax_cross_entropy
  optimizer = adam(lr=0.001)
  epochs    = 10
  steps     = 400
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
  epochs    = 10
}
""",
    ),
    Code(
        "NN308",
        "unknown metric",
        "A name of something measured means nothing. It begins with the part of the data: "
        "`training_loss`, `validation_accuracy`, `test_accuracy`. Choices cannot look at the "
        "test part.",
        "`accuracy` alone could be that of any part, and the difference is what training is about.",
        """data = digits(validation=0.1, test=0.2)

network {
  dense(50)
  relu
  dense(10)
}

train {
  loss      = softmax_cross_entropy
  optimizer = adam(lr=0.001)
  stop      = early(patience=5, metric=accuracy)
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
  stop      = early(patience=5, metric=validation_accuracy)
}
""",
    ),
    Code(
        "NN309",
        "a part that is not held back",
        "Something is to be measured on the validation or the test part, and the data holds "
        "none back.",
        "Measured on what it was trained on, a network looks better than it is.",
        """data = digits(test=0.2)

network {
  dense(50)
  relu
  dense(10)
}

train {
  loss      = softmax_cross_entropy
  optimizer = adam(lr=0.001)
  stop      = early(patience=5)
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
  stop      = early(patience=5)
}
""",
    ),
    Code(
        "NN310",
        "nothing left to train on",
        "The validation and the test part together take all the examples there are.",
        "Training needs some.",
        """data = digits(validation=1_000, test=797)

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
        """data = digits(validation=100, test=797)

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
        "NN311",
        "data that cannot be used",
        "A file is not there or is damaged, a column has another name, a value is missing, or "
        "the arguments of a source of data contradict each other. The message says which, and "
        "in which line.",
        "The checker reads what it needs of the data, so that this is said before an hour of "
        "training.",
        """data = csv("flowers.csv", target="specie")

network { dense(3) }
""",
        """data = csv("flowers.csv", target="species")

network { dense(3) }
""",
        files={"flowers.csv": _FLOWERS},
    ),
    Code(
        "NN312",
        "a schedule that does not know its end",
        "A schedule that falls over the whole training needs the number of steps; that is "
        "epochs times batches, and the number of examples is not known.",
        "It would have to guess when to reach its end.",
        """network {
  input(64)
  dense(10)
}

train {
  loss      = softmax_cross_entropy
  optimizer = adam(lr=cosine(0.001))
}
""",
        """network {
  input(64)
  dense(10)
}

train {
  loss      = softmax_cross_entropy
  optimizer = adam(lr=cosine(0.001))
  steps     = 1_000
}
""",
    ),
    Code(
        "NN313",
        "numbers that are too coarse",
        "Numerical differentiation takes the difference of two losses that are almost equal, and "
        "the numbers of the training are float32, as they are where `dtype` is left out.",
        "float32 keeps 7 digits. A loss of 2.3026 that changes by 0.0001 has 3 of them left in "
        "the difference, so that the gradient is mostly rounding; float64 has 12 left.",
        """network {
  input(64)
  dense(10)
}

train {
  loss      = softmax_cross_entropy
  optimizer = sgd(lr=0.1)
  gradient  = numerical
}
""",
        """network {
  input(64)
  dense(10)
}

train {
  loss      = softmax_cross_entropy
  optimizer = sgd(lr=0.1)
  gradient  = numerical
  dtype     = float64
}
""",
    ),
    Code(
        "NN314",
        "weights that cannot be shared",
        "A layer takes the weights of another one. That one stands before it, is the only one of "
        "its name, and its weights have the shape that is needed: transposed, they lead from its "
        "output back to its input.",
        "Weights that both use are one array: there is no way to make it fit one of them alone.",
        """network {
  input(16, tokens=27)
  embedding(8)
  rnn(12, output=all)
  dense(27, weights=tied(embedding))
}
""",
        """network {
  input(16, tokens=27)
  embedding(8)
  rnn(8, output=all)
  dense(27, weights=tied(embedding))
}
""",
    ),
)
