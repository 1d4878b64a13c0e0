"""What an article says: statements and their speakers, as frozen values with a dictionary form."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from expertstance.predictions import Prediction

Kind = Literal["direct", "mixed", "reported"]
SpeakerType = Literal["person", "organisation", "unnamed"]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who made a statement, as far as the article tells.

    Attributes:
        name: The fullest form that the article gives (``"Dana Whitlock"``), or the mention itself for an unnamed
            speaker (``"two officials"``); None where the speaker is unknown.
        role: Job or function (``"senior economist"``), from wherever the article introduces the speaker, or None.
        affiliation: Organisation that the speaker belongs to, or None.
        mention: ``(start, end)`` of the words beside this statement that name the speaker, in code points of the
            article's text, end-exclusive; None where the speaker is unknown.
        type: ``"person"``, ``"organisation"`` or ``"unnamed"``; None where the speaker is unknown.
    """

    name: str | None
    role: str | None = None
    affiliation: str | None = None
    mention: Span | None = None
    type: SpeakerType | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """The words of one speaker in an article.

    Attributes:
        text: The words, the spans joined by one blank.
        spans: ``(start, end)`` pairs in code points of the article's text, end-exclusive, ascending, disjoint.
        kind: ``"direct"`` (inside quotation marks), ``"mixed"`` (partly), ``"reported"`` (not at all).
        cue: The reporting words (``"said"``, ``"according to"``), or None.
        speaker: Who said it.
        rule: Name of the extraction rule that fired.
        confidence: How sure the attribution to ``speaker`` is, 0 to 1.
        prediction: The outlook, where ``analyze`` has added it; None from ``extract``.
    """

    text: str
    spans: tuple[Span, ...]
    kind: Kind
    cue: str | None
    speaker: Speaker
    rule: str
    confidence: float
    prediction: Prediction | None = None

    def to_dict(self) -> dict[str, Any]:
        """The same as plain lists, dictionaries and scalars, ready for JSON."""
        values = asdict(self)
        mention = values["speaker"]["mention"]
        values["spans"] = [list(span) for span in self.spans]
        values["speaker"]["mention"] = None if mention is None else list(mention)
        return values
