"""Pages as estimators of scikit-learn.

classifier = Classifier("net.nn", hidden=50)
classifier.fit(X, y).score(X_test, y_test)

The parameters are the `let` names of the page, so that a search over them searches the structure of
the network; settings go by their path, `**{"train.epochs": 5}`. The page says how to train; in the
place of its `data` stand X and y, as they are: they say what `features` and `classes` are, or
`let outputs`, and the shape of the input where the page leaves that to its data.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import numpy as np

import nndsl
from nndsl.analysis.compile import analyse
from nndsl.analysis.imports import read_tree
from nndsl.diagnostics import Diagnostics
from nndsl.displayed import display_with
from nndsl.emit.build import build_script
from nndsl.live.answering import Answering, Answers
from nndsl.live.arrays import Array
from nndsl.live.errors import ModelError
from nndsl.live.model import MAX_SEED, History, Model
from nndsl.source import Source, SourceError, read_source
from nndsl.syntax.ast import Call, Declaration, Number, Tree
from nndsl.vocabulary import registry
from nndsl.vocabulary.layer import Layer
from nndsl.vocabulary.starter import TABLE_INPUT, estimator_page

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    needs = 'nndsl.sklearn needs scikit-learn 1.6 or later: pip install "nndsl[sklearn]"'
    raise ImportError(needs) from error

SIZES = ("features", "classes", "outputs")  # the names that `fit` gives values


class _Estimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """What a classifier and a regressor have in common."""

    _of_classes: bool
    model_: Model
    history_: History
    n_features_in_: int

    def __init__(
        self,
        spec: str | Path | None = None,
        *,
        random_state: Any = None,
        validation_fraction: float = 0.1,
        **lets: Any,
    ) -> None:
        """Take a page: its file, or its text; left out, one hidden layer.

        `random_state` goes before the seed of the page. `validation_fraction` of the examples are
        held back, to be measured on after each epoch, where there are enough.
        """
        self.spec = spec
        self.random_state = random_state
        self.validation_fraction = validation_fraction
        self._lets = lets

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters, and `let` names and settings that were given a value.

        With `deep` all `let` names of the page, whose values are parts of `spec`.
        """
        found: dict[str, Any] = super().get_params(deep)
        return {**found, **(self._page_lets() if deep else {}), **self._lets}

    def set_params(self, **params: Any) -> Self:
        """Set parameters, `let` names, and settings by their path. ValueError for another name."""
        own = super().get_params(deep=False)
        if "spec" in params:
            self.spec = params["spec"]
        known = {*own, *self._page_lets(), *self._lets}
        for name, value in params.items():
            if name not in known and "." not in name:
                raise ValueError(
                    f"Invalid parameter {name!r} for estimator {type(self).__name__}: "
                    f"the page has {', '.join(sorted(known))}; settings go by their path, "
                    "as `train.epochs` does"
                )
            if name in own:
                setattr(self, name, value)
            else:
                self._lets[name] = value
        return self

    def _page(self) -> tuple[Source, dict[str, Any]]:
        """Return the page and its `let` names. SourceError where there is none."""
        if self.spec is None:
            source = Source("page", estimator_page(of_classes=self._of_classes))
        elif isinstance(self.spec, str) and "{" in self.spec:
            source = Source("page", self.spec)
        elif isinstance(self.spec, str | Path):
            source = read_source(self.spec)
        else:
            raise SourceError(f"spec is a file or the text of a page, and not {self.spec!r}")
        return _for_arrays(source.name, source.text, source.path)

    def _page_lets(self) -> dict[str, Any]:
        """Return the `let` names of the page that are parameters, and their values."""
        try:
            _, lets = self._page()
        except SourceError:  # `fit` says what is wrong
            return {}
        return {name: lets[name] for name in lets if name not in SIZES}

    def _load(self, features: int, outputs: int, seed: int | None) -> Model:
        display_with(nndsl.html)  # notebooks show the model and its history
        source, lets = self._page()
        sizes = zip(SIZES, (features, outputs, outputs), strict=True)
        settings = {name: size for name, size in sizes if name in lets} | self._lets
        settings |= {"train.seed": seed} if seed is not None else {}
        checked = analyse(source, settings=settings, alone=True)
        model = Model(checked, build_script(checked))
        model.begin()
        return model

    def _fit(self, X: Array, t: Array, outputs: int) -> None:
        seed = None
        if self.random_state is not None:
            state = check_random_state(self.random_state)
            seed = (
                self.random_state
                if isinstance(self.random_state, int) and 0 <= self.random_state <= MAX_SEED
                else int(state.randint(2**31))
            )
        self.model_ = model = self._load(X.shape[1], outputs, seed)
        model.on_training = ()  # a search would fill a notebook with curves
        spec = model.spec
        if spec.train is None:
            raise ModelError("the page has no `train`", "it says how to train: loss, optimizer …")
        if spec.train.loss.targets != "classes":
            t = t.reshape(len(t), -1)
        X = self._shaped(X)
        held = int(len(X) * self.validation_fraction)
        order = np.random.default_rng(spec.seed).permutation(len(X))
        training, validation = order[held:], order[:held] if held else order
        self.history_ = model.fit(
            X[training], t[training], validation=(X[validation], t[validation])
        )
        self.n_iter_ = len(self.history_.rows)

    def _shaped(self, X: Array) -> Array:
        """Return rows as examples of the network: an image may be flat in a table."""
        shape = self.model_.script.input_shape
        is_flat = X.ndim == 2 and len(shape) > 1 and X.shape[1] == np.prod(shape)
        return X.reshape(len(X), *shape) if is_flat else X

    def _answers(self, X: Any) -> Answers:
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype="numeric")
        return Answering(self.model_.complete, self.model_).answers(self._shaped(X))[""]


