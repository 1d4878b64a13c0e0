"""Scoring that is killed at random moments and taken up again writes the same bytes as an undisturbed run."""

import csv
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

WORDS = "the deal plan talks will not fail succeed we hope doubt it may could risk".split()


def test_killed_at_twenty_moments_per_format_the_output_is_the_same(tiny_model: Path, tmp_path: Path) -> None:
    dice = random.Random(3)
    rows = [
        {"id": str(k), "text": "" if k % 97 == 5 else " ".join(dice.choices(WORDS, k=dice.randint(1, 25)))}
        for k in range(280)
    ]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with (tmp_path / "in.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["id", "text"])
        writer.writeheader()
        writer.writerows(rows)
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "in.parquet")

    driver = Path(__file__).with_name("score_kill_driver.py")
    done = subprocess.run(
        [sys.executable, str(driver), str(tiny_model), str(tmp_path)],
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert [report["output"] for report in reports] == ["out.jsonl", "out.csv", "out.parquet"]
    for report in reports:
        assert report["kills"] == 20, report
        assert report["taken_up"] >= 5, report
        assert report["finished"] >= 2, report
