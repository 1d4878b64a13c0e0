"""Batch scoring of good files: formats, columns, order, several inputs, articles, repeated texts."""

import csv
import gzip
import json
import os
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expertstance import InputError, StanceClassifier, score_file
from expertstance.scoring import ScoreJob, ScoreSummary
from expertstance.scoring.job import make_plan

TEXTS = ["The deal will fail.", "We hope it may work.", "nobody knows yet", "The deal will fail."]
ADDED = "label,score,p_optimistic,p_cautious,p_skeptical,p_none,abstained,reason,windows,model,revision".split(",")


def write_jsonl(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_csv(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def test_json_lines_keep_every_column_and_gain_the_predictions(tiny: StanceClassifier, tmp_path: Path) -> None:
    rows = [
        {"id": k, "text": text, "nested": {"a": [1, 2.5, None, {"b": "ü"}]}, "big": 2**70, "none": None}
        for k, text in enumerate(TEXTS)
    ]
    rows[2]["late"] = "new"
    source = write_jsonl(tmp_path / "in.jsonl", rows)
    summary = score_file(source, tmp_path / "out.jsonl", classifier=tiny)
    out = read_jsonl(tmp_path / "out.jsonl")
    assert [{k: v for k, v in row.items() if k not in ADDED} for row in out] == rows
    assert list(out[0]) == [*rows[0], *ADDED]
    for row, p in zip(out, tiny.predict(TEXTS), strict=True):
        assert (row["label"], row["abstained"], row["reason"]) == (p.label, p.abstained, p.reason)
        assert row["score"] == pytest.approx(p.score, abs=1e-5)
        assert [row[f"p_{label}"] for label in tiny.classes_] == pytest.approx(list(p.scores.values()), abs=1e-5)
        assert (row["model"], row["revision"], row["windows"]) == ("tiny", tiny.revision, 1)
    assert (summary.rows, summary.scored, summary.rejected, summary.exit_code) == (4, 4, 0, 0)
    assert summary.rejects is None
    assert (summary.device, summary.precision) == ("cpu", "fp32")
    assert summary.statements_per_second > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl", "out.jsonl.run.json"]


SOURCES = ["i.csv", "i.tsv", "i.jsonl", "i.parquet", "i.jsonl.gz", "i.csv.zst"]
OUTPUTS = ["o.csv", "o.tsv", "o.parquet", "o.csv.gz", "o.jsonl.gz", "o.jsonl.zst", "o.tsv.zst"]
PAIRS = [*((s, "o.jsonl") for s in SOURCES), *(("i.csv", o) for o in OUTPUTS), ("i.parquet", "o.parquet")]


@pytest.mark.parametrize(("source", "output"), PAIRS)
def test_every_format_gives_the_same_rows(tiny: StanceClassifier, tmp_path: Path, source: str, output: str) -> None:
    rows = [{"id": str(k), "text": text, "note": 'a "b", c\nd\te'} for k, text in enumerate(TEXTS)]
    expected = tmp_path / "expected.jsonl"
    score_file(write_jsonl(tmp_path / "plain.jsonl", rows), expected, classifier=tiny)
    score_file(put(tmp_path / source, rows), tmp_path / output, classifier=tiny)
    found = get(tmp_path / output)
    assert len(found) == len(TEXTS)
    for row, wanted in zip(found, read_jsonl(expected), strict=True):
        assert list(row) == list(wanted)
        if "parquet" in output or "jsonl" in output:
            assert row == wanted
        else:
            assert row == {
                k: "" if v is None else v if isinstance(v, str) else json.dumps(v) for k, v in wanted.items()
            }


def put(path: Path, rows: list[dict[str, str]]) -> Path:
    plain = path.with_suffix("") if path.suffix in (".gz", ".zst") else path
    if plain.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), plain)
    elif plain.suffix == ".jsonl":
        write_jsonl(plain, rows)
    else:
        with plain.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), delimiter="\t" if plain.suffix == ".tsv" else ",")
            writer.writeheader()
            writer.writerows(rows)
    if path != plain:
        with pa.output_stream(str(path), compression="detect") as stream:
            stream.write(plain.read_bytes())
        plain.unlink()
    return path


