"""Figures of the evaluation end to end, as functions of sums over articles."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from expertstance_eval.bootstrap import Floats, Resampling, confusion_figures, figures_by_group, macro_average, ratio

KINDS = ("direct", "mixed", "reported")
_WORDS = ("gold_words", "found_words", "shared_words", "exact")
_OF_KIND = ("statements", "matched", "speaker_right")
_TOTALS = ("found", "kind_right", "complete")


@dataclass(slots=True)
class Counts:
    """What all figures are made of, one vector per article.

    A vector holds the word counts, three counts for each kind, the totals, two confusion matrices (label on the gold
    statements; label on the found statements that match one), and how often each label was given to a found statement.

    Attributes:
        labels: The k labels of the model.
        rows: Vectors in file order.
    """

    labels: tuple[str, ...]
    rows: list[Floats] = field(default_factory=list)

    def add(self, record: dict[str, Any]) -> None:
        """Count one line of ``predictions.jsonl``.

        Raises:
            KeyError, ValueError, IndexError: It is not as the evaluation wrote it.
        """
        gold, found = record["gold"], record["found"]
        if list(record["labels"]) != list(self.labels):
            raise ValueError(f"labels {record['labels']} where the rows before have {list(self.labels)}")
        best = np.array(record["probabilities"], dtype=np.float64).argmax(axis=1)
        if len(best) != len(gold) + len(found):
            raise ValueError(f"{len(best)} predictions for {len(gold)} gold and {len(found)} found statements")
        k = len(self.labels)
        given_gold, given_found = np.zeros((k, k)), np.zeros((k, k))
        kinds = dict.fromkeys(((kind, name) for kind in KINDS for name in _OF_KIND), 0)
        totals = {"found": len(found), "kind_right": 0, "complete": 0}
        for i, one in enumerate(gold):
            label, j = self.labels.index(one["label"]), one["match"]
            given_gold[label, best[i]] += 1
            kinds[one["kind"], "statements"] += 1
            if j is not None:
                predicted = best[len(gold) + j]
                given_found[label, predicted] += 1
                kinds[one["kind"], "matched"] += 1
                kinds[one["kind"], "speaker_right"] += bool(one["speaker_right"])
                totals["kind_right"] += one["kind"] == found[j]["kind"]
                totals["complete"] += bool(one["speaker_right"]) and bool(predicted == label)
        counts = [*(record["counts"][name] for name in _WORDS), *kinds.values(), *(totals[name] for name in _TOTALS)]
        spoken = np.bincount(best[len(gold) :], minlength=k)
        self.rows.append(np.concatenate([counts, given_gold.ravel(), given_found.ravel(), spoken]).astype(np.float64))


def figures_of(counts: Counts, sampling: Resampling) -> dict[str, Any]:
    """Everything the report says, with intervals from a bootstrap over articles.

    Returns:
        ``spans`` (words, exact, matched, kind), ``speakers``, ``labels`` (``gold_statements``, ``matched_statements``,
        ``end_to_end``) and ``kinds``; a share of nothing is 0.
    """
    sums = np.array(counts.rows)
    k = len(counts.labels)
    total = sums.sum(axis=0)
    groups = figures_by_group(sums, lambda totals: _figures(totals, k), sampling)
    parts = {name: value[0] for name, value in _parts(total[None], k).items()}
    given_gold = parts["given_gold"]
    return {
        "statements": int(given_gold.sum()),
        "found": int(parts["found"]),
        "matched": int(parts["given_found"].sum()),
        "words": {name: int(parts[name]) for name in _WORDS[:3]},
        "spans": groups["spans"],
        "speakers": groups["speakers"],
        "labels": {
            **{name: groups[name] for name in ("gold_statements", "matched_statements", "end_to_end")},
            "per_label": {
                label: {
                    "n": int(given_gold[c].sum()),
                    "gold_statements_f1": groups["gold_statements_f1"][str(c)],
                    "end_to_end_f1": groups["end_to_end_f1"][str(c)],
                }
                for c, label in enumerate(counts.labels)
            },
            "confusion": given_gold.astype(int).tolist(),
            "confusion_matched": parts["given_found"].astype(int).tolist(),
        },
        "kinds": {
            kind: {**{name: int(parts[f"{kind}.{name}"]) for name in _OF_KIND}, **groups[kind]} for kind in KINDS
        },
    }


def _parts(totals: Floats, k: int) -> dict[str, Floats]:
    """Totals of shape (m, d) taken apart; matrices of shape (m, k, k)."""
    names = [*_WORDS, *(f"{kind}.{name}" for kind in KINDS for name in _OF_KIND), *_TOTALS]
    parts = {name: totals[:, column] for column, name in enumerate(names)}
    rest = totals[:, len(names) :]
    parts["given_gold"] = rest[:, : k * k].reshape(-1, k, k)
    parts["given_found"] = rest[:, k * k : 2 * k * k].reshape(-1, k, k)
    parts["spoken"] = rest[:, 2 * k * k :]
    return parts


def _figures(totals: Floats, k: int) -> dict[str, Floats]:
    parts = _parts(totals, k)
    gold_labels = parts["given_gold"].sum(axis=2)
    n_gold, matched, found = gold_labels.sum(axis=1), parts["given_found"].sum(axis=(1, 2)), parts["found"]
    right = sum(parts[f"{kind}.speaker_right"] for kind in KINDS)
    figures: dict[str, Floats] = {}
    for name, hits, of_gold, of_found in (
        ("word", parts["shared_words"], parts["gold_words"], parts["found_words"]),
        ("exact", parts["exact"], n_gold, found),
        ("matched", matched, n_gold, found),
    ):
        figures[f"spans.{name}_recall"] = ratio(hits, of_gold)
        figures[f"spans.{name}_precision"] = ratio(hits, of_found)
        figures[f"spans.{name}_f1"] = ratio(2 * hits, of_gold + of_found)
    figures["spans.kind_accuracy"] = ratio(parts["kind_right"], matched)
    figures["speakers.accuracy"] = ratio(np.asarray(right), matched)
    costs = 1 - np.eye(k)
    for name, matrix in (("gold_statements", "given_gold"), ("matched_statements", "given_found")):
        agreement = confusion_figures(parts[matrix], costs=costs)
        figures |= {f"{name}.{key}": agreement[key] for key in ("macro_f1", "accuracy")}
    gold_f1 = ratio(2 * np.einsum("mkk->mk", parts["given_gold"]), parts["given_gold"].sum(axis=1) + gold_labels)
    end_f1 = ratio(2 * np.einsum("mkk->mk", parts["given_found"]), parts["spoken"] + gold_labels)
    figures["end_to_end.macro_f1"] = macro_average(end_f1, gold_labels)
    figures["end_to_end.complete"] = ratio(parts["complete"], n_gold)
    for c in range(k):
        figures[f"gold_statements_f1.{c}"] = gold_f1[:, c]
        figures[f"end_to_end_f1.{c}"] = end_f1[:, c]
    for kind in KINDS:
        figures[f"{kind}.matched_recall"] = ratio(parts[f"{kind}.matched"], parts[f"{kind}.statements"])
        figures[f"{kind}.speaker_accuracy"] = ratio(parts[f"{kind}.speaker_right"], parts[f"{kind}.matched"])
    return figures
