"""Where the words of a statement begin and end around a reporting verb."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from expertstance.quotes.hearers import HEARERS, skip_hearer
from expertstance.quotes.lexicon import Verb, lexicon
from expertstance.quotes.noun_phrases import phrase_from
from expertstance.quotes.tokens import Token
from expertstance.quotes.words import (
    AUXILIARIES,
    CONJUNCTIONS,
    DETERMINERS,
    IRREGULAR_PASTS,
    OBJECT_PRONOUNS,
    POSSESSIVES,
    PREPOSITIONS,
    SUBJECT_PRONOUNS,
    SUBORDINATORS,
    TIMES_OF_DAY,
    is_adverb,
    is_capital,
    is_comma,
    is_dash,
    is_finite_auxiliary,
    is_possessive,
    is_time,
    may_be_past,
    opens_span_of_time,
)

How = Literal["that", "quote", "colon", "colon-end", "bare", "object", "comma"]
_QUESTION_WORDS = frozenset("whether if what why how who where when".split())
_INFINITIVE_VERBS = frozenset("vow promise pledge swear threaten".split())
_ASIDE = frozenset("as when while after before since until".split())
_APPEALING = frozenset("for on".split())
NAMING = frozenset("titled entitled headlined called named dubbed captioned".split())
_TAKES_ANY = frozenset("say tell deny announce suggest call predict forecast estimate warn urge".split())
_TAKES_HEARER = frozenset("tell inform remind assure warn notify advise reassure".split())
_PHRASAL = frozenset("in at from to into up by back out".split())
_OPENS_WORDS = frozenset("like than despite without under since between within amid as per until".split())
_FOCUS = frozenset(
    """further first all almost not only even just still both never nearly roughly approximately exactly barely hardly
    virtually""".split()
)
_SHARE = frozenset("percent % per".split())
_TIMES = frozenset("once twice".split())
_SEASONS = frozenset("summer autumn fall winter spring".split())
_MONTHS_THAT_ARE_WORDS = frozenset("March May".split())
_ALONE = OBJECT_PRONOUNS | frozenset("this that these those".split())
_ENDS_PHRASE = PREPOSITIONS | AUXILIARIES | SUBORDINATORS | CONJUNCTIONS
_STARTS_PHRASE = DETERMINERS | SUBJECT_PRONOUNS | POSSESSIVES
_MOST_ASIDES = 12
_LONGEST_COMMAND = 12
_CLAIMED = frozenset("victory credit responsibility ownership damages compensation".split())
_MATTER = {"warn": "of", "complain": "of", "boast": "of", "admit": "to", "confess": "to"}  # warned of "…"
_DISMISSED = frozenset(
    """suggestion suggestions claim claims allegation allegations accusation accusations charge charges report reports
    rumour rumours rumor rumors fear fears concern concerns criticism idea notion talk speculation""".split()
)
_FELT = frozenset("concern concerns confidence fear fears hope hopes optimism regret surprise worry worries".split())
_END = frozenset(".!?…")
_HARDLY_ANYTHING = frozenset("nothing little much more".split())


class Content(NamedTuple):
    """Tokens ``first`` to ``last`` (exclusive) of a statement's words.

    ``how`` says how they are joined to the verb, ``quoted`` whether a quote borders on the attribution.
    """

    first: int
    last: int
    how: How
    quoted: bool = False


def content_before(
    tokens: Sequence[Token], low: int, subject: int, *, parenthetical: bool = False, alone: bool = False
) -> Content | None:
    """The words that stand before ``…, subject verb``; None if those are no statement.

    Args:
        tokens: Tokens of the paragraph.
        low: First token of the sentence.
        subject: First token of the subject.
        parenthetical: Whether the words go on behind the verb (``The plan, she said, will …``), so may be few.
        alone: Whether the sentence ends with the verb, so that what was said can only stand before it.
    """
    last = subject
    as_told = last - 1 >= low and tokens[last - 1].lower == "as"
    last -= as_told
    if last - 1 < low:
        return None
    border = tokens[last - 1]
    if is_comma(border) or border.text in ("?", "!"):
        last -= 1
    elif border.kind != "quote":
        return None
    first = low
    while first < last and tokens[first].kind == "punct" and tokens[first].text not in "[($":
        first += 1
    if last <= first:
        return None
    if tokens[last - 1].kind == "quote":
        if last - 2 > first and (tokens[last - 2].text == ":" or (as_told and is_dash(tokens[last - 2]))):
            first = last - 1  # He had one message: "…," Name said; a town - "…," as Name put it - that
        return None if _is_title(tokens, first, last - 1) else Content(first, last, "quote", True)
    return Content(first, last, "bare") if parenthetical or _is_sentence(tokens[first:last], alone=alone) else None


def ends_sentence(tokens: Sequence[Token], start: int, high: int, verb: Verb) -> bool:
    """Whether nothing follows the verb but its hearer, a time or a place: ``…, police said on Monday``."""
    k = start
    if verb.lemma == "tell" and (k := skip_hearer(tokens, start, high, required=True)) == start:
        return False
    if k >= high:
        return True
    token = tokens[k]
    return (token.kind == "punct" and token.text in _END) or is_time(token) or token.lower in ("on", "in", "at")


def _is_title(tokens: Sequence[Token], first: int, quote: int) -> bool:
    """Whether the quote only names something in the setting: ``In a report titled "…", Name said``."""
    return first < quote and tokens[first].lower in PREPOSITIONS and tokens[quote - 1].lower in NAMING


def _is_sentence(tokens: Sequence[Token], *, alone: bool) -> bool:
    """Whether the words before ``, Name said`` are a sentence, not the setting (``On Monday``, ``When asked``).

    Where they stand alone they need no verb that is known as one: ``The program helps 300 families``.
    """
    body = [t for t in tokens if t.kind != "punct"]
    opener = body[0].lower if body else ""
    has_quote = any(t.kind == "quote" for t in body)
    if body and body[0].comma and any(_reports(t) for t in body):
        return False  # "…," he said, the agency reported
    gerund = opener.endswith("ing")
    finite = _has_finite_verb(tokens, participles=not gerund)
    known = finite or has_quote or len(body) >= 7
    if len(body) < (2 if finite else 4) or not (known or (alone and not _is_setting(body))):
        return False
    if gerund:
        return finite and not has_quote and _is_subject_noun(body)
    if opener.endswith("ed") and (is_time(body[1]) or body[1].lower in PREPOSITIONS | SUBORDINATORS):
        return any(is_comma(t) for t in tokens)  # Asked about the vote
    subordinate = opener in SUBORDINATORS and opener not in ("that", "what", "how", "why")
    if subordinate or opens_span_of_time(body, 0):
        return any(is_comma(t) for t in tokens)
    return opener not in PREPOSITIONS or finite or has_quote


def _is_setting(body: Sequence[Token]) -> bool:
    """Whether the words only tell when: ``Later that day``, ``The same afternoon``."""
    return is_adverb(body[0]) or is_time(body[-1]) or body[-1].lower in TIMES_OF_DAY | {"later", "day", "moment"}


def _has_finite_verb(tokens: Sequence[Token], *, participles: bool) -> bool:
    """Whether an auxiliary or a past tense stands in the words, other than in a clause that only describes.

    ``participles`` counts forms in -ed too, unless they stand before a noun: ``a planned move``.
    """
    subordinate = False
    for k, token in enumerate(tokens):
        if is_comma(token):
            subordinate = False
        elif k and token.lower in SUBORDINATORS:
            subordinate = True
        elif not subordinate and (
            token.lower in AUXILIARIES
            or (k > 0 and token.lower in IRREGULAR_PASTS)
            or (k > 0 and (_reports(token) or (participles and may_be_past(token))) and not _is_adjective(tokens, k))
        ):
            return True
    return False


def _reports(token: Token) -> bool:
    """Whether the token is a finite reporting verb and cannot be a noun: ``complain``."""
    lists = lexicon()
    return token.lower in lists.verbs and token.lower not in lists.noun_like_forms and not token.lower.endswith("ing")


def _is_adjective(tokens: Sequence[Token], k: int) -> bool:
    """Whether the form in -ed at ``k`` only describes: ``a planned move``, ``well-planned``, ``first reported by``."""
    before = tokens[k - 1]
    opens_noun = before.lower in DETERMINERS | POSSESSIVES | PREPOSITIONS | CONJUNCTIONS or is_adverb(before)
    return opens_noun or is_comma(before) or "-" in tokens[k].text


def _is_subject_noun(body: Sequence[Token]) -> bool:
    """Whether a word in -ing is a noun: ``Spending | rose``; not ``Leaving | the hall``, ``Saying | it was late``."""
    second = body[1]
    opens_object = second.lower in DETERMINERS | POSSESSIVES | SUBJECT_PRONOUNS | OBJECT_PRONOUNS or is_adverb(second)
    return body[0].lower != "according" and body[0].lower not in lexicon().verbs and not opens_object


def content_after(tokens: Sequence[Token], start: int, high: int, verb: Verb) -> Content | None:
    """The words that stand after the verb; ``start`` is the token behind it.

    Hearers ("told reporters"), times and "in a statement" are skipped.
    """
    if tells_matter(tokens, start, high, verb):
        return Content(start, high, "that")
    if verb.only_object:
        return _object(tokens, start, high, verb)
    if verb.lemma in ("express", "voice"):
        felt = _that_behind(tokens, start, high, _FELT)
        return None if felt is None else Content(felt + 1, high, "that")
    k = start
    if verb.lemma == "advise" and _is_told_to(tokens, start, high):
        return Content(start, high, "bare")
    if verb.particle == "it":
        k = _skip_manner(tokens, k, high)
    if verb.lemma in _TAKES_HEARER:
        k = skip_hearer(tokens, k, high, required=verb.lemma != "warn")
        if verb.lemma == "tell" and _teaches(tokens, start, k, high):
            return None
        if verb.lemma == "tell" and _is_programme(tokens, start, k, high):
            k += 2 if k + 1 < high and tokens[k + 1].lower in ("program", "programme", "show", "podcast") else 1
    if verb.lemma == "warn" and _is_told_about(tokens, k, high):
        return None
    if verb.lemma == "claim" and k + 1 < high and tokens[k].lower in _CLAIMED and not _is_finite(tokens[k + 1]):
        return None  # claimed victory on Sunday
    skipped = k > start
    for _ in range(_MOST_ASIDES):
        if k >= high:
            return None
        step = _step(tokens, k, high, verb, skipped=skipped)
        if not isinstance(step, int):
            return step
        k, skipped = step, True
    return None


def tells_matter(tokens: Sequence[Token], k: int, high: int, verb: Verb) -> bool:
    """Whether what is rejected or in doubt is told at ``k``: ``dismissed | claims that``, ``questioned | whether``."""
    if verb.lemma == "question":
        return k < high and tokens[k].lower in ("whether", "why", "how")
    return verb.lemma in ("reject", "dismiss", "dispute") and _that_behind(tokens, k, high, _DISMISSED) is not None


def _that_behind(tokens: Sequence[Token], k: int, high: int, nouns: frozenset[str]) -> int | None:
    """The ``that`` of ``(deep) concern (on Monday) that it was late``, behind one of ``nouns``; else None."""
    noun = next((j for j in range(k, min(high, k + 4)) if tokens[j].lower in nouns), high)
    that = next((j for j in range(noun + 1, min(high - 1, noun + 4)) if tokens[j].lower == "that"), None)
    if that is None or _is_finite(tokens[that + 1]) or any(token.kind != "word" for token in tokens[k:that]):
        return None  # voiced concerns that led her to resign
    return that


def _is_finite(token: Token) -> bool:
    return is_finite_auxiliary(token) or may_be_past(token) or token.lower in IRREGULAR_PASTS or token.lower == "lay"


def _is_told_to(tokens: Sequence[Token], k: int, high: int) -> bool:
    """Whether ``savers to wait`` stands at ``k``: who is advised and to do what."""
    end = k + 1 if k < high and tokens[k].lower in OBJECT_PRONOUNS else phrase_from(tokens, k, high)
    end += end < high and tokens[end].lower == "not"
    return k < end < high - 1 and tokens[end].lower == "to"


def _is_told_about(tokens: Sequence[Token], k: int, high: int) -> bool:
    """Whether ``her bosses about the funds`` stands at ``k``, behind ``warned``: of what, not in which words."""
    end = phrase_from(tokens, k, high)
    return k < end < high and tokens[end].lower == "about" and not any(t.kind == "quote" for t in tokens[k:high])


def _skip_manner(tokens: Sequence[Token], k: int, high: int) -> int:
    """The colon of ``put it this way:`` and ``put it to me more bluntly:``, else ``k``."""
    return next((j for j in range(k, min(high, k + 6)) if tokens[j].text == ":"), k)


def _teaches(tokens: Sequence[Token], start: int, k: int, high: int) -> bool:
    """Whether nobody speaks: a glance ``tells you just | how late it is``; ``told them | what to do``."""
    k += k < high and is_adverb(tokens[k])
    if k + 1 >= high or tokens[k].lower not in _QUESTION_WORDS:
        return False
    addressed = tokens[start].lower in ("you", "us") and tokens[start - 1].lower in ("tell", "tells")
    return addressed or tokens[k + 1].lower == "to"


def _is_programme(tokens: Sequence[Token], start: int, k: int, high: int) -> bool:
    """Whether the quote at ``k`` names the hearer, behind ``told`` or an owner: ``told ABC's "This Morning"``."""
    return k < high and tokens[k].kind == "quote" and (k == start or is_possessive(tokens[k - 1]))