def get(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()  # type: ignore[no-any-return]
    with pa.input_stream(str(path), compression="detect") as stream:
        plain = path.parent / "unpacked"
        plain.write_bytes(stream.read())
    return read_jsonl(plain) if "jsonl" in path.name else read_csv(plain, "\t" if "tsv" in path.name else ",")


def test_parquet_types_are_kept(tiny: StanceClassifier, tmp_path: Path) -> None:
    table = pa.table(
        {
            "when": pa.array([0, 10**6, None], pa.timestamp("us", "UTC")),
            "text": pa.array(TEXTS[:3]).dictionary_encode(),
            "amount": pa.array([1, 2, 3], pa.decimal128(9, 2)),
            "list": pa.array([[1], [], None], pa.list_(pa.int16())),
            "label": pa.array([0.5, None, 1.0]),
        }
    )
    pq.write_table(table, tmp_path / "in.parquet")
    score_file(tmp_path / "in.parquet", tmp_path / "out.parquet", classifier=tiny, chunk_rows=2)
    out = pq.read_table(tmp_path / "out.parquet")
    assert out.schema.names == ["when", "text", "amount", "list", "input_label", *ADDED]
    for name in ("when", "text", "amount", "list"):
        assert out.schema.field(name).type == table.schema.field(name).type
        assert out[name].to_pylist() == table[name].to_pylist()
    assert out["input_label"].to_pylist() == [0.5, None, 1.0]
    assert out.schema.field("windows").type == pa.int64()
    score_file(tmp_path / "in.parquet", tmp_path / "out.jsonl", classifier=tiny)
    first = read_jsonl(tmp_path / "out.jsonl")[0]
    assert (first["when"], first["amount"], first["list"]) == ("1970-01-01T00:00:00+00:00", "1.00", [1])


@pytest.mark.parametrize("kind", [pa.string_view(), pa.list_(pa.binary_view())])
def test_views_are_kept(tiny: StanceClassifier, tmp_path: Path, kind: pa.DataType) -> None:
    values = ["a", None, "b", "c" * 20] if kind == pa.string_view() else [[b"a"], None, [], [b"b", b"c" * 20]]
    texts = pa.array([TEXTS[0], "", TEXTS[1], TEXTS[2]], pa.string_view())
    pq.write_table(pa.table({"text": texts, "n": pa.array(values, kind)}), tmp_path / "in.parquet")
    score_file(tmp_path / "in.parquet", tmp_path / "out.parquet", classifier=tiny)
    out = pq.read_table(tmp_path / "out.parquet")
    assert out["text"].to_pylist() == TEXTS[:3]
    assert (out.schema.field("n").type, out["n"].to_pylist()) == (kind, [values[0], *values[2:]])


def test_json_types_in_a_parquet_output(tiny: StanceClassifier, tmp_path: Path) -> None:
    values: dict[str, list[Any]] = {
        "int": [1, None, 3],
        "float": [1, 2.5, None],
        "bool": [True, False, None],
        "string": ["a", None, ""],
        "mixed": ["a", 1, None],
        "nested": [{"a": 1}, [2], None],
        "huge": [2**70, 1, None],
        "nothing": [None, None, None],
    }
    rows = [{"text": TEXTS[k], **{name: cells[k] for name, cells in values.items()}} for k in range(3)]
    score_file(write_jsonl(tmp_path / "in.jsonl", rows), tmp_path / "out.parquet", classifier=tiny)
    out = pq.read_table(tmp_path / "out.parquet")
    types = {name: str(out.schema.field(name).type) for name in values}
    assert types == {
        "int": "int64",
        "float": "double",
        "bool": "bool",
        "string": "string",
        "mixed": "string",
        "nested": "string",
        "huge": "string",
        "nothing": "string",
    }
    assert out["mixed"].to_pylist() == ['"a"', "1", None]
    assert out["nested"].to_pylist() == ['{"a": 1}', "[2]", None]
    assert out["huge"].to_pylist() == [str(2**70), "1", None]
    assert out["float"].to_pylist() == [1.0, 2.5, None]


def test_columns_in_the_way_are_renamed(tiny: StanceClassifier, tmp_path: Path) -> None:
    source = write_jsonl(
        tmp_path / "in.jsonl", [{"text": TEXTS[0], "label": "gold", "input_label": "mine", "score": 3}]
    )
    score_file(source, tmp_path / "out.jsonl", classifier=tiny)
    row = read_jsonl(tmp_path / "out.jsonl")[0]
    assert (row["input_input_label"], row["input_label"], row["input_score"]) == ("gold", "mine", 3)
    assert row["label"] in tiny.classes_


def test_several_inputs_in_the_order_given_with_all_columns(tiny: StanceClassifier, tmp_path: Path) -> None:
    one = put(tmp_path / "one.csv", [{"text": TEXTS[0], "a": "1"}])
    two = write_jsonl(tmp_path / "two.jsonl", [{"b": 2, "text": TEXTS[1]}])
    three = put(tmp_path / "three.parquet", [{"text": TEXTS[2], "c": "3"}])
    score_file([two, one, three], tmp_path / "out.csv", classifier=tiny)
    rows = read_csv(tmp_path / "out.csv")
    assert [(row["text"], row["b"], row["a"], row["c"]) for row in rows] == [
        (TEXTS[1], "2", "", ""),
        (TEXTS[0], "", "1", ""),
        (TEXTS[2], "", "", "3"),
    ]
    assert list(rows[0])[:4] == ["b", "text", "a", "c"]
    pq.write_table(pa.table({"n": pa.array([1], pa.int32()), "text": [TEXTS[0]]}), tmp_path / "four.parquet")
    pq.write_table(pa.table({"n": pa.array([2**40]), "text": [TEXTS[1]]}), tmp_path / "five.parquet")
    score_file([three, tmp_path / "four.parquet", tmp_path / "five.parquet"], tmp_path / "out.parquet", classifier=tiny)
    out = pq.read_table(tmp_path / "out.parquet")
    assert out["n"].to_pylist() == [None, 1, 2**40]
    pq.write_table(pa.table({"n": ["x"], "text": [TEXTS[1]]}), tmp_path / "six.parquet")
    with pytest.raises(InputError, match=r"six\.parquet: columns do not go together"):
        score_file([tmp_path / "four.parquet", tmp_path / "six.parquet"], tmp_path / "no.parquet", classifier=tiny)


def test_context_is_used_where_a_row_has_one(tiny: StanceClassifier, tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"text": "it may work", "context": "the deal"},
        {"text": "it may work", "context": ""},
        {"text": "it may work", "context": None},
        {"text": "it may work"},
        {"text": "it may work", "context": "deal " * 300},
        {"text": "it may work", "context": 5},
    ]
    source = write_jsonl(tmp_path / "in.jsonl", rows)
    summary = score_file(source, tmp_path / "out.jsonl", classifier=tiny)
    scores = [row["score"] for row in read_jsonl(tmp_path / "out.jsonl")]
    assert scores[0] == pytest.approx(tiny.predict("it may work", context="the deal").score, abs=1e-5)
    assert scores[1:] == pytest.approx([tiny.predict("it may work").score] * 3, abs=1e-5)
    assert summary.rejected == 2
    reasons = {r["row"]: r["reason"] for r in read_jsonl(tmp_path / "out.jsonl.rejects.jsonl")}
    assert reasons[5] == "context has 300 word pieces, at most 128 fit; shorten it"
    assert reasons[6] == "column 'context' is not a string but a number"
    score_file(source, tmp_path / "without.jsonl", classifier=tiny, context_column=None)
    assert len({row["score"] for row in read_jsonl(tmp_path / "without.jsonl")}) == 1


