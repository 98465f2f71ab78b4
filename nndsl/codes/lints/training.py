"""Codes of the training section."""

from nndsl.codes.code import Code
from nndsl.codes.lints.example import example

_NETWORK = "dense(50); relu; dense(10)"


def _spec(*settings: str, optimizer: str = "sgd(lr=0.1)") -> str:
    return example(_NETWORK, *settings, optimizer=optimizer)


CODES = (
    Code(
        "NN442",
        "unusual learning rate",
        "The learning rate lies far outside of what is usual for its optimizer.",
        "With a rate that is too large the loss jumps or becomes infinite; with one that is too "
        "small nothing seems to happen. An optimizer that adapts its steps takes rates a hundred "
        "times smaller than plain gradient descent.",
        _spec(optimizer="adam(lr=0.5)"),
        _spec(optimizer="adam(lr=0.001)"),
        "Bengio 2012, Practical recommendations for gradient-based training, section 3.1.1; "
        "Kingma and Ba 2015.",
    ),
    Code(
        "NN443",
        "batch larger than the data",
        "A batch is larger than the training part.",
        "Every epoch is a single step on all examples: the training takes far fewer steps than it "
        "seems.",
        _spec("batch = 5000"),
        _spec("batch = 50"),
        "Masters and Luschi 2018, Revisiting Small Batch Training for Deep Neural Networks.",
    ),
    Code(
        "NN444",
        "warm-up longer than the training",
        "The learning rate rises over as many steps as the training has, or more.",
        "Training ends before the rate has been reached. Warm-up counts optimizer steps, of which "
        "an epoch has one for each batch.",
        _spec("epochs = 5", optimizer="adam(lr=linear_warmup(0.001, warmup=1000))"),
        _spec("epochs = 5", optimizer="adam(lr=linear_warmup(0.001, warmup=20))"),
        "Goyal et al. 2017, section 2.2: the warm-up takes 5 of 90 epochs.",
    ),
    Code(
        "NN445",
        "learning rate dies out",
        "The learning rate falls to less than a millionth of what it was, or grows a thousandfold.",
        "After a few epochs nothing changes any more. Schedules count optimizer steps, of which an "
        "epoch has one for each batch: every=10 is a part of an epoch, not ten.",
        _spec("epochs = 20", optimizer="sgd(lr=step(0.1, every=10))"),
        _spec("epochs = 20", optimizer="sgd(lr=step(0.1, every=400))"),
        "PyTorch, StepLR and ExponentialLR, whose unit is a call of step().",
    ),
    Code(
        "NN446",
        "patience longer than the training",
        "Early stopping waits for as many epochs as the training has, or more.",
        "It never stops early.",
        _spec("epochs = 10", "stop = early(patience=20)"),
        _spec("epochs = 100", "stop = early(patience=20)"),
        "Prechelt 1998, Early Stopping - But When?",
    ),
    Code(
        "NN447",
        "gradient cut to nothing",
        "The bound on the gradient is below 0.001, and the optimizer does not adapt to its size.",
        "Every gradient is cut, not only those that are too large, and each step is tiny.",
        _spec("clip = global_norm(1e-5)"),
        _spec("clip = global_norm(1)"),
        "Pascanu et al. 2013, section 3.2: half to ten times the average norm.",
    ),
    Code(
        "NN448",
        "targets too soft",
        "Label smoothing spreads more than half of every target over all classes.",
        "Little of the right class is left to learn from.",
        example(_NETWORK, loss="loss = softmax_cross_entropy(label_smoothing=0.9)"),
        example(_NETWORK, loss="loss = softmax_cross_entropy(label_smoothing=0.1)"),
        "Szegedy et al. 2016, section 7, with 0.1.",
    ),
)
