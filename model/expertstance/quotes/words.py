"""Closed word classes and small tests on tokens that the clause rules share."""

import re
from collections.abc import Sequence

from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.tokens import Token

DETERMINERS = frozenset(
    """the a an this that these those some many several two three four five six seven eight nine ten one both each
    another other any no all most few dozens hundreds thousands more multiple various numerous certain""".split()
)
ARTICLES = frozenset("a an the".split())
PRONOUN_CONTRACTIONS = frozenset(
    """he's she's it's they're we're i'm he'd she'd they'd we'd i'd i've we've they've he'll she'll they'll we'll
    i'll""".split()
)
POSSESSIVES = frozenset("his her its their our my your whose".split())
SUBJECT_PRONOUNS = frozenset("he she they it we i you".split())
PERSON_PRONOUNS = frozenset("he she they we i".split())
OBJECT_PRONOUNS = frozenset("me us him her them you it himself herself themselves".split())
PREPOSITIONS = frozenset(
    """of for at in on with from to by about after before during into over under between among against through via
    near aboard outside inside without within across since until toward towards amid upon despite like as than
    per""".split()
)
LINKING_PREPOSITIONS = frozenset("of for at in from with on to".split())
SUBORDINATORS = frozenset(
    """that because as when while if although though since whether before after until which who whose whom where why how
    unless whereas once what whatever""".split()
)
CONJUNCTIONS = frozenset("and but or nor yet so plus".split())
AUXILIARIES = frozenset(
    """is are was were be been being has have had having do does did will would can could may might must shall should
    isn't aren't wasn't weren't hasn't haven't hadn't doesn't don't didn't won't wouldn't can't cannot couldn't
    shouldn't get gets got keeps kept went goes""".split()
)
ADVERBS = frozenset(
    """also however meanwhile still indeed moreover nevertheless nonetheless regardless conversely additionally
    furthermore later then recently repeatedly previously once never often already still even just only now
    again earlier further soon first long simply famously reportedly always sometimes ever too separately instead
    rather almost all today yesterday not n't since thus therefore finally ultimately
    eventually similarly notably specifically ironically interestingly importantly surprisingly crucially both
    himself herself themselves""".split()
)
_NO_ADVERBS = frozenset("family ally assembly supply reply rally tally bully monopoly elderly daily weekly".split())
NEGATIONS = frozenset(
    "not never n't didn't don't doesn't wouldn't won't couldn't can't cannot hasn't haven't hadn't nor declined".split()
)
TIMES_OF_DAY = frozenset("morning afternoon evening night week weekend month year".split())
IRREGULAR_PASTS = frozenset(
    """spoke took went came made got gave won lost began left met ran held kept sent led fell rose stood sat saw knew
    thought felt found brought bought built broke chose drew drove flew grew heard paid put sold spent taught threw
    wore became died bore caught dealt drank fled fought forgot froze hid hung meant rode sank sought shook shrank slept
    slid stole struck stuck swept swore tore understood withdrew seems seem remains remain appeared appears wants want
    needs need""".split()
)
AUXILIARIES |= PRONOUN_CONTRACTIONS
_NOT_FINITE = PRONOUN_CONTRACTIONS | frozenset("be been being having".split())
FUNCTION_WORDS = (
    DETERMINERS | POSSESSIVES | PREPOSITIONS | SUBORDINATORS | CONJUNCTIONS | SUBJECT_PRONOUNS | AUXILIARIES
)
_TIME_UNITS = frozenset(
    "second seconds minute minutes hour hours day days week weeks month months year years decade decades".split()
)
_BEHIND_TIME_UNIT = frozenset("after before ago later earlier into".split())
DASHES = frozenset(["-", "--", "---", "–", "—", "―"])


_PARTICLE = re.compile(r"(?:al|el|ad|ar|ash|az|bin|ben|abu|d|l)[-'’](?=[A-Z])")  # al-Tamrani, d'Arcy
_INNER_CAPITAL = re.compile(r"[a-z]{1,8}[A-Z][a-z]{2}")  # easyJet, tSagairt
_BEFORE_DATE = PREPOSITIONS | frozenset("last next late early this every each".split())
_BEHIND_NAME = frozenset("is was has had".split())


def is_capital(token: Token) -> bool:
    """Whether the token is a word that starts with a capital letter, or has one behind a joined particle."""
    if token.kind != "word" or token.text == token.lower:
        return False
    text = token.text
    return text[:1].isupper() or _PARTICLE.match(text) is not None or _INNER_CAPITAL.match(text) is not None


def capitals_start(tokens: Sequence[Token], end: int, low: int = 0) -> int:
    """The first of the capitalised words, no function words, that stand right before ``end``; ``end`` if none do."""
    while end > low and is_capital(tokens[end - 1]) and tokens[end - 1].lower not in FUNCTION_WORDS:
        end -= 1
    return end


