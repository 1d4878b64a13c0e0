"""Predictions for the rows of a chunk: equal rows once, a row that the classifier refuses alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from expertstance.errors import InputError
from expertstance.predictions import Prediction

if TYPE_CHECKING:
    from expertstance.classifier import StanceClassifier

Pair = tuple[str, str | None]
"""A text and its context."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Predictions of a chunk.

    Attributes:
        answers: Per row its prediction, or the reason why there is none.
        tokens: Word pieces that were computed.
    """

    answers: list[Prediction | str]
    tokens: int


def predict_pairs(classifier: "StanceClassifier", pairs: Sequence[Pair]) -> Scored:
    """Predict every text with its context; equal pairs are computed once."""
    distinct = list(dict.fromkeys(pairs))
    answers = dict(zip(distinct, _predict(classifier, distinct), strict=True))
    tokens = sum(answer.n_tokens for answer in answers.values() if isinstance(answer, Prediction))
    return Scored([answers[pair] for pair in pairs], tokens)


def _predict(classifier: "StanceClassifier", pairs: list[Pair]) -> list[Prediction | str]:
    try:
        return list(classifier.predict([text for text, _ in pairs], context=[context for _, context in pairs]))
    except InputError as error:  # some row is refused, before anything is computed: halve until it stands alone
        if len(pairs) == 1:
            return [str(error).replace(" of item 0", "").replace("texts[0]", "text")]
        middle = len(pairs) // 2
        return [*_predict(classifier, pairs[:middle]), *_predict(classifier, pairs[middle:])]