def test_a_repeated_text_is_computed_once_a_chunk(tiny: StanceClassifier, tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "in.jsonl", [{"text": "the deal may fail", "n": k} for k in range(50)])
    summary = score_file(source, tmp_path / "out.jsonl", classifier=tiny)
    tokens = tiny.predict("the deal may fail").n_tokens
    assert summary.tokens_per_second * summary.seconds == pytest.approx(tokens)
    assert summary.scored == 50
    assert len({row["score"] for row in read_jsonl(tmp_path / "out.jsonl")}) == 1


def test_a_long_statement_is_scored_in_windows(tiny: StanceClassifier, tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "in.jsonl", [{"text": "deal " * 700}])
    score_file(source, tmp_path / "out.jsonl", classifier=tiny)
    assert read_jsonl(tmp_path / "out.jsonl")[0]["windows"] == 4


def test_a_context_column_that_no_row_of_json_lines_has_is_refused(tiny: StanceClassifier, tmp_path: Path) -> None:
    source = write_jsonl(
        tmp_path / "in.jsonl", [{"text": "it may work"}, {"text": "it may work", "matter": "the deal"}]
    )
    with pytest.raises(InputError, match=r"in\.jsonl: no row has the column 'mater'; mend --context-column"):
        score_file(source, tmp_path / "out.jsonl", context_column="mater", classifier=tiny)
    assert not (tmp_path / "out.jsonl").exists()
    score_file(source, tmp_path / "out.jsonl", context_column="matter", classifier=tiny)
    assert read_jsonl(tmp_path / "out.jsonl")[1]["score"] == pytest.approx(
        tiny.predict("it may work", context="the deal").score, abs=1e-5
    )


