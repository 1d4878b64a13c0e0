"""Where the reporter goes on behind the words of a statement: ``said he would stay, | raising fears of a strike``."""

from collections.abc import Sequence

from expertstance.quotes.clause_types import Clause
from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.noun_phrases import phrase_from
from expertstance.quotes.tokens import Token
from expertstance.quotes.words import (
    ARTICLES,
    AUXILIARIES,
    DETERMINERS,
    OBJECT_PRONOUNS,
    POSSESSIVES,
    PREPOSITIONS,
    SUBJECT_PRONOUNS,
    SUBORDINATORS,
    is_adverb,
    is_capital,
    is_comma,
    is_time,
    may_be_past,
    opens_span_of_time,
)

_MODALS = frozenset("would will could can may might must should shall won't wouldn't can't cannot couldn't".split())
_LEAVES_PAST_OUT = _MODALS | {"be"}  # behind "would cost" no past tense can share the subject
_LEAVES_SPEECH_OUT = _LEAVES_PAST_OUT | frozenset("is are was were".split())
_NO_PASTS = frozenset(
    """remain remains seem seems want wants need needs put speed feed breed bleed seed heed proceed exceed succeed
    embed""".split()
)
_OPENS_OBJECT = DETERMINERS | POSSESSIVES | OBJECT_PRONOUNS
_PARTICLES = frozenset("out up down off back".split())
_OPENS_RELATIVE = frozenset("that which".split()) | SUBJECT_PRONOUNS | ARTICLES | POSSESSIVES
_WITHHOLDING = frozenset("elaborating specifying naming identifying".split())
_UNTOLD = frozenset("details figures names evidence reason reasons explanation specifics".split())
_WITHHELD = frozenset("say elaborate specify give name identify".split())
_TELLS_WHAT = frozenset("is was he she they many some analysts officials".split())
_BEHIND_VERB = frozenset("to on at in for".split()) | DETERMINERS | POSSESSIVES
_NO_ASIDES = frozenset("including meaning making".split())
_PARTS = frozenset("percent % majority half third those voters respondents".split())
_GIVES = frozenset("expressed gave offered provided".split())
_APPEALS = frozenset("called cautioned warned urged advised".split())
_SETS_AGAINST = frozenset("while whereas".split())
CONTRASTS = frozenset("but though although".split()) | _SETS_AGAINST
_PLACES_OF_WORDS = lexicon().documents | frozenset("interview conference briefing speech column op-ed show".split())
_COURTESIES = frozenset("apologised apologized thanked".split())
_ANONYMOUS = {("asking", "not"), ("speaking", "on"), ("speaking", "anonymously"), ("requesting", "anonymity")}
_COMPARES = frozenset(
    """above below beating missing exceeding topping more less fewer higher lower better worse faster slower stronger
    weaker compared versus""".split()
)
_DEGREES = frozenset("far well much slightly just a".split())
_EXPECTED = frozenset(
    "expected expectations forecast forecasts economists analysts estimate estimates estimated consensus".split()
)
_NEAR = 4
_LONGEST_APPOSITION = 14
_LONGEST_SUBJECT = 8


def words_end(tokens: Sequence[Token], clause: Clause, first: int, last: int) -> int:
    """Where the words from ``first`` behind the verb of ``clause`` end: at ``last`` unless the reporter goes on."""
    for k in range(first, last - 2):
        if tokens[k].kind == "quote" and (end := _quote_ends_words(tokens, clause, first, k, last)) is not None:
            return end
        if k == first:
            continue
        if is_comma(tokens[k]) and (
            _is_aside(tokens, k + 1, last)
            or _speaker_acts(tokens, first, k, last)
            or _another_acts(tokens, clause, first, k, last)
            or _compares(tokens, clause, k + 1, last)
            or (tokens[k + 1].lower in _SETS_AGAINST and _another_speaks(tokens, k + 2, last))
        ):
            return k
        if tokens[k].text == ";" and _another_speaks(tokens, k + 1, last):
            return k
        if tokens[k].lower in ("and", "but") and _shares_subject_with_cue(tokens, clause, first, k, last):
            return k
    return last


