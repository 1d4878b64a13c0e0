"""Figures against scikit-learn, scipy and values worked out by hand."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef

from expertstance_eval.bootstrap import Resampling, confusion_figures, group_sums, intervals, paired, resample
from expertstance_eval.metrics import (
    agreement,
    calibration_error,
    cost_matrix,
    equal_mass_bins,
    probability_quality,
    reliability,
    selective,
)

LABELS = ["optimistic", "cautious", "skeptical", "none"]
COSTS = cost_matrix(LABELS, LABELS[:3])
SAMPLING = Resampling(resamples=200, seed=5, confidence=0.95)
labelled = st.integers(1, 60).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, 3), min_size=n, max_size=n) for _ in range(2)])
)


def confusion(gold: NDArray[np.intp], predicted: NDArray[np.intp]) -> NDArray[np.float64]:
    counts = np.zeros((1, 4, 4))
    np.add.at(counts[0], (gold, predicted), 1)
    return counts


@settings(deadline=None, max_examples=40)
@given(labelled)
def test_bootstrapped_figures_are_those_of_scikit_learn(pair: tuple[list[int], list[int]]) -> None:
    gold, predicted = (np.array(side, dtype=np.intp) for side in pair)
    figures = confusion_figures(confusion(gold, predicted), costs=COSTS)
    point = agreement(gold, predicted, labels=LABELS, costs=COSTS)
    assert figures["accuracy"][0] == pytest.approx(accuracy_score(gold, predicted))
    expected = f1_score(gold, predicted, labels=np.unique(gold), average="macro", zero_division=0.0)
    assert figures["macro_f1"][0] == pytest.approx(expected)
    assert figures["mcc"][0] == pytest.approx(matthews_corrcoef(gold, predicted) if point["mcc"] is not None else 0)
    for name in ("accuracy", "macro_f1", "ordinal_cost"):
        assert point[name] == pytest.approx(figures[name][0], abs=1e-6)


def test_cost_counts_the_distance_on_the_scale_and_one_for_any_other_error() -> None:
    assert COSTS.tolist() == [[0, 1, 2, 1], [1, 0, 1, 1], [2, 1, 0, 1], [1, 1, 1, 0]]
    gold, predicted = np.array([0, 0, 2, 3]), np.array([2, 1, 2, 0])
    assert agreement(gold, predicted, labels=LABELS, costs=COSTS)["ordinal_cost"] == 1.0


def test_agreement_by_hand() -> None:
    gold, predicted = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 1])
    figures = agreement(gold, predicted, labels=LABELS, costs=COSTS)
    assert figures["n"] == 4
    assert figures["accuracy"] == 0.5
    assert figures["per_label"]["optimistic"] == {"n": 2, "precision": 1.0, "recall": 0.5, "f1": 0.666667}
    assert figures["per_label"]["cautious"] == {"n": 1, "precision": 0.333333, "recall": 1.0, "f1": 0.5}
    assert figures["per_label"]["none"]["n"] == 0
    assert figures["macro_f1"] == pytest.approx((2 / 3 + 1 / 2 + 0) / 3, abs=1e-6)
    assert figures["confusion"] == [[1, 1, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]]


def test_probability_quality_by_hand() -> None:
    gold = np.array([0, 1])
    probabilities = np.array([[0.8, 0.2], [0.4, 0.6]])
    quality = probability_quality(gold, probabilities, bins=1)
    assert quality["log_loss"] == pytest.approx(-(np.log(0.8) + np.log(0.6)) / 2, abs=1e-6)
    assert quality["brier"] == pytest.approx((0.04 * 2 + 0.16 * 2) / 2)
    assert quality["ece"] == pytest.approx(1 - 0.7)
    assert quality["classwise_ece"] == pytest.approx(0.1)


def test_calibration_error_is_zero_where_confidence_is_the_hit_rate_of_each_bin() -> None:
    confidence = np.repeat([0.25, 0.75], 4)
    right = np.array([1, 0, 0, 0, 1, 1, 1, 0])
    assert calibration_error(confidence, right, bins=2) == 0
    assert calibration_error(confidence, 1 - right, bins=2) == 0.5


@given(st.lists(st.tuples(st.sampled_from([0.3, 0.5, 0.9]), st.booleans()), min_size=1, max_size=30), st.randoms())
def test_calibration_error_does_not_depend_on_the_order_of_rows(rows: list[tuple[float, bool]], dice: Random) -> None:
    def error(rows: list[tuple[float, bool]]) -> float:
        confidence, right = zip(*rows, strict=True)
        return calibration_error(np.array(confidence), np.array(right), bins=4)

    assert error(dice.sample(rows, len(rows))) == pytest.approx(error(rows), abs=1e-12)


def test_bins_are_cut_between_different_confidences_only() -> None:
    confidence = np.array([0.5, 0.9, 0.5, 0.5, 0.7, 0.9])
    assert [part.tolist() for part in equal_mass_bins(confidence, bins=3)] == [[0, 2, 3, 4], [1, 5]]


def test_reliability_has_bins_of_equal_mass() -> None:
    generator = np.random.default_rng(0)
    probabilities = generator.dirichlet(np.ones(4), size=103)
    points = reliability(probabilities.argmax(axis=1), probabilities, bins=10)
    assert {point["n"] for point in points} <= {10, 11}
    assert [point["confidence"] for point in points] == sorted(point["confidence"] for point in points)
    assert all(point["accuracy"] == 1 for point in points)


def test_risk_and_coverage_by_hand() -> None:
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.4, 0.6]])
    gold = np.array([0, 1, 1, 1])
    figures = selective(gold, probabilities, coverages=(0.25, 0.5, 0.75, 1.0))
    assert figures["accuracy_at"] == {"0.25": 1.0, "0.50": 1.0, "0.75": 0.666667, "1.00": 0.75}
    assert figures["aurc"] == pytest.approx((0 + 0 + 1 / 3 + 1 / 4) / 4, abs=1e-6)
    assert figures["curve"][-1] == [1.0, 0.25]


def test_intervals_hold_the_figure_and_depend_on_the_seed_alone() -> None:
    generator = np.random.default_rng(1)
    gold, predicted = generator.integers(4, size=(2, 200))
    groups = np.arange(200)
    spans = intervals(gold, predicted, groups, costs=COSTS, sampling=SAMPLING)
    accuracy = float(np.mean(gold == predicted))
    assert spans["accuracy"][0] < accuracy < spans["accuracy"][1]
    assert spans == intervals(gold, predicted, groups, costs=COSTS, sampling=SAMPLING)
    other = Resampling(resamples=200, seed=6, confidence=0.95)
    assert spans != intervals(gold, predicted, groups, costs=COSTS, sampling=other)


def test_a_resample_without_a_label_is_not_punished_for_it() -> None:
    """As a slice is not: otherwise a system that is right everywhere would have intervals below 1."""
    gold, constant = np.arange(4), np.zeros(4, dtype=np.intp)
    spans = intervals(gold, gold, np.arange(4), costs=COSTS, sampling=SAMPLING)
    assert spans["macro_f1"] == spans["accuracy"] == [1, 1]
    high = paired(gold, gold, constant, np.arange(4), costs=COSTS, sampling=SAMPLING)["macro_f1"]["interval"][1]
    assert high == 1  # resamples without label 0, of which the constant has none right


def test_intervals_are_wider_where_rows_of_a_group_repeat_each_other() -> None:
    gold = np.repeat(np.random.default_rng(2).integers(4, size=50), 8)
    predicted = np.repeat(np.random.default_rng(3).integers(4, size=50), 8)
    width = {}
    for name, groups in {"alone": np.arange(400), "together": np.repeat(np.arange(50), 8)}.items():
        low, high = intervals(gold, predicted, groups, costs=COSTS, sampling=SAMPLING)["accuracy"]
        width[name] = high - low
    assert width["together"] > 2 * width["alone"]


def test_interval_agrees_with_scipy_where_every_row_is_a_group() -> None:
    from scipy.stats import bootstrap

    right = np.random.default_rng(4).random(300) < 0.7
    sampling = Resampling(resamples=4000, seed=5, confidence=0.95)
    ours = intervals(
        np.zeros(300, dtype=np.intp), np.where(right, 0, 1), np.arange(300), costs=COSTS, sampling=sampling
    )
    theirs = bootstrap((right.astype(float),), np.mean, n_resamples=4000, method="percentile", rng=6)
    assert ours["accuracy"] == pytest.approx(list(theirs.confidence_interval), abs=0.01)


def test_resampled_totals_count_each_draw() -> None:
    totals = resample(np.ones((30, 1)), SAMPLING)
    assert totals.shape == (200, 1)
    assert set(totals.ravel()) == {30.0}


def test_group_sums_add_rows_of_a_group() -> None:
    sums = group_sums(np.array([4, 1, 4]), np.array([[1.0], [2.0], [3.0]]))
    assert sums.tolist() == [[2.0], [4.0]]


def test_a_system_is_no_better_than_itself() -> None:
    gold, system = np.random.default_rng(7).integers(4, size=(2, 90))
    test = paired(gold, system, system, np.arange(90), costs=COSTS, sampling=SAMPLING)
    assert test["accuracy"] == {"difference": 0, "interval": [0, 0]}
    assert test["mcnemar"] == {"only_first_right": 0, "only_second_right": 0, "p_value": 1.0}


def test_mcnemar_by_hand() -> None:
    gold = np.zeros(20, dtype=np.intp)
    first, second = gold.copy(), gold.copy()
    second[:9] = 1
    first[19] = 1
    test = paired(gold, first, second, np.arange(20), costs=COSTS, sampling=SAMPLING)
    assert test["mcnemar"]["only_first_right"] == 9
    assert test["mcnemar"]["only_second_right"] == 1
    assert test["mcnemar"]["p_value"] == pytest.approx(2 * (1 + 10) / 2**10, abs=1e-6)
    assert test["accuracy"]["difference"] == pytest.approx(0.4)
    assert test["accuracy"]["interval"][0] > 0
