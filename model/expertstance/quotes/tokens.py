"""Tokens and sentences of a paragraph, with every quote kept as one token."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.marks import Quote
from expertstance.quotes.paragraphs import Paragraph

TokenKind = Literal["word", "punct", "quote"]

_TOKEN = re.compile(
    r"(?P<plain>[a-z]+(?![\w.,'’/@&+-]))|"  # most words, tried first because the rest is slow
    r"(?P<word>(?:[A-Z]\.){2,}|"
    r"(?:Mr|Mrs|Ms|Dr|Prof|Sen|Sens|Rep|Reps|Gov|Govs|Gen|Col|Capt|Cmdr|Lt|Sgt|Maj|Adm|Rev|Hon|St|Jr|Sr|Inc|Corp|Ltd|Co|No|vs|Mt|Ft|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec|Ala|Ariz|Ark|Calif|Colo|Conn|Del|Fla|Ga|Ill|Ind|Kan|Ky|La|Md|Mass|"
    r"Mich|Minn|Miss|Mo|Mont|Neb|Nev|Okla|Ore|Pa|Tenn|Tex|Va|Vt|Wash|Wis|Wyo|Supt|Det|Insp|Msgr|Fr|Amb|Pres|Ph\.D|M\.D|"
    r"[ap]\.m|e\.g|i\.e|etc|v|[A-Z])\.(?!\.)(?:['’]s(?=\W|$))?(?=[\s,;:'’)\-–—]|$)|"
    r"[$£€¥#@&]?[^\W_](?:[\w&+]|[.'’/@-](?=\w)|,(?=\d))*(?:['’](?=\W|$)(?<=s['’]))?)"
    r"|(?P<punct>\.{2,}|--+|[^\w\s¶])"
)
_TITLE_ABBREVIATIONS = frozenset(
    """mr. mrs. ms. dr. prof. sen. sens. rep. reps. gov. govs. gen. col. capt. cmdr. lt. sgt. maj. adm. rev. hon. st.
    no. v. vs. mt. ft. supt. det. insp. msgr. fr. amb. pres. e.g. i.e.""".split()
)
_STARTERS = frozenset(
    """the a an he she they it we i you this that these those but and in on at for his her their its our my if when
    while there as after before since however one two what who why how so yet to from with by mr. mrs. ms. dr.
    according still     meanwhile both some many most no not also""".split()
)
_LONGEST_SENTENCE = 200  # tokens, a quote counting as one; longer runs are cut, which keeps the time linear
_CLOCK, _MINUTES = re.compile(r"(?:[01]?\d|2[0-3])[.][0-5]\d(?:[ap]m)?"), re.compile(r"[0-5]\d(?:[ap]m)?")
_HALVES = frozenset("am pm a.m. p.m.".split())
_ZONES = frozenset("BST GMT UTC CET CEST IST ET EST EDT CT PT PST PDT AEST".split())
_ACRONYMS = {"WHO": "w.h.o.", "US": "u.s.", "IT": "i.t."}  # or they would be taken for pronouns
_BULLETS = frozenset("•·*▪◦‣●■-–—")
_DASHES = frozenset("- -- --- – — ―".split())
_SENTENCE_MARKS = frozenset(".!?…")
_GLUED = re.compile(r"([$£€#]?\d[\d.,]*\w*|[\w’'-]+\w)(\.)([A-Z](?:[a-z]+(?:['’-]\w+)*)?)")  # wait.The
_NEVER_WORDS = frozenset(  # behind a full stop: of web addresses and files
    """com org net gov edu mil info biz co uk us eu de fr ca au in tv io ai app dev pdf doc docx xls xlsx ppt txt csv
    zip jpg jpeg png gif js py html htm php asp aspx md""".split()
)


class Token(NamedTuple):
    """A word, a punctuation mark or a whole quote, at code points ``start`` to ``end`` of the article.

    ``comma`` tells whether a quote has the sentence's comma inside its closing mark.
    """

    start: int
    end: int
    text: str
    lower: str
    kind: TokenKind
    quote: Quote | None = None
    comma: bool = False


def tokenize(text: str, paragraph: Paragraph, quotes: Sequence[Quote]) -> list[Token]:
    """The tokens of a paragraph; each of ``quotes`` is one token."""
    tokens: list[Token] = []
    at = paragraph.start
    for quote in quotes:
        _add_words(tokens, text, at, quote.start)
        tokens.append(Token(quote.start, quote.end, "", "", "quote", quote, text[quote.inner_end - 1] == ","))
        at = quote.end
    _add_words(tokens, text, at, paragraph.end)
    return tokens


def _add_words(tokens: list[Token], text: str, start: int, end: int) -> None:
    for match in _TOKEN.finditer(text, start, end):
        first, last = match.span()
        word = text[first:last]
        group = match.lastgroup
        if group == "word" and "." in word and (glued := _glued(text, first, last)) is not None:
            tokens.extend(glued)
        elif group == "word":
            lower = _ACRONYMS.get(word) or word.lower()
            tokens.append(Token(first, last, word, lower.replace("’", "'") if "’" in lower else lower, "word"))
        else:
            tokens.append(Token(first, last, word, word, "punct" if group == "punct" else "word"))


def _glued(text: str, first: int, last: int) -> list[Token] | None:
    """The tokens of ``wait.The``, with no blank behind the full stop; None for a web address, a file, initials."""
    match = _GLUED.fullmatch(text, first, last)
    if match is None or text[last : last + 1] in ("/", "@", "."):
        return None
    before, after = match.group(1), match.group(3)
    web = after.lower() in _NEVER_WORDS or (first > 0 and text[first - 1] in "/@")
    if web or (len(after) == 1 and after not in "AI"):
        return None
    title = f"{before.lower()}." in _TITLE_ABBREVIATIONS  # Mr.Reed
    cuts = (first, match.end(2) if title else match.end(1), match.start(3), last)
    return [
        Token(a, b, text[a:b], text[a:b].lower().replace("’", "'"), "punct" if text[a] == "." else "word")
        for a, b in pairwise(cuts)
        if a < b
    ]


def sentences(text: str, tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Token ranges ``(first, one past last)`` of the sentences."""
    first = 0
    for index, token in enumerate(tokens):
        if (
            token.kind == "word"
            and token.text[-1] != "."
            and index - first < _LONGEST_SENTENCE
            and index + 1 < len(tokens)
        ):
            continue  # most words, told apart here because this loop is hot
        if index - first >= _LONGEST_SENTENCE or _ends_sentence(text, tokens, index, token):
            yield first, index + 1
            first = index + 1