def _object(tokens: Sequence[Token], k: int, high: int, verb: Verb) -> Content | None:
    """The object of ``called``, ``slammed`` and the like, to the sentence's end."""
    if k >= high or tokens[k].text == "," or (tokens[k].text in _END and tokens[k].kind == "punct"):
        return None
    if (colon := _colon_before_quote(tokens, k, high)) is not None:
        return Content(colon + 1, high, "colon")
    if verb.lemma == "call" and (tokens[k].lower in _PHRASAL or not _names_something(tokens, k, high)):
        return None
    if "as" in verb.frames and not _quotes_behind_as(tokens, k, high):
        return None
    introduced = tokens[k].lower == "as" or (verb.lemma == "call" and tokens[k].lower in _APPEALING)
    introduced = introduced or (verb.lemma, tokens[k].lower) in (("refer", "to"), ("lash", "at"))
    return Content(k + introduced, high, "object") if k + introduced < high else None


def _colon_before_quote(tokens: Sequence[Token], k: int, high: int) -> int | None:
    """The colon of ``defended the plan: "…"``, if no quote stands before it."""
    for j in range(k, high - 1):
        if tokens[j].kind == "quote":
            return None
        if tokens[j].text == ":":
            return j if tokens[j + 1].kind == "quote" else None
    return None


