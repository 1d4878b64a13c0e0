"""Checks on labelled files before anything is trained on them: ``expertstance data check [FILE...]``.

Every file is one split. Told are: rows that cannot be read, texts that stand twice, near-duplicates and groups
(topic, contrast set, article) that stand in two splits, labels that are too rare or too frequent, and, where two
annotators' labels are there, how far they agree.
"""

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field
from sklearn.metrics import cohen_kappa_score

from expertstance.errors import InputError
from expertstance.json_rows import numbered_lines, parse_model, read_lines
from expertstance_training.rows import locate

RUN = 8
"""Two statements of different splits are near-duplicates if they share a run of so many words."""
MIN_SHARE, MAX_SHARE = 0.4, 2.0
"""Every label's share of a split has to lie between these parts of an equal share: of four labels, 10 % and 50 %."""


class CorpusRow(BaseModel):
    """One statement of a corpus file; ``writer_label`` and ``reader_label`` are the two independent first labels."""

    model_config = ConfigDict(extra="allow", frozen=True)

    text: str = Field(min_length=1)
    label: str
    second: str | None = None
    context: str | None = None
    id: str | int | None = None
    topic: str | None = None
    set: str | None = None
    article_id: str | None = None
    writer_label: str | None = None
    reader_label: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """What was found; ``faults`` is empty for clean data, every fault names its file and line."""

    faults: list[str]
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    agreement: dict[str, float] = field(default_factory=dict)
    kappa: float | None = None


def check_corpus(sources: Sequence[str], *, labels: Sequence[str]) -> Check:
    """Check files that are the splits of one corpus.

    Args:
        sources: Paths, ``"-"`` for stdin, or ``corpus:train`` and so on.
        labels: The labels that may occur.

    Raises:
        InputError: A file does not exist.
    """
    faults: list[str] = []
    splits = {source: _read(source, labels, faults) for source in sources}
    _duplicates(splits, faults)
    _straddling_groups(splits, faults)
    _near_duplicates(splits, faults)
    counts = {source: Counter(row.label for _, row in rows) for source, rows in splits.items()}
    least, most = MIN_SHARE / len(labels), min(1.0, MAX_SHARE / len(labels))
    for source, count in counts.items():
        for label in labels if count else ():
            share = count[label] / count.total()
            if not least <= share <= most:
                rule = f"between {least:.0%} and {most:.0%} is balanced"
                faults.append(f"{source}: {share:.0%} of {count.total()} statements are {label!r}; {rule}")
    agreement, kappa = _agreement([row for rows in splits.values() for _, row in rows], labels)
    return Check(faults, counts, agreement, kappa)


_Split = list[tuple[int, CorpusRow]]


def _read(source: str, labels: Sequence[str], faults: list[str]) -> _Split:
    rows: _Split = []
    for number, line in numbered_lines(sys.stdin.buffer) if source == "-" else read_lines(locate(source)):
        try:
            row = parse_model(line, CorpusRow, f"{source}, line {number}")
        except InputError as error:
            faults.append(str(error))
            continue
        for label in (row.label, row.second):
            if label is not None and label not in labels:
                faults.append(f"{source}, line {number}: label {label!r} is not one of {list(labels)}")
        rows.append((number, row))
    if not rows:
        faults.append(f"{source}: no rows that can be read")
    return rows


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _duplicates(splits: dict[str, _Split], faults: list[str]) -> None:
    texts: dict[tuple[tuple[str, ...], ...], str] = {}
    ids: dict[str | int, str] = {}
    for source, rows in splits.items():
        for number, row in rows:
            place = f"{source}, line {number}"
            first = texts.setdefault((tuple(_words(row.text)), tuple(_words(row.context or ""))), place)
            if first != place:
                faults.append(f"{place}: the same text stands in {first}")
            if row.id is not None and ids.setdefault(row.id, place) != place:
                faults.append(f"{place}: id {row.id!r} stands in {ids[row.id]} too")


def _straddling_groups(splits: dict[str, _Split], faults: list[str]) -> None:
    for name in ("topic", "set", "article_id"):
        homes: dict[str, list[str]] = defaultdict(list)
        for source, rows in splits.items():
            for value in sorted({getattr(row, name) for _, row in rows} - {None}):
                homes[value].append(source)
        faults += [f"{name} {value!r} stands in {' and '.join(h)}" for value, h in homes.items() if len(h) > 1]


def _near_duplicates(splits: dict[str, _Split], faults: list[str]) -> None:
    first_seen: dict[tuple[str, ...], tuple[str, int]] = {}
    for source, rows in splits.items():
        for number, row in rows:
            words = _words(row.text)
            runs = [tuple(words[k : k + RUN]) for k in range(len(words) - RUN + 1)]
            other = next((first_seen[run] for run in runs if run in first_seen and first_seen[run][0] != source), None)
            if other is not None:
                place = f"{other[0]}, line {other[1]}"
                faults.append(f"{source}, line {number}: shares a run of {RUN} words with {place}")
            for run in runs:
                first_seen.setdefault(run, (source, number))


def _agreement(rows: Sequence[CorpusRow], labels: Sequence[str]) -> tuple[dict[str, float], float | None]:
    """Specific agreement per label (Dice, 1945: twice the joint uses over all uses) and Cohen's kappa.

    Where both use one label throughout, kappa is not defined, and None.
    """
    pairs = [(r.writer_label, r.reader_label) for r in rows if r.writer_label and r.reader_label]
    if not pairs:
        return {}, None
    writer, reader = Counter(w for w, _ in pairs), Counter(r for _, r in pairs)
    both = Counter(w for w, r in pairs if w == r)
    used = writer + reader
    specific = {label: 2 * both[label] / used[label] for label in labels if used[label]}
    return specific, float(cohen_kappa_score(*zip(*pairs, strict=True))) if len(used) > 1 else None
