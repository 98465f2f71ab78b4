"""Codes of shapes, of data, and of what is measured: what the parts of a spec say of each other."""

from nndsl.codes.code import Code, network, training

_FLOWERS = "length,width,species\n1.4,0.2,setosa\n4.7,1.4,versicolor\n6.0,2.5,virginica\n"
_TIED = (
    "input(16, tokens=27); embedding(8); rnn({}, output=all); dense(27, weights=tied(embedding))"
)

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
        network("dense(100)"),
        network("input(64); dense(100)"),
    ),
    Code(
        "NN303",
        "the input is not what the data holds",
        "`input` declares one shape, and the examples of the data have another.",
        "One of the two is a mistake. With data, `input` may be left out.",
        "data = digits()\n\n" + network("input(8, 8); flatten; dense(10)"),
        "data = digits(images=true)\n\n" + network("input(1, 8, 8); flatten; dense(10)"),
    ),
    Code(
        "NN304",
        "the output does not fit the loss or the data",
        "The last layer outputs more or fewer numbers than the targets have, or than there are "
        "classes, or something that is no row of numbers.",
        "A classifier with nine outputs can never say the tenth class.",
        training("dense(50); relu; dense(9)"),
        training("dense(50); relu; dense(10)"),
    ),
    Code(
        "NN305",
        "cannot be trained through",
        "A layer has the derivative 0 wherever it has one, so that no gradient comes through. Or a "
        "layer goes on where the batch before ended, and training does not go through batches one "
        "after the other.",
        "The weights before the first would stay as they began, while the loss still falls a "
        "little, thanks to the layers behind it.",
        training("dense(50); step; dense(10)"),
        training("dense(50); relu; dense(10)"),
    ),
    Code(
        "NN306",
        "classes and numbers do not go together",
        "A loss or a metric is for classes, and the targets of the data are numbers, or the "
        "other way round.",
        "The accuracy of a temperature means nothing.",
        training(
            "dense(50); tanh; dense(1)",
            "metrics = [accuracy]",
            loss="loss = mean_squared_error",
            data="sine(samples=200, validation=0.1, test=0.1)",
        ),
        training(
            "dense(50); tanh; dense(1)",
            "metrics = [mean_absolute_error]",
            loss="loss = mean_squared_error",
            data="sine(samples=200, validation=0.1, test=0.1)",
        ),
    ),
    Code(
        "NN307",
        "two lengths of a training",
        "`epochs` and `steps` are both given.",
        "They say the same thing, how long to train, and could disagree.",
        training("dense(50); relu; dense(10)", "epochs = 10", "steps = 400"),
        training("dense(50); relu; dense(10)", "epochs = 10"),
    ),
    Code(
        "NN308",
        "unknown metric",
        "A name of something measured means nothing. It begins with the part of the data: "
        "`training_loss`, `validation_accuracy`, `test_accuracy`. Choices cannot look at the "
        "test part.",
        "`accuracy` alone could be that of any part, and the difference is what training is about.",
        training("dense(50); relu; dense(10)", "stop = early(patience=5, metric=accuracy)"),
        training(
            "dense(50); relu; dense(10)", "stop = early(patience=5, metric=validation_accuracy)"
        ),
    ),
    Code(
        "NN309",
        "a part that is not held back",
        "Something is to be measured on the validation or the test part, and the data holds "
        "none back.",
        "Measured on what it was trained on, a network looks better than it is.",
        training("dense(50); relu; dense(10)", "stop = early(patience=5)", data="digits(test=0.2)"),
        training("dense(50); relu; dense(10)", "stop = early(patience=5)"),
    ),
    Code(
        "NN310",
        "nothing left to train on",
        "The validation and the test part together take all the examples there are.",
        "Training needs some.",
        training("dense(50); relu; dense(10)", data="digits(validation=1_000, test=797)"),
        training("dense(50); relu; dense(10)", data="digits(validation=100, test=797)"),
    ),
    Code(
        "NN311",
        "data that cannot be used",
        "A file is not there or is damaged, a column has another name, a value is missing, or "
        "the arguments of a source of data contradict each other. The message says which, and "
        "in which line.",
        "The checker reads what it needs of the data, so that this is said before an hour of "
        "training.",
        'data = csv("flowers.csv", target="specie")\n\nnetwork { dense(3) }\n',
        'data = csv("flowers.csv", target="species")\n\nnetwork { dense(3) }\n',
        files={"flowers.csv": _FLOWERS},
    ),
    Code(
        "NN312",
        "a schedule that does not know its end",
        "A schedule that falls over the whole training needs the number of steps; that is "
        "epochs times batches, and the number of examples is not known.",
        "It would have to guess when to reach its end.",
        training("input(64); dense(10)", optimizer="adam(lr=cosine(0.001))", data=""),
        training(
            "input(64); dense(10)", "steps = 1_000", optimizer="adam(lr=cosine(0.001))", data=""
        ),
    ),
    Code(
        "NN313",
        "numbers that are too coarse",
        "Numerical differentiation takes the difference of two losses that are almost equal, and "
        "the numbers of the training are float32, as they are where `dtype` is left out.",
        "float32 keeps 7 digits. A loss of 2.3026 that changes by 0.0001 has 3 of them left in "
        "the difference, so that the gradient is mostly rounding; float64 has 12 left.",
        training("input(64); dense(10)", "gradient = numerical", optimizer="sgd(lr=0.1)", data=""),
        training(
            "input(64); dense(10)",
            "gradient = numerical",
            "dtype = float64",
            optimizer="sgd(lr=0.1)",
            data="",
        ),
    ),
    Code(
        "NN314",
        "weights that cannot be shared",
        "A layer takes the weights of another one. That one stands before it, is the only one of "
        "its name, and its weights have the shape that is needed: transposed, they lead from its "
        "output back to its input.",
        "Weights that both use are one array: there is no way to make it fit one of them alone.",
        network(_TIED.format(12)),
        network(_TIED.format(8)),
    ),
    Code(
        "NN315",
        "a value that is not there yet",
        "A layer takes a value by a name that a line further down gives.",
        "A network is computed from top to bottom.",
        network("input(64); dense(a, 10); a = relu"),
        network("input(64); a = relu; dense(a, 10)"),
    ),
    Code(
        "NN316",
        "no line above",
        "A layer takes what the line above gives, and above stand several inputs.",
        "Each of them is as good, and the layer takes one.",
        network("input left(8); input right(8); dense(8); relu; residual(right) { relu }"),
        network("input left(8); input right(8); dense(left, 8); a = relu; residual(right) { a }"),
    ),
    Code(
        "NN317",
        "another number of values",
        "A layer or a block takes some values of the network, and more or fewer are named. One "
        "that is missing is what the line above gives, and comes first.",
        "`dense` has one input: of two values it could take either.",
        network("input(8); a = relu; b = dense(8); dense(a, b, 4)"),
        network("input(8); a = relu; dense(a, 8); tanh; dense(4)"),
    ),
    Code(
        "NN318",
        "a value that nothing takes",
        "A layer computes something that no other layer takes, and that is not the output of the "
        "network.",
        "Its parameters would never learn: the loss does not depend on them.",
        network("input(64); dense(50); a = relu; b = tanh(a); dense(a, 20)"),
        network("input(64); dense(50); a = relu; b = tanh(a); residual(b) { dense(a, 50) }"),
    ),
    Code(
        "NN319",
        "weights that do not fit",
        "Layers are to begin with the weights of another training, and there is no such file, or "
        "it lacks an array of their names, or has it in another shape.",
        "Half of the weights of a network are no network: nothing is left out or cut to size.",
        network('input(64); pretrained("runs/none") { dense(50); relu }; dense(10)'),
        network("input(64); frozen { dense(50); relu }; dense(10)"),
    ),
    Code(
        "NN320",
        "a part of the data that is not there",
        "Where data holds several arrays, each goes to the input of its name, and to the output of "
        "its name; all inputs of the data are taken, and no others.",
        "An array that nothing takes is forgotten, or meant for an input that is misspelt.",
        "data = digits\nnetwork { input left(64); input right(64); add(left, right); dense(10) }\n",
        "data = digits\nnetwork { input(64); dense(10) }\n",
    ),
    Code(
        "NN321",
        "a loss of no output, or of no certain one",
        "Of several outputs each has a loss of its own, `loss NAME = …`, and metrics if it likes; "
        "NAME is that of an output of the network.",
        "A loss without a name could be of any of them.",
        "network { input(8); dense(2) }\n"
        "train { loss size = mean_squared_error; optimizer = adam }\n",
        "network { input(8); dense(2) }\ntrain { loss = mean_squared_error; optimizer = adam }\n",
    ),
)
