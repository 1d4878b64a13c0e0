"""Attributions without a verb: ``according to Name``, ``For Name, …``, ``In Name's view, …``, ``Name's claim``."""

from collections.abc import Sequence

from expertstance.quotes.clause_types import Clause
from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.noun_phrases import ISSUED, phrase_from
from expertstance.quotes.subjects import Subject
from expertstance.quotes.tokens import Token
from expertstance.quotes.words import (
    AUXILIARIES,
    CONJUNCTIONS,
    DETERMINERS,
    PERSON_PRONOUNS,
    POSSESSIVES,
    PREPOSITIONS,
    SUBORDINATORS,
    is_capital,
    is_comma,
    is_finite_auxiliary,
    is_possessive,
    is_time,
    may_be_past,
)

_VIEW_VERBS = frozenset(
    """is are isn't aren't will won't would wouldn't could can may might must should means remains seems looks
    makes""".split()
)
_BEFORE_INNER_VERB = CONJUNCTIONS | SUBORDINATORS | PERSON_PRONOUNS
_VIEWS = frozenset("view views opinion words telling estimation judgment judgement assessment".split())


def according_clause(tokens: Sequence[Token], low: int, high: int, cue: tuple[int, int]) -> Clause | None:
    """``According to Name, …``, ``…, according to Name`` and ``…, per Name``; ``cue`` tells the tokens before Name."""
    k, start = cue
    if k > low and tokens[k - 1].text == ";":
        low = k
    end = phrase_from(tokens, start, high)
    if end + 1 < high and tokens[end - 1].lower in ISSUED and is_time(tokens[end]):
        end += tokens[end + 1].lower in PREPOSITIONS  # a study published Wednesday | in Name
    while (
        end < high
        and tokens[end].kind == "word"
        and tokens[end].lower in PREPOSITIONS
        and not _starts_clause(tokens, end)
    ):
        following = phrase_from(tokens, end + 1, high)
        if following <= end + 1:
            break
        end = following
    if end <= start:
        return None
    subject = Subject(start, end, k, 1.0)
    if any(token.kind != "punct" and token.lower not in CONJUNCTIONS for token in tokens[low:k]):
        if _has_own_speaker(tokens, low, k):
            return None
        last = k - 1 if is_comma(tokens[k - 1]) else k
        if (
            last < k
            and last - 1 > low
            and tokens[last - 1].lower in ("who", "which")
            and end < high
            and is_comma(tokens[end])
        ):
            border = next((j for j in range(end + 1, high) if is_comma(tokens[j])), high)
            return Clause(cue, subject, ((end + 1, border),), "according-to", 0.95, start=k)  # who, per Name, | is ill
        contents = [(low, last)]
        if end + 1 < high and is_comma(tokens[end]) and _goes_on(tokens, low, last, end + 1):
            contents.append((end + 1, high))
        return Clause(cue, subject, tuple(contents), "according-to", 0.95, start=low)
    for j in range(end, min(high, end + 30)):
        if is_comma(tokens[j]) and (j == end or j + 1 < high):
            after = j + 1
            if j == end and _is_apposition(tokens, after, high):
                continue
            return Clause(cue, subject, ((after, high),), "according-to", 0.95, start=k) if after < high else None
    return None


def _goes_on(tokens: Sequence[Token], low: int, last: int, k: int) -> bool:
    """Whether the words go on at ``k`` behind the source: ``The dam, according to Name, | is weak``."""
    if _is_described(tokens, k):
        return False
    before = tokens[last - 1].lower
    opens = tokens[k].lower in CONJUNCTIONS or is_finite_auxiliary(tokens[k])
    return opens or before in AUXILIARIES or not any(t.kind == "quote" or _is_verbal(t) for t in tokens[low:last])


def _is_described(tokens: Sequence[Token], k: int) -> bool:
    """Whether ``an analyst at Firm`` stands at ``k``, up to the sentence's end or ``, who``."""
    if tokens[k].lower not in ("a", "an"):
        return False
    end = next((j for j in range(k, len(tokens)) if tokens[j].kind != "word"), len(tokens))
    if any(token.lower in AUXILIARIES for token in tokens[k:end]):
        return False
    return end + 1 >= len(tokens) or not is_comma(tokens[end]) or tokens[end + 1].lower in ("who", "which", "whose")


def _is_verbal(token: Token) -> bool:
    return token.lower in AUXILIARIES or may_be_past(token) or token.lower in lexicon().verbs


def _has_own_speaker(tokens: Sequence[Token], low: int, k: int) -> bool:
    """Whether ``“…,” she said`` stands before ``k``: words with a speaker, of whom ``k`` names the source."""
    quote = tokens[low].quote
    if quote is None or quote.nickname:  # one or two bare words are a name, not what somebody said
        return False
    last = max(j for j in range(low, k) if tokens[j].kind == "quote")
    return any(token.lower in lexicon().verbs for token in tokens[last + 1 : k])


def _starts_clause(tokens: Sequence[Token], k: int) -> bool:
    return tokens[k].lower in ("as", "since", "than")


def _is_apposition(tokens: Sequence[Token], k: int, high: int) -> bool:
    """Whether ``, a role at X,`` stands at ``k``: a comma follows soon and no auxiliary before it."""
    for j in range(k, min(high, k + 14)):
        if is_comma(tokens[j]):
            employed = tokens[k].lower == "of" and is_capital(tokens[j - 1])  # Ann Reed, of the Dover Institute,
            described = tokens[k].lower in DETERMINERS or tokens[k].lower in lexicon().role_heads
            return employed or described or tokens[k].lower == "who"
        if (tokens[j].lower in AUXILIARIES and tokens[k].lower != "who") or tokens[j].kind == "quote":
            return False
    return False


