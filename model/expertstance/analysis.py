"""Article in; who said what, and with what outlook, out.

expertstance analyze ARTICLE
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from expertstance.errors import InputError
from expertstance.predictions import Prediction
from expertstance.quotes import as_spoken, extract_statements
from expertstance.statements import Speaker, Statement

MIXED = "mixed"
NO_OUTLOOK = "no_outlook"

Predict = Callable[[Sequence[str]], list[Prediction]]


@dataclass(frozen=True, slots=True)
class Tally:
    """How often each outlook was taken.

    Attributes:
        statements: Number of statements.
        outlooks: Statements per label, abstained ones left out.
        abstained: Statements that take no outlook, or none that can be told.
        outlook: The label of more than half of the counted statements; ``"mixed"`` where no label has more than
            half; ``"no_outlook"`` where nothing was counted.
        mixed: Whether the counted statements differ, also where one outlook prevails.
    """

    statements: int
    outlooks: dict[str, int]
    abstained: int
    outlook: str
    mixed: bool


@dataclass(frozen=True, slots=True)
class SpeakerTally:
    """One speaker of an article and the tally of what they said; ``name`` is None for unknown speakers together."""

    name: str | None
    role: str | None
    affiliation: str | None
    tally: Tally


@dataclass(frozen=True, slots=True)
class Analysis:
    """Statements of an article in text order, with tallies per speaker (in order of appearance) and over all."""

    statements: tuple[Statement, ...]
    speakers: tuple[SpeakerTally, ...]
    summary: Tally

    def to_dict(self) -> dict[str, Any]:
        """The same as plain lists, dictionaries and scalars, ready for JSON."""
        return {
            "statements": [statement.to_dict() for statement in self.statements],
            "speakers": [asdict(speaker) for speaker in self.speakers],
            "summary": asdict(self.summary),
        }


def extract(text: str) -> list[Statement]:
    """The statements of an article in text order, without outlooks; loads no model.

    Raises:
        InputError: ``text`` is not a string.
    """
    if not isinstance(text, str):
        raise InputError(f"article text must be a string, got {type(text).__name__}; read the file first")
    return extract_statements(text)


def analyze_text(text: str, *, predict: Predict) -> Analysis:
    """Extract the statements of an article, predict the outlook of each, and count.

    What is denied or doubted is read as its speaker would say it, ``I deny that the dam is weak``: so says the
    prediction's ``text``.

    Args:
        text: The article; empty, or without statements, it gives an analysis with none.
        predict: The classifier's ``predict``.

    Raises:
        InputError: ``text`` is not a string.
    """
    statements = extract(text)
    predictions = predict([as_spoken(s) for s in statements])
    scored = tuple(replace(s, prediction=p) for s, p in zip(statements, predictions, strict=True))
    return Analysis(statements=scored, speakers=_speakers(scored), summary=_tally(scored))


def _speakers(statements: Iterable[Statement]) -> tuple[SpeakerTally, ...]:
    groups: dict[tuple[str | None, ...], list[Statement]] = {}
    for statement in statements:
        groups.setdefault(_who(statement.speaker), []).append(statement)
    return tuple(
        SpeakerTally(
            name=group[0].speaker.name,
            role=next((s.speaker.role for s in group if s.speaker.role), None),
            affiliation=next((s.speaker.affiliation for s in group if s.speaker.affiliation), None),
            tally=_tally(group),
        )
        for group in groups.values()
    )


def _who(speaker: Speaker) -> tuple[str | None, ...]:
    """What tells a speaker from others: a person's name, or ``spokesman`` and the affiliation."""
    if speaker.name is None or speaker.type == "person":
        return (speaker.name,)
    return speaker.name.lower().removeprefix("the "), speaker.affiliation


def _tally(statements: Sequence[Statement]) -> Tally:
    predictions = [s.prediction for s in statements if s.prediction is not None]
    counts = Counter(p.label for p in predictions if not p.abstained)
    counted = counts.total()
    label, most = counts.most_common(1)[0] if counts else (NO_OUTLOOK, 0)
    return Tally(
        statements=len(statements),
        outlooks=dict(sorted(counts.items())),
        abstained=len(predictions) - counted,
        outlook=label if not counted or 2 * most > counted else MIXED,
        mixed=len(counts) > 1,
    )