def _quote_ends_words(tokens: Sequence[Token], clause: Clause, first: int, k: int, last: int) -> int | None:
    """One past the quote at ``k`` if the reporter goes on: ``“a mess,” citing the cost``, ``“a mess” and plans to``."""
    after = tokens[k + 1]
    if tokens[k].comma and (after.lower == "which" or _another_acts(tokens, clause, first, k, last)):
        return k + 1  # “C'est moi,” which means “It's me”
    if any(token.kind == "quote" for token in tokens[k + 1 : last]):
        return None
    if _tells_where(tokens, k + 1, last) and not any(t.lower in lexicon().verbs for t in tokens[first:k]):
        return k + 1
    gerund = after.text.islower() and after.lower.endswith("ing") and after.lower not in _NO_ASIDES
    if tokens[k].comma and (gerund or after.lower == "the" or _is_aside(tokens, k + 1, last)):
        return k + 1
    joined = k + 1 + is_comma(after)
    if joined + 2 >= last or tokens[joined].lower not in ("and", "but"):
        return None
    cue, verb, behind = tokens[clause.cue[0]], tokens[joined + 1], tokens[joined + 2].lower
    if cue.lower.endswith("ing"):
        return k + 1 if verb.lower.endswith("ing") else None  # by saying “…” and walking away
    if not _takes_object_only(cue):
        return None
    finite = verb.lower in AUXILIARIES or (verb.lower.endswith("s") and verb.text.islower() and behind in _BEHIND_VERB)
    set_off = tokens[k].comma or is_comma(after)
    finite = finite or (may_be_past(verb) and behind in _OPENS_OBJECT) or _addresses(tokens, joined + 1, last)
    return k + 1 if finite or (set_off and verb.lower in SUBJECT_PRONOUNS) else None


def _tells_where(tokens: Sequence[Token], k: int, last: int) -> bool:
    """Whether ``in a statement`` or ``on a morning show`` stands at ``k``: where something was said."""
    if k + 2 >= last or tokens[k].lower not in ("in", "on", "at", "during"):
        return False
    if tokens[k + 1].lower not in ARTICLES and tokens[k + 1].lower not in POSSESSIVES:
        return False
    end = next((j for j in range(k + 2, min(last, k + 2 + _NEAR)) if tokens[j].lower in _PLACES_OF_WORDS), None)
    return end is not None and all(token.kind == "word" for token in tokens[k:end])


def _takes_object_only(cue: Token) -> bool:
    verb = lexicon().verbs.get(cue.lower)
    return verb is not None and verb.only_object


def _is_aside(tokens: Sequence[Token], k: int, last: int) -> bool:
    """Whether a remark of the reporter's stands at ``k``: ``sending its shares down``, ``a claim that he denied``."""
    lists, lower = lexicon(), tokens[k].lower
    if lower in lists.aside_participles:
        return True
    if lower == "in" and k + 2 < last and tokens[k + 1].lower == "what" and tokens[k + 2].lower in _TELLS_WHAT:
        return True
    if tokens[k - 1].text == "," and _opens_lapse(tokens, k + (lower in ("just", "only"))):
        return True
    if (lower, tokens[k + 1].lower) in _ANONYMOUS:
        return True
    if lower in ("with", "which") and _another_reports(tokens, k + 1, last, gerund=lower == "with"):
        return True
    if lower == "without":
        untold = any(token.lower in _UNTOLD for token in tokens[k + 2 : min(last, k + 5)])
        return tokens[k + 1].lower in _WITHHOLDING or (tokens[k + 1].lower in ("giving", "providing") and untold)
    if lower in lists.effect_participles:
        return any(token.lower in lists.effect_nouns for token in _up_to_preposition(tokens, k + 1, last))
    article = k + (lower == "in")
    noun = article + 1 + (article + 3 < last and tokens[article + 1].lower not in lists.aside_nouns)
    if tokens[article].lower == "something":
        return tokens[k - 1].text == "," and not any(is_comma(token) for token in tokens[article:last])
    if noun + 1 >= last or tokens[article].lower not in ARTICLES or tokens[noun].lower not in lists.aside_nouns:
        return False
    opens, verbs = tokens[noun + 1], lists.verbs
    told = opens.text.islower() and noun + 2 < last and tokens[noun + 2].lower in verbs  # a claim ministers deny
    return lower == "in" or opens.lower in _OPENS_RELATIVE or is_capital(opens) or told


def _another_reports(tokens: Sequence[Token], k: int, last: int, *, gerund: bool) -> bool:
    """Whether ``with | Name Name calling it "dead"`` or ``which | Acme denies.`` goes on, what somebody else says."""
    end = phrase_from(tokens, k, last)
    if end in (k, last) or not is_capital(tokens[end - 1]) or tokens[end].lower not in lexicon().verbs:
        return False
    if gerund:
        return tokens[end].lower.endswith("ing")
    return not tokens[end].lower.endswith("ing") and all(token.kind == "punct" for token in tokens[end + 1 : last])