def fronted_phrase_clause(tokens: Sequence[Token], low: int, high: int) -> Clause | None:
    """``For Name, the deal is …``, ``In Name's view, …`` and ``In the words of Name, …`` open a sentence."""
    opener = tokens[low].lower
    first = low + 1
    if first >= high or tokens[first].kind != "word":
        return None
    if opener == "in":
        if [token.lower for token in tokens[first : first + 3]] == ["the", "words", "of"]:
            end = phrase_from(tokens, first + 3, high)
            if not first + 3 < end < high - 1 or not is_comma(tokens[end]):
                return None
            subject = Subject(first + 3, end, low, 0.9)
            return Clause((low, first + 3), subject, ((end + 1, high),), "in-the-words-of", 0.9, start=low)
        for k in range(first, min(high - 2, first + 6)):
            if (
                tokens[k].lower in _VIEWS
                and is_comma(tokens[k + 1])
                and (is_possessive(tokens[k - 1]) or tokens[k - 1].lower in ("his", "her", "their"))
            ):
                return Clause(
                    (low, k + 1), Subject(first, k, low, 0.9), ((k + 2, high),), "in-the-view-of", 0.9, start=low
                )
            if tokens[k].kind != "word":
                return None
        return None
    if not is_capital(tokens[first]):
        return None
    end = phrase_from(tokens, first, high)
    if end <= first or end >= high - 3 or not is_comma(tokens[end]):
        return None
    start = end + 1
    if _is_apposition(tokens, start, high):
        start = next(k for k in range(start, high) if is_comma(tokens[k])) + 1
    if start >= high - 2 or tokens[start].lower.endswith("ing") or not _judges(tokens, start, high):
        return None
    return Clause((low, low + 1), Subject(first, end, low, 0.6), ((start, high),), "for-name", 0.6, start=low)


def inner_view_clause(tokens: Sequence[Token], low: int, high: int, k: int) -> Clause | None:
    """``The deal, in her opinion, will …``: the words stand on both sides of the phrase at ``k``."""
    noun = next((j for j in range(k + 2, min(high - 1, k + 6)) if tokens[j].lower in _VIEWS), None)
    if noun is None or not is_comma(tokens[noun + 1]) or noun + 3 > high or tokens[k - 2].lower == "that":
        return None
    owner = tokens[noun - 1]
    if not (is_possessive(owner) and is_capital(tokens[k + 1])) and owner.lower not in ("his", "her", "their"):
        return None
    if tokens[noun + 2].lower in lexicon().verbs:
        return None  # The judge, in his opinion, said
    contents = ((low, k - 1), (noun + 2, high))
    return Clause((k, noun + 1), Subject(k + 1, noun, k, 0.9), contents, "in-the-view-of", 0.9, start=low)


def _judges(tokens: Sequence[Token], start: int, high: int) -> bool:
    """Whether the words hold a quote, or their first finite verb is a present or a modal: a view, not a narrative."""
    if any(t.kind == "quote" for t in tokens[start:high]):
        return True
    verb = next(
        (t.lower for t in tokens[start : min(high, start + 10)] if t.lower in AUXILIARIES or t.lower in _VIEW_VERBS), ""
    )
    return verb in _VIEW_VERBS


def noun_clause(tokens: Sequence[Token], low: int, high: int, k: int) -> Clause | None:
    """``Name's (earlier) claim that …`` and ``claims by Name that …``: the words end at the next comma."""
    if tokens[k + 1].lower == "by":
        return _claim_by(tokens, high, k)
    owner = k - 1
    while owner >= low and tokens[owner].kind == "word" and owner > k - 4:
        if tokens[owner].lower in POSSESSIVES or is_possessive(tokens[owner]):
            break
        owner -= 1
    else:
        return None
    first = owner
    while first - 1 >= low and is_capital(tokens[first - 1]) and is_capital(tokens[owner]):
        first -= 1
    if not is_capital(tokens[owner]) and tokens[owner].lower not in ("his", "her", "their"):
        return None
    last = next(
        (j for j in range(k + 2, high) if is_comma(tokens[j]) or (j > k + 4 and tokens[j].text in (";", ":"))), high
    )
    if first == low:
        last = min(last, main_verb(tokens, k + 2, last))
    if last - k < 4:
        return None
    return Clause((k, k + 1), Subject(first, owner + 1, first, 0.8), ((k + 2, last),), "noun-that", 0.8, start=first)


def _claim_by(tokens: Sequence[Token], high: int, k: int) -> Clause | None:
    end = phrase_from(tokens, k + 2, high)
    if not k + 2 < end < high - 3 or tokens[end].lower != "that":
        return None
    last = next((j for j in range(end + 2, high) if is_comma(tokens[j])), high)
    subject = Subject(k + 2, end, k, 0.8)
    return Clause((k, k + 1), subject, ((end + 1, last),), "noun-that", 0.8, start=k)


def main_verb(tokens: Sequence[Token], start: int, high: int) -> int:
    """The second finite verb: in ``Name's claim that it works was tested`` the words end before it."""
    seen = -2
    for k in range(start, high):
        if tokens[k].lower in AUXILIARIES:
            if seen >= start and k - seen > 1 and tokens[k - 1].lower not in _BEFORE_INNER_VERB:
                return k
            seen = k
    return high
