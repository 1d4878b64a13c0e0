"""Noun phrases that may name a speaker: read backwards from their last token or forwards from their first."""

from collections.abc import Sequence

from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.names import comma_before_suffix, is_irish_article, is_person_name, is_suffix
from expertstance.quotes.role_nouns import is_role, is_speaker_noun
from expertstance.quotes.tokens import Token
from expertstance.quotes.words import (
    ARTICLES,
    AUXILIARIES,
    CONJUNCTIONS,
    DETERMINERS,
    FUNCTION_WORDS,
    IRREGULAR_PASTS,
    LINKING_PREPOSITIONS,
    OBJECT_PRONOUNS,
    POSSESSIVES,
    PREPOSITIONS,
    SUBJECT_PRONOUNS,
    SUBORDINATORS,
    TIMES_OF_DAY,
    is_adverb,
    is_capital,
    is_plain_word,
    is_possessive,
    is_time,
    may_be_past,
    opens_name,
)

LONGEST_PHRASE = 16
_ENDS_PHRASE = SUBORDINATORS | PREPOSITIONS | AUXILIARIES | SUBJECT_PRONOUNS
_NEVER_INSIDE = SUBORDINATORS | AUXILIARIES | SUBJECT_PRONOUNS
_STARTS_PHRASE = DETERMINERS | POSSESSIVES
_BEHIND_NOUN = frozenset(
    "close familiar briefed involved aware knowledge present opposed loyal acquainted connected".split()
)  # "officials close to the talks"
_STARTS_ALONE = POSSESSIVES | {"the", "a", "an", "this", "that", "these", "those", "each", "no", "all", "both", "any"}
_PARTS = frozenset(
    """one two three four five some several many most both none each another few percent half third thirds quarter
    quarters two-thirds three-quarters""".split()
)  # … of them
_WITH_THE = frozenset("other others opposition".split())
_SOME = frozenset("one another several two three four five".split())
_OFFICES_FOR = frozenset("minister secretary commissioner spokesman spokeswoman spokesperson officer".split())
_LONGEST_UNKNOWN = 4
_NO_NOUNS = FUNCTION_WORDS | OBJECT_PRONOUNS | TIMES_OF_DAY | frozenset("aloud there here so last next".split())
_BEFORE_ARTICLE = DETERMINERS | CONJUNCTIONS | frozenset("such half quite what".split())
_AGE = "-year-old"
ISSUED = frozenset("published released issued filed posted obtained".split())
_PARTICLES = frozenset("off out up down back away".split())  # Reed cut | off Hull
_BESIDE = frozenset("other several some a two three his her its their".split())
_BEFORE_SUBJECT = CONJUNCTIONS | frozenset("while as because that though although if when".split())
_BEFORE_PAIR = SUBORDINATORS | {"of", "for", "both"}


def phrase_start(tokens: Sequence[Token], low: int, end: int) -> int:
    """The first token of the noun phrase whose last token is ``end`` (``end + 1`` if none ends there)."""
    k = end
    stop = max(low, end - LONGEST_PHRASE)
    while k >= stop:
        token = tokens[k]
        lower = token.lower
        if token.kind == "quote":
            if not is_nickname(tokens, low, k, end):
                break
        elif token.kind == "punct":
            if token.text == ")" and (opening := opening_bracket(tokens, low, k)) is not None:
                k = opening - 1
                continue
            if token.text not in ("/", "&", "%") and not comma_before_suffix(tokens, k, end + 1):
                break
        elif is_irish_article(tokens, k):
            pass
        elif lower in ("that", "this") and (k == end or not tokens[k + 1].text[:1].islower()):
            break
        elif lower in _STARTS_PHRASE:
            k -= 1
            if k >= stop and tokens[k].lower in ("the", "these", "those") and lower not in _STARTS_ALONE:
                k -= 1  # the two millers
            elif k >= stop and lower == "few" and tokens[k].lower == "a":
                k -= 1
            if not (_linked(tokens, low, k + 1) or _follows_first_of_pair(tokens, low, k)):
                break
        elif lower in LINKING_PREPOSITIONS:
            if k == end or not (_linked(tokens, low, k + 1) or _follows_name(tokens, low, k)):
                break
            k -= tokens[k - 1].text == ","
        elif lower in CONJUNCTIONS:
            if lower not in ("and", "or") or not _coordinates(tokens, low, k, end):
                break
        elif opens_name(tokens, k):
            pass
        elif lower in _ENDS_PHRASE or (k != end and _is_verb(tokens, low, k)):
            break
        k -= 1
    first = k + 1
    while first <= end and (
        (is_adverb(tokens[first]) and not _is_both(tokens, first, end))
        or tokens[first].kind == "punct"
        or tokens[first].lower in CONJUNCTIONS
    ):
        first += 1
    return first


