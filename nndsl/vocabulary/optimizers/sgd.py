"""Stochastic gradient descent."""

from pydantic import Field

from nndsl.vocabulary.optimizer import Optimizer
from nndsl.vocabulary.schedule import Rate


class Sgd(Optimizer):
    """p <- p - lr g. Robbins and Monro 1951."""

    called = ("gradient_descent", "gd")

    lr: Rate = Field(0.001, description="how large a step is")

    title = "stochastic gradient descent"
    usual_rates = (1e-5, 3.0)  # 3: Nielsen 2015, with squared errors
    source = "Robbins and Monro 1951"
    exact_title = "gradient descent"
    exact_source = "Cauchy 1847"
    update = "p -= lr * g"
    questions = """
        What do you expect of a learning rate that is ten times as large? And a hundred times? Say
        it, then change the constant and run.
        = Where the rate was small, the loss falls faster. Where it was right, the loss swings and
        hardly falls; larger still, it grows to infinity or NaN. Run it to see which.
    """