def _quotes_behind_as(tokens: Sequence[Token], k: int, high: int) -> bool:
    """Whether ``as "…"`` or ``as a "…"`` follows."""
    marks = [j for j in range(k, high) if tokens[j].kind == "quote"]
    return any(token.lower == "as" for j in marks for token in tokens[max(k, j - 2) : j])


def _step(tokens: Sequence[Token], k: int, high: int, verb: Verb, *, skipped: bool) -> Content | int | None:
    """The words if they start at ``k``, the token to look at next if an aside does, None if there are no words."""
    token = tokens[k]
    lower = token.lower
    if token.kind == "quote":
        return Content(k, high, "quote", True)
    if token.kind == "punct":
        dated = token.text == "(" and k + 1 < high and is_time(tokens[k + 1])  # on Monday (Nov 18)
        closing = next((j for j in range(k + 2, min(high, k + 5)) if tokens[j].text == ")"), k) if dated else k
        return closing + 1 if closing > k else _at_punctuation(tokens, k, high, skipped=skipped)
    if lower == "that":
        if skipped and _opens_relative(tokens, k, high):
            return _behind_relative(tokens, k + 2, high)
        if _is_pronoun(tokens, k, high, behind_noun=skipped):
            return Content(k, high, "bare")
        return Content(k + 1, high, "that") if k + 1 < high and tokens[k + 1].text not in _END else None
    if lower in _HARDLY_ANYTHING and _is_kept_back(tokens, k + 1, high):
        return None
    if (lower == "so" and not (skipped and _is_clause(tokens, k, high))) or (
        lower == "not" and k + 1 < high and tokens[k + 1].lower == "to"
    ):
        return None
    if lower == "to" and skipped and verb.lemma in _TAKES_HEARER and tokens[k - 1].text != ",":
        return _command(tokens, k + 1, high)
    if lower == "only" and k + 1 < high and tokens[k + 1].lower in (":", "that"):
        return k + 1
    if lower in _QUESTION_WORDS or (lower == "to" and _takes_infinitive(tokens, k, verb)):
        return Content(k, high, "bare")
    if lower in _ASIDE:
        beyond = _that_after(tokens, k, high)
        if beyond is None and lower == "while" and _grants(tokens, k, high):
            return Content(k, high, "bare")
        return _beyond_aside(tokens, beyond, high) if beyond is not None else None
    if (after := _skip_time(tokens, k, high, skipped=skipped) or _skip_date(tokens, k, high)) is not None:
        return after
    told = lower == _MATTER.get(verb.lemma) and tokens[k - 1].lower != verb.lemma
    if told and any(t.kind == "quote" for t in tokens[k + 1 : min(high, k + 4)]):
        return Content(k + 1, high, "bare")
    if lower in PREPOSITIONS and lower not in _OPENS_WORDS and not _opens_least(tokens, k, high):
        if (beyond := _that_after(tokens, k, high)) is not None:
            return _beyond_aside(tokens, beyond, high)
        if (after := _skip_prepositional(tokens, k, high)) is not None:
            return after
        return Content(k, high, "bare") if not skipped and lower not in ("to", "of", "at") else None
    if high - k < 2 or _is_pronoun_alone(tokens, k, high):
        return None
    if "that" in verb.frames and token.text[0].isdigit() and tokens[k + 1].lower in _SHARE:
        return Content(k, high, "that")  # the poll showed | 59 percent of voters oppose it
    return Content(k, high, "bare") if verb.lemma in _TAKES_ANY or _is_clause(tokens, k, high) else None