def _follows_first_of_pair(tokens: Sequence[Token], low: int, k: int) -> bool:
    """Whether the ``and`` at ``k`` joins a subject and those beside it: ``Ruth Carn and | other officials``."""
    if k <= low or tokens[k].lower != "and" or tokens[k + 1].lower not in _BESIDE:
        return False
    if not (is_capital(tokens[k - 1]) or is_role(tokens[k - 1].lower)) or is_time(tokens[k - 1]):
        return False
    if any(token.lower == "and" for token in tokens[max(low, k - LONGEST_PHRASE - 1) : k]):
        return False  # of two people only
    first = phrase_start(tokens, low, k - 1)
    before = tokens[first - 1] if first > low else None
    return first < k and (before is None or before.kind != "word" or before.lower in _BEFORE_SUBJECT)


def _is_both(tokens: Sequence[Token], k: int, end: int) -> bool:
    """Whether ``both`` stands at ``k`` with its noun: ``both men``, not ``both Acme and Velora``."""
    return tokens[k].lower == "both" and k < end and not is_capital(tokens[k + 1])


def _is_verb(tokens: Sequence[Token], low: int, k: int) -> bool:
    """Whether the word at ``k``, inside what looks like a noun phrase, is a verb that ends it."""
    token = tokens[k]
    lists = lexicon()
    if is_capital(token) or (k > low and follows_speaker_noun(tokens, low, k)):
        return False
    if opens_verb(tokens, k) and token.lower not in lists.group_nouns:
        return token.lower not in lists.noun_like_forms
    if token.lower in IRREGULAR_PASTS:
        return True
    if not token.text.endswith("ed") or k == low:
        return False
    before = tokens[k - 1]
    return is_capital(before) or before.lower in AUXILIARIES or is_adverb(before) or tokens[k + 1].lower in DETERMINERS


def opens_verb(tokens: Sequence[Token], k: int) -> bool:
    """Whether a reporting verb stands at ``k``, with the particle it needs: ``fire back``, not ``fire chief``."""
    verb = lexicon().verbs.get(tokens[k].lower)
    if verb is None or verb.particle is None:
        return verb is not None
    return k + 1 >= len(tokens) or not tokens[k + 1].text.islower() or tokens[k + 1].lower == verb.particle


