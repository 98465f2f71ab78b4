"""Specs that use every word of the vocabulary, and every pair of words.

The words come from the registry, so that a new one joins by itself. Only where it cannot stand
alone (an argument is required, a structure needs a body) do the tables here say how it is written.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from nndsl.vocabulary import registry
from nndsl.vocabulary.layer import Structure

WIDTH = 6  # of the layer in front of the one that is tried

# How a word is written that does not stand alone, or would take long with its defaults.
WRITTEN = {
    ("layers", "add"): "add { branch { dense(4); tanh }; branch { dense(4) } }",
    ("layers", "avg_pool"): "reshape(1, 2, 3); avg_pool(2, stride=1)",
    ("layers", "bidirectional"): "reshape(2, 3); bidirectional { gru(3) }",
    ("layers", "concat"): "concat { branch { dense(4); tanh }; branch { identity } }",
    ("layers", "conv1d"): "reshape(2, 3); conv1d(4, kernel=2)",
    ("layers", "conv2d"): "reshape(1, 2, 3); conv2d(4, kernel=2, padding=same)",
    ("layers", "conv_transpose1d"): "reshape(2, 3); conv_transpose1d(2, kernel=2, stride=2)",
    ("layers", "conv_transpose2d"): "reshape(1, 2, 3); conv_transpose2d(2, kernel=2, stride=2)",
    ("layers", "cutout"): "reshape(1, 2, 3); cutout(1)",
    ("layers", "dense"): "dense(8)",
    ("layers", "depth_to_space"): "dense(12); reshape(4, 1, 3); depth_to_space(2)",
    ("layers", "cross_attention"): "reshape(2, 3); as_positions; m = tanh; cross_attention(m)",
    ("layers", "dot"): "a = tanh; dense(6); dot(a)",
    ("layers", "embedding"): "embedding(6)",
    ("layers", "frozen"): "frozen { dense(5); tanh }",
    ("layers", "gru"): "reshape(2, 3); gru(4)",
    ("layers", "lstm"): "reshape(2, 3); lstm(4, output=all)",
    ("layers", "positional_embedding"): "reshape(2, 3); positional_embedding",
    ("layers", "as_positions"): "reshape(2, 3); as_positions; tanh",
    ("layers", "pool_positions"): "reshape(2, 3); pool_positions(by=max)",
    ("layers", "repeat_vector"): "repeat_vector(2)",
    ("layers", "reverse"): "reshape(2, 3); reverse",
    ("layers", "rnn"): "reshape(3, 2); rnn(4, output=all)",
    ("layers", "self_attention"): "reshape(2, 3); self_attention(heads=3)",
    ("layers", "transpose"): "reshape(2, 3); transpose",
    ("layers", "dropout"): "dropout(0.1)",
    ("layers", "gaussian_noise"): "gaussian_noise(0.1)",
    ("layers", "global_avg_pool"): "reshape(3, 2, 1); global_avg_pool",
    ("layers", "max_pool"): "reshape(1, 2, 3); max_pool(2, stride=1)",
    ("layers", "patches"): "dense(16); reshape(1, 4, 4); patches(2)",
    ("layers", "random_crop"): "reshape(1, 2, 3); random_crop(2)",
    ("layers", "multiply"): "multiply { branch { dense(4); sigmoid }; branch { dense(4) } }",
    ("layers", "random_flip"): "reshape(1, 2, 3); random_flip",
    ("layers", "random_shift"): "residual { reshape(1, 2, 3); random_shift(1); flatten }",
    ("layers", "repeat"): "repeat(2) { dense(5); relu }",
    ("layers", "reshape"): "reshape(2, 3)",
    ("layers", "residual"): "residual { dense(6); tanh }",
    ("layers", "upsample"): "reshape(1, 2, 3); upsample(2)",
    ("initializers", "constant"): "constant(0.1)",
    ("initializers", "normal"): "normal(0.3)",
    ("initializers", "uniform"): "uniform(-0.4, 0.4)",
    ("regularizers", "elastic_net"): "elastic_net(l1=1e-5, l2=1e-5)",
    ("regularizers", "l1"): "l1(1e-5)",
    ("regularizers", "l2"): "l2(1e-5)",
    ("schedules", "cosine_restarts"): "cosine_restarts({lr}, period=10)",
    ("schedules", "plateau"): "plateau({lr}, metric=training_loss)",
    ("schedules", "exponential"): "exponential({lr}, decay=0.99)",
    ("schedules", "linear_warmup"): "linear_warmup({lr}, warmup=5)",
    ("schedules", "step"): "step({lr}, every=20, factor=0.5)",
    ("data", "addition"): "addition(digits=1, samples=50, validation=0.1)",
    ("data", "blobs"): "blobs(classes=3, samples=60, features=4, validation=0.1, test=0.1)",
    ("data", "csv"): 'csv("table.csv", target="kind", standardize=true, validation=10)',
    ("data", "gaussian"): "gaussian(samples=60, features=4, classes=3)",
    ("data", "idx"): 'idx("images.gz", "labels", scale=1/255)',
    ("data", "image_folder"): 'image_folder("pictures", test=0.1)',
    ("data", "labelled_texts"): 'labelled_texts("moods.csv", length=4, validation=0.1)',
    ("data", "moons"): "moons(samples=60, test=10)",
    ("data", "npz"): 'npz("arrays.npz", test=("x2", "t2"))',
    ("data", "shapes"): "shapes(samples=60, size=8, test=0.1)",
    ("data", "sine"): "sine(samples=60, validation=0.2)",
    ("data", "text"): 'text("fable.txt", window=5, targets=last)',
    ("data", "spiral"): "spiral(classes=3, samples=60)",
    ("data", "xor"): "xor(samples=60)",
}
NEEDS_HOLDER = {
    "branch": "stands in `concat` alone",
    "input": "stands first, in the pages of networks without data",
    "pretrained": "needs the weights of another training: live/test_fine_tuning.py",
    "skip_grams": "has two inputs: vocabulary/data/test_skip_grams.py",
}
TOKENS = ("addition", "labelled_texts", "text")  # data that begins with an embedding
IMAGES = ("fashion_mnist", "image_folder", "mnist", "shapes")
ENDS = {  # a target for each position
    "addition": "dense(12); reshape(3, 4); rnn(12, output=all)",
    "shapes": "dense(192); reshape(3, 8, 8); patches(1)",
}
NEEDS_TOKENS = {"embedding": "stands before tokens alone"}
RATES = {"adadelta": 1.0, "adagrad": 0.05, "sgd": 0.1}  # others: 0.01

ROLES = ("layers", "losses", "optimizers", "initializers", "regularizers", "schedules", "data")
Choice = dict[str, str]  # role -> word

# What the checker refuses, and why.
ONLY_PREDICTS = {"step": "its derivative is 0 everywhere"}
REGRESSIONS = {"sine": "its targets are numbers, and there are no classes to choose between"}
CHOOSES_CLASSES = {"softmax_cross_entropy", "multiclass_hinge"}
PROBABILITIES = {  # of targets, or none below 0: a script refuses others
    *("binary_cross_entropy", "contrastive", "hinge", "poisson", "soft_target_cross_entropy"),
}

# What is accepted, and need not make the loss fall.
CANNOT_LEARN = {
    ("initializers", "zeros"): "where all weights are 0, no gradient reaches any of them",
    ("initializers", "constant"): "all units of a layer are equal and stay so",
    ("initializers", "ones"): "all units of a layer are equal and stay so",
    ("data", "gaussian"): "its classes have nothing to do with its numbers",
}


def written(role: str, word: str, rate: float = 0.01) -> str:
    """Return how a word stands in a spec. KeyError where it needs an entry and has none."""
    if (role, word) in WRITTEN:
        return WRITTEN[role, word].replace("{lr}", str(rate))
    found = registry.find(role, word)
    assert found is not None
    required = [name for name, field in found.model_fields.items() if field.is_required()]
    if role == "schedules" and required == ["base"]:
        return f"{word}({rate})"
    if required or issubclass(found, Structure):
        raise KeyError(f"`{word}` needs {required or 'a body'}: write an entry for it")
    return word


def classes_of(data: str) -> int:
    """Return the number of outputs that a network for this data has."""
    outputs = {"digits": 10, "fashion_mnist": 10, "mnist": 10, "moons": 2, "sine": 1, "text": 15}
    return outputs.get(data, 2 if data == "xor" else 3)


def is_accepted(choice: Mapping[str, str]) -> bool:
    """Does the checker accept these words together?"""
    if choice.get("layers") in ONLY_PREDICTS:
        return False
    refusing = CHOOSES_CLASSES | PROBABILITIES
    return not (choice.get("data") in REGRESSIONS and choice.get("losses") in refusing)


def learns(choice: Choice) -> bool:
    """Must the loss fall?"""
    return not any(pair in CANNOT_LEARN for pair in choice.items())


def spec_text(choice: Choice) -> str:
    """Return the spec of one choice: the initializer and the penalty apply to all weights."""
    data, optimizer = choice["data"], choice["optimizers"]
    init = written("initializers", choice["initializers"])
    step = RATES.get(optimizer, 0.01)
    if choice["initializers"] == "ones":  # sums of many features are large, and steps overshoot
        step /= 100
    rate = written("schedules", choice["schedules"], step)
    flat = "flatten; " if data in IMAGES else ""
    last = init
    if (choice["losses"], choice["initializers"]) == ("poisson", "ones"):
        last = "xavier"  # a rate is exp of what the network gives: of sums of ones, no float
    end = ENDS.get(data, f"dense({classes_of(data)}, init={last})")
    if data in TOKENS:
        flat = f"{written('layers', 'embedding')}; flatten; "
    return f"""