class Classifier(ClassifierMixin, _Estimator):  # type: ignore[misc]
    """A page whose network chooses between classes, as a classifier of scikit-learn."""

    _of_classes = True

    def fit(self, X: Any, y: Any) -> Self:
        """Train on examples X (N, columns) and their classes y (N,)."""
        X, y = validate_data(self, X, y, dtype="numeric")
        check_classification_targets(y)
        self.classes_, t = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("y has one class only: there is nothing to tell apart")
        self._fit(X, t, len(self.classes_))
        return self

    def predict(self, X: Any) -> Array:
        """Return the class of each example."""
        classes = self._answers(X).classes
        if classes is None:
            raise ModelError("the network chooses between no classes", "Regressor takes the page")
        found: Array = self.classes_[classes]
        return found

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class. ModelError where the loss makes none."""
        probabilities = self._answers(X).probabilities
        if probabilities is None:
            raise ModelError("the loss of the page makes no probabilities")
        return probabilities


class Regressor(RegressorMixin, _Estimator):  # type: ignore[misc]
    """A page whose network predicts numbers, as a regressor of scikit-learn."""

    _of_classes = False

    def __sklearn_tags__(self) -> Any:
        """Return what scikit-learn is to know of it: several targets are one network's."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any) -> Self:
        """Train on examples X (N, columns) and their targets y (N,) or (N, targets)."""
        X, y = validate_data(self, X, y, dtype="numeric", multi_output=True, y_numeric=True)
        self._is_flat = y.ndim == 1
        self._fit(X, y, 1 if y.ndim == 1 else y.shape[1])
        return self

    def predict(self, X: Any) -> Array:
        """Return what is predicted for each example."""
        values = self._answers(X).scores.astype(np.float64)
        return values.ravel() if self._is_flat else values


@lru_cache(maxsize=64)  # a search asks often
def _for_arrays(name: str, text: str, path: Path | None) -> tuple[Source, dict[str, Any]]:
    """Return a page with X and y in the place of its `data`, and its `let` names.

    Their values are numbers, or texts of a page. What data says of itself are `let` names, too.
    """
    tree = read_tree(Source(name, text, path), Diagnostics())
    if tree is None:
        return Source(name, text, path), {}
    lets = {
        one.name.text: one.value.value if isinstance(one.value, Number) else one.value.span.text
        for one in tree.statements
        if isinstance(one, Declaration) and one.word.text == "let" and one.value is not None
    }
    for start, end, said in reversed(_changes(tree)):
        text = text[:start] + said + text[end:]
    unsaid = [size for size in SIZES[:2] if size not in lets]
    text += "".join(f"\nlet {size} = 1" for size in unsaid)
    return Source(name, text, path), lets | dict.fromkeys(unsaid, 1)


def _changes(tree: Tree) -> list[tuple[int, int, str]]:
    """Return what is changed: `data` goes, and a network without an input gets one."""
    changes = []
    for one in tree.statements:
        if one.name.text == "data":
            changes.append((one.span.start, one.span.end, ""))
        if isinstance(one, Call) and one.name.text == "network" and one.body is not None:
            words = (getattr(layer, "word", layer.name).text for layer in one.statements)
            layers = (registry.lookup(Layer, word) for word in words)
            if not any(layer is not None and layer.declares_input for layer in layers):
                at = one.body.span.start + 1
                changes.append((at, at, f" {TABLE_INPUT};"))
    return changes
