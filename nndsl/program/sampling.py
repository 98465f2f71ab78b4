"""What a network goes on with, as a function of the script."""

from nndsl.ir import Name, parse_text, reads
from nndsl.languages import sentence
from nndsl.program.context import Context
from nndsl.program.loading import data_roles
from nndsl.program.program import Function

LENGTH = 200  # where nobody says


def write_sampling(context: Context) -> Function | None:
    """Write `sample(text, length, temperature, rng)`.

    None where the examples of the data are no pieces of a text, or where the loss does not make
    the network's output say how likely each kind of token is.
    """
    data, train = context.spec.data, context.spec.train
    if data is None or not data.sample or train is None or not train.loss.takes_scores:
        return None
    statements = parse_text(data.sample)
    roles = data_roles(context, data, reads(statements))
    kind = sentence("words" if context.spec.description.words else "characters")
    return Function(
        "sample",
        ("text", "length", "temperature", "rng"),
        sentence(
            "Return the text and up to `length` {kind} more, drawn as the network predicts them.",
            kind=kind,
        ),
        tuple(statement.rename(roles) for statement in statements),
        Name("text"),
    )
