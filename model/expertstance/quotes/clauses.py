"""Find the reporting clauses of one sentence: the cue, its subject, and which words are the statement's."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from expertstance.quotes.clause_types import Clause, Site
from expertstance.quotes.content import tells_matter
from expertstance.quotes.endings import words_end
from expertstance.quotes.lexicon import Verb, lexicon
from expertstance.quotes.participles import cited_clause, participle_clause, passive_clause
from expertstance.quotes.phrases import according_clause, fronted_phrase_clause, inner_view_clause, noun_clause
from expertstance.quotes.predicates import follows_be, is_predicate
from expertstance.quotes.subjects import Subject, left_subject
from expertstance.quotes.tokens import Token
from expertstance.quotes.verb_clauses import (
    elliptic_clause,
    embedded_clause,
    end_subordinate,
    full_clause,
    goes_on_in_perfect,
    inverted_clause,
    is_embedded,
    led_clause,
    reproaches,
    unlisted_verb_clause,
)
from expertstance.quotes.words import CONJUNCTIONS, SUBJECT_PRONOUNS, is_adverb, is_capital, is_comma, is_dash

_DEMANDS = frozenset("ask demand insist propose recommend request require suggest urge".split())
_NOBODY = frozenset("nobody none few".split())
_FIGURES = frozenset("data figure record document statistic".split())
_CONTRASTS = frozenset("while though although whereas".split())
_BETWEEN_CLAUSES = CONJUNCTIONS | _CONTRASTS | {"as", ";"}


def clauses(tokens: Sequence[Token], low: int, high: int) -> list[Clause]:
    """The reporting clauses of the sentence ``tokens[low:high]``, in text order."""
    verbs, nouns = lexicon().verbs, lexicon().speech_nouns
    found: list[Clause] = []
    for k in range(low, high):
        lower = tokens[k].lower
        clause: Clause | None = None
        if lower in verbs:
            clause = _verb_clause(tokens, low, high, k, verbs[lower], found)
        elif lower.endswith("ed") and len(lower) > 4:
            clause = unlisted_verb_clause(tokens, low, high, k)
        elif k == low and lower in ("for", "to", "in"):
            clause = fronted_phrase_clause(tokens, low, high)
        elif lower == "in" and k > low + 1 and is_comma(tokens[k - 1]):
            clause = inner_view_clause(tokens, low, high, k)
        elif lower == "according" and k + 1 < high and tokens[k + 1].lower == "to":
            clause = according_clause(tokens, low, high, (k, k + 2))
        elif lower == "per" and low < k < high - 1 and tokens[k - 1].kind != "word" and is_capital(tokens[k + 1]):
            clause = according_clause(tokens, low, high, (k, k + 1))
        if clause is None and lower in nouns and k + 1 < high and tokens[k + 1].lower in ("that", "by"):
            clause = noun_clause(tokens, low, high, k)
        if clause is not None:
            while found and (_describes_subject(tokens, found[-1], clause) or _says_the_same(found[-1], clause)):
                found.pop()
            found.append(clause)
    cut = _cut_at_followers(tokens, _attributed_once(tokens, found))
    kept = (_without_asides(tokens, clause) for clause in cut if not _only_targets(tokens, clause))
    return [_without_joints(tokens, clause) for clause in kept]


def _verb_clause(
    tokens: Sequence[Token], low: int, high: int, k: int, verb: Verb, earlier: Sequence[Clause]
) -> Clause | None:
    """The clause of the reporting verb at ``k``, if it reports: the first rule that fits."""
    following = tokens[k + 1].lower if k + 1 < high else ""
    if verb.particle is not None and following != verb.particle:
        return None
    site = Site(tokens, low, high, k, verb, (k, k + 1 + (verb.particle is not None)), earlier)
    if "object" in verb.frames and (passive := passive_clause(site)) is not None:
        return passive
    if not is_predicate(tokens, low, high, k, verb):
        return None
    before = tokens[k - 1] if k > low else None
    if before is not None and before.lower == "to":
        return led_clause(site)
    lower = tokens[k].lower
    if lower.endswith("ing"):
        if before is not None and before.lower == "as" and k - 2 >= low:
            return cited_clause(site)
        if not follows_be(tokens, low, k):
            return participle_clause(site)
    if before is not None:
        if (is_comma(before) or before.kind == "quote") and (inverted := inverted_clause(site)) is not None:
            return inverted
        joined = tokens[k - 2] if (is_adverb(before) or goes_on_in_perfect(site)) and k - 2 >= low else before
        if joined.lower in CONJUNCTIONS:
            return elliptic_clause(site)
    noun_like = lower in lexicon().noun_like_forms and not follows_be(tokens, low, k)
    any_noun = (not noun_like or verb.particle is not None) and (
        verb.lemma in ("say", "tell", "ask", "read") or following == "that" or _leads_to_quote(site)
    )
    subject = left_subject(tokens, low, k, any_noun=any_noun)
    if subject is None:
        return None
    if "document" in verb.frames and not _is_document(tokens, subject):
        return None
    if is_embedded(site, subject):
        return embedded_clause(site, subject)
    if lower == verb.lemma and _is_demanded(tokens, low, subject):
        return None
    clause = full_clause(site, subject)
    if clause is None or (not clause.open and (_is_open_question(site, subject) or _is_denied(site, subject))):
        return None
    return end_subordinate(site, clause)


def _is_demanded(tokens: Sequence[Token], low: int, subject: Subject) -> bool:
    """Whether somebody is only to do it: ``demanded that the minister | explain why``."""
    if subject.outer - 2 < low or tokens[subject.outer - 1].lower != "that":
        return False
    verb = lexicon().verbs.get(tokens[subject.outer - 2].lower)
    return verb is not None and verb.lemma in _DEMANDS


def _is_denied(site: Site, subject: Subject) -> bool:
    """Whether nobody says so: ``Not everyone in the industry agrees that``, ``Few in the party say``."""
    first = subject.outer
    while first - 1 > site.low and site.tokens[first - 1].lower in ("in", "at", "of", "the", "among", "on"):
        first -= 1
    words = [token.lower for token in site.tokens[max(site.low, first - 2) : subject.first + 1]]
    if "neither" in words or words[-2:-1] == ["nor"]:
        return True
    some = any(pair == ("a", "few") for pair in pairwise(words))
    return (not some and any(word in _NOBODY for word in words)) or (
        "not" in words and ("everyone" in words or "all" in words)
    )


def _is_document(tokens: Sequence[Token], subject: Subject) -> bool:
    """Whether a paper or figures speak: ``The survey showed that``, not ``She showed that``."""
    lists = lexicon()
    words = [token.lower.rstrip("s") for token in tokens[subject.first : subject.last]]
    return any(word in lists.documents or word in _FIGURES for word in words)


def _is_open_question(site: Site, subject: Subject) -> bool:
    """Whether it is open that this was said: ``asked if she believed …``, ``whether he had said …``."""
    return subject.outer > site.low and site.tokens[subject.outer - 1].lower in ("if", "whether")


def _leads_to_quote(site: Site) -> bool:
    """Whether ``: "…"`` or ``, "…"`` ends the sentence, right behind the verb or two words later."""
    tokens, first = site.tokens, site.cue[1]
    mark = next((k for k in range(first, min(site.high - 1, first + 3)) if tokens[k].kind != "word"), None)
    if mark is None or tokens[mark].text not in (":", ",") or tokens[mark + 1].kind != "quote":
        return False
    return mark + 2 >= site.high or tokens[mark + 2].kind == "punct"


def _describes_subject(tokens: Sequence[Token], earlier: Clause, clause: Clause) -> bool:
    """Whether the earlier clause only tells who the later one's subject is: ``The senator who wrote the bill said``."""
    between = tokens[clause.subject.last : clause.cue[0]]
    return (
        clause.subject.last <= earlier.cue[0] < clause.cue[0]
        and between[0].lower in ("who", "which", "that")
        and all(token.kind == "word" for token in between)
    )


