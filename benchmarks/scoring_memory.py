"""Peak memory of batch scoring by number of rows: python benchmarks/scoring_memory.py [--rows 100000 --rows 1000000].

Writes JSON lines of short, mostly different statements, scores each file in a process of its own and prints rows, peak
resident memory and speed, then how much the largest peak is above the smallest.
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

WORDS = (
    "the deal plan talks will not fail succeed we hope doubt it may could risk prices growth market steel exports "
    "quarter demand slowly surely nobody expects much from this round of visits but some firms see orders rising"
).split()


def write_rows(path: Path, rows: int) -> None:
    dice = random.Random(rows)
    with path.open("w", encoding="utf-8") as file:
        for k in range(rows):
            text = " ".join(dice.choices(WORDS, k=dice.randint(2, 6)))
            file.write(json.dumps({"id": k, "text": text, "speaker": f"speaker {k % 999}"}) + "\n")


def score(source: Path, output: Path, model: str | None, precision: str) -> None:
    """In a process of its own: score, print the counts and this process's peak."""
    from expertstance import StanceClassifier, score_file

    summary = score_file(source, output, classifier=StanceClassifier.from_pretrained(model, precision=precision))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps(summary.to_dict() | {"peak": peak}))


def main(
    rows: Annotated[list[int] | None, typer.Option(help="Numbers of rows, one after another.")] = None,
    model: Annotated[str | None, typer.Option(help="Model folder.", show_default="shipped model")] = None,
    precision: Annotated[str, typer.Option(help="auto, fp32, bf16 or int8.")] = "auto",
    format: Annotated[str, typer.Option(help="Suffix of the output: jsonl, csv or parquet.")] = "jsonl",
) -> None:
    peaks = []
    for count in rows or [100_000, 1_000_000]:
        with tempfile.TemporaryDirectory() as folder:
            source, output = Path(folder) / "in.jsonl", Path(folder) / f"out.{format}"
            write_rows(source, count)
            done = subprocess.run(
                [sys.executable, __file__, "--child", str(source), str(output), model or "", precision],
                capture_output=True,
                text=True,
                check=True,
            )
        facts = json.loads(done.stdout)
        peaks.append(facts["peak"])
        speed = facts["statements_per_second"]
        print(f"{count:>11,} rows  peak {facts['peak'] / 1e6:>8,.0f} MB  {speed:>8,.0f} statements/s", flush=True)
    print(f"largest peak / smallest peak: {max(peaks) / min(peaks):.3f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        score(Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4] or None, sys.argv[5])
    else:
        typer.run(main)