def _takes_infinitive(tokens: Sequence[Token], k: int, verb: Verb) -> bool:
    """Whether what one does is what one says: ``vowed | to stay``, ``claims | to have won``."""
    if verb.lemma != "claim":
        return verb.lemma in _INFINITIVE_VERBS
    described = k > 1 and tokens[k - 2].lower in ("who", "that")  # a man who claimed to have it
    return not described and k + 1 < len(tokens) and tokens[k + 1].lower in ("have", "be")


def _opens_least(tokens: Sequence[Token], k: int, high: int) -> bool:
    """Whether ``at least 14 boats`` stands at ``k``, not ``at least twice``."""
    if k + 2 >= high or tokens[k].lower != "at":
        return False
    return tokens[k + 1].lower in ("least", "most") and tokens[k + 2].lower not in _TIMES


def _grants(tokens: Sequence[Token], k: int, high: int) -> bool:
    """Whether ``while it was late, it would do`` stands at ``k``, not ``while walking home``."""
    comma = next((j for j in range(k + 3, high) if is_comma(tokens[j])), high)
    if comma >= high - 2 or tokens[k + 1].lower.endswith("ing"):
        return False
    granted = any(is_finite_auxiliary(t) or may_be_past(t) for t in tokens[k + 1 : comma])
    return granted and _is_clause(tokens, comma + 1, high)


