"""Starts scoring in child processes and kills them: ``python score_kill_driver.py MODEL FOLDER``.

Run by test_score_kill.py. The libraries and the model are loaded once; every run is a fork of this process, ended by
SIGKILL at a random moment. Prints one JSON object per output format.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from expertstance import StanceClassifier

KILLS = 20
SECONDS = 60


def start(arguments: dict[str, Any], classifier: "StanceClassifier") -> int:
    """Score in a child process; returns its id."""
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        from expertstance import score_file

        code = score_file(**arguments, classifier=classifier).exit_code
    finally:
        os._exit(code)


def exit_code(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def torture(classifier: "StanceClassifier", source: Path, output: Path, expected: Path) -> dict[str, Any]:
    """Kill runs at random moments until enough were hit; every output must equal the expected one in the end."""
    arguments = {"inputs": source, "output": output, "chunk_rows": 10, "resume": True}
    begun = time.perf_counter()
    assert exit_code(start(arguments | {"output": expected}, classifier)) == 1
    duration = time.perf_counter() - begun
    found = {"kills": 0, "taken_up": 0, "while_published": 0, "finished": 0, "duration": round(duration, 3)}
    dice = random.Random(f"{source.suffix}{output.suffix}")
    work = output.with_name(output.name + ".partial")
    while found["kills"] < KILLS and time.perf_counter() - begun < SECONDS:
        child = start(arguments, classifier)
        time.sleep(dice.uniform(0, duration))
        os.kill(child, signal.SIGKILL)
        code = exit_code(child)
        if code == -signal.SIGKILL:
            found["kills"] += 1
            if (work / "checkpoint.json").exists():
                state = json.loads((work / "checkpoint.json").read_text())
                found["taken_up"] += state["rows"] > 0
                found["while_published"] += state["state"] == "publishing"
        if dice.random() < 0.25 or code == 1:
            assert exit_code(start(arguments, classifier)) == 1
            compare(output, expected)
            found["finished"] += 1
            for suffix in ("", ".run.json", ".rejects.jsonl"):
                Path(f"{output}{suffix}").unlink()
    assert exit_code(start(arguments, classifier)) == 1
    compare(output, expected)
    found["finished"] += 1
    assert not work.exists()
    return found


def compare(output: Path, expected: Path) -> None:
    for suffix in ("", ".rejects.jsonl"):
        assert Path(f"{output}{suffix}").read_bytes() == Path(f"{expected}{suffix}").read_bytes(), output


def main(model: str, folder: Path) -> None:
    import torch

    import expertstance.scoring.engine  # noqa: F401  loaded here, so that no child has to
    from expertstance import StanceClassifier

    torch.set_num_threads(1)
    classifier = StanceClassifier.from_pretrained(model, device="cpu", precision="fp32")
    names = [("in.jsonl", "out.jsonl"), ("in.csv", "out.csv"), ("in.parquet", "out.parquet")]
    for source, output in names:
        found = torture(classifier, folder / source, folder / output, folder / f"whole-{output}")
        print(json.dumps({"output": output, **found}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