def _compares(tokens: Sequence[Token], clause: Clause, k: int, last: int) -> bool:
    """Whether the reporter compares those who said so: ``40 percent of voters said …, | down from 57 percent``.

    Or tells of others: ``…, | but 12 percent disagree``.
    """
    start = max(clause.subject.first - 2, 0)  # half of | the crews
    counted = any(t.lower in _PARTS for t in tokens[start : clause.subject.last])
    if counted and tokens[k].lower in CONTRASTS:
        return any(t.lower in _PARTS for t in tokens[k + 1 : phrase_from(tokens, k + 1, last)])
    if tokens[k].lower not in ("compared", "down", "up"):
        return False
    return counted and any(t.text[:1].isdigit() for t in tokens[k + 1 : min(last, k + 4)])


def compares_with_forecast(tokens: Sequence[Token], k: int, last: int) -> bool:
    """Whether the reporter compares figures with what was expected: ``above the 2 percent economists had forecast``."""
    first = k + (tokens[k].lower in _DEGREES and k + 1 < last)
    behind = tokens[first + 1 : min(last, first + _LONGEST_APPOSITION)]
    return tokens[first].lower in _COMPARES and any(token.lower in _EXPECTED for token in behind)


def _opens_lapse(tokens: Sequence[Token], k: int) -> bool:
    """Whether ``two days after`` or ``a few hours after`` stands at ``k``."""
    end = phrase_from(tokens, k, min(len(tokens), k + 4))
    return end < len(tokens) and tokens[end].lower == "after" and opens_span_of_time(tokens, max(k, end - 2))


def _another_speaks(tokens: Sequence[Token], k: int, last: int) -> bool:
    """Whether a full name with a verb of speech or thought stands at ``k``: ``; Name Name, at Firm, thinks``."""
    end = phrase_from(tokens, k, last)
    if end < k + 2 or not (is_capital(tokens[k]) and is_capital(tokens[end - 1])):
        return False
    if end < last and is_comma(tokens[end]):
        commas = (j for j in range(end + 1, min(last - 1, end + _LONGEST_APPOSITION)) if is_comma(tokens[j]))
        end = next(commas, last - 1) + 1
    verb = lexicon().verbs.get(tokens[end].lower) if end < last - 1 else None
    if verb is None or tokens[end].lower.endswith("ing"):
        return False
    return verb.particle is None or tokens[end + 1].lower == verb.particle


def _up_to_preposition(tokens: Sequence[Token], k: int, last: int) -> Sequence[Token]:
    end = k
    while end < min(last, k + _NEAR) and tokens[end].kind == "word" and tokens[end].lower not in PREPOSITIONS:
        end += 1
    return tokens[k:end]


def _speaker_acts(tokens: Sequence[Token], first: int, comma: int, last: int) -> bool:
    """Whether ``, but she dismissed`` stands at ``comma`` and nobody in the words before is the pronoun's.

    Nor does anybody else give ``, but gave no figures``.
    """
    if tokens[comma + 1].lower == "but" and tokens[comma + 2].lower in _GIVES:
        return True
    if tokens[comma + 1].lower not in ("and", "but") or tokens[comma + 2].lower not in ("he", "she"):
        return False
    at = _past_at(tokens, comma + 3, last)
    verb = lexicon().verbs.get(tokens[at].lower) if at is not None else None
    if verb is None or verb.frames == {"quote"}:  # thought, continued
        return False
    roles = lexicon().role_heads
    return not any(is_capital(t) or t.lower.rstrip("s") in roles for t in tokens[first:comma])


def _another_acts(tokens: Sequence[Token], clause: Clause, first: int, comma: int, last: int) -> bool:
    """Whether ``, but the council refused`` stands at ``comma`` behind words without a finite verb.

    ``promised to stay``, ``suggested raising the fee`` and ``called the plan a mess`` cannot hold such a clause.
    """
    conjunction = tokens[comma + 1].lower
    if conjunction != "and" and conjunction not in CONTRASTS:
        return False
    gerund = tokens[first].text.islower() and tokens[first].lower.endswith("ing")
    gerund = gerund and not any(t.lower in AUXILIARIES or may_be_past(t) for t in tokens[first:comma])
    if not (tokens[first].lower == "to" or gerund or _takes_object_only(tokens[clause.cue[0]])):
        return False
    return acting_verb(tokens, comma + 2, last) is not None