def test_articles_become_a_row_per_statement(tiny: StanceClassifier, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    (folder / "sub").mkdir(parents=True)
    (folder / "b.txt").write_text(
        "A port reopened on Friday.\n\n"
        '"The quay will hold for years," said Mara Oduya, chief engineer at Tidewater Works. "We hope it may."\n',
        encoding="utf-8",
    )
    (folder / "a.json").write_text(json.dumps({"title": "Hm", "text": "Nothing was said by anybody there today."}))
    (folder / "sub" / "c.txt").write_bytes(b"\0\1\2 no text")
    (folder / "notes.pdf").write_bytes(b"%PDF")
    summary = score_file(folder, tmp_path / "out.jsonl", articles=True, classifier=tiny)
    rows = read_jsonl(tmp_path / "out.jsonl")
    assert len(rows) >= 1
    assert {row["article_id"] for row in rows} == {"b.txt"}
    text = (folder / "b.txt").read_text(encoding="utf-8")
    for row in rows:
        assert row["speaker"] == "Mara Oduya"
        assert "engineer" in row["role"]
        assert row["affiliation"] == "Tidewater Works"
        assert " ".join(text[start:end] for start, end in row["spans"]) == row["text"]
        assert row["kind"] == "direct"
        assert row["cue"] == "said"
        assert row["rule"]
        assert row["label"] in tiny.classes_
    assert summary.rejected == 1
    reject = read_jsonl(tmp_path / "out.jsonl.rejects.jsonl")[0]
    assert reject["source"].endswith("sub/c.txt")
    assert "NUL" in reject["reason"]
    score_file(folder, tmp_path / "out.parquet", articles=True, classifier=tiny)
    assert json.loads(pq.read_table(tmp_path / "out.parquet")["spans"].to_pylist()[0]) == rows[0]["spans"]


def test_a_denial_in_an_article_is_scored_as_in_its_analysis(tiny: StanceClassifier, tmp_path: Path) -> None:
    article = "The mayor denied that the dam was weak."
    (tmp_path / "a.txt").write_text(article, encoding="utf-8")
    score_file(tmp_path / "a.txt", tmp_path / "out.jsonl", articles=True, classifier=tiny)
    (row,) = read_jsonl(tmp_path / "out.jsonl")
    assert row["text"] == "the dam was weak"
    read = tiny.predict("I deny that the dam was weak")
    assert [row[f"p_{label}"] for label in read.scores] == [round(p, 6) for p in read.scores.values()]


def test_articles_of_one_name_in_two_folders_are_told_apart(tiny: StanceClassifier, tmp_path: Path) -> None:
    for name in ("north", "south"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text("“We will go,” said Ann Roth.", encoding="utf-8")
    folders = [tmp_path / "north", tmp_path / "south"]
    score_file(folders, tmp_path / "out.jsonl", articles=True, classifier=tiny)
    ids = [row["article_id"] for row in read_jsonl(tmp_path / "out.jsonl")]
    assert ids == [(folder / "a.txt").as_posix() for folder in folders]
    with pytest.raises(InputError, match=r"north/a\.txt: is named twice among the inputs"):
        score_file([*folders, folders[0]], tmp_path / "twice.jsonl", articles=True, classifier=tiny)


def test_a_file_under_two_names_is_not_scored_twice(
    tiny: StanceClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_jsonl(tmp_path / "g.jsonl", [{"text": TEXTS[0]}])
    (tmp_path / "link.jsonl").symlink_to("g.jsonl")
    (tmp_path / "arts" / "sub").mkdir(parents=True)
    (tmp_path / "arts" / "sub" / "a.txt").write_text("“We will go,” said Ann Roth.", encoding="utf-8")
    for inputs, articles, message in (
        (["g.jsonl", "./g.jsonl"], False, r"\./g\.jsonl: is named twice among the inputs, also as g\.jsonl; name"),
        (["g.jsonl", "link.jsonl"], False, r"link\.jsonl: is named twice"),
        (["g.jsonl", (tmp_path / "g.jsonl").as_uri()], False, r"file://.*g\.jsonl: is named twice"),
        (["arts", "arts/sub"], True, r"arts/sub/a\.txt: is named twice"),
    ):
        with pytest.raises(InputError, match=message):
            score_file(inputs, "out.jsonl", articles=articles, classifier=tiny)


def test_articles_are_not_overlooked(tiny: StanceClassifier, tmp_path: Path) -> None:
    article = tmp_path / "arts" / "sub" / "a.txt"
    article.parent.mkdir(parents=True)
    article.write_text("“We will go,” said Ann Roth.", encoding="utf-8")
    options: dict[str, Any] = {"articles": True, "classifier": tiny}
    with pytest.raises(InputError, match=r"a\.txt: articles are read from paths, not from URIs; copy it here first"):
        score_file(article.as_uri(), tmp_path / "o.jsonl", **options)
    article.parent.chmod(0)
    try:
        if os.access(article.parent, os.R_OK):
            pytest.skip("needs a user who may not read everything")
        with pytest.raises(InputError, match=r"arts/sub: cannot be read \(Permission denied\)"):
            score_file(tmp_path / "arts", tmp_path / "o.jsonl", **options)
    finally:
        article.parent.chmod(0o700)


def test_the_size_of_the_inputs_is_looked_up_once(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "in.jsonl", [{"text": TEXTS[0]}])
    plan = make_plan(ScoreJob(inputs=(str(source),), output=str(tmp_path / "o.jsonl")))
    size = source.stat().st_size
    source.unlink()
    assert (plan.size, plan.sources[0].size) == (size, size)


@pytest.mark.parametrize("suffix", [".md", ".TEXT", ".xhtml", ".htm"])
def test_a_folder_of_articles_is_read_by_every_suffix_that_an_article_may_have(
    tiny: StanceClassifier, tmp_path: Path, suffix: str
) -> None:
    words = "<p>“The quay will hold for years,” said Mara Oduya, chief engineer at Tidewater Works.</p>"
    text = f"<html><body><article>{words}</article></body></html>" if "htm" in suffix else words[3:-4]
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / f"a{suffix}").write_text(text, encoding="utf-8")
    assert score_file(tmp_path / "articles", tmp_path / "out.jsonl", articles=True, classifier=tiny).scored == 1


def test_guarded_cells_are_no_formulas(tiny: StanceClassifier, tmp_path: Path) -> None:
    row = {"text": "=the deal may fail", "a": "@SUM(A1)", "b": "-5.5", "c": "+1-555", "d": "plain", "=e": "\tx"}
    source = write_jsonl(tmp_path / "in.jsonl", [row])
    score_file(source, tmp_path / "raw.csv", classifier=tiny)
    assert {k: v for k, v in read_csv(tmp_path / "raw.csv")[0].items() if k in row} == row
    score_file(source, tmp_path / "safe.csv", classifier=tiny, guard_formulas=True)
    safe = read_csv(tmp_path / "safe.csv")[0]
    assert list(safe.values())[:6] == ["'=the deal may fail", "'@SUM(A1)", "-5.5", "'+1-555", "plain", "'\tx"]
    assert list(safe)[5] == "'=e"
    assert safe["score"] == read_csv(tmp_path / "raw.csv")[0]["score"]
    with pytest.raises(InputError, match="guard_formulas is for CSV and TSV"):
        score_file(source, tmp_path / "safe.jsonl", classifier=tiny, guard_formulas=True)


def test_a_file_without_rows_gives_an_output_without_rows(tiny: StanceClassifier, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text("\n\n")
    (tmp_path / "in.csv").write_text("text,id\n")
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / "in.parquet")
    for name in ("in.jsonl", "in.csv", "in.parquet"):
        for output in ("out.jsonl", "out.csv", "out.parquet"):
            summary = score_file(tmp_path / name, tmp_path / output, classifier=tiny, overwrite=True)
            assert (summary.rows, summary.exit_code) == (0, 0)
            assert get(tmp_path / output) == []
            declared = {"in.jsonl": [], "in.csv": ["text", "id"], "in.parquet": ["text"]}[name]
            if output == "out.csv":
                assert (tmp_path / output).read_text() == ",".join([*declared, *ADDED]) + "\n"
            elif output == "out.parquet":
                assert pq.read_table(tmp_path / output).schema.names == [*declared, *ADDED]


words = st.sampled_from("the deal plan talks will not fail succeed we hope doubt it may could risk".split())
statements = st.lists(words, min_size=1, max_size=30).map(" ".join)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(statements, min_size=1, max_size=25), chunk=st.integers(1, 9), order=st.randoms())
def test_chunks_and_order_change_no_label_and_no_probability(
    tiny: StanceClassifier, tmp_path: Path, texts: list[str], chunk: int, order: Any
) -> None:
    rows = [{"id": k, "text": text} for k, text in enumerate(texts)]
    shuffled = order.sample(rows, len(rows))
    one, other = tmp_path / "one.jsonl", tmp_path / "other.jsonl"
    score_file(write_jsonl(tmp_path / "a.jsonl", rows), one, classifier=tiny, overwrite=True)
    score_file(write_jsonl(tmp_path / "b.jsonl", shuffled), other, classifier=tiny, overwrite=True, chunk_rows=chunk)
    found = read_jsonl(other)
    assert [row["id"] for row in found] == [row["id"] for row in shuffled]
    expected = {row["id"]: row for row in read_jsonl(one)}
    for row in found:
        wanted = expected[row["id"]]
        assert row["label"] == wanted["label"]
        for label in tiny.classes_:
            assert abs(row[f"p_{label}"] - wanted[f"p_{label}"]) <= 1e-4


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(notes=st.lists(cells, min_size=1, max_size=6))
def test_cells_survive_every_format(tiny: StanceClassifier, tmp_path: Path, notes: list[str]) -> None:
    rows = [{"text": "the deal may fail", "note": note} for note in notes]
    source: Path = write_jsonl(tmp_path / "in.jsonl", rows)
    for name in ("a.csv", "b.tsv", "c.parquet", "d.csv.gz", "e.jsonl"):
        score_file(source, tmp_path / name, classifier=tiny, overwrite=True, text_column="text")
        source = tmp_path / name
    assert [row["note"] for row in read_jsonl(source)] == notes


def test_summary_is_plain_values(tiny: StanceClassifier, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl.gz"
    source.write_bytes(gzip.compress(b'{"text":"it may work"}\n{"text":""}\n'))
    summary: ScoreSummary = score_file(str(source), str(tmp_path / "out.jsonl"), classifier=tiny)
    values = json.loads(json.dumps(summary.to_dict()))
    assert (values["rows"], values["scored"], values["rejected"]) == (2, 1, 1)
    assert values["rejects"] == str(tmp_path / "out.jsonl.rejects.jsonl")
    assert summary.exit_code == 1


def test_clashing_columns_of_several_files_stay_apart(tiny: StanceClassifier, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,label,input_label\nit may work,a1,a2\n")
    (tmp_path / "b.csv").write_text("text,label\nit will fail,b1\n")
    for output in ("o.csv", "o.jsonl"):
        score_file([tmp_path / "a.csv", tmp_path / "b.csv"], tmp_path / output, classifier=tiny)
        first, second = get(tmp_path / output)
        assert (first["input_label"], first["input_input_label"]) == ("a2", "a1")
        assert (second.get("input_label") or "", second["input_input_label"]) == ("", "b1")


def test_numbers_that_another_files_type_cannot_hold_are_refused(tiny: StanceClassifier, tmp_path: Path) -> None:
    for name, value in (("a", 2**60 + 1), ("b", 1.5)):
        pq.write_table(pa.table({"text": ["it may work"], "n": [value]}), tmp_path / f"{name}.parquet")
    with pytest.raises(InputError, match="column 'n' is int64 in one input and double in another"):
        score_file([tmp_path / "a.parquet", tmp_path / "b.parquet"], tmp_path / "o.parquet", classifier=tiny)


def test_paths_are_paths(tiny: StanceClassifier, tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "in.jsonl", [{"text": TEXTS[0]}])
    for inputs, output, message in (
        (None, "o.jsonl", "inputs must be a path or a list of paths, got None"),
        ([source, 3], "o.jsonl", "inputs: a path is needed, got 3"),
        (source, None, "output: a path is needed, got None"),
    ):
        with pytest.raises(InputError, match=message):
            score_file(inputs, output, classifier=tiny)  # type: ignore[arg-type]


@pytest.mark.skipif(sys.platform != "linux", reason="needs file names of any bytes")
def test_file_names_that_are_no_text(tiny: StanceClassifier, tmp_path: Path) -> None:
    source = tmp_path / os.fsdecode(b"ten\xff.jsonl")
    source.write_text(json.dumps({"text": TEXTS[0]}) + "\nno row\n")
    output = tmp_path / os.fsdecode(b"out\xff.csv")
    assert score_file(source, output, classifier=tiny).exit_code == 1
    assert score_file(source, output, classifier=tiny, resume=True).resumed_at == 2
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / os.fsdecode(b"a\xff.txt")).write_text("“We will go,” said Ann Roth.")
    assert score_file(tmp_path / "articles", tmp_path / "o.jsonl", articles=True, classifier=tiny).scored == 1
    assert json.loads((tmp_path / "o.jsonl").read_text())["article_id"] == "a\\xff.txt"