def _says_the_same(earlier: Clause, clause: Clause) -> bool:
    """Whether both verbs have the same words: ``concluded by saying that …``."""
    return bool(clause.contents) and earlier.contents == clause.contents and earlier.cue[0] < clause.cue[0]


def _attributed_once(tokens: Sequence[Token], found: list[Clause]) -> list[Clause]:
    """Leave the later clause of ``Name agrees: "…," she said``, with the quote alone for its words."""
    kept: list[Clause] = []
    for clause in found:
        quote = clause.contents[0][1] - 1 if clause.contents else -1
        before = kept[-1] if kept else None
        if (
            before is not None
            and [first for first, _ in before.contents] == [quote]
            and clause.contents[0][0] <= quote
            and tokens[quote].kind == "quote"
            and tokens[quote - 1].text in (",", ":")
            and _same_speaker(tokens, before.subject, clause.subject)
        ):
            kept.pop()
            clause = replace(clause, contents=((quote, quote + 1), *clause.contents[1:]), start=quote)
        kept.append(clause)
    return kept


def _same_speaker(tokens: Sequence[Token], earlier: Subject, later: Subject) -> bool:
    last = tokens[later.last - 1]
    return last.lower in SUBJECT_PRONOUNS or last.text == tokens[earlier.last - 1].text