def _is_kept_back(tokens: Sequence[Token], k: int, high: int) -> bool:
    """Whether ``said nothing`` or ``little`` tells what was left unsaid at ``k``: ``about the fire``, ``of it``."""
    if k >= high or tokens[k].kind == "punct" or tokens[k].lower in ("about", "more", "else", "further"):
        return True
    return tokens[k].lower == "of" and not any(is_finite_auxiliary(token) for token in tokens[k:high])


def _command(tokens: Sequence[Token], k: int, high: int) -> Content | None:
    """The words of ``told voters to "stay at home"`` and ``to say that …``; other commands are no statements."""
    for j in range(k, min(high, k + _LONGEST_COMMAND)):
        if tokens[j].kind == "quote":
            return Content(k, high, "bare")
        if tokens[j].lower == "that" and tokens[j - 1].lower in lexicon().verbs and j + 1 < high:
            return Content(j + 1, high, "that")
        if tokens[j].kind == "punct":
            return None
    return None


def _beyond_aside(tokens: Sequence[Token], k: int, high: int) -> Content:
    quoted = tokens[k].kind == "quote"
    return Content(k, high, "quote" if quoted else "that", quoted)


def _at_punctuation(tokens: Sequence[Token], k: int, high: int, *, skipped: bool) -> Content | None:
    token = tokens[k]
    if token.text == ":":
        return Content(k + 1, high, "colon") if k + 1 < high else Content(k, k, "colon-end")
    if token.text in "([$£€":
        return Content(k, high, "bare")
    if not is_comma(token) or k + 1 >= high:
        return None
    following = tokens[k + 1]
    if following.kind == "quote":
        return Content(k + 1, high, "quote", True)
    if following.lower == "that":
        return Content(k + 2, high, "that") if k + 2 < high else None
    beyond = _that_after_aside(tokens, k + 1, high)
    if beyond is not None:
        return _beyond_aside(tokens, beyond, high)
    return _after_comma(tokens, k + 1, high, aside=skipped)