def _ends_sentence(text: str, tokens: Sequence[Token], index: int, token: Token) -> bool:
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    if following is None:
        return True
    if token.kind == "punct":
        if token.text in ")]" and index and tokens[index - 1].end == token.start:  # (It is late.) The dam …
            before = tokens[index - 1]
            return before.text[:1] in _SENTENCE_MARKS and before.kind == "punct" and following.text[:1].isupper()
        if token.text[0] not in _SENTENCE_MARKS:
            return False
        if token.text[0] in "…" or token.text.startswith(".."):
            return following.text[:1].isupper()
        apart = following.start > token.end or following.kind == "quote"
        return apart or (index > 0 and tokens[index - 1].end == token.start and following.text[:1].isupper())
    if token.kind == "word":
        return _abbreviation_ends(text, token, following)
    assert token.quote is not None
    return quote_ends_sentence(text, tokens, index)


def _abbreviation_ends(text: str, token: Token, following: Token) -> bool:
    if not token.text.endswith("."):
        return False
    if token.lower in _TITLE_ABBREVIATIONS or len(token.text) == 2:
        return False
    if following.kind == "quote":
        quote = following.quote
        return quote is not None and text[quote.inner_start : quote.inner_start + 1].isupper()
    return following.text[:1].isupper() and following.lower in _STARTERS


def quote_ends_sentence(text: str, tokens: Sequence[Token], index: int) -> bool:
    """Whether the sentence ends with the quote at ``index``: its last mark is terminal and no attribution follows."""
    quote = tokens[index].quote
    assert quote is not None
    inner = text[quote.inner_start : quote.inner_end].rstrip("'’”\" )]\u00a0")
    if not inner:
        return False
    following = tokens[index + 1]
    if inner[-1] not in ".!?…—–":
        return following.kind == "quote" and not quote.closed
    if following.kind == "punct":
        return following.text in ("(", "[")
    if following.kind == "quote":
        return True
    if following.text[:1].islower():
        return False
    if _is_introduced(tokens, index):
        return True
    return not _attribution_follows(tokens, index + 1, strict=inner[-1] in ".")


def _is_introduced(tokens: Sequence[Token], index: int) -> bool:
    """Whether words of the same sentence lead to the quote, so that none behind it attribute it.

    ``Name called it a "bad idea." Other said …``
    """
    before = tokens[index - 1] if index else None
    return before is not None and ((before.kind == "word" and before.text[-1] != ".") or before.text in (",", ":"))


