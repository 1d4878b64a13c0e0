"""Rows as model inputs: tokenised columns in a ``datasets.Dataset``, batched by like length in a seeded order."""

from collections.abc import Sequence
from typing import Any

import torch
from datasets import Dataset
from transformers import PreTrainedTokenizerBase

from expertstance_training.rows import LabelledRow

_MEGABATCH = 50
"""Batches whose rows are sorted by length together: little padding, yet every epoch mixes anew."""


def by_statement(rows: Sequence[LabelledRow]) -> list[list[LabelledRow]]:
    """Rows of one text and context together: what several annotators say of a statement; in order of first mention."""
    together: dict[tuple[str, str | None], list[LabelledRow]] = {}
    for row in rows:
        together.setdefault((row.text, row.context), []).append(row)
    return list(together.values())


def soft_target(rows: Sequence[LabelledRow], labels: Sequence[str], second_weight: float) -> list[float]:
    """Target distribution of one statement: the mean over its annotators.

    ``second_weight`` of an annotator's share goes to the second label, where there is one; a model's share is spread as
    its probabilities say.
    """
    each = [_annotators_target(row, labels, second_weight) for row in rows]
    return [sum(shares) / len(each) for shares in zip(*each, strict=True)]


def _annotators_target(row: LabelledRow, labels: Sequence[str], second_weight: float) -> list[float]:
    if row.probabilities is not None:
        total = sum(row.probabilities.values())
        return [row.probabilities.get(label, 0.0) / total for label in labels]
    target = [0.0] * len(labels)
    shared = second_weight if row.second is not None and row.second != row.label else 0.0
    target[labels.index(row.label)] = 1.0 - shared
    if shared and row.second is not None:
        target[labels.index(row.second)] = shared
    return target


def build_dataset(
    rows: Sequence[LabelledRow],
    tokenizer: PreTrainedTokenizerBase,
    *,
    labels: Sequence[str],
    second_weight: float,
    max_length: int,
) -> Dataset:
    """Columns ``input_ids``, ``token_type_ids`` (where the base has segments), ``target``, ``label`` and ``cut``.

    One row for every statement, however many annotators labelled it; ``label`` is, of the labels that its annotators
    gave (a ``second`` is none), the one with most of ``target``, of equals the first. ``cut`` tells rows
    longer than ``max_length``; a context is always the second segment.
    """
    statements = by_statement(rows)
    targets = [soft_target(annotated, labels, second_weight) for annotated in statements]
    table = Dataset.from_dict(
        {
            "text": [annotated[0].text for annotated in statements],
            "context": [annotated[0].context for annotated in statements],
            "target": targets,
            "label": [
                max((labels.index(row.label) for row in annotated), key=target.__getitem__)
                for annotated, target in zip(statements, targets, strict=True)
            ],
        }
    )

    def tokenise(chunk: dict[str, list[Any]]) -> dict[str, list[Any]]:
        whole = _encode(tokenizer, chunk, verbose=False)
        fitted = _encode(tokenizer, chunk, truncation="longest_first", max_length=max_length)
        return {**fitted, "cut": [len(ids) > max_length for ids in whole["input_ids"]]}

    return table.map(tokenise, batched=True, remove_columns=["text", "context"], keep_in_memory=True)


def _encode(tokenizer: PreTrainedTokenizerBase, chunk: dict[str, list[Any]], **how: Any) -> dict[str, list[Any]]:
    """Columns of word-piece ids; rows without a context are single segments, not pairs with an empty second one."""
    columns: dict[str, list[Any]] = {}
    for with_context in (False, True):
        rows = [k for k, context in enumerate(chunk["context"]) if (context is not None) is with_context]
        if rows:
            names = ("text", "context") if with_context else ("text",)
            pairs = [[chunk[name][k] for k in rows] for name in names]
            encoded = tokenizer(*pairs, return_attention_mask=False, **how)
            for name, values in encoded.items():
                column = columns.setdefault(name, [None] * len(chunk["text"]))
                for k, value in zip(rows, values, strict=True):
                    column[k] = value
    return columns


def epoch_batches(lengths: Sequence[int], *, batch_size: int, seed: int, epoch: int) -> list[list[int]]:
    """Row indices of every batch of one epoch, decided by seed and epoch alone."""
    generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
    order = torch.randperm(len(lengths), generator=generator).tolist()
    step = batch_size * _MEGABATCH
    batches = []
    for start in range(0, len(order), step):
        mega = sorted(order[start : start + step], key=lambda k: lengths[k])
        batches += [mega[k : k + batch_size] for k in range(0, len(mega), batch_size)]
    return [batches[k] for k in torch.randperm(len(batches), generator=generator).tolist()]


def collate(dataset: Dataset, indices: Sequence[int], *, pad_token_id: int) -> dict[str, torch.Tensor]:
    """One padded batch; ``target`` has shape (batch, labels), everything else (batch, longest row)."""
    rows = dataset[list(indices)]
    width = max(len(ids) for ids in rows["input_ids"])

    def padded(column: list[list[int]], value: int) -> torch.Tensor:
        return torch.tensor([row + [value] * (width - len(row)) for row in column])

    batch = {
        "input_ids": padded(rows["input_ids"], pad_token_id),
        "attention_mask": padded([[1] * len(ids) for ids in rows["input_ids"]], 0),
        "target": torch.tensor(rows["target"]),
    }
    if "token_type_ids" in rows:
        batch["token_type_ids"] = padded(rows["token_type_ids"], 0)
    return batch