def names_anybody(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether the phrase is of plain lower-case nouns, which beside a quote may name a speaker: ``tram drivers``."""
    first += tokens[first].lower in _STARTS_PHRASE and tokens[first].lower not in ("that", "this", "one", "another")
    words = tokens[first:last]
    return 0 < len(words) <= _LONGEST_UNKNOWN and all(is_plain_word(t) and t.lower not in _NO_NOUNS for t in words)


def _linked(tokens: Sequence[Token], low: int, k: int) -> bool:
    """Whether a preposition links the phrase from ``k`` to a noun before it (``a spokesman for | the firm``)."""
    if k - 2 < low or tokens[k - 1].lower not in LINKING_PREPOSITIONS:
        return False
    noun = tokens[k - 2]
    if (noun.lower in _PARTS or noun.text == "%") and tokens[k - 1].lower == "of":
        return True
    if (noun.lower == "percent" or noun.text == "%") and tokens[k - 1].lower == "in":
        return True  # 55 percent in | this group
    if noun.kind != "word" or noun.lower in AUXILIARIES or noun.lower in PREPOSITIONS or noun.lower in SUBORDINATORS:
        return False
    if is_speaker_noun(noun.lower):
        return True
    if follows_speaker_noun(tokens, low, k - 2):
        return True
    if tokens[k - 1].lower in ("at", "from", "in") and is_capital(tokens[k]) and _ends_person(tokens, low, k - 1):
        return True
    if tokens[k - 1].lower == "in" and noun.text in lexicon().organisation_words:
        return is_capital(tokens[k])  # the Hurricane Center in Selm
    return is_capital(noun) and tokens[k - 1].lower in ("of", "for") and k - 2 > low


def _ends_person(tokens: Sequence[Token], low: int, end: int) -> bool:
    """Whether a person's full name ends before the token ``end``: ``Ruth Carn | at Kestrel Capital``."""
    first = end
    while first > low and is_capital(tokens[first - 1]):
        first -= 1
    return is_person_name([token.text for token in tokens[first:end]])


def _follows_name(tokens: Sequence[Token], low: int, k: int) -> bool:
    """Whether the preposition at ``k`` follows a comma and a suffix: ``Ann Reed, MD, | of Acme said``."""
    if k - 3 < low or tokens[k].lower not in ("of", "from") or tokens[k - 1].text != ",":
        return False
    return is_suffix(tokens[k - 2]) and is_capital(tokens[k + 1])


def follows_speaker_noun(tokens: Sequence[Token], low: int, k: int) -> bool:
    """Whether the word at ``k`` opens what describes a speaker: ``close`` in ``officials close to the talks``."""
    if tokens[k].lower not in _BEHIND_NOUN:
        return False
    noun = k - 1
    while noun > low and tokens[noun].lower in ("with", "direct", "not", "directly", "closely"):
        noun -= 1
    lower = tokens[noun].lower
    return noun >= low and (is_speaker_noun(lower) or lower == "person")


def _coordinates(tokens: Sequence[Token], low: int, k: int, end: int) -> bool:
    """Whether the conjunction at ``k`` joins two names or nouns of one subject."""
    if k - 1 < low or k + 1 > end:
        return False
    left, right = tokens[k - 1], tokens[k + 1]
    if right.lower in POSSESSIVES and right.lower != "whose":
        return is_capital(left) or is_role(left.lower)
    if (
        is_capital(left)
        and not is_time(left)
        and (
            is_capital(right)
            or right.lower in DETERMINERS
            or right.lower == "others"
            or (is_capital(tokens[end]) and _goes_on_to_name(tokens, k + 1, end))
        )
    ):
        start = k - 1
        while start >= low and (is_capital(tokens[start]) or tokens[start].lower in DETERMINERS):
            start -= 1
        before = tokens[start].lower.removesuffix("s")  # economists Ruth Carn and Paul Reed
        return (
            start < low
            or tokens[start].kind != "word"
            or is_speaker_noun(before)
            or tokens[start].lower in _BEFORE_PAIR
            or (tokens[start].lower in LINKING_PREPOSITIONS and _are_institutions(tokens[end]))
        )
    return is_speaker_noun(left.lower.rstrip("s")) and right.lower not in DETERMINERS


def _are_institutions(token: Token) -> bool:
    """Whether the token ends ``the Justice and Education Departments``."""
    singular = token.text.removesuffix("ies") + "y" if token.text.endswith("ies") else token.text.removesuffix("s")
    return singular != token.text and singular in lexicon().organisation_words


def is_nickname(tokens: Sequence[Token], low: int, k: int, end: int) -> bool:
    """Whether the quote at ``k`` is a nickname inside a name (``Joe "Big Sky" Smith``)."""
    quote = tokens[k].quote
    if quote is None or not quote.nickname or not low < k < end:
        return False
    return is_capital(tokens[k - 1]) and is_capital(tokens[k + 1])


def opening_bracket(tokens: Sequence[Token], low: int, k: int) -> int | None:
    """The token that opens the bracket closed at ``k``; None if none does shortly before."""
    for back in range(k - 1, max(low, k - 8), -1):
        if tokens[back].text == "(":
            return back
    return None


def may_speak(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether the phrase can be a speaker: it holds a name, or a noun for people or an institution."""
    if _is_one(tokens, first, last):
        return True
    for token in tokens[first:last]:
        lower = token.lower
        if lower.endswith(_AGE) or is_handle(token):
            return True
        if is_capital(token) and not is_time(token) and lower not in DETERMINERS and lower not in PREPOSITIONS:
            return True
        if is_speaker_noun(lower):
            return True
    return False


def _is_one(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether the phrase is ``one`` or ``several``, by itself or ``of them``, and no more than that (``no one``)."""
    if last - first == 2 and tokens[first].lower == "the" and tokens[first + 1].lower in _WITH_THE:
        return True
    if first >= last or tokens[first].lower not in _SOME:
        return False
    before = tokens[first - 1] if first > 0 else None
    alone = before is None or before.kind != "word" or before.lower in CONJUNCTIONS or before.lower in lexicon().verbs
    return alone and (last - first == 1 or tokens[first + 1].lower == "of")


def is_handle(token: Token) -> bool:
    """Whether the token is a name on a network: ``@selmgirl``."""
    return token.text.startswith("@") and len(token.text) > 1


def phrase_from(tokens: Sequence[Token], start: int, high: int) -> int:
    """One past the noun phrase that starts at ``start`` (``start`` itself if none starts there)."""
    k = start
    common_head = False  # whether a common noun for a speaker was seen: "a spokesman at the …"
    while k < min(high, start + LONGEST_PHRASE) and _goes_on_at(tokens, start, k, high, common_head=common_head):
        common_head = common_head or _is_head(tokens, start, k)
        k += 1 + _links(tokens[k])
    return k


def _links(token: Token) -> bool:
    return token.kind == "word" and token.lower in LINKING_PREPOSITIONS


def _goes_on_at(tokens: Sequence[Token], start: int, k: int, high: int, *, common_head: bool) -> bool:
    """Whether the phrase that opens at ``start`` holds the token at ``k``."""
    token, lower = tokens[k], tokens[k].lower
    if token.kind == "quote":
        return is_nickname(tokens, start, k, high - 1)
    if token.kind == "punct":
        return token.text in ("/", "&") or comma_before_suffix(tokens, k, high)
    if (k == start and lower in _STARTS_PHRASE) or opens_name(tokens, k) or is_irish_article(tokens, k):
        return True
    if k == start + 1 and _grades_quality(tokens, k, high):
        return True  # a visibly emotional Ann Reed
    if lower in _NEVER_INSIDE or is_adverb(token) or (k > start and is_time(token)):
        return False
    if lower in ARTICLES and k > start and _ends_object(tokens[k - 1]):
        return False  # called the mayor | a liar
    if _links(token):
        return k > start and k + 1 < high and _complement_follows(tokens, k, common_head)
    if lower in PREPOSITIONS or (k > start and lower in IRREGULAR_PASTS and not is_capital(token)):
        return False
    if lower in CONJUNCTIONS:
        return lower == "and" and _joins_in_phrase(tokens, start, k, high)
    return is_capital(token) or k == start or not _is_predicate(tokens, k, high)


def _grades_quality(tokens: Sequence[Token], k: int, high: int) -> bool:
    """Whether the adverb at ``k`` goes with a quality of the person named behind: ``a | visibly emotional Name``."""
    opens = tokens[k - 1].lower in ("a", "an") and is_adverb(tokens[k])
    return opens and k + 2 < high and is_plain_word(tokens[k + 1]) and is_capital(tokens[k + 2])


def _ends_object(token: Token) -> bool:
    return is_plain_word(token) and token.lower not in _BEFORE_ARTICLE


def _joins_in_phrase(tokens: Sequence[Token], start: int, k: int, high: int) -> bool:
    """Whether the ``and`` at ``k`` joins two names or two offices."""
    if k + 1 < high and is_capital(tokens[k + 1]) and is_capital(tokens[k - 1]):
        return True
    if k + 1 < high and is_role(tokens[k - 1].lower) and is_role(tokens[k + 1].lower):
        return True
    return _joins_offices(tokens, start, k, high)


def _is_predicate(tokens: Sequence[Token], k: int, high: int) -> bool:
    """Whether the lower-case word at ``k`` goes on with the sentence behind the phrase: ``The mayor | downplayed``."""
    words, before, lower = lexicon(), tokens[k - 1], tokens[k].lower
    if _acts(tokens, k, high):
        return True
    if lower == "state" and k + 1 < high and tokens[k + 1].text.rstrip(".") in words.titles:
        return False  # Ohio state Sen. Ann Reed
    if opens_verb(tokens, k) and lower not in words.group_nouns:
        return True
    named = is_capital(before) and before.lower not in _STARTS_PHRASE and not is_possessive(before)
    return named and not before.text.endswith(_DESCRIBES) and not _goes_on_to_name(tokens, k, high)


_DESCRIBES = ("-based", "-owned", "-led", "-backed")


def _is_head(tokens: Sequence[Token], start: int, k: int) -> bool:
    """Whether the word at ``k`` is a noun for a speaker that may have a complement: ``a spokesman | at the bank``."""
    token, opener, lower = tokens[k], tokens[start], tokens[k].lower
    if token.kind != "word" or lower in _STARTS_PHRASE or lower in CONJUNCTIONS or _links(token):
        return False
    if not is_capital(token):
        return is_speaker_noun(lower)
    # the Labour MP for Hull, Shadow Minister for Health
    behind = is_role(lower) and (opener.lower in _STARTS_PHRASE or opener.text in lexicon().portfolio_words)
    return behind or (k == start and is_speaker_noun(lower))


def _acts(tokens: Sequence[Token], k: int, high: int) -> bool:
    """Whether a past tense in no list with an object stands at ``k``, behind a noun for whoever may speak."""
    before, verb = tokens[k - 1].lower, tokens[k]
    if k + 1 >= high or not (verb.lower.endswith("ed") and verb.text.islower()):
        return False
    if not (is_speaker_noun(before) or before in lexicon().institution_nouns):
        return False
    soon = before.endswith("s") and is_time(tokens[k + 1]) and verb.lower not in ISSUED  # groups sued Friday
    return soon or tokens[k + 1].lower in DETERMINERS | POSSESSIVES


def _joins_offices(tokens: Sequence[Token], start: int, k: int, high: int) -> bool:
    """Whether the ``and`` at ``k`` joins two offices of one: ``The head and founder of Acme, Ann Reed,``."""
    if tokens[start].lower not in ("the", *POSSESSIVES) or not is_role(tokens[k - 1].lower):
        return False
    noun = next((j for j in range(k + 1, min(high, k + 4)) if is_role(tokens[j].lower)), None)
    if noun is None or any(t.lower in DETERMINERS for t in tokens[k + 1 : noun]):
        return False
    name = next((j for j in range(noun + 1, min(high, noun + LONGEST_PHRASE)) if tokens[j].text == ","), None)
    return name is not None and name + 2 < high and is_capital(tokens[name + 1])


def _complement_follows(tokens: Sequence[Token], k: int, common_head: bool) -> bool:
    """Whether the preposition at ``k`` goes on with the phrase: ``the head of …``, ``a spokesman for the …``."""
    if tokens[k].lower == "of" or (tokens[k].lower == "in" and tokens[k - 1].lower == "shares"):
        return True
    if follows_speaker_noun(tokens, max(0, k - 5), k - 1):
        return True
    following = tokens[k + 1]
    if tokens[k].lower == "to":  # the envoy to Tarvik, the ambassador to the United Nations
        behind = tokens[k + 2] if following.lower == "the" and k + 2 < len(tokens) else following
        return common_head and is_capital(behind)
    if tokens[k].lower == "for" and tokens[k - 1].lower in _OFFICES_FOR and following.text.islower():
        return True
    if tokens[k].lower == "in" and common_head and is_capital(following):  # the envoy in Tarvik, Ann Reed,
        return k + 3 < len(tokens) and tokens[k + 2].text == "," and is_capital(tokens[k + 3])
    if not common_head or tokens[k].lower not in ("for", "at", "from", "with"):
        return False
    return is_capital(following) or following.lower in _STARTS_PHRASE


def _goes_on_to_name(tokens: Sequence[Token], k: int, high: int) -> bool:
    """Whether the lower-case word at ``k`` behind a capitalised one is or leads to a role or a name."""
    if may_be_past(tokens[k]) or (k + 1 < high and tokens[k + 1].lower in _PARTICLES):
        return False
    words = lexicon()
    for j in range(k, min(high, k + 4)):
        token = tokens[j]
        if token.kind != "word" or token.lower in PREPOSITIONS or token.lower in DETERMINERS:
            return False
        lower = token.lower
        if is_speaker_noun(lower) or lower in words.name_particles:
            return True
        if j > k and is_capital(token):
            return True
    return False
