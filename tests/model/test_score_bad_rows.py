"""Rows that cannot be scored are rejected one by one with number and reason; files that cannot be used are refused."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expertstance import InputError, StanceClassifier, score_file

GOOD = '{"text": "the deal may fail"}\n'


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []


def rejects(output: Path) -> list[dict[str, Any]]:
    return lines(Path(f"{output}.rejects.jsonl"))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"id": 1}', "column 'text' is missing"),
        (b'{"text": ""}', "column 'text' is empty"),
        (b'{"text": " \\n\\t "}', "column 'text' is empty"),
        (b'{"text": null}', "column 'text' is null"),
        (b'{"text": 5}', "column 'text' is not a string but a number"),
        (b'{"text": true}', "column 'text' is not a string but true or false"),
        (b'{"text": ["a"]}', "column 'text' is not a string but a list"),
        (b'{"text": "' + b"x" * 100_001 + b'"}', "has 100,001 characters, at most 100,000 are scored (max_chars)"),
        (b'{"text": "a\\u0000b"}', "holds a NUL character"),
        (b'{"text": "a\0b"}', "invalid JSON"),
        (b'{"text": "a"', "invalid JSON: Expecting ',' delimiter at character 13"),
        (b"text", "invalid JSON: Expecting value at character 1"),
        (b'["text"]', "a JSON object is needed, this is list"),
        (b'{"text": "a", "text": "b"}', "key 'text' stands twice"),
        (b'{"text": "a", "n": NaN}', "NaN is no JSON number"),
        (b'{"text": "a", "n": 1e999}', "the number 1e999 is too large"),
        (b'{"text": "a \\ud800 b"}', "half of a surrogate pair"),
        (b'{"text": "caf\xe9"}', "not UTF-8: byte 0xE9 at byte 14 of the row"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"text": "a", "n": ' + b"9" * 5000 + b"}", "invalid JSON"),
    ],
)
def test_a_bad_json_line_is_rejected_alone(tiny: StanceClassifier, tmp_path: Path, line: bytes, reason: str) -> None:
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(GOOD.encode() + b"\n" + line + b"\r\n" + GOOD.encode())
    summary = score_file(source, output, classifier=tiny)
    assert (summary.scored, summary.rejected, summary.exit_code) == (2, 1, 1)
    assert summary.rejects == f"{output}.rejects.jsonl"
    assert len(lines(output)) == 2
    (reject,) = rejects(output)
    assert reason in reject["reason"]
    assert (reject["source"], reject["row"], reject["line"]) == (str(source), 2, 3)
    raw = base64.b64decode(reject["raw_base64"]) if "raw_base64" in reject else reject["raw"].encode()
    assert raw == line


@pytest.mark.parametrize(
    ("rows", "problems", "scored"),
    [
        (b"a,1\nb\nc,3\n", {2: "row has 1 cells, the header has 2"}, 2),
        (b"a,1\nb,2,3\nc,3\n", {2: "row has 3 cells, the header has 2"}, 2),
        (b"a,1\n,2\nc,3\n", {2: "column 'text' is empty"}, 2),
        (b"a,1\nb\0b,2\nc,3\n", {2: "NUL byte"}, 2),
        (b"a,1\ncaf\xe9,2\nc,3\n", {2: "not UTF-8: byte 0xE9 at byte 4 of the row"}, 2),
        (b"a,1\n\n\nc,3\n", {}, 2),
        (b'a,1\n"b\nc,3\nd,4\n', {2: "damaged row: unexpected end of data"}, 3),
        (b'a,1\n"b"x,2\nc,3\n', {2: "damaged row: ',' expected after '\"'"}, 2),
        (b'a,1\n"b ""and""\n c",2\n', {}, 2),
        (b'a,1\n"b\nc,3\n"d"e,4\nf,5\n', {2: "damaged row"}, 4),
        (b"a,1\r\nb\rb,2\nc,3\r\n", {2: "damaged row"}, 2),
    ],
)
def test_a_bad_csv_row_is_rejected_alone(
    tiny: StanceClassifier, tmp_path: Path, rows: bytes, problems: dict[int, str], scored: int
) -> None:
    source, output = tmp_path / "in.csv", tmp_path / "out.jsonl"
    source.write_bytes(b"text,n\n" + rows)
    summary = score_file(source, output, classifier=tiny)
    found = {entry["row"]: entry["reason"] for entry in rejects(output)}
    for row, problem in problems.items():
        assert problem in found[row]
    if scored == 4:  # an unclosed quotation mark before a damaged one costs both lines, nothing more
        assert (summary.scored, summary.rejected) == (3, 2)
    else:
        assert (summary.scored, found.keys()) == (scored, problems.keys())


def test_an_unclosed_quotation_mark_costs_one_line_not_the_file(tiny: StanceClassifier, tmp_path: Path) -> None:
    source, output = tmp_path / "in.csv", tmp_path / "out.jsonl"
    source.write_text('text,n\n"lost,0\n' + "".join(f"the deal may fail,{k}\n" for k in range(3000)))
    summary = score_file(source, output, classifier=tiny)
    assert (summary.scored, summary.rejected) == (3000, 1)
    assert rejects(output)[0]["raw"] == '"lost,0'
    assert rejects(output)[0]["line"] == 2


MIB = 2**20


@pytest.mark.parametrize(
    ("name", "row", "kept"),
    [
        ("in.jsonl", b'{"text": "' + b"x" * 33 * MIB + b'"}', ['{"text": "' + "x" * 990]),
        ("in.csv", b"x" * 33 * MIB + b",2", ["x" * 1000]),
        ("in.csv", b"it may,2" + b" " * 33 * MIB + b"it may,2", ["it may,2" + " " * 992]),
        ("in.csv", b'"' + b"x" * 20 * MIB + b"\n" + b"y" * 20 * MIB + b'",2', ['"' + "x" * 999]),
        ("in.csv", b'"lost,0\n' + b"x" * 33 * MIB, ['"lost,0', "x" * 1000]),
    ],
)
def test_a_row_above_32_mib_is_rejected_once(
    tiny: StanceClassifier, tmp_path: Path, name: str, row: bytes, kept: list[str]
) -> None:
    source, output = tmp_path / name, tmp_path / "out.jsonl"
    good, head = (GOOD.encode(), b"") if name == "in.jsonl" else (b"it may work,1\n", b"text,n\n")
    source.write_bytes(head + good + row + b"\n" + good)
    summary = score_file(source, output, classifier=tiny)
    assert (summary.scored, summary.rejected) == (2, len(kept))
    assert [(entry["row"], entry["raw"]) for entry in rejects(output)] == list(enumerate(kept, start=2))
    assert "row has more than 33,554,432 bytes; only its beginning is kept here" in rejects(output)[-1]["reason"]


def test_large_cells_are_kept(tiny: StanceClassifier, tmp_path: Path) -> None:
    cell = "x y" * 350_000
    (tmp_path / "in.csv").write_text(f"text,note\nit may work,{cell}\nit may fail,\n")
    assert score_file(tmp_path / "in.csv", tmp_path / "a.jsonl", classifier=tiny).exit_code == 0
    assert lines(tmp_path / "a.jsonl")[0]["note"] == cell
    assert score_file(tmp_path / "a.jsonl", tmp_path / "b.csv", classifier=tiny, chunk_rows=1).exit_code == 0
    assert score_file(tmp_path / "b.csv", tmp_path / "c.parquet", classifier=tiny).exit_code == 0
    assert pq.read_table(tmp_path / "c.parquet")["note"].to_pylist() == [cell, ""]


def test_byte_order_marks_and_line_ends_of_windows(tiny: StanceClassifier, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(b"\xef\xbb\xbftext,n\r\nit may work,1\r\n")
    (tmp_path / "in.jsonl").write_bytes(b"\xef\xbb\xbf" + GOOD.encode().replace(b"\n", b"\r\n"))
    for name in ("in.csv", "in.jsonl"):
        summary = score_file(tmp_path / name, tmp_path / "out.jsonl", classifier=tiny, overwrite=True)
        assert (summary.scored, summary.rejected) == (1, 0)
    assert next(iter(lines(tmp_path / "out.jsonl")[0])) == "text"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("in.csv", b"", "no header in the first line"),
        ("in.csv", b"\n\ntext\na\n", "no header in the first line"),
        ("in.csv", b"id,quote\n1,a\n", "no column 'text'; it has 'id', 'quote'; name the one with --text-column"),
        ("in.csv", b"id;text\n1;a\n", "it has 'id;text', so the cells are not parted by ','; convert the file"),
        ("in.csv", b"id\ttext\n1\ta\n", r"it has 'id\\ttext', .* tsv"),
        ("in.csv", b"text,id,text\na,1,b\n", "the header names column 'text' twice"),
        ("in.csv", b"text,caf\xe9\na,b\n", "the header is not UTF-8.*iconv -f WINDOWS-1252"),
        ("in.csv", "text,id\na,b\n".encode("utf-16"), "the header is not UTF-8.*iconv -f UTF-16"),
        ("in.csv", b"t\0e\0x\0t\0\n", "NUL bytes in the header"),
        ("in.csv", b'"text\n', "the header row is damaged"),
        ("in.csv", b"text,id\ra,1\rb,2\r", "the header row is damaged"),
        ("in.parquet", b"PAR1 no parquet", "not readable as Parquet"),
        ("in.parquet", b"PAR1" + b"\xff" * 32 + b"\x20\0\0\0PAR1", "not readable as Parquet"),
        ("in.jsonl.gz", gzip.compress(GOOD.encode() * 900)[:50], r"cannot be read further \(Truncated"),
        ("in.jsonl.gz", GOOD.encode(), "cannot be read further"),
        ("in.csv.gz", b"text\nno gzip\n", "cannot be read further"),
        ("in.xlsx", b"PK", "the name tells no format"),
        ("in.parquet.gz", b"", "Parquet is compressed inside"),
    ],
)
def test_an_unusable_file_is_refused(
    tiny: StanceClassifier, tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        score_file(tmp_path / name, tmp_path / "out.jsonl", classifier=tiny)
    assert str(tmp_path / name) in str(caught.value)
    assert not (tmp_path / "out.jsonl").exists()


def test_parquet_rows(tiny: StanceClassifier, tmp_path: Path) -> None:
    source = tmp_path / "in.parquet"
    bad = pa.array([b"caf\xe9"], pa.binary()).view(pa.string())
    texts = pa.concat_arrays([pa.array(["it may work", None, "", "x" * 100_001]), bad, pa.array(["a\0b", "fine"])])
    pq.write_table(pa.table({"text": texts, "n": range(7)}), source)
    for output in (tmp_path / "out.parquet", tmp_path / "out.jsonl"):
        summary = score_file(source, output, classifier=tiny)
        assert (summary.scored, summary.rejected) == (2, 5)
        assert [entry["row"] for entry in rejects(output)] == [2, 3, 4, 5, 6]
        assert "not UTF-8" in rejects(output)[3]["reason"]
        assert rejects(output)[0]["raw"] == {"text": None, "n": 1}
    assert pq.read_table(tmp_path / "out.parquet")["n"].to_pylist() == [0, 6]
    pq.write_table(pa.table({"text": [1, 2]}), source)
    with pytest.raises(InputError, match="column 'text' is of type int64, text is needed"):
        score_file(source, tmp_path / "no.parquet", classifier=tiny)


def test_dates_that_python_cannot_hold_stay_numbers(tiny: StanceClassifier, tmp_path: Path) -> None:
    far = pa.array([0, 10**17], pa.timestamp("ms"))
    columns = {
        "text": pa.array(["it may work", "it will fail"]),
        "far": far,
        "day": pa.array([0, 10**8], pa.date32()),
        "zone": pa.array([5, None], pa.timestamp("us", "Mars/Base")),
        "nested": pa.StructArray.from_arrays([far, pa.array([[far[1].value], []])], ["when", "list"]),
        "coded": far.dictionary_encode(),
    }
    pq.write_table(pa.table(columns), tmp_path / "in.parquet")
    assert score_file(tmp_path / "in.parquet", tmp_path / "out.jsonl", classifier=tiny).exit_code == 0
    first, second = lines(tmp_path / "out.jsonl")
    assert (first["far"], first["day"], first["zone"]) == ("1970-01-01T00:00:00", "1970-01-01", 5)
    assert (second["far"], second["day"], second["zone"]) == (10**17, 10**8, None)
    assert second["nested"] == {"when": 10**17, "list": []}
    assert (first["coded"], second["coded"]) == ("1970-01-01T00:00:00", 10**17)


def test_parquet_rows_with_other_columns_that_are_no_text(tiny: StanceClassifier, tmp_path: Path) -> None:
    bad = pa.array([b"caf\xe9", b"fine"], pa.binary()).view(pa.string())
    for name, column in (("plain", bad), ("nested", pa.StructArray.from_arrays([bad], ["x"]))):
        pq.write_table(pa.table({"text": ["it may work", "it will fail"], "n": column}), tmp_path / f"{name}.parquet")
        output = tmp_path / f"{name}.jsonl"
        assert score_file(tmp_path / f"{name}.parquet", output, classifier=tiny).exit_code == 1
        assert [row["text"] for row in lines(output)] == ["it will fail"]
        assert "not UTF-8: byte 0xE9" in rejects(output)[0]["reason"]


def test_keys_used_as_values_are_no_columns(tiny: StanceClassifier, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps({"text": "it may", f"k{k}": k}) + "\n" for k in range(2005)))
    summary = score_file(source, tmp_path / "out.csv", classifier=tiny)
    assert (summary.scored, summary.rejected) == (1999, 6)
    assert "too many new columns" in rejects(tmp_path / "out.csv")[0]["reason"]
    assert score_file(source, tmp_path / "out.jsonl", classifier=tiny).exit_code == 0


def test_all_rows_bad(tiny: StanceClassifier, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text("no\nrow\n")
    summary = score_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl", classifier=tiny)
    assert (summary.scored, summary.rejected, summary.exit_code) == (0, 2, 2)
    assert len(rejects(tmp_path / "out.jsonl")) == 2
    assert (tmp_path / "out.jsonl").read_bytes() == b""
    (tmp_path / "in.csv").write_text("id,label,text\n1,x,\n")
    assert score_file(tmp_path / "in.csv", tmp_path / "out.tsv", classifier=tiny).exit_code == 2
    assert (tmp_path / "out.tsv").read_text().startswith("id\tinput_label\ttext\tlabel\tscore\t")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.lists(
        st.one_of(st.binary(max_size=30), st.sampled_from([GOOD.encode(), b'"', b"\n", b"a,b\n", b'"a\nb",c\n'])),
        max_size=12,
    ).map(b"".join),
    name=st.sampled_from(["in.jsonl", "in.csv", "in.tsv"]),
)
def test_any_bytes_are_counted_once(tiny: StanceClassifier, tmp_path: Path, data: bytes, name: str) -> None:
    source, output = tmp_path / name, tmp_path / "out.jsonl"
    source.write_bytes(data if name == "in.jsonl" else (b"text,n\n" if name == "in.csv" else b"text\tn\n") + data)
    summary = score_file(source, output, classifier=tiny, overwrite=True, chunk_rows=3)
    assert summary.rows == summary.scored + summary.rejected
    assert len(lines(output)) == summary.scored
    rows = [entry["row"] for entry in rejects(output)]
    assert len(set(rows)) == summary.rejected
    assert all(1 <= row <= summary.rows for row in rows)
