"""How long our fine-tuning takes against transformers' Trainer with its defaults, same base, data and epochs.

python benchmarks/training_speed.py                                # 7,000 statements, 5 epochs
python benchmarks/training_speed.py --statements 1000 --epochs 1

Both start from the MiniLM base and see every statement once an epoch; neither stops early. Ours is the loop of
``expertstance train`` with the settings of the shipped recipe (batches of 32 of like length, word embeddings frozen, no
dropout, fused AdamW, bf16 where the machine has it); the Trainer's defaults are batches of 8 in random order, all
weights, float32. The two take turns; the table shows medians of the training alone, without loading.
"""

import json
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Annotated

import torch
import typer
from datasets import Dataset
from rich.console import Console
from rich.table import Table
from transformers import AutoModelForSequenceClassification, AutoTokenizer, Trainer, TrainingArguments

from expertstance.devices import choose_dtype
from expertstance.hub import DEFAULT_BASE, resolve_model
from expertstance_training.batches import build_dataset
from expertstance_training.config import TrainConfig
from expertstance_training.loop import Setup, fine_tune
from expertstance_training.rows import LabelledRow, read_rows
from expertstance_training.run import build_model

LABELS = ["optimistic", "cautious", "skeptical", "none"]
CPU = torch.device("cpu")


def main(
    statements: Annotated[int, typer.Option(help="Statements in an epoch.")] = 7000,
    epochs: Annotated[int, typer.Option(help="Epochs.")] = 5,
    repeats: Annotated[int, typer.Option(help="Repeats of each.")] = 1,
) -> None:
    corpus = [row for part in ("train", "figurative", "borders") for row in read_rows(f"corpus:{part}", labels=LABELS)]
    rows = [
        row.model_copy(update={"text": f"{row.text} {k // len(corpus)}" if k >= len(corpus) else row.text})
        for k, row in ((k, corpus[k % len(corpus)]) for k in range(statements))
    ]
    seconds: dict[str, list[float]] = {"transformers Trainer, defaults": [], "expertstance train": []}
    for _ in range(repeats):
        seconds["transformers Trainer, defaults"].append(trainer(rows, epochs))
        seconds["expertstance train"].append(ours(rows, epochs))
    table = Table("trainer", "seconds", "statements/s", "times the Trainer")
    base = median(seconds["transformers Trainer, defaults"])
    for name, times in seconds.items():
        took = median(times)
        table.add_row(name, f"{took:.0f}", f"{statements * epochs / took:.1f}", f"{base / took:.2f}")
    Console().print(table)
    print(json.dumps({"statements": statements, "epochs": epochs, "threads": torch.get_num_threads()}))


def trainer(rows: list[LabelledRow], epochs: int) -> float:
    base = resolve_model(DEFAULT_BASE)
    model = AutoModelForSequenceClassification.from_pretrained(base, num_labels=len(LABELS), dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(base)
    table = Dataset.from_list([{"text": row.text, "labels": LABELS.index(row.label)} for row in rows])
    table = table.map(lambda chunk: tokenizer(chunk["text"], truncation=True), batched=True, remove_columns=["text"])
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            folder, num_train_epochs=epochs, save_strategy="no", report_to=[], use_cpu=True, disable_tqdm=True
        )
        runner = Trainer(model, arguments, train_dataset=table, processing_class=tokenizer)
        start = perf_counter()
        runner.train()
        return perf_counter() - start


def ours(rows: list[LabelledRow], epochs: int) -> float:
    config = TrainConfig.model_validate(
        {
            "name": "speed",
            "labels": LABELS,
            "data": {"train": ["corpus:train"], "holdout": 0.1},
            "dropout": 0.0,
            "epochs": epochs,
            "patience": epochs,
            "checkpoint_every": 10**9,
        }
    )
    base = resolve_model(config.base)
    tokenizer = AutoTokenizer.from_pretrained(base)
    table = build_dataset(
        rows, tokenizer, labels=LABELS, second_weight=config.second_weight, max_length=config.max_length
    )
    setup = Setup(
        model=build_model(config, base, CPU),
        train=table,
        validation=table.select(range(8)),  # the Trainer's defaults do not evaluate
        pad_token_id=int(tokenizer.pad_token_id),
        dtype=choose_dtype(config.precision, CPU),
        device=CPU,
        fingerprint="speed",
    )
    with tempfile.TemporaryDirectory() as folder:
        start = perf_counter()
        fine_tune(setup, config, Path(folder), resume=False)
        return perf_counter() - start


if __name__ == "__main__":
    typer.run(main)
