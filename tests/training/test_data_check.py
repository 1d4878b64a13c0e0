"""The corpus checks: clean data passes, every kind of fault is found, and the shipped corpus is clean."""

import io
import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from expertstance import InputError
from expertstance.cli.main import main
from expertstance_training.check import check_corpus
from expertstance_training.cli import CORPUS
from expertstance_training.config import load_config
from expertstance_training.hydrate import TEACHER, read_annotations, shipped_annotations
from expertstance_training.rows import LabelledRow, locate, read_rows, split_groups

LABELS = ["optimistic", "cautious", "skeptical", "none"]


def corpus_rows() -> list[dict[str, Any]]:
    return [json.loads(line) for name in CORPUS for line in locate(name).read_text(encoding="utf-8").splitlines()]


def write(path: Path, rows: list[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def clean(prefix: str) -> list[dict[str, Any]]:
    return [{"text": f"{prefix} {label} words", "label": label, "topic": f"{prefix} topic"} for label in LABELS]


def test_the_shipped_corpus_is_clean() -> None:
    result = check_corpus(CORPUS, labels=LABELS)
    assert result.faults == []
    assert sum(count.total() for count in result.counts.values()) >= 2400
    assert result.kappa is not None
    assert result.kappa > 0.9
    assert set(result.agreement) == set(LABELS)


def test_the_shipped_corpus_has_what_its_card_says(root: Path) -> None:
    rows = corpus_rows()
    lengths = [len(row["text"].split()) for row in rows]
    assert (min(lengths), max(lengths)) == (5, 110)
    assert len({row["topic"] for row in rows}) == 208
    assert {row["form"] for row in rows} == {"direct", "mixed", "reported"}
    in_sets = [row for row in rows if row["set"] is not None]
    assert len(in_sets) >= 500
    per_set = Counter(row["set"] for row in in_sets)
    assert min(per_set.values()) >= 2
    labels_of = {name: {row["label"] for row in in_sets if row["set"] == name} for name in per_set}
    assert all(len(labels) > 1 for labels in labels_of.values())
    card = (root / "training/expertstance_training/data/README.md").read_text(encoding="utf-8")
    for figure in (f"{len(rows):,}", f"{len(in_sets):,}", f"{len(per_set):,}"):
        assert figure in card


def test_the_card_counts_the_public_labels(root: Path) -> None:
    annotations = read_annotations(shipped_annotations())
    card = (root / "training/expertstance_training/data/README.md").read_text(encoding="utf-8")
    assert f"{len(annotations):,} labels of {len({a.words for a in annotations}):,} public statements" in card
    assert f"{len({a.annotator for a in annotations})} readers" in card
    for label, count in Counter(a.label for a in annotations).items():
        assert f"{label} {count:,}" in card.replace("\n", " ")


def test_the_teachers_labels_are_whole_and_of_no_held_out_article(root: Path) -> None:
    readers, soft = read_annotations(shipped_annotations()), read_annotations(shipped_annotations(TEACHER))
    words = {a.words for a in soft}
    assert len(words) == len(soft)
    card = " ".join((root / "training/expertstance_training/data/README.md").read_text(encoding="utf-8").split())
    assert (
        f"says of {len(soft):,} public statements: {len(words & {a.words for a in readers}):,} of those above" in card
    )
    rows = []
    for annotation in soft:
        assert list(annotation.probabilities or ()) == LABELS
        assert max(annotation.probabilities or {}, key=(annotation.probabilities or {}).__getitem__) == annotation.label
        rows.append(LabelledRow.model_validate(annotation.model_dump() | {"text": "x"}))
    config = load_config(root / "configs/e5-small.yaml")
    assert split_groups(rows, holdout=config.data.holdout, seed=config.seed)[1] == []


def test_the_seed_article_is_in_no_training_statement(shared: Path) -> None:
    def runs(text: str) -> set[tuple[str, ...]]:
        words = "".join(c.lower() if c.isalnum() else " " for c in text).split()
        return {tuple(words[k : k + 4]) for k in range(len(words) - 3)}

    quotes: set[tuple[str, ...]] = set()
    for path in (shared / "seed").glob("*.txt"):
        for part in path.read_text(encoding="utf-8").split("“")[1:]:
            quotes |= runs(part.split("”")[0])
    assert quotes
    for row in corpus_rows():
        common = (runs(row["text"]) & quotes) - {("between", "the", "two", "presidents")}  # four words of any summit
        assert not common, (row["text"], common)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"text": ""}, r"b\.jsonl, line 1: text"),
        ({"label": "hopeful"}, r"b\.jsonl, line 1: label 'hopeful' is not one of"),
        ({"second": "hopeful"}, r"b\.jsonl, line 1: label 'hopeful' is not one of"),
        ({"text": "Left, optimistic WORDS!"}, r"b\.jsonl, line 1: the same text stands in .*a\.jsonl, line 1"),
        ({"topic": "left topic"}, r"topic 'left topic' stands in .*a\.jsonl and .*b\.jsonl"),
    ],
)
def test_faults_are_found(tmp_path: Path, change: dict[str, Any], fault: str) -> None:
    left, right = clean("left"), clean("right")
    paths = [write(tmp_path / "a.jsonl", left), write(tmp_path / "b.jsonl", right)]
    assert check_corpus(paths, labels=LABELS).faults == []
    right[0] |= change
    write(tmp_path / "b.jsonl", right)
    faults = check_corpus(paths, labels=LABELS).faults
    assert any(re.search(fault, found) for found in faults), faults


