"""Stand-off labels: hashes of words, and back to rows with a user's own copy of the texts."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expertstance import InputError
from expertstance.cli.main import main
from expertstance_training.hydrate import hydrate, read_annotations, words_hash

TEXTS = ["We will see, he said.", "Nobody knows yet.", "It will fail!"]


@pytest.fixture
def annotations(tmp_path: Path) -> Path:
    path = tmp_path / "annotations.jsonl"
    rows = [
        {"words": words_hash(text), "source": "x", "article_id": "1", "label": "none", "second": None, "annotator": "a"}
        for text in TEXTS
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@given(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=8))
def test_only_words_count(words: list[str]) -> None:
    assert words_hash(" ".join(words)) == words_hash("“" + ",  ".join(word.upper() for word in words) + ".”\n")
    assert words_hash(" ".join([*words, "more"])) != words_hash(" ".join(words))


def test_rows_come_back_in_the_order_of_the_labels(annotations: Path, tmp_path: Path) -> None:
    collection = tmp_path / "texts.jsonl.gz"
    with gzip.open(collection, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps({"text": text, "extra": 1}) + "\n" for text in [TEXTS[2], "other words", TEXTS[0]])
    rows, missing = hydrate(read_annotations(annotations), [collection])
    assert [row["text"] for row in rows] == [TEXTS[0], TEXTS[2]]
    assert missing == 1
    assert set(rows[0]) == {"text", "source", "article_id", "label", "second", "annotator", "probabilities"}


@pytest.mark.parametrize("kind", [str, int])
def test_statements_are_cut_out_of_articles(tmp_path: Path, kind: type) -> None:
    article = "Café owners were sure that it would pass. “It is early,” one said, “but it will.”"
    parts = ["it would pass", "It is early,", "but it will."]
    where = [(article.index(part), article.index(part) + len(part)) for part in parts]
    rows = [
        {"words": words_hash(text), "spans": spans, "source": "x", "article_id": "7", "label": "none", "second": None}
        for text, spans in ((parts[0], where[:1]), (f"{parts[1]} {parts[2]}", where[1:]), ("other words", where[:1]))
    ]
    path, collection = tmp_path / "annotations.jsonl", tmp_path / "articles.jsonl"
    path.write_text("".join(json.dumps(row | {"annotator": "a"}) + "\n" for row in rows), encoding="utf-8")
    articles = [{"id": kind("6"), "text": "it would pass through"}, {"id": kind("7"), "text": article}]
    collection.write_text("".join(json.dumps(row) + "\n" for row in articles), encoding="utf-8")
    found, missing = hydrate(read_annotations(path), [collection])
    assert [row["text"] for row in found] == ["it would pass", "It is early, but it will."]
    assert missing == 1
    assert "spans" not in found[0]


def test_a_models_distribution_comes_along(tmp_path: Path) -> None:
    shares = {"optimistic": 0.25, "none": 0.75}
    row = {"words": words_hash(TEXTS[0]), "source": "x", "article_id": "1", "label": "none", "second": None}
    path, collection = tmp_path / "soft.jsonl.gz", tmp_path / "texts.jsonl"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(json.dumps(row | {"annotator": "model", "probabilities": shares}))
    collection.write_text(json.dumps({"text": TEXTS[0]}) + "\n", encoding="utf-8")
    rows, missing = hydrate(read_annotations(path), [collection])
    assert (rows[0]["probabilities"], missing) == (shares, 0)


def test_the_command_tells_what_is_missing(
    annotations: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    collection, out = tmp_path / "texts.jsonl", tmp_path / "out.jsonl"
    collection.write_text("".join(json.dumps({"text": text}) + "\n" for text in TEXTS), encoding="utf-8")
    arguments = ["data", "hydrate", str(collection), "--annotations", str(annotations), "-o", str(out)]
    assert main(arguments) == 0
    assert len(out.read_text(encoding="utf-8").splitlines()) == 3
    assert main(arguments) == 2
    assert "exists; give --overwrite" in capsys.readouterr().err
    collection.write_text(json.dumps({"text": TEXTS[0]}) + "\n", encoding="utf-8")
    assert main([*arguments, "--overwrite"]) == 1
    assert "2 of 3 labels found no text" in capsys.readouterr().err


def test_bad_files_are_named(annotations: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    for line, message in (("[]", "not a JSON object"), ("{}", "text: it is missing"), ('{"text": 1}', "text: ")):
        bad.write_text('{"text": "fine"}\n' + line + "\n", encoding="utf-8")
        with pytest.raises(InputError, match=f"line 2: {message}"):
            hydrate(read_annotations(annotations), [bad])
    (tmp_path / "cut.jsonl.gz").write_bytes(gzip.compress(b'{"text": "fine"}\n' * 100)[:-9])
    with pytest.raises(InputError, match=r"cut\.jsonl\.gz cannot be read"):
        hydrate(read_annotations(annotations), [tmp_path / "cut.jsonl.gz"])
    with pytest.raises(InputError, match="cannot be read"):
        hydrate(read_annotations(annotations), [tmp_path / "absent.jsonl"])
    with pytest.raises(InputError, match=r"line 1: words: it is missing; mend or remove the line"):
        read_annotations(bad)