def _skip_time(tokens: Sequence[Token], k: int, high: int, *, skipped: bool) -> int | None:
    """One past a time or an adverb (``on Monday afternoon``, ``last week``, ``flatly``) at ``k``, or None."""
    token = tokens[k]
    lower = token.lower
    if skipped and lower in TIMES_OF_DAY:
        return k + 1
    if lower in ("last", "this", "late", "earlier", "early") and k + 1 < high:
        following = tokens[k + 1]
        if is_time(following) or following.lower in TIMES_OF_DAY or following.lower in _SEASONS:
            return k + 2
    late = lower in ("late", "early") and k + 2 < high and tokens[k + 1].lower == "on" and is_time(tokens[k + 2])
    focus = lower in _FOCUS and not (lower == "further" and k + 1 < high and tokens[k + 1].lower == "that")
    if late or is_time(token) or (is_adverb(token) and not focus):
        return k + 1
    return None


def _skip_date(tokens: Sequence[Token], k: int, high: int) -> int | None:
    """One past ``on Monday night``, ``on May 9`` or ``in March`` at ``k`` if the words follow right behind, or None."""
    j = k + 1
    if tokens[k].lower not in ("on", "in") or j >= high:
        return None
    if not (is_time(tokens[j]) and tokens[j].text.isalpha()) and tokens[j].text not in _MONTHS_THAT_ARE_WORDS:
        return None
    while j < high and (is_time(tokens[j]) or tokens[j].lower in TIMES_OF_DAY or j == k + 1):
        j += 1
    if tokens[k].lower == "on" and j < high and tokens[j].text.isdigit():
        j += 1
    return j if j < high and tokens[j].kind == "word" and tokens[j].lower not in PREPOSITIONS else None


def _is_pronoun(tokens: Sequence[Token], k: int, high: int, *, behind_noun: bool) -> bool:
    """Whether ``that`` at ``k`` is the subject of what follows: ``said | that was true``.

    Behind a noun (``told a panel that will meet``) it may be a relative pronoun, but not behind people or times.
    """
    before = tokens[k - 1]
    if behind_noun and not (is_time(before) or before.lower in HEARERS or before.lower in OBJECT_PRONOUNS):
        return False
    return k + 1 < high and is_finite_auxiliary(tokens[k + 1])


def _opens_relative(tokens: Sequence[Token], k: int, high: int) -> bool:
    """Whether ``that`` at ``k`` describes the hearer: ``told a crowd | that had gathered``, ``that saw the crash``."""
    before = tokens[k - 1]
    if k + 2 >= high or is_comma(before) or is_time(before):
        return False
    if before.lower in HEARERS or before.lower in OBJECT_PRONOUNS or before.lower in TIMES_OF_DAY:
        return False
    verb, following = tokens[k + 1], tokens[k + 2].lower
    has_object = following in DETERMINERS or following in POSSESSIVES or following in OBJECT_PRONOUNS
    return is_finite_auxiliary(verb) or (may_be_past(verb) and has_object)


def _behind_relative(tokens: Sequence[Token], k: int, high: int) -> Content | None:
    """The words behind the clause that describes the hearer: ``… | that it was late``, ``…: "It was late"``."""
    for j in range(k, min(high - 1, k + 18)):
        if tokens[j].lower == "that":
            return Content(j + 1, high, "that")
        if tokens[j].text == ":":
            return Content(j + 1, high, "colon")
        if tokens[j].kind == "quote" and is_comma(tokens[j - 1]):
            return Content(j, high, "quote", True)
    return None


def _is_pronoun_alone(tokens: Sequence[Token], k: int, high: int) -> bool:
    """Whether ``confirmed | it.`` and ``believe | it when I see it`` say nothing of their own."""
    if k + 1 == high or tokens[k + 1].text in (",", *_END):
        return tokens[k].lower in _ALONE
    return tokens[k].lower in ("it", "him", "them") and tokens[k + 1].lower in _ASIDE


def _is_clause(tokens: Sequence[Token], k: int, high: int) -> bool:
    """Whether a clause starts at ``k``, not a mere object: it has a subject pronoun or a finite verb close by."""
    if tokens[k].lower in SUBJECT_PRONOUNS or tokens[k].lower in ("no", "there", "any"):
        return True
    for before, token in pairwise(tokens[k : min(high, k + 14)]):
        if token.kind == "quote":
            return True
        if (token.kind == "punct" and token.text in (",", ";")) or token.lower in SUBORDINATORS:
            return False
        if before.lower in ("and", "but") and before is not tokens[k] and _reports(token):
            return tokens[k].lower.endswith("ing")  # acknowledged mistakes but said it would work
        if (token.lower in AUXILIARIES and not token.lower.endswith("ing")) or token.lower in IRREGULAR_PASTS:
            return True
    return False