def is_first_name(word: str) -> bool:
    """Whether the word is in one of the lists of first names."""
    lists = lexicon()
    return word in lists.male_names or word in lists.female_names


def opens_name(tokens: Sequence[Token], k: int) -> bool:
    """Whether the word at ``k``, which may be a verb or a month, is a first name: ``Will Aske``, ``May Stone``."""
    token, end = tokens[k], k + 1
    if token.text not in lexicon().first_name_words:
        return False
    if _ends_name(tokens, k):
        return True
    while end < len(tokens) and is_capital(tokens[end]) and not is_time(tokens[end]):
        end += 1
    if end == k + 1 or (token.lower == "will" and is_first_name(tokens[k + 1].text)):
        return False  # Will Ann Reed come?
    if k > 0 and tokens[k - 1].kind == "word":
        return token.lower == "will" or tokens[k - 1].lower not in _BEFORE_DATE
    # at the sentence's start: "Will Aske said", but "Will Aske come?"
    return (
        _is_told(tokens, end)
        or token.lower not in AUXILIARIES
        or (end < len(tokens) and tokens[end].text in (",", *_BEHIND_NAME))
    )


def _is_told(tokens: Sequence[Token], k: int) -> bool:
    """Whether a reporting verb in the past stands at ``k``."""
    verb = lexicon().verbs.get(tokens[k].lower) if k < len(tokens) else None
    return verb is not None and verb.lemma != tokens[k].lower


def _ends_name(tokens: Sequence[Token], k: int) -> bool:
    """Whether the word at ``k``, which may be a verb or a month, ends a name: ``Ann May said``, ``Mrs May``."""
    if k == 0:
        return _is_told(tokens, 1) and tokens[0].text == "May"
    if k + 1 < len(tokens) and (is_capital(tokens[k + 1]) or tokens[k + 1].text[:1].isdigit()):
        return False
    lists = lexicon()
    before, word = tokens[k - 1].text, tokens[k].text
    if word in ("May", "Will") and tokens[k - 1].kind != "word":
        return _is_told(tokens, k + 1)  # "No," May said
    if word == "Jun":
        return k > 1 and is_capital(tokens[k - 1]) and tokens[k - 2].text in lists.family_first_surnames
    titled = before.rstrip(".") in lists.male_titles or before.rstrip(".") in lists.female_titles
    return word in ("May", "Will") and (is_first_name(before) or titled)


def is_adverb(token: Token) -> bool:
    """Whether the token may stand between a subject and its verb as an adverb."""
    return token.kind == "word" and (
        token.lower in ADVERBS
        or (
            token.lower.endswith("ly")
            and token.text[:1].islower()
            and len(token.text) > 4
            and token.lower not in _NO_ADVERBS
        )
    )


def is_possessive(token: Token) -> bool:
    """Whether the token ends like an owner: ``Acme's``, ``ministers'``."""
    return token.lower.endswith(("'s", "s'"))


def is_plain_word(token: Token) -> bool:
    """Whether the token is a word in small letters (and hyphens) that is no adverb and no time."""
    letters = token.kind == "word" and token.text.islower() and token.text.replace("-", "").isalpha()
    return letters and not is_adverb(token) and not is_time(token)


def is_finite_auxiliary(token: Token) -> bool:
    """Whether the token is an auxiliary that needs a subject before it (``was``, ``would``; not ``been``, ``he's``)."""
    return token.lower in AUXILIARIES and token.lower not in _NOT_FINITE and not is_capital(token)


def may_be_past(token: Token) -> bool:
    """Whether the token may be a past tense; a participle may, too."""
    lower = token.lower
    return lower in IRREGULAR_PASTS or (token.text.islower() and lower.endswith("ed") and len(lower) > 4)


def is_time(token: Token) -> bool:
    """Whether the token is a day, a month, a year or a word such as ``today``."""
    return token.kind == "word" and (
        token.lower.rstrip(".") in lexicon().time_words or (token.text.isdigit() and len(token.text) == 4)
    )


def opens_span_of_time(tokens: Sequence[Token], k: int) -> bool:
    """Whether ``Hours before``, ``A few months after`` or ``Two days later`` stands at ``k``."""
    for j in range(k, min(k + 4, len(tokens) - 1)):
        if tokens[j].lower in _TIME_UNITS:
            return tokens[j + 1].lower in _BEHIND_TIME_UNIT
        if tokens[j].kind != "word":
            return False
    return False


def is_dash(token: Token) -> bool:
    """Whether the token is a dash."""
    return token.kind == "punct" and token.text in DASHES


def is_comma(token: Token) -> bool:
    """Whether the token is a comma or a dash, either of which may set off an apposition."""
    return token.kind == "punct" and (token.text == "," or token.text in DASHES)
