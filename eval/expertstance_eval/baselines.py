"""Simple systems that a model must beat: what each adds over them is what the model is worth."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from expertstance.errors import InputError, MissingExtraError, ModelError
from expertstance.hub import resolve_model
from expertstance.json_rows import read_objects
from expertstance_eval.config import Baselines
from expertstance_eval.encoders import Encoder
from expertstance_eval.few_shot import few_per_label, train_setfit
from expertstance_eval.nli import zero_shot_nli
from expertstance_eval.sources import Sample, digest

Floats = NDArray[np.float64]
Scorer = Callable[[Sequence[str]], Floats]
SIMILARITY_SCALE = 20.0
"""Factor before the softmax over cosine similarities, the usual one of sentence encoders' contrastive training."""
VADER_THRESHOLD = 0.05
"""Compound score from which VADER's authors call a text positive or negative."""


@dataclass(frozen=True, slots=True)
class BaselineSet:
    """Baselines ready to score.

    Attributes:
        scorers: Name to a function from texts to probabilities of shape (n, labels).
        seen: Digests of what was learnt from, a context included.
        left_out: Optional baselines that are not to be had here, with the reason.
    """

    scorers: dict[str, Scorer]
    seen: frozenset[str]
    left_out: dict[str, str] = field(default_factory=dict)

    def score(self, samples: Sequence[Sample]) -> dict[str, Floats]:
        """Probabilities of every baseline.

        Raises:
            InputError: A sample was learnt from.
        """
        known = [s.id for s in samples if {digest(s.text), digest(_joined(s.text, s.context))} & self.seen]
        if known:
            raise InputError(f"baselines.train holds statements that are scored, such as {known[:3]}; take them out")
        texts = [_joined(s.text, s.context) for s in samples]
        return {name: scorer(texts) for name, scorer in self.scorers.items()}


def build_baselines(config: Baselines | None, *, labels: Sequence[str], seed: int = 13) -> BaselineSet:
    """Train or load the baselines that a configuration names; optional ones that are not to be had are left out.

    Raises:
        InputError: Training rows cannot be used.
        ModelError: The encoder is not to be had.
        MissingExtraError: VADER or SetFit is not installed.
    """
    if config is None:
        return BaselineSet({}, frozenset())
    texts, gold, digests = _training_rows(config, labels)
    builders = _builders(config, texts, gold, labels=labels, seed=seed)
    scorers: dict[str, Scorer] = {}
    left_out: dict[str, str] = {}
    for name in config.systems:
        try:
            scorers[name] = builders[name]()
        except (MissingExtraError, ModelError) as error:
            if name not in config.optional:
                raise
            left_out[name] = str(error)
    return BaselineSet(scorers, digests, left_out)


def _builders(
    config: Baselines, texts: list[str], gold: list[int], *, labels: Sequence[str], seed: int
) -> dict[str, Callable[[], Scorer]]:
    """How each baseline is made; nothing is made before it is called, and the encoder only once."""
    encoder = cache(lambda: Encoder(config.base))
    described = [config.descriptions.get(label, "") for label in labels]

    def setfit() -> Scorer:
        chosen = few_per_label(gold, per_label=config.setfit_per_label, seed=seed)
        return train_setfit(
            resolve_model(config.base),
            [texts[k] for k in chosen],
            [gold[k] for k in chosen],
            n_labels=len(labels),
            iterations=config.setfit_iterations,
            seed=seed,
        )

    def tfidf() -> Scorer:
        vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
        return _fitted(make_pipeline(vectors, LogisticRegression(max_iter=1000)), list, texts, gold, labels)

    return {
        "constant": lambda: _constant(labels.index(config.constant_label or labels[0]), labels),
        "majority": lambda: _fitted(DummyClassifier(strategy="prior"), _as_column, texts, gold, labels),
        "tfidf": tfidf,
        "minilm": lambda: _fitted(LogisticRegression(max_iter=1000), encoder().embed, texts, gold, labels),
        "zero_shot": lambda: _zero_shot(encoder(), described),
        "nli": lambda: zero_shot_nli(config.nli_model or "", revision=config.nli_revision, descriptions=described),
        "setfit": setfit,
        "vader": lambda: _vader({sign: labels.index(label) for sign, label in config.vader_labels.items()}, labels),
    }


def _training_rows(config: Baselines, labels: Sequence[str]) -> tuple[list[str], list[int], frozenset[str]]:
    texts: list[str] = []
    gold: list[int] = []
    digests: set[str] = set()
    for source in config.train:
        for number, row in islice(read_objects(Path(source)), config.train_limit):
            text, label = row.get("text"), row.get("label")
            context = None if config.context_column is None else row.get(config.context_column)
            place = f"{source}, line {number}"
            if not isinstance(text, str):
                raise _unusable(place, "text", "a string", text)
            if label not in labels:
                raise _unusable(place, "label", f"one of {list(labels)}", label)
            if not isinstance(context, str | None):
                raise _unusable(place, config.context_column, "a string or null", context)
            texts.append(_joined(text, context))
            gold.append(labels.index(label))
            digests.add(digest(texts[-1]))
    if config.train and len(set(gold)) < 2:
        raise InputError(f"{config.train}: rows of at least two labels are needed to learn from")
    return texts, gold, frozenset(digests)


def _unusable(place: str, column: str | None, rule: str, value: object) -> InputError:
    return InputError(f"{place}: column {column!r} must be {rule}, got {json.dumps(value)}; mend or remove the line")


def _joined(text: str, context: str | None) -> str:
    return text if context is None else f"{context}\n{text}"


def _as_column(texts: Sequence[str]) -> Floats:
    return np.zeros((len(texts), 1))


def _fitted(
    estimator: Any, features: Callable[[Sequence[str]], Any], texts: list[str], gold: list[int], labels: Sequence[str]
) -> Scorer:
    """Fit a scikit-learn classifier; labels that the training rows lack get probability 0."""
    estimator.fit(features(texts), gold)

    def score(unseen: Sequence[str]) -> Floats:
        out = np.zeros((len(unseen), len(labels)))
        out[:, estimator.classes_] = estimator.predict_proba(features(unseen))
        return out

    return score


def _constant(column: int, labels: Sequence[str]) -> Scorer:
    return lambda unseen: np.repeat(np.eye(len(labels))[[column]], len(unseen), axis=0)


def _zero_shot(encoder: Encoder, descriptions: list[str]) -> Scorer:
    anchors = encoder.embed(descriptions)

    def score(texts: Sequence[str]) -> Floats:
        return np.asarray(softmax(SIMILARITY_SCALE * encoder.embed(texts) @ anchors.T, axis=1))

    return score


def _vader(columns: Mapping[str, int], labels: Sequence[str]) -> Scorer:
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # type: ignore[import-untyped]
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"baseline 'vader' needs {error.name!r}: pip install 'expertstance[eval]'") from error
    analyzer = SentimentIntensityAnalyzer()

    def column(text: str) -> int:
        compound = analyzer.polarity_scores(text)["compound"]
        if compound >= VADER_THRESHOLD:
            return columns["positive"]
        return columns["negative" if compound <= -VADER_THRESHOLD else "neutral"]

    def score(texts: Sequence[str]) -> Floats:
        return np.eye(len(labels))[[column(text) for text in texts]]

    return score
