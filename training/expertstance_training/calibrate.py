"""Temperature and abstain threshold, fitted on held-out logits."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator

from expertstance.calibration import Calibration

_FEWEST = 5
"""Held-out statements of one class; scikit-learn splits them so often."""


class _LogitsAsTheyAre(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A fitted classifier whose decision function is its input, so that scikit-learn can calibrate given logits."""

    def __init__(self, n_classes: int) -> None:
        self.n_classes = n_classes
        self.classes_ = np.arange(n_classes)

    def fit(self, logits: NDArray[np.float64], labels: NDArray[np.intp]) -> "_LogitsAsTheyAre":
        return self

    def decision_function(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        # of two classes scikit-learn wants one column d and reads it as the logits (-d, d)
        return logits if self.n_classes > 2 else (logits[:, 1] - logits[:, 0]) / 2

    def predict(self, logits: NDArray[np.float64]) -> NDArray[np.intp]:
        return np.asarray(logits.argmax(axis=1))


def fit_temperature(logits: NDArray[np.float64], labels: Sequence[int]) -> float:
    """Temperature that minimises the log loss of softmax(logits / T) (Guo et al. 2017), by scikit-learn.

    Args:
        logits: Shape (n, labels), n held-out statements.
        labels: n column indices.
    """
    frozen = FrozenEstimator(_LogitsAsTheyAre(logits.shape[1]))
    fitted = CalibratedClassifierCV(frozen, method="temperature").fit(logits, np.asarray(labels))
    return float(1.0 / fitted.calibrated_classifiers_[0].calibrators[0].beta_)


def fit_min_score(scores: NDArray[np.float64], right: NDArray[np.bool_], *, min_accuracy: float) -> float | None:
    """Lowest threshold at which the accepted predictions are right at least ``min_accuracy`` of the time.

    Selective classification by the softmax response (Geifman and El-Yaniv, 2017).

    Args:
        scores: Probability of the best label, one per held-out statement that takes an outlook by the model.
        right: Whether that label is the right one.
        min_accuracy: Share of right ones asked for.

    Returns:
        0.0 where nothing need be refused, None where no threshold reaches ``min_accuracy``.
    """
    order = np.argsort(-scores, kind="stable")
    accuracy = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    next_is_lower = np.append(np.diff(scores[order]) < 0, True)[: len(order)]  # a threshold takes equal scores together
    enough = np.flatnonzero((accuracy >= min_accuracy) & next_is_lower)
    if not len(enough):
        return None if len(order) else 0.0
    if enough[-1] == len(order) - 1:
        return 0.0
    return float(scores[order[enough[-1]]])


def calibrate(
    logits: NDArray[np.float64],
    labels: Sequence[int],
    *,
    classes: Sequence[str],
    no_outlook_label: str | None,
    min_accuracy: float,
) -> tuple[Calibration, bool]:
    """The calibration to store with a model, from held-out logits of shape (n, labels) and n column indices.

    With it goes whether a threshold reaches ``min_accuracy``; where none does, nothing is refused.

    Where the held-out statements lack a class, have fewer than five of every class, or are all predicted right, so that
    the log loss falls with the temperature without end, temperature scaling has no fit to speak of, and the
    temperature stays 1.
    """
    counts = np.bincount(labels, minlength=len(classes))
    complete = counts.min() > 0 and counts.max() >= _FEWEST and bool((logits.argmax(axis=1) != labels).any())
    temperature = fit_temperature(logits, labels) if complete else 1.0
    fitted = Calibration(
        temperature=temperature, no_outlook_label=no_outlook_label, fitted_on=len(labels) if complete else 0
    )
    probabilities = fitted.probabilities(logits)
    best = probabilities.argmax(axis=1)
    outlook = np.array([classes[k] != no_outlook_label for k in best])
    min_score = fit_min_score(
        probabilities.max(axis=1)[outlook], (best == np.asarray(labels))[outlook], min_accuracy=min_accuracy
    )
    return fitted.model_copy(update={"min_score": min_score or 0.0}), min_score is not None
