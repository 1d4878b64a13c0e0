"""Figures of one system on labelled rows: agreement with the gold labels and quality of the probabilities.

Definitions: scikit-learn's where it has them. A macro average runs over the labels that occur in the gold of the rows
measured, so that a slice without a label is not punished for it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, f1_score, log_loss, matthews_corrcoef, precision_recall_fscore_support

DIGITS = 6
"""Decimals of every figure in ``results.json``."""
CURVE_POINTS = 50
"""Most points of a risk-coverage curve, enough for its chart."""


def rounded(value: float | np.floating[Any]) -> float:
    """A figure as it stands in a report."""
    return round(float(value), DIGITS)


def cost_matrix(labels: Sequence[str], ordinal: Sequence[str]) -> NDArray[np.float64]:
    """Cost of predicting column for row: distance on the scale where both are on it, else 1 for any error."""
    place = {label: k for k, label in enumerate(ordinal)}
    return np.array(
        [[abs(place[a] - place[b]) if a in place and b in place else float(a != b) for b in labels] for a in labels],
        dtype=np.float64,
    )


def agreement(
    gold: NDArray[np.intp], predicted: NDArray[np.intp], *, labels: Sequence[str], costs: NDArray[np.float64]
) -> dict[str, Any]:
    """Accuracy, macro-F1, MCC, ordinal cost, per-label figures and the confusion matrix (rows are gold).

    Args:
        gold: n label indices.
        predicted: n label indices.
        labels: Names of the k labels.
        costs: Shape (k, k), from ``cost_matrix``; the figure is the mean over rows.
    """
    indices = list(range(len(labels)))
    precision, recall, f1, support = precision_recall_fscore_support(gold, predicted, labels=indices, zero_division=0.0)
    return {
        "n": len(gold),
        "accuracy": rounded(np.mean(gold == predicted)),
        "macro_f1": macro_f1(gold, predicted),
        "mcc": rounded(matthews_corrcoef(gold, predicted)) if len(set(gold) | set(predicted)) > 1 else None,
        "ordinal_cost": rounded(costs[gold, predicted].mean()),
        "per_label": {
            label: {
                "n": int(support[k]),
                "precision": rounded(precision[k]),
                "recall": rounded(recall[k]),
                "f1": rounded(f1[k]),
            }
            for k, label in enumerate(labels)
        },
        "confusion": confusion_matrix(gold, predicted, labels=indices).tolist(),
    }


def macro_f1(gold: NDArray[np.intp], predicted: NDArray[np.intp]) -> float:
    """Mean F1 over the labels that occur in ``gold``."""
    present = np.unique(gold)
    return rounded(f1_score(gold, predicted, labels=present, average="macro", zero_division=0.0))


def probability_quality(gold: NDArray[np.intp], probabilities: NDArray[np.float64], *, bins: int) -> dict[str, float]:
    """Log loss, Brier score and calibration errors of probabilities of shape (n, k); all are better when lower.

    The Brier score is the sum over labels of the squared error, mean over rows, 0 to 2 (Brier, 1950). ``ece`` is the
    calibration error of the best label, ``classwise_ece`` the mean over labels of the calibration error of each
    label's probability (Kull et al., 2019), both with bins of equal mass (Nguyen and O'Connor, 2015).
    """
    k = probabilities.shape[1]
    hits = np.eye(k)[gold]
    best = probabilities.argmax(axis=1)
    return {
        "log_loss": rounded(log_loss(gold, probabilities, labels=list(range(k)))),
        "brier": rounded(np.mean(np.sum((probabilities - hits) ** 2, axis=1))),
        "ece": rounded(calibration_error(probabilities.max(axis=1), best == gold, bins=bins)),
        "classwise_ece": rounded(
            np.mean([calibration_error(probabilities[:, c], hits[:, c], bins=bins) for c in range(k)])
        ),
    }


def equal_mass_bins(confidence: NDArray[np.float64], *, bins: int) -> list[NDArray[np.intp]]:
    """Row indices in bins of about equal size, by rising confidence; equal confidences are in one bin."""
    order = np.argsort(confidence, kind="stable")
    ranked, ends = confidence[order], np.cumsum([len(part) for part in np.array_split(order, bins)])
    starts = np.searchsorted(ranked, ranked[ends[ends < len(order)]])  # a cut amid equals moves in front of them
    return [part for part in np.split(order, np.unique(starts)) if len(part)]


def calibration_error(confidence: NDArray[np.float64], right: NDArray[Any], *, bins: int) -> float:
    """Mean distance of confidence and hit rate over bins of equal mass, weighted by their size."""
    parts = equal_mass_bins(confidence, bins=bins)
    gaps = [abs(confidence[part].mean() - right[part].mean()) * len(part) for part in parts]
    return float(sum(gaps) / len(confidence))


def reliability(gold: NDArray[np.intp], probabilities: NDArray[np.float64], *, bins: int) -> list[dict[str, float]]:
    """Points of the reliability diagram of the best label: size, mean confidence and accuracy of each bin."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == gold
    return [
        {"n": len(part), "confidence": rounded(confidence[part].mean()), "accuracy": rounded(right[part].mean())}
        for part in equal_mass_bins(confidence, bins=bins)
    ]


def selective(
    gold: NDArray[np.intp], probabilities: NDArray[np.float64], *, coverages: Sequence[float]
) -> dict[str, Any]:
    """Risk and coverage when the least confident rows are left out (Geifman and El-Yaniv, 2017).

    Args:
        gold: n label indices.
        probabilities: Shape (n, k).
        coverages: Shares of rows to give the accuracy at.

    Returns:
        ``aurc`` (mean risk over all coverages), ``accuracy_at`` and ``curve`` as at most 50 ``[coverage, risk]`` pairs.
    """
    order = np.argsort(-probabilities.max(axis=1), kind="stable")
    wrong = (probabilities.argmax(axis=1) != gold)[order]
    risk = np.cumsum(wrong) / np.arange(1, len(wrong) + 1)
    kept = np.unique(np.linspace(0, len(risk) - 1, min(CURVE_POINTS, len(risk))).round().astype(int))
    return {
        "aurc": rounded(risk.mean()),
        "accuracy_at": {f"{share:.2f}": rounded(1 - risk[max(1, round(share * len(risk))) - 1]) for share in coverages},
        "curve": [[rounded((k + 1) / len(risk)), rounded(risk[k])] for k in kept],
    }
