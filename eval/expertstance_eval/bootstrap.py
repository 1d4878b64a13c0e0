"""Confidence intervals and paired tests that respect that statements of one article belong together.

Whole groups are drawn with replacement (Field and Welsh, "Bootstrapping clustered data", 2007; percentile intervals).
Every figure here is a function of sums over rows, so a resample is a weighted sum of one small vector per group and
the cost does not grow with the number of rows.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from expertstance_eval.metrics import rounded

Floats = NDArray[np.float64]
_DRAWS_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True)
class Resampling:
    """How to draw: number of resamples, seed, and level of the intervals."""

    resamples: int
    seed: int
    confidence: float

    def interval(self, values: Floats) -> list[float]:
        """Percentile interval of the figures of the resamples."""
        tail = (1 - self.confidence) / 2
        low, high = np.quantile(values, [tail, 1 - tail])
        return [rounded(low), rounded(high)]


def resample(sums: Floats, sampling: Resampling) -> Floats:
    """Totals of resamples of groups.

    Args:
        sums: Shape (groups, d), sums over the rows of each group.
        sampling: How to draw.

    Returns:
        Shape (resamples, d).
    """
    generator = np.random.default_rng(sampling.seed)
    n_groups = len(sums)
    totals = np.empty((sampling.resamples, sums.shape[1]))
    block = max(1, _DRAWS_AT_ONCE // n_groups)
    for start in range(0, sampling.resamples, block):
        rows = min(block, sampling.resamples - start)
        drawn = generator.integers(n_groups, size=(rows, n_groups)) + n_groups * np.arange(rows)[:, None]
        times = np.bincount(drawn.ravel(), minlength=rows * n_groups).reshape(rows, n_groups)
        totals[start : start + rows] = times @ sums
    return totals


def group_sums(groups: NDArray[np.intp], values: Floats) -> Floats:
    """Sums of values of shape (n, d) over the rows of each group that occurs; shape (groups that occur, d)."""
    _, compact = np.unique(groups, return_inverse=True)
    sums = np.zeros((int(compact.max()) + 1, values.shape[1]))
    np.add.at(sums, compact, values)
    return sums


def confusion_figures(confusions: Floats, *, costs: Floats) -> dict[str, Floats]:
    """Accuracy, macro-F1, MCC and ordinal cost of many confusion matrices at once.

    Args:
        confusions: Shape (m, k, k), rows are gold.
        costs: Shape (k, k).

    Returns:
        Figures of shape (m,). MCC is 0 where it is undefined (Gorodkin, 2004).
    """
    total = confusions.sum(axis=(1, 2))
    hits = np.einsum("mkk->mk", confusions)
    gold, predicted = confusions.sum(axis=2), confusions.sum(axis=1)
    f1 = ratio(2 * hits, gold + predicted)
    spread = np.sqrt((total**2 - (predicted**2).sum(axis=1)) * (total**2 - (gold**2).sum(axis=1)))
    return {
        "accuracy": ratio(hits.sum(axis=1), total),
        "macro_f1": macro_average(f1, gold),
        "mcc": ratio(hits.sum(axis=1) * total - (gold * predicted).sum(axis=1), spread),
        "ordinal_cost": ratio((confusions * costs).sum(axis=(1, 2)), total),
    }


def macro_average(f1: Floats, gold: Floats) -> Floats:
    """Mean F1, shape (m,), over the labels that occur in each gold; F1 and counts of gold have shape (m, k)."""
    occurs = gold > 0
    return ratio((f1 * occurs).sum(axis=1), occurs.sum(axis=1))


def ratio(above: Floats, below: Floats) -> Floats:
    """Quotients, 0 where the divisor is."""
    return np.divide(above, below, out=np.zeros_like(above, dtype=np.float64), where=below != 0)


def intervals(
    gold: NDArray[np.intp],
    predicted: NDArray[np.intp],
    groups: NDArray[np.intp],
    *,
    costs: Floats,
    sampling: Resampling,
) -> dict[str, list[float]]:
    """Intervals of accuracy, macro-F1, MCC and ordinal cost; empty without resamples."""
    if not sampling.resamples:
        return {}
    k = len(costs)
    totals = resample(_confusion_sums(gold, predicted, groups, k), sampling).reshape(-1, k, k)
    figures = confusion_figures(totals, costs=costs)
    return {name: sampling.interval(values) for name, values in figures.items()}


def paired(
    gold: NDArray[np.intp],
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    groups: NDArray[np.intp],
    *,
    costs: Floats,
    sampling: Resampling,
) -> dict[str, Any]:
    """Is the first system better than the second on the same rows?

    Returns:
        Differences first minus second of accuracy and macro-F1 with intervals from a paired bootstrap over groups, and
        McNemar's exact test (McNemar, 1947): rows that only one of the two has right, and the two-sided p-value.
    """
    k = len(costs)
    sums = np.hstack([_confusion_sums(gold, system, groups, k) for system in (first, second)])

    def differences(totals: Floats) -> dict[str, Floats]:
        halves = totals.reshape(-1, 2, k, k)
        a, b = (confusion_figures(halves[:, side], costs=costs) for side in (0, 1))
        return {name: a[name] - b[name] for name in ("accuracy", "macro_f1")}

    result: dict[str, Any] = {
        name: {"difference": rounded(value[0])} for name, value in differences(sums.sum(axis=0)[None]).items()
    }
    if sampling.resamples:
        for name, values in differences(resample(sums, sampling)).items():
            result[name]["interval"] = sampling.interval(values)
    only_first = int(np.sum((first == gold) & (second != gold)))
    only_second = int(np.sum((second == gold) & (first != gold)))
    discordant = only_first + only_second
    result["mcnemar"] = {
        "only_first_right": only_first,
        "only_second_right": only_second,
        "p_value": rounded(binomtest(only_first, discordant).pvalue) if discordant else 1.0,
    }
    return result


def _confusion_sums(gold: NDArray[np.intp], predicted: NDArray[np.intp], groups: NDArray[np.intp], k: int) -> Floats:
    """Confusion matrix of each group, flattened, without a wide array per row."""
    _, compact = np.unique(groups, return_inverse=True)
    n_groups = int(compact.max()) + 1
    cells = (compact * k + gold) * k + predicted
    return np.bincount(cells, minlength=n_groups * k * k).reshape(n_groups, k * k).astype(np.float64)


def ratio_intervals(
    sums: Floats, figures: Callable[[Floats], dict[str, Floats]], sampling: Resampling
) -> Iterator[tuple[str, list[float]]]:
    """Intervals of any figures that are functions of sums over groups of shape (groups, d)."""
    if sampling.resamples:
        for name, values in figures(resample(sums, sampling)).items():
            yield name, sampling.interval(values)


def figures_by_group(
    sums: Floats, figures: Callable[[Floats], dict[str, Floats]], sampling: Resampling
) -> dict[str, dict[str, Any]]:
    """Figures that are functions of sums, and their intervals.

    Args:
        sums: Shape (articles, d).
        figures: From totals of shape (m, d) to figures of shape (m,), named ``GROUP.NAME``.
        sampling: How to draw.

    Returns:
        For each GROUP its figures by NAME, and ``intervals`` by the same names, empty without resamples.
    """
    spans = dict(ratio_intervals(sums, figures, sampling))
    groups: dict[str, dict[str, Any]] = {}
    for full, values in figures(sums.sum(axis=0)[None]).items():
        group, _, name = full.partition(".")
        groups.setdefault(group, {})[name] = rounded(values[0])
    for group, found in groups.items():
        found["intervals"] = {name: spans[full] for name in found if (full := f"{group}.{name}") in spans}
    return groups
