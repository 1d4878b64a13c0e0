"""Whether a reporting verb's form really reports: it is no noun, passive, mere possibility or denial of speech."""

from collections.abc import Sequence

from expertstance.quotes.lexicon import Verb, lexicon
from expertstance.quotes.role_nouns import is_speaker_noun
from expertstance.quotes.tokens import Token
from expertstance.quotes.words import (
    CONJUNCTIONS,
    DETERMINERS,
    FUNCTION_WORDS,
    NEGATIONS,
    POSSESSIVES,
    PREPOSITIONS,
    SUBJECT_PRONOUNS,
    TIMES_OF_DAY,
    is_adverb,
    is_capital,
    is_comma,
    is_finite_auxiliary,
    opens_name,
)

_BE = frozenset("is are was were be been being get gets got it's he's she's they're we're i'm".split())
_UNREAL = frozenset("could should might may can let must cannot worth".split())
_LEADS_TO_INFINITIVE = frozenset(
    "continued continues began begins likes loves intervened intervenes called phoned rang wrote".split()
)
_GOES = frozenset("went goes going go".split())
_MAKES = frozenset("made makes making".split())
_TAKES = frozenset("took takes taken taking".split())
_BECOMES = frozenset("become became becomes".split())
_SUBJECT_DETERMINERS = frozenset(
    "many some all both this that others most few one another other several two three four five".split()
)
_OPENS_MATTER = frozenset("about of by that whether if why how what when who where for on in at to".split())
_ANSWERS = frozenset("said says replied replies answered answers told responded declined refused insisted".split())
_BEFORE_GERUND = frozenset("by in after before as for despite".split())
_AFTER_PLURAL_NOUN = frozenset("on about from in at with".split())
_BEFORE_NOUN_LIKE_VERB = SUBJECT_PRONOUNS | CONJUNCTIONS | frozenset("who which has have had".split())


def is_predicate(tokens: Sequence[Token], low: int, high: int, k: int, verb: Verb) -> bool:
    """Whether the form of ``verb`` at ``k`` reports; the sentence is ``tokens[low:high]``."""
    token = tokens[k]
    if is_capital(token) and k > low and (is_capital(tokens[k - 1]) or tokens[k - 1].lower in FUNCTION_WORDS):
        return False  # said that Recall buttons
    if is_capital(token) and k > low and tokens[k - 1].text == ",":
        return False  # the mint, State Police and
    j = k - 1
    while j >= low and is_adverb(tokens[j]) and tokens[j].lower not in NEGATIONS:
        j -= 1
    if j - 2 >= low and tokens[j].lower in TIMES_OF_DAY and tokens[j - 1].lower in ("last", "this"):
        j -= 2  # The paper last month | reported
    before = tokens[j] if j >= low else None
    if before is not None and is_comma(before) and _is_addressed(tokens, high, k, verb):
        return False
    if before is not None and before.kind == "word":
        if before.lower == "to":
            return infinitive_lead(tokens, low, j) is not None
        if before.lower == "have" and j > low and tokens[j - 1].lower in _UNREAL:
            return False  # could have allowed
        if token.lower == "called" and _only_names(tokens, low, j, k):
            return False
        if not opens_name(tokens, j) and not _may_precede(before.lower, token.lower):
            return False
    progressive = token.lower.endswith("ing") and before is not None and before.lower in _BE  # are warning
    return progressive or token.lower not in lexicon().noun_like_forms or _is_verb(tokens, k, high, before, verb)


def _only_names(tokens: Sequence[Token], low: int, noun: int, k: int) -> bool:
    """Whether ``called`` at ``k`` gives the name of a thing: ``a room | called "The Nest"``."""
    if noun - 1 < low or tokens[noun - 1].lower not in ("a", "an") or k + 1 >= len(tokens):
        return False
    return tokens[k + 1].kind == "quote" and not is_speaker_noun(tokens[noun].lower)


def _is_addressed(tokens: Sequence[Token], high: int, k: int, verb: Verb) -> bool:
    """Whether the form at ``k`` tells what the subject heard: ``Name, asked whether he would go, said``."""
    following = tokens[k + 1].lower if k + 1 < high else ""
    if not (verb.lemma == "ask" or "person" in verb.frames) or following not in _OPENS_MATTER:
        return False
    return any(is_comma(tokens[j]) and tokens[j + 1].lower in _ANSWERS for j in range(k + 2, min(high, k + 30) - 1))


