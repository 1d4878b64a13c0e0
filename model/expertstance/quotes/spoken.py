"""Reported words as their speaker would say them, where they alone would say the opposite."""

from expertstance.quotes.lexicon import lexicon
from expertstance.statements import Statement

_TURNS = frozenset("deny dismiss dispute doubt question reject".split())
_BEHIND_VERB = frozenset("verb-that verb-clause participle shared-subject".split())


def as_spoken(statement: Statement) -> str:
    """What a classifier has to read: ``I deny that the dam is weak`` for ``denied that | the dam is weak``.

    Every other statement's own text.
    """
    verb = lexicon().verbs.get((statement.cue or "").rpartition(" ")[2].lower())  # went on to deny
    if verb is None or verb.lemma not in _TURNS or statement.kind == "direct" or statement.rule not in _BEHIND_VERB:
        return statement.text
    clause = statement.rule == "verb-that" and verb.lemma in ("deny", "dispute", "doubt")
    return f"I {verb.lemma} {'that ' if clause else ''}{statement.text}"