def _names_something(tokens: Sequence[Token], k: int, high: int) -> bool:
    """Whether ``called`` means naming, urging or asking for, not a call or a meeting."""
    if tokens[k].lower in _APPEALING or any(t.kind == "quote" for t in tokens[k : min(high, k + 25)]):
        return True
    end = k + 1 if tokens[k].lower in OBJECT_PRONOUNS else phrase_from(tokens, k, high)
    return k < end < high and tokens[end].lower in ("a", "an", "the", "one", "it")


def _after_comma(tokens: Sequence[Token], k: int, high: int, *, aside: bool) -> Content | None:
    """What follows ``said,``: more of the words, or an aside of the reporter's.

    After ``said in a report,`` (``aside``) only words joined by a conjunction count.
    """
    token = tokens[k]
    if aside and token.lower not in CONJUNCTIONS and token.lower not in AUXILIARIES:
        return None
    if (
        token.kind != "word"
        or token.lower.endswith("ing")
        or token.lower in _ASIDE
        or token.lower in ("who", "which", "where", "whose")
    ):
        return None
    if token.lower in PREPOSITIONS or is_time(token) or opens_span_of_time(tokens, k):
        return None
    return Content(k, high, "comma")


def _that_after_aside(tokens: Sequence[Token], k: int, high: int) -> int | None:
    """``said, however, that``: the token behind ``that`` (or the quote) if an aside between commas precedes it."""
    commas = 0
    for j in range(k, min(high - 1, k + 14)):
        if is_comma(tokens[j]) or tokens[j].text == ":":
            if tokens[j + 1].lower == "that":
                return j + 2 if j + 2 < high else None
            if (
                commas == 0
                and tokens[j + 1].kind == "quote"
                and tokens[k].kind == "word"
                and (tokens[k].lower in PREPOSITIONS or tokens[k].lower.endswith("ing") or is_adverb(tokens[k]))
                and tokens[k].lower not in lexicon().verbs
            ):
                return j + 1
            if tokens[k].lower not in PREPOSITIONS:
                return None
            commas += 1  # under questioning from Name, a senator, that
        elif tokens[j].kind == "quote" or tokens[j].lower in AUXILIARIES:
            return None
    return None


def _that_after(tokens: Sequence[Token], k: int, high: int) -> int | None:
    """``said in an interview with X that …``: the token behind ``that``, or a quote behind a comma, within reach."""
    commas = 0
    for j in range(k + 1, min(high, k + 18)):
        token = tokens[j]
        if token.lower == "that" and j + 1 < high:
            return j + 1 if commas != 1 or is_comma(tokens[j - 1]) else None  # on Monday, in a move that
        place = j + 1 < high and (is_capital(tokens[j + 1]) or is_time(tokens[j + 1]))  # in Portland, Oregon
        commas += is_comma(token) and not place
        if token.lower.endswith("ing") and token.lower in lexicon().verbs and is_comma(tokens[j - 1]):
            return None  # said in an address, adding that
        if token.kind == "quote":
            return j if tokens[j - 1].kind == "punct" and tokens[j - 1].text in ",:" else None
        if token.lower in AUXILIARIES or token.lower in SUBJECT_PRONOUNS:
            return None
        if token.text in (":", ";"):
            return None
    return None


def _skip_prepositional(tokens: Sequence[Token], k: int, high: int) -> int | None:
    """One past the prepositional phrase at ``k``, or None if it cannot be told where it ends."""
    j = k + 1
    if j < high and (tokens[j].lower in DETERMINERS or tokens[j].lower in POSSESSIVES):
        j += 1
    start = j
    while j < min(high, start + 9):
        token = tokens[j]
        lower = token.lower
        if token.kind != "word" or lower in _ENDS_PHRASE:
            break
        if j > start and (
            lower in _STARTS_PHRASE or (is_capital(token) and not is_time(token) and tokens[j - 1].text[:1].islower())
        ):
            break
        j += 1
    if j == start or (j < high and tokens[j].lower in AUXILIARIES):
        return None
    return j