def follows_be(tokens: Sequence[Token], low: int, k: int) -> bool:
    """Whether a form of ``be`` stands before the participle at ``k``, so that it is finite (``is saying``)."""
    j = k - 1
    while j >= low and is_adverb(tokens[j]):
        j -= 1
    return j >= low and tokens[j].lower in _BE


def infinitive_lead(tokens: Sequence[Token], low: int, to: int) -> int | None:
    """The verb that leads to an infinitive which reports: ``| went on to``, ``| made sure to``; None if none does."""
    k = to - 1
    if k < low:
        return None
    lower = tokens[k].lower
    if lower in _LEADS_TO_INFINITIVE:
        return k
    leading: frozenset[str] = frozenset()
    if lower == "on":
        leading = _GOES
    elif lower == "sure":
        leading = _MAKES
    elif lower == "careful":
        leading = _BE
    elif lower in ("care", "pains", "time") or is_capital(tokens[k]):
        leading = _TAKES
        k -= tokens[k - 1].lower in ("great", "the", "to")  # took to Twitter to say
        if is_capital(tokens[to - 1]) and tokens[k].lower != "to":
            return None
    k -= 1
    while k > low and is_adverb(tokens[k]):
        k -= 1
    return k if k >= low and tokens[k].lower in leading else _lead_of_several(tokens, low, to)


def _lead_of_several(tokens: Sequence[Token], low: int, to: int) -> int | None:
    """The verb of ``has | become the latest firm to warn``; None if nothing like it stands before ``to``."""
    for k in range(to - 2, max(low + 1, to - 7), -1):
        if tokens[k].kind != "word":
            return None
        if tokens[k].lower in ("latest", "first") and tokens[k - 1].lower == "the":
            return k - 2 if tokens[k - 2].lower in _BECOMES else None
    return None


def _may_precede(before: str, form: str) -> bool:
    """Whether the word ``before`` leaves ``form`` a reporting verb."""
    gerund = form.endswith("ing")
    if before in NEGATIONS or before in _UNREAL or before in POSSESSIVES or before.endswith("'s"):
        contracted = before.endswith("'s") and form == "said"  # Trump's also said
        return (before.endswith("'s") and before in _BE and gerund) or contracted
    if before in _BE:
        return gerund
    if before in DETERMINERS:
        return before in _SUBJECT_DETERMINERS
    return before not in PREPOSITIONS or (gerund and before in _BEFORE_GERUND)


def several_at_house(tokens: Sequence[Token], k: int) -> bool:
    """Whether ``Economists at Name`` ends before ``k``, several whose verb has the form of a noun: ``| estimate``."""
    first = k - 1
    while first > 1 and (is_capital(tokens[first]) or tokens[first].lower in ("and", "of", "the", "&")):
        first -= 1
    if tokens[first].lower in lexicon().company_nouns and first > 2:
        first -= 1 + (tokens[first - 1].lower not in ("at", "from", "with"))  # at investment bank Name
    if tokens[first].lower not in ("at", "from", "with") or first == 0:
        return False
    people = tokens[first - 1].lower
    told = first > 1 and tokens[first - 2].lower.endswith("ing")  # briefing lawmakers from the bureau
    return people.endswith("s") and is_speaker_noun(people) and not told


def _is_verb(tokens: Sequence[Token], k: int, high: int, before: Token | None, verb: Verb) -> bool:
    """Whether a form that may be a noun (``report``, ``claims``) is the verb."""
    lists = lexicon()
    lower = tokens[k].lower
    following = tokens[k + 1] if k + 1 < high else None
    if before is None:
        return False
    if following is None or (following.kind == "punct" and following.text not in (",", ":", ".")):
        return is_comma(before) or before.kind == "quote" or is_capital(before)
    if following.lower == "that" and k + 2 < high and is_finite_auxiliary(tokens[k + 2]):
        return False  # projects that were
    if lower.endswith("s") and following.lower in ("are", "were"):
        return False  # Such claims are false
    if following.lower in ("of", "by", *_ANSWERS) or (lower.endswith("s") and following.lower in _AFTER_PLURAL_NOUN):
        return False
    if is_capital(before):
        if several_at_house(tokens, k):
            return True
        if k < 2:
            people = lists.speaker_nouns | SUBJECT_PRONOUNS
            return lower != verb.lemma or before.lower in people or before.lower.rstrip("s") in lists.role_heads
        return lower != verb.lemma or before.text.endswith("s") or tokens[k - 2].lower == "and"
    return (
        before.kind != "word"
        or before.lower in _BEFORE_NOUN_LIKE_VERB
        or before.lower in lists.speaker_nouns
        or before.lower in lists.institution_nouns
        or before.lower.rstrip("s") in lists.role_heads
    )