def _attribution_follows(tokens: Sequence[Token], index: int, *, strict: bool) -> bool:
    """Whether ``Name said`` stands at ``index``; ``strict``, for a quote with a full stop, wants an end behind it."""
    verbs = lexicon().verbs
    k, high = index - 1, min(index + 7, len(tokens))
    while k + 1 < high:
        k += 1
        token = tokens[k]
        if token.kind != "word":
            behind = _behind_apposition(tokens, k) if token.text == "," and k > index and not strict else k
            if behind == k:
                return False
            k, high = behind - 1, behind + 1
            continue
        if token.lower in verbs and k > index:
            if strict and verbs[token.lower].lemma in _REACTIONS:
                return False  # "It is over." Name nodded.
            after = tokens[k + 1] if k + 1 < len(tokens) else None
            if (particle := verbs[token.lower].particle) is not None:
                if after is None or after.lower != particle:
                    continue
                after = tokens[k + 2] if k + 2 < len(tokens) else None
            if after is None or (after.kind == "punct" and after.text in ".,"):
                return True
            told = verbs[token.lower].lemma in _TO_SOMEBODY and _ends_with_hearer(tokens, k + 1)
            return not strict and (told or after.lower in _AFTER_VERB or after.lower in lexicon().time_words)
    return False


def _behind_apposition(tokens: Sequence[Token], comma: int) -> int:
    """One past the second comma of ``Name, a Texas Republican, demanded``, if a verb follows; else ``comma``."""
    for k in range(comma + 1, min(comma + 9, len(tokens) - 1)):
        if tokens[k].text == ",":
            return k + 1 if tokens[k + 1].lower in lexicon().verbs else comma
        if tokens[k].kind != "word":
            break
    return comma


def _ends_with_hearer(tokens: Sequence[Token], k: int) -> bool:
    """Whether ``the paper (in May).`` ends the sentence at ``k``, behind ``told``, with no clause in it."""
    for j in range(k, min(k + 14, len(tokens))):
        if tokens[j].kind != "word":
            return j > k and tokens[j].text == "."
        if tokens[j].lower in _CLAUSE_WORDS:
            return False
    return False


_REACTIONS = frozenset("agree beam chuckle concur giggle grin laugh nod shrug sigh smile sniff snort sob weep".split())
_TO_SOMEBODY = frozenset("tell ask remind".split())
_CLAUSE_WORDS = frozenset(
    """that to he she they it we i you there is are was were be been has have had do does did will would can could may
    might must shall should if whether what why how who which when where because although while but""".split()
)
_AFTER_VERB = frozenset(
    "in on at during to of after before when as while from reporters me him her them through via last this".split()
)


def after_dateline(tokens: Sequence[Token], low: int, high: int) -> int:
    """The first token behind what opens a paragraph before its words, else ``low``.

    That is a dateline (``GENEVA, May 4 (Agency) --``) or the time of an entry in a live blog (``14:32 BST``).
    """
    if low == 0 and (clock := _after_clock(tokens, high)) > 0:
        return clock
    if low == 0 and tokens and tokens[0].text == "(":
        closing = next((k for k in range(2, min(high - 2, 6)) if tokens[k].text == ")"), high)
        if closing < high and tokens[closing + 1].text in _DASHES:
            return closing + 2  # (Agency) --
    if low != 0 or not tokens or not (tokens[0].text.isupper() and len(tokens[0].text) > 2):
        return low
    for k in range(1, min(high - 1, 16)):
        token = tokens[k]
        if (
            token.kind == "punct"
            and token.text in _DASHES
            and (
                tokens[k - 1].end < token.start or (token.text == "—" and _names_place(tokens, k))  # SELM, Ohio—The
            )
        ):
            return k + 1
        if token.kind == "quote" or (
            token.kind == "word" and not token.text[0].isupper() and not token.text[0].isdigit()
        ):
            return low
    return low


def _names_place(tokens: Sequence[Token], end: int) -> bool:
    """Whether a comma follows the words in capitals with which the tokens before ``end`` begin: ``SELM, Ohio``."""
    comma = next((k for k in range(end) if not tokens[k].text.isupper()), end)
    return comma < end and tokens[comma].text == ","


def _after_clock(tokens: Sequence[Token], high: int) -> int:
    """The first token behind a time of day that opens a paragraph; 0 if none does."""
    if high > 3 and tokens[0].text.isdigit() and tokens[1].text == ":" and _MINUTES.fullmatch(tokens[2].lower):
        k = 3
    elif high > 1 and _CLOCK.fullmatch(tokens[0].lower):
        k = 1
    else:
        return 0
    while k < high - 1 and (tokens[k].lower in _HALVES or tokens[k].text in _ZONES):
        k += 1
    token = tokens[k]
    opens_words = token.kind == "quote" or token.text[:1].isupper() or token.text in (":", "|", "-", "–", "—")
    return k if opens_words else 0


def after_bullet(tokens: Sequence[Token], low: int, high: int) -> int:
    """The first token behind a bullet or dash that opens a paragraph, else ``low``."""
    return 1 if low == 0 and high > 1 and tokens[0].text in _BULLETS else low
