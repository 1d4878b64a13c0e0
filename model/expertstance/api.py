"""The functions that use the shipped model, loaded once per process with the first call."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, overload

import numpy as np
from numpy.typing import NDArray

from expertstance.analysis import Analysis, analyze_text, extract
from expertstance.predictions import Context, Prediction

if TYPE_CHECKING:
    from expertstance.classifier import StanceClassifier

__all__ = ["analyze", "extract", "predict", "predict_proba"]


@cache
def default_classifier() -> "StanceClassifier":
    """The shipped model, device and precision chosen from what the machine has."""
    from expertstance.classifier import StanceClassifier

    return StanceClassifier.from_pretrained()


@overload  # a string is a sequence of strings too: the first signature that fits wins
def predict(texts: str, *, context: str | None = None) -> Prediction: ...  # type: ignore[overload-overlap]
@overload
def predict(texts: Sequence[str], *, context: Context = None) -> list[Prediction]: ...
@overload
def predict(texts: Iterator[str], *, context: Context = None) -> Iterator[Prediction]: ...
def predict(
    texts: str | Sequence[str] | Iterator[str], *, context: Context = None
) -> Prediction | list[Prediction] | Iterator[Prediction]:
    """The outlook of every statement, by the shipped model; see ``StanceClassifier.predict``.

    A string gives one prediction, a list a list, an iterator an iterator.

    Raises:
        InputError: An item is not a string, or a context is too long or of the wrong number.
    """
    return default_classifier().predict(texts, context=context)


def predict_proba(texts: Iterable[str], *, context: Context = None) -> NDArray[np.float64]:
    """Calibrated probabilities of shape (n, 4), float64; columns as in ``StanceClassifier.classes_``.

    Raises:
        InputError: An item is not a string, or a context is too long or of the wrong number.
    """
    return default_classifier().predict_proba(texts, context=context)


def analyze(text: str, *, classifier: "StanceClassifier | None" = None) -> Analysis:
    """Who says what in an article, and with which outlook.

    Args:
        text: The article, title included where there is one.
        classifier: Another model than the shipped one.

    Raises:
        InputError: ``text`` is not a string.
    """
    return analyze_text(text, predict=(classifier or default_classifier()).predict)