def test_the_same_words_with_another_context_are_another_statement(tmp_path: Path) -> None:
    rows = [*clean("a"), *({**row, "context": "The talks."} for row in clean("a"))]
    path = write(tmp_path / "a.jsonl", rows)
    assert check_corpus([path], labels=LABELS).faults == []
    write(tmp_path / "a.jsonl", [*rows, {**rows[4], "context": "the talks"}, {**rows[1], "context": " "}])
    faults = [fault for fault in check_corpus([path], labels=LABELS).faults if "the same text" in fault]
    assert [fault.rsplit(" ", 1)[1] for fault in faults] == ["5", "2"]


@pytest.mark.parametrize(
    ("readers", "agreement", "kappa"),
    [
        (["none", "none"], {"none": 1.0}, None),  # of one label there is no chance agreement to correct for
        (["none", "cautious"], {"cautious": 0.0, "none": 2 / 3}, 0.0),
    ],
)
def test_agreement_is_over_the_labels_of_both(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    readers: list[str],
    agreement: dict[str, float],
    kappa: float | None,
) -> None:
    rows = [{**row, "writer_label": "none", "reader_label": r} for row, r in zip(clean("a"), readers, strict=False)]
    path = write(tmp_path / "a.jsonl", [*rows, *clean("a")[2:]])
    result = check_corpus([path], labels=LABELS)
    assert (result.agreement, result.kappa) == (agreement, kappa)
    assert main(["data", "check", "--json", "--labels", ", ".join(LABELS), path]) == 0
    assert json.loads(capsys.readouterr().out, parse_constant=pytest.fail)["kappa"] == kappa
    assert main(["data", "check", path]) == 0
    assert f"blind reader: kappa {'–' if kappa is None else '0.000'}; " in capsys.readouterr().out


def test_near_duplicates_matter_only_over_splits(tmp_path: Path) -> None:
    run = "one two three four five six seven eight"
    left = [*clean("left"), *({"text": f"{run} {word}", "label": "none"} for word in ("left", "again"))]
    right = clean("right")
    paths = [write(tmp_path / "a.jsonl", left), write(tmp_path / "b.jsonl", right)]
    assert check_corpus(paths, labels=LABELS).faults == []
    write(tmp_path / "b.jsonl", [*right, {"text": f"So {run}.", "label": "none"}])
    (fault,) = check_corpus(paths, labels=LABELS).faults
    assert "line 5: shares a run of 8 words" in fault


def test_an_unbalanced_split_and_broken_json_are_faults(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("{\n" + "".join(f'{{"text": "x{k}", "label": "none"}}\n' for k in range(5)))
    faults = check_corpus([str(path)], labels=LABELS).faults
    assert any("line 1: no JSON" in fault for fault in faults)
    assert any("100% of 5 statements are 'none'" in fault for fault in faults)
    with pytest.raises(InputError, match="no such file"):
        check_corpus([str(tmp_path / "absent")], labels=LABELS)


@pytest.mark.parametrize(
    ("counts", "fault"),
    [
        ((7, 3), None),
        ((9, 1), "10% of 10 statements are 'con'; between 20% and 100% is balanced"),
        ((6, 2, 2), None),
        ((8, 1, 1), "80% of 10 statements are 'pro'; between 13% and 67% is balanced"),
    ],
)
def test_balance_is_measured_against_equal_shares(tmp_path: Path, counts: tuple[int, ...], fault: str | None) -> None:
    labels = ["pro", "con", "mixed"][: len(counts)]
    rows = [{"text": f"{label} {k}", "label": label} for label, n in zip(labels, counts, strict=True) for k in range(n)]
    faults = check_corpus([write(tmp_path / "a.jsonl", rows)], labels=labels).faults
    assert faults == [] if fault is None else any(found.endswith(fault) for found in faults), faults


def test_files_that_are_no_text_are_named_by_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.jsonl"
    path.write_bytes(json.dumps({"text": "a", "label": "none"}).encode() + b'\n{"text": "tr\xe8s", "label": "none"}\n')
    assert "latin.jsonl, line 2: no JSON in UTF-8" in " ".join(check_corpus([str(path)], labels=LABELS).faults)
    with pytest.raises(InputError, match=r"latin\.jsonl, line 2: .*utf-8"):
        read_rows(str(path), labels=LABELS)
    (tmp_path / "empty.jsonl").touch()
    (fault,) = check_corpus([str(tmp_path / "empty.jsonl")], labels=LABELS).faults
    assert fault.endswith("empty.jsonl: no rows that can be read")


def test_the_check_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.jsonl", [{**row, "id": k} for k, row in enumerate(clean("a"))])
    assert main(["data", "check", "--json", path]) == 0
    assert json.loads(capsys.readouterr().out)["counts"] == {path: dict.fromkeys(LABELS, 1)}
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(Path(path).read_bytes())))
    assert main(["data", "check", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"] == {"-": dict.fromkeys(LABELS, 1)}