def acting_verb(tokens: Sequence[Token], first: int, last: int) -> int | None:
    """The past tense with an object or infinitive whose subject is at ``first``: ``the council | refused to pay``."""
    opener = tokens[first]
    named = is_capital(opener) or opener.lower in SUBJECT_PRONOUNS
    if not (named or opener.lower in DETERMINERS or opener.lower in POSSESSIVES):
        return None
    for k in range(first + 1, min(last - 1, first + _LONGEST_SUBJECT)):
        if tokens[k].kind != "word" or tokens[k].lower in AUXILIARIES or tokens[k].lower in SUBORDINATORS:
            return None
        if may_be_past(tokens[k]) and tokens[k].lower not in _NO_PASTS:
            return k if tokens[k + 1].lower == "to" or tokens[k + 1].lower in _OPENS_OBJECT else None
    return None


def _shares_subject_with_cue(tokens: Sequence[Token], clause: Clause, first: int, k: int, last: int) -> bool:
    """Whether a past tense behind the conjunction at ``k`` has the speaker for its subject.

    ``warned that duties would cost it millions and | scrapped its outlook``: ``would`` takes no past tense beside it.
    ``had left but | gave no details``, ``was late, and | called for talks``: so speakers act, most likely.
    """
    withholds = _withholds(tokens, k + 1, last)
    verb = k + 1 if withholds else _past_at(tokens, k + 1, last)
    if verb is None or tokens[clause.cue[0]].lower.endswith(("s", "ing")):
        return False
    if not (withholds or _takes_object(tokens, verb, last) or _addresses(tokens, verb, last)):
        return False
    between = tokens[first:k]
    if _is_shifted_back(between) and (
        tokens[verb].lower == "stopped"
        or (tokens[verb].lower in _GIVES and tokens[verb + 1].lower in ("no", "few", "little"))
        or ((is_comma(tokens[k - 1]) or tokens[k - 1].comma) and _addresses(tokens, verb, last))
    ):
        return True
    if _takes_object_only(tokens[clause.cue[0]]):
        return not any(t.lower in AUXILIARIES or t.lower in SUBORDINATORS for t in between)
    speaks = withholds or tokens[verb].lower in lexicon().verbs or tokens[verb].lower in _COURTESIES
    allowed = _LEAVES_SPEECH_OUT if speaks else _LEAVES_PAST_OUT
    auxiliaries = [t.lower for t in between if t.lower in AUXILIARIES]
    return bool(auxiliaries) and all(
        token.lower in allowed if token.lower in AUXILIARIES else not may_be_past(token) for token in between
    )


def _is_shifted_back(words: Sequence[Token]) -> bool:
    """Whether all verbs in reported words are behind an auxiliary, so that a bare past tense is of the speaker.

    ``said it had received the letter but | gave no details``, not ``said the report praised the crews but gave none``.
    """
    auxiliaries = [k for k, token in enumerate(words) if token.lower in AUXILIARIES]
    shifted = {k + n for k in auxiliaries for n in (1, 2)}
    return bool(auxiliaries) and all(k in shifted for k, token in enumerate(words) if may_be_past(token))


def _withholds(tokens: Sequence[Token], k: int, last: int) -> bool:
    """Whether ``declined to say``, ``did not elaborate`` or ``stopped short`` stands at ``k``."""
    if k + 1 >= last:
        return False
    if tokens[k].lower in ("declined", "refused"):
        return tokens[k + 1].lower == "to"
    if tokens[k].lower == "stopped":
        return tokens[k + 1].lower == "short"
    end = k + 2 if tokens[k].lower == "did" and tokens[k + 1].lower == "not" else k + 1
    return (end == k + 2 or tokens[k].lower == "didn't") and end < last and tokens[end].lower in _WITHHELD


def _past_at(tokens: Sequence[Token], k: int, last: int) -> int | None:
    """The token of a past tense at ``k``, adverbs aside, or None."""
    while k < last and is_adverb(tokens[k]):
        k += 1
    return k if k < last and may_be_past(tokens[k]) and tokens[k].lower not in _NO_PASTS else None


def _addresses(tokens: Sequence[Token], verb: int, last: int) -> bool:
    """Whether somebody is spoken to: ``called on ministers``, ``cautioned against haste``, ``urged ministers to``."""
    if verb + 1 >= last:
        return False
    following = tokens[verb + 1].lower
    if tokens[verb].lower in _COURTESIES:
        return following in ("to", "for") or tokens[verb + 1].text.islower()
    return tokens[verb].lower in _APPEALS and (following in ("on", "for", "against") or following.endswith("s"))


def _takes_object(tokens: Sequence[Token], verb: int, last: int) -> bool:
    """Whether an object follows the verb, so that it is no participle beside another (``taxed and shipped``)."""
    k = verb + 1 + (verb + 1 < last and tokens[verb + 1].lower in _PARTICLES)
    return k < last and (tokens[k].lower in _OPENS_OBJECT or (is_capital(tokens[k]) and not is_time(tokens[k])))