def _cut_at_followers(tokens: Sequence[Token], found: list[Clause]) -> list[Clause]:
    """End a clause's words where a later clause of the sentence begins, unless that stands inside a that-clause."""
    if len(found) < 2:
        return found
    cut: list[Clause] = []
    for index, clause in enumerate(found):
        contents = list(clause.contents)
        for later in found[index + 1 :]:
            place = later.start
            if place <= clause.cue[0]:
                goes_on = later.contents and later.contents[-1][0] >= later.cue[1]  # the plan, she said, will …
                place = later.cue[0] if goes_on else max(min(later.cue[0], later.subject.outer), clause.cue[1])
            for n, (first, last) in enumerate(contents):
                if first < place < last and _is_border(tokens, place, first, clause):
                    contents[n] = (first, _before_border(tokens, first, place))
        kept = tuple((a, b) for a, b in contents if b > a)
        if kept or clause.open:
            cut.append(clause if kept == clause.contents else replace(clause, contents=kept))
    return cut


def _only_targets(tokens: Sequence[Token], clause: Clause) -> bool:
    """Whether nothing is left of the words but whom they aim at: ``chided his adviser, | tweeting that "…"``."""
    if not _takes_targets(tokens, clause) or clause.open:
        return False
    verb = lexicon().verbs[tokens[clause.cue[0]].lower]
    return not any(
        reproaches(tokens, first, last, verb)
        or tells_matter(tokens, first, last, verb)
        or any(token.kind == "quote" for token in tokens[first:last])
        for first, last in clause.contents
    )


def _takes_targets(tokens: Sequence[Token], clause: Clause) -> bool:
    """Whether the verb takes nothing but an object: ``defended``."""
    verb = lexicon().verbs.get(tokens[clause.cue[0]].lower)
    return verb is not None and verb.only_object and verb.lemma != "call"


def _without_asides(tokens: Sequence[Token], clause: Clause) -> Clause:
    """The clause without what the reporter says behind its words."""
    contents = tuple((a, words_end(tokens, clause, a, b) if a >= clause.cue[1] else b) for a, b in clause.contents)
    return clause if contents == clause.contents else replace(clause, contents=contents)


def _without_joints(tokens: Sequence[Token], clause: Clause) -> Clause:
    """The clause without the reporter's ``and`` between two quotes: ``"…," he said, and "…"``."""
    if _takes_targets(tokens, clause):
        return clause
    contents: list[tuple[int, int]] = []
    for first, last in clause.contents:
        behind = len(contents) == 1 and contents[0][1] - contents[0][0] == 1 and tokens[contents[0][0]].kind == "quote"
        if behind and (second := _joined_quote(tokens, first, last)) is not None:
            contents.append((second, last))
        elif tokens[first].kind == "quote" and (second := _joined_quote(tokens, first + 1, last)) is not None:
            set_off = tokens[first].comma or is_comma(tokens[first + 1])
            contents.extend([(first, first + 1), (second, last)] if set_off else [(first, last)])
        else:
            contents.append((first, last))
    return replace(clause, contents=tuple(contents))


def _joined_quote(tokens: Sequence[Token], k: int, last: int) -> int | None:
    """The quote of ``and "…"`` at ``k``, if nothing but end marks follows it; else None."""
    k += k < last and is_comma(tokens[k])
    if k >= last or tokens[k].lower != "and":
        return None  # a "but" may be the speaker's
    k += 1 + (k + 1 < last and is_comma(tokens[k + 1]))
    alone = k < last and tokens[k].kind == "quote" and all(t.kind == "punct" for t in tokens[k + 1 : last])
    return k if alone else None


def _before_border(tokens: Sequence[Token], first: int, place: int) -> int:
    """``place``, moved back over commas, conjunctions and the ``by`` of ``by saying``."""
    border = place
    while place > first and (is_comma(tokens[place - 1]) or (tokens[place - 1].lower in _BETWEEN_CLAUSES | {"by"})):
        if tokens[place - 1].lower == "yet" and place < border:
            break  # had not read it yet | but added
        place -= 1
    return place


def _is_border(tokens: Sequence[Token], place: int, first: int, clause: Clause) -> bool:
    before = tokens[place - 1]
    if is_comma(before) or before.comma or is_dash(before) or before.text == ";":
        return True
    if before.lower == "by":  # defended the deal by saying
        return _takes_targets(tokens, clause)
    begun = place - 2 > first or (place - 2 == first and tokens[first].kind == "quote")
    return (before.lower in CONJUNCTIONS or before.lower in _CONTRASTS) and begun