data = {written("data", data)}
network {{
  {flat}dense({WIDTH}, init={init})
  {written("layers", choice["layers"])}
  flatten
  {end}
}}
train {{
  loss = {written("losses", choice["losses"])}
  optimizer = {optimizer}(lr={rate})
  regularize = {written("regularizers", choice["regularizers"])}
  batch = 20
  epochs = 15
}}
"""


def words_of(role: str) -> list[str]:
    return [word for word in registry.names(role) if word not in {**NEEDS_HOLDER, **NEEDS_TOKENS}]


def all_pairs() -> list[Choice]:
    """Return choices of one word of each role such that every pair that is accepted is in one.

    A layer and data meet in the shape of the input alone: their pairs, half of all, are left out.
    Greedy: each choice begins with a pair that is still missing, and takes from role to role the
    word that brings the most missing pairs.
    """
    words = {role: words_of(role) for role in ROLES}
    missing = {
        ((r, a), (s, b)): None
        for r, s in itertools.combinations(ROLES, 2)
        for a in words[r]
        for b in words[s]
        if {r, s} != {"layers", "data"} and is_accepted({r: a, s: b})
    }
    uses = {(role, word): 0 for role in ROLES for word in words[role]}
    choices = []
    while missing:
        choice = dict(next(iter(missing)))
        for role in ROLES:
            if role not in choice:
                choice[role] = _best(choice, role, words[role], missing, uses)
        for pair in _pairs(choice):
            missing.pop(pair, None)
        for item in choice.items():
            uses[item] += 1
        choices.append({role: choice[role] for role in ROLES})
    return choices


Pair = tuple[tuple[str, str], tuple[str, str]]


def _best(
    choice: Choice,
    role: str,
    words: list[str],
    missing: Mapping[Pair, None],
    uses: Mapping[tuple[str, str], int],
) -> str:
    def gain(word: str) -> tuple[int, int]:
        return sum(pair in missing for pair in _pairs({**choice, role: word})), -uses[role, word]

    return max((word for word in words if is_accepted({**choice, role: word})), key=gain)


def _pairs(choice: Choice) -> list[Pair]:
    items = [(role, choice[role]) for role in ROLES if role in choice]
    return list(itertools.combinations(items, 2))


def _groups(layers: list[str], size: int) -> list[list[str]]:
    return [layers[at : at + size] for at in range(0, len(layers), size)]


def composite(dtype: str = "float32") -> str:
    """Return a spec whose network holds every layer and every structure."""
    layers = [written("layers", word) for word in words_of("layers") if word not in ONLY_PREDICTS]
    # Side by side, since gradients get lost on the way through dozens of layers.
    body = ""
    for few in _groups(layers, 6):
        branches = "\n    ".join(f"branch {{ {layer}; flatten; dense(3) }}" for layer in few)
        body += f"concat {{\n    {branches}\n  }}\n  dense({WIDTH})\n  "
    return f"""
data = blobs(classes=3, samples=60, features=4, validation=0.2, test=0.2)
network {{
  input(4)
  dense({WIDTH}, bias=false)
  {body}
  residual {{ residual {{ dense({WIDTH}); identity }}; residual {{ identity }} }}
  concat {{
    branch {{ identity }}
    branch {{ identity }}
    branch {{ dropout(0.2, scaling=test); batch_norm }}
  }}
  dense(3)
}}
train {{
  loss = softmax_cross_entropy(label_smoothing=0.1)
  optimizer = adam(lr=cosine(0.01, warmup=3))
  regularize = elastic_net(l1=1e-4, l2=1e-4)
  clip = global_norm(1.0)
  batch = 16
  epochs = 2
  dtype = {dtype}
}}
"""
