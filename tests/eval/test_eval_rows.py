"""Rows that can be scored, rows that cannot, and ready predictions."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from expertstance import InputError
from expertstance.calibration import Calibration
from expertstance_eval.config import Dataset, EvalConfig
from expertstance_eval.records import probability_faults, read_tables, stored, write_records
from expertstance_eval.run import evaluate
from expertstance_eval.sources import Sample, read_samples
from expertstance_eval.verify import verify

LABELS = ["good", "bad"]
Config = Callable[..., EvalConfig]
ROW = {"id": "a", "text": "the plan", "label": "good"}
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def write(path: Path, *rows: object) -> Dataset:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return Dataset(path=str(path))


def samples(dataset: Dataset) -> list[Sample]:
    return list(read_samples(dataset, labels=LABELS))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([ROW, {**ROW, "text": "two"}], "line 2: id 'a' stands twice"),
        ([{**ROW, "text": None}], "line 1: column 'text' must be a string, got null"),
        ([{**ROW, "label": "fine"}], r"line 1: label 'fine' is not one of \['good', 'bad'\]"),
        ([{"id": "a", "text": "b"}], r"line 1: no column 'label'; columns: \['id', 'text'\]"),
        ([[1, 2]], "line 1: not a JSON object"),
        ([{**ROW, "id": "\ud800"}], "line 1: column 'id' holds half of a surrogate pair"),
        ([{**ROW, "input_label": "bad"}], r"line 1: .* expertstance score .* give label_column: input_label"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(tmp_path: Path, rows: list[object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        samples(write(tmp_path / "rows.jsonl", *rows))


def test_broken_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    with pytest.raises(InputError, match=r"cannot be read \(No such file"):
        samples(Dataset(path=str(path)))
    path.write_text(json.dumps(ROW) + "\n{", encoding="utf-8")
    with pytest.raises(InputError, match="line 2"):
        samples(Dataset(path=str(path)))
    path.write_bytes(json.dumps(ROW).encode() + b'\n{"id": "\xff"}\n')
    with pytest.raises(InputError, match="line 2"):
        samples(Dataset(path=str(path)))


def test_a_slice_of_too_many_values_is_refused_at_the_row_that_is_too_much(tmp_path: Path) -> None:
    rows = [{**ROW, "id": str(k), "desk": f"desk {k}", "label": "bad" if k else "dropped"} for k in range(102)]
    dataset = write(tmp_path / "rows.jsonl", *rows).model_copy(
        update={"slices": ["desk"], "label_map": {"dropped": None}}
    )
    with pytest.raises(InputError, match=r"line 102: slice 'desk' has more than 100 values; slice by another column"):
        samples(dataset)
    write(tmp_path / "rows.jsonl", *rows[:-1])
    assert len(samples(dataset)) == 100


def test_a_scored_file_keeps_its_gold_under_another_name(tmp_path: Path) -> None:
    dataset = write(tmp_path / "rows.jsonl", {**ROW, "input_label": "bad"})
    assert samples(dataset.model_copy(update={"label_column": "input_label"}))[0].gold == "bad"


def test_labels_are_mapped_and_null_drops_the_row(tmp_path: Path) -> None:
    dataset = write(
        tmp_path / "rows.jsonl",
        {"id": 1, "text": "x", "label": "agree"},
        {"id": 2, "text": "y", "label": "unsure"},
        {"id": 3, "text": "z", "label": "bad"},
    ).model_copy(update={"label_map": {"agree": "good", "unsure": None}})
    assert [(s.id, s.gold) for s in samples(dataset)] == [("1", "good"), ("3", "bad")]


def test_groups_come_from_the_column_and_a_row_without_one_stands_alone(tmp_path: Path) -> None:
    rows = [{**ROW, "id": str(k), "article_id": group} for k, group in enumerate(["x", "x", None, None, "y", "", ""])]
    dataset = write(tmp_path / "rows.jsonl", *rows).model_copy(update={"group_column": "article_id"})
    groups = [s.group for s in samples(dataset)]
    assert groups[0] == groups[1]
    assert len(set(groups)) == 6


def test_a_null_context_is_none(tmp_path: Path) -> None:
    rows = [{**ROW, "id": "1", "matter": "the deal"}, {**ROW, "id": "2", "matter": None}]
    dataset = write(tmp_path / "rows.jsonl", *rows).model_copy(update={"context_column": "matter"})
    assert [s.context for s in samples(dataset)] == ["the deal", None]
    write(tmp_path / "rows.jsonl", rows[0], {**ROW, "id": "2"})
    with pytest.raises(InputError, match=r"line 2: no column 'matter'; columns: \['id', 'label', 'text'\]"):
        samples(dataset)


def test_a_data_set_without_a_row_is_named(tmp_path: Path, config: Config) -> None:
    write(tmp_path / "none.jsonl")
    with pytest.raises(InputError, match=r"none\.jsonl: data set 'none' has no row to score"):
        evaluate(config(datasets={"none": Dataset(path=str(tmp_path / "none.jsonl"))}), tmp_path / "out")


def test_slices_are_categories(tmp_path: Path) -> None:
    row = {**ROW, "text": "one two three", "flag": True, "topic": "", "note": "long " * 40}
    dataset = write(tmp_path / "rows.jsonl", row)
    sliced = dataset.model_copy(update={"slices": ["length", "flag", "topic"]})
    assert samples(sliced)[0].slices == {"length": "1-10 words", "flag": "yes", "topic": "(not given)"}
    with pytest.raises(InputError, match="'note' is no category"):
        samples(dataset.model_copy(update={"slices": ["note"]}))
    write(tmp_path / "rows.jsonl", {**row, "topic": "\udc00"})
    with pytest.raises(InputError, match="column 'topic' holds half of a surrogate pair"):
        samples(sliced)
    with pytest.raises(InputError, match="no column 'colour' to slice by"):
        samples(dataset.model_copy(update={"slices": ["colour"]}))


def test_free_words_are_sliced_by_the_words_that_stand_for_a_value(tmp_path: Path) -> None:
    roles = ["Junior minister", "bank chairman", "minister's banker", "skipper", None]
    rows = [{**ROW, "id": str(k), "role": role} for k, role in enumerate(roles)]
    words = {"role": {"state": ["minister", "mayor"], "business": ["bank", "banker"]}}
    dataset = write(tmp_path / "rows.jsonl", *rows).model_copy(update={"slices": ["role"], "slice_words": words})
    assert [s.slices["role"] for s in samples(dataset)] == ["state", "business", "state", "(other)", "(not given)"]
    with pytest.raises(ValidationError, match="slice_words names"):
        Dataset(path="x", slice_words=words)


def test_a_context_is_part_of_what_is_scored(tmp_path: Path) -> None:
    dataset = write(tmp_path / "rows.jsonl", {**ROW, "about": "prices"}, {**ROW, "id": "b", "about": "talks"})
    first, second = samples(dataset.model_copy(update={"context_column": "about"}))
    assert first.context == "prices"
    assert first.text_sha256 != second.text_sha256
    with pytest.raises(InputError, match="no column 'nothing'"):
        samples(dataset.model_copy(update={"context_column": "nothing"}))


@given(
    st.lists(
        st.tuples(names, st.sampled_from(LABELS), st.floats(-30, 30), st.floats(-30, 30), names, names),
        min_size=1,
        max_size=8,
    )
)
def test_records_read_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, content: list[tuple[str, str, float, float, str, str]]
) -> None:
    written = [
        Sample(id=key, text=text, context=None, gold=gold, group=group, slices={"kind": text})
        for key, gold, _, _, group, text in content
    ]
    logits = np.array([[a, b] for _, _, a, b, _, _ in content])
    logits[0, 0] = -np.inf
    probabilities = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    path = tmp_path_factory.mktemp("records") / "predictions.jsonl"
    with path.open("w", encoding="utf-8", newline="\n") as file:
        write_records(file, "rows", written, logits, probabilities, {"base": probabilities})
    table = read_tables(path, datasets=["rows"], labels=LABELS)["rows"]
    assert table.ids == [s.id for s in written]
    assert [LABELS[k] for k in table.gold] == [s.gold for s in written]
    np.testing.assert_allclose(table.logits, logits, rtol=5e-7)
    for read in (table.probabilities, table.baselines["base"]):
        np.testing.assert_allclose(read, probabilities, rtol=1e-6)
        np.testing.assert_allclose(read.sum(axis=1), 1, rtol=1e-15)
    codes, values = table.slices["kind"]
    assert [values[k] for k in codes] == [s.text for s in written]
    assert values == sorted(values)
    same = [[a.group == b.group for b in written] for a in written]
    assert (table.groups[:, None] == table.groups[None, :]).tolist() == same


@given(st.lists(st.floats(-2000, 2000), min_size=3, max_size=3), st.floats(0.05, 5), st.floats(0, 2000))
def test_rounding_of_large_logits_is_no_fault(logits: list[float], temperature: float, shift: float) -> None:
    calibration, given_logits = Calibration(temperature=temperature), np.array([logits]) + shift
    row = {"logits": stored(given_logits[0]), "probabilities": stored(calibration.probabilities(given_logits)[0])}
    assert list(probability_faults(row, calibration)) == []


def test_the_tolerance_of_small_logits_stays_small() -> None:
    row = {"logits": [1.0, -9.0, None], "probabilities": [0.999954602, 4.53979e-05, 0.0]}
    assert list(probability_faults(row, Calibration())) == []
    row["probabilities"] = [0.999952602, 4.73979e-05, 0.0]
    assert "2e-06 away" in next(probability_faults(row, Calibration()))


def scored(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    shares = [0.7, 0.1, 0.1, 0.1]
    names = ["optimistic", "cautious", "skeptical", "none"]
    return [
        {"id": row["id"], **{f"p_{name}": shares[(k + j) % 4] for j, name in enumerate(names)}}
        for k, row in enumerate(rows)
    ]


@pytest.fixture
def with_predictions(config: Config) -> Callable[[], EvalConfig]:
    return lambda: config(
        model=None, datasets={"rows": {"path": "data.jsonl", "predictions": "scored.jsonl", "slices": ["kind"]}}
    )


def test_ready_predictions_are_measured_without_a_model(
    tmp_path: Path, data: Path, rows: list[dict[str, Any]], with_predictions: Callable[[], EvalConfig]
) -> None:
    write(Path("scored.jsonl"), *scored(rows))
    results = evaluate(with_predictions(), tmp_path / "out")
    figures = results["figures"]["datasets"]["rows"]
    assert results["inputs"]["model"] is None
    assert figures["calibration"]["before"] is None
    predicted = ["optimistic", "none", "skeptical", "cautious"]
    accuracy = np.mean([row["label"] == predicted[k % 4] for k, row in enumerate(rows)])
    assert figures["model"]["accuracy"] == pytest.approx(float(accuracy), abs=1e-6)
    assert verify(tmp_path / "out", rerun=True).faults == []


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda rows: rows[:-1], "ends before this row"),
        (lambda rows: [*rows, {**rows[0], "id": "more"}], "has more rows"),
        (lambda rows: [rows[1], rows[0], *rows[2:]], "must keep the rows' order"),
        (lambda rows: [{**rows[0], "p_none": 0.9}, *rows[1:]], "sum to 1.8000, not 1"),
        (lambda rows: [{**rows[0], "p_none": None}, *rows[1:]], "must be probabilities"),
    ],
)
def test_predictions_that_do_not_fit_the_rows_are_refused(
    tmp_path: Path,
    data: Path,
    rows: list[dict[str, Any]],
    with_predictions: Callable[[], EvalConfig],
    spoil: Callable[[list[dict[str, Any]]], list[dict[str, Any]]],
    message: str,
) -> None:
    write(Path("scored.jsonl"), *spoil(scored(rows)))
    with pytest.raises(InputError, match=message):
        evaluate(with_predictions(), tmp_path / "out")


def test_texts_are_held_a_chunk_at_a_time(tmp_path: Path, with_predictions: Any, data: Path) -> None:
    import tracemalloc

    from expertstance_eval.classification import write_predictions

    n, text = 6000, "the plan " * 400
    big = [{"id": f"r{k}", "text": text, "label": "none", "kind": "direct"} for k in range(n)]
    write(data, *big)
    write(Path("scored.jsonl"), *scored(big))
    tracemalloc.start()
    with (tmp_path / "predictions.jsonl").open("w", encoding="utf-8") as file:
        write_predictions(with_predictions(), file, lambda _: None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.5 * n * len(text)
