"""Every file of JSON lines is read alike: blank lines and a byte order mark do no harm, faults have one form."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from expertstance import InputError
from expertstance.samples import read_samples
from expertstance_eval.config import Dataset
from expertstance_eval.sources import read_samples as read_data_set
from expertstance_training.check import check_corpus
from expertstance_training.hydrate import hydrate, read_annotations
from expertstance_training.rows import read_rows

ROW = {"id": "a", "text": "the plan", "label": "none", "words": "x", "source": "s", "article_id": "1", "second": None}


def check(path: Path) -> int:
    result = check_corpus([str(path)], labels=["none"])
    if result.faults:
        raise InputError(result.faults[0])
    return result.counts[str(path)].total()


def annotations(path: Path) -> int:
    path.write_bytes(path.read_bytes().replace(b'"id": "a", "text": "the plan"', b'"annotator": "r"'))
    return len(read_annotations(path))


READERS: dict[str, Callable[[Path], Any]] = {
    "gate": lambda path: len(read_samples(path)),
    "evaluate": lambda path: len(list(read_data_set(Dataset(path=str(path)), labels=["none"]))),
    "train": lambda path: len(read_rows(str(path), labels=["none"])),
    "check": check,
    "hydrate": lambda path: 1 + len(hydrate([], [path])[0]),
    "annotations": annotations,
}


@pytest.mark.parametrize("reader", READERS)
def test_blank_lines_and_a_mark_at_the_start_do_no_harm(tmp_path: Path, reader: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(ROW).encode() + b"\r\n  \n\n")
    assert READERS[reader](path) == 1


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{text}", "no JSON in UTF-8"),
        (b'{"text": "\xe9"}', "no JSON in UTF-8"),
        (b"\xef\xbb\xbf{}", "no JSON in UTF-8"),
        (b"[" * 100_000, "no JSON in UTF-8"),
        (b"[1]", "not a JSON object"),
    ],
)
def test_a_line_that_holds_no_object_is_named_in_one_form(
    tmp_path: Path, reader: str, line: bytes, message: str
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(json.dumps(ROW).encode() + b"\n\n" + line + b"\n")
    with pytest.raises(InputError) as caught:
        READERS[reader](path)
    assert str(caught.value).startswith(f"{path}, line 3: {message}")
    assert str(caught.value).endswith("; mend or remove the line")
    assert "\n" not in str(caught.value)
