"""Clauses of a finite reporting verb with its subject before it, after it, or shared with the verb before."""

from collections.abc import Sequence
from dataclasses import replace

from expertstance.quotes.clause_types import Clause, Site
from expertstance.quotes.content import Content, content_after, content_before, ends_sentence
from expertstance.quotes.endings import CONTRASTS, acting_verb, compares_with_forecast
from expertstance.quotes.lexicon import Verb, lexicon
from expertstance.quotes.noun_phrases import may_speak, phrase_from
from expertstance.quotes.phrases import main_verb
from expertstance.quotes.predicates import infinitive_lead, several_at_house
from expertstance.quotes.subjects import Subject, left_subject, main_subject, right_subject
from expertstance.quotes.tokens import Token
from expertstance.quotes.words import (
    ARTICLES,
    AUXILIARIES,
    CONJUNCTIONS,
    OBJECT_PRONOUNS,
    POSSESSIVES,
    PREPOSITIONS,
    PRONOUN_CONTRACTIONS,
    SUBJECT_PRONOUNS,
    SUBORDINATORS,
    is_adverb,
    is_capital,
    is_comma,
    is_finite_auxiliary,
    is_time,
    may_be_past,
)

_APPEALS = frozenset("ask urge exhort plead demand beg invite".split())
_CAUSATIVES = frozenset(
    "let lets letting help helps helped make makes made have see hear heard saw watch watched".split()
)
_EMBEDDING = frozenset("what how than whatever everything anything all".split())
_OPENERS = frozenset("when after as because if although though while since before once".split())
_PERFECT = frozenset("has have had".split())
_LONGEST_SETTING = 8
_LONGEST_OBJECT = 14
_SHORTEST_CLAUSE = 4  # tokens, the full stop among them
_CHARGES = frozenset(
    "claim claims allegation allegations charge charges accusation accusations wrongdoing this".split()
)
_PARTS_TAKEN = frozenset("involvement responsibility knowledge".split())
_MAKES_KNOWN = frozenset("announce confirm declare disclose report reveal".split())
_MOSTLY_NOUNS = frozenset("state states report claim comment note estimate project charge post stress".split())


def full_clause(site: Site, subject: Subject) -> Clause | None:
    """``Name said …`` and ``…, Name said``: the words stand behind the verb, before the subject, or on both sides."""
    tokens, high = site.tokens, site.high
    right = content_after(tokens, site.cue[1], high, site.verb)
    if right is not None and right.how == "bare" and "person" in site.verb.frames and _is_hearer(site, right.first):
        right = None
    if (right is None or right.how == "comma") and (fronted := _after_as(site, subject)) is not None:
        return Clause(site.cue, subject, (fronted,), "as-name-says", subject.sure, subject.outer - 1)
    takes_target = site.only_object and site.verb.lemma != "call"
    if (
        takes_target
        and right is not None
        and right.how != "that"
        and not (_is_quoted(site, right.first) or reproaches(tokens, right.first, high, site.verb))
    ):
        return None
    if _is_relative_aside(site, subject):
        return None
    left = None if site.only_object else _left_words(site, subject, right)
    if left is not None and right is not None and right.how == "comma" and tokens[left.last - 1].lower == "because":
        return Clause(site.cue, subject, ((right.first, high),), "verb-clause", subject.sure, subject.outer)
    if left is not None and not left.quoted and _takes_other_words(site):
        left = None
    if left is not None and (left.quoted or right is None or right.how == "comma"):
        contents = [(left.first, left.last)]
        if right is not None and _goes_on(site, left, right):
            contents.append((right.first, high))
        rule = "quote-subject-verb" if left.quoted else "content-subject-verb"
        return Clause(site.cue, subject, tuple(contents), rule, subject.sure, left.first)
    if right is None or right.how == "comma" or not _may_take(site, subject, right):
        return None
    if right.how == "colon-end":
        return Clause(site.cue, subject, (), "verb-colon", subject.sure, subject.outer, open=True)
    rule = {"quote": "verb-quote", "colon": "verb-colon", "that": "verb-that"}.get(right.how, "verb-clause")
    last = _object_end(site, right.first) if site.only_object else high
    return Clause(site.cue, subject, ((right.first, last),), rule, subject.sure, subject.outer)


def reproaches(tokens: Sequence[Token], first: int, high: int, verb: Verb) -> bool:
    """Whether the object tells a deed: ``accused the council | of hiding it``, ``praised it | for being open``."""
    link = "of" if verb.lemma == "accuse" else "for"
    any_noun = verb.lemma == "blame"  # for the delay
    for k in range(first + 1, min(high - 1, first + _LONGEST_OBJECT)):
        if tokens[k].kind != "word":
            return False
        if tokens[k].lower == link and (
            any_noun or (tokens[k + 1].lower.endswith("ing") and not is_capital(tokens[k + 1]))
        ):
            return True
    return False


def urges(site: Site, first: int) -> bool:
    """Whether ``residents to stay inside`` stands at ``first``, behind ``urged``."""
    if site.verb.lemma != "urge":
        return False
    end = phrase_from(site.tokens, first, site.high)
    if site.tokens[first].lower in OBJECT_PRONOUNS:
        end = first + 1
    end += end < site.high and site.tokens[end].lower == "not"
    return first < end < site.high - 1 and site.tokens[end].lower == "to"


def _is_relative_aside(site: Site, subject: Subject) -> bool:
    """Whether the clause only describes what stands before the comma: ``…, a claim | ministers deny``."""
    tokens, first = site.tokens, subject.outer
    if first == site.low or not is_comma(tokens[first - 1]) or tokens[first].lower not in ("a", "an", "something"):
        return False
    noun = tokens[first] if tokens[first].lower == "something" else tokens[first + 1]
    return noun.lower in lexicon().aside_nouns and subject.last - first > 1


def _after_as(site: Site, subject: Subject) -> tuple[int, int] | None:
    """The words behind ``As Name said (on Monday),``."""
    tokens, first = site.tokens, site.cue[1]
    opener = site.low + (tokens[site.low].lower in CONJUNCTIONS)
    if subject.outer - 1 != opener or tokens[opener].lower != "as" or not site.verb.frames & {"clause", "bare"}:
        return None
    comma = next((k for k in range(first, min(site.high - 1, first + _LONGEST_SETTING)) if is_comma(tokens[k])), None)
    return None if comma is None else (comma + 1, site.high)


def _is_quoted(site: Site, first: int) -> bool:
    """Whether a quote stands in the object from ``first`` on, not only in somebody's words there (``, who said``)."""
    border = next((k for k in range(first + 1, site.high - 1) if _opens_words_of_another(site.tokens, k)), site.high)
    return site.has_quote(first, border)


def _opens_words_of_another(tokens: Sequence[Token], k: int) -> bool:
    """Whether ``, who said`` or ``, who this week said`` stands at ``k``, behind the comma."""
    if tokens[k].lower != "who" or not is_comma(tokens[k - 1]):
        return False
    return any(token.lower in lexicon().verbs for token in tokens[k + 1 : k + 4])


def _object_end(site: Site, first: int) -> int:
    """Where the object of ``dismissed`` ends: at its last quote, if an aside follows that."""
    tokens, high = site.tokens, site.high
    last = next((k for k in range(high - 1, first - 1, -1) if tokens[k].kind == "quote"), high) + 1
    return last if last < high and is_comma(tokens[last]) else high


def _left_words(site: Site, subject: Subject, right: Content | None) -> Content | None:
    """The words before the subject, unless they are only the setting of what stands behind the verb."""
    before = next((t.lower for t in reversed(site.tokens[subject.last : site.at]) if not is_adverb(t)), "")
    if before == "who":
        return None  # wants to hear Ann Reed, a clerk who told …
    alone = right is None and ends_sentence(site.tokens, site.cue[1], site.high, site.verb)
    left = content_before(site.tokens, site.low, subject.outer, alone=alone)
    if right is None:
        return left
    if left is None:
        if right.how != "comma":
            return None
        return content_before(site.tokens, site.low, subject.outer, parenthetical=True)
    # "On the show "Title," Name said the plan …"; but The plan is "a mess," Name said, "and will stay one"
    if left.quoted and site.tokens[left.first].kind != "quote" and right.how in ("bare", "that", "quote"):
        return left if right.how == "quote" and _leads_into_quote(site.tokens[left.first : left.last]) else None
    return left


def _leads_into_quote(words: Sequence[Token]) -> bool:
    """Whether the words are a clause with its verb before the quote that ends them: ``The plan is "a mess,"``."""
    opener = words[0].lower
    if opener in PREPOSITIONS | SUBORDINATORS | CONJUNCTIONS or opener.endswith("ing") or len(words) > _LONGEST_OBJECT:
        return False
    known = any(token.kind == "quote" or token.lower in lexicon().verbs for token in words[:-1])
    return not known and any(is_finite_auxiliary(token) for token in words[1:-1])


def _takes_other_words(site: Site) -> bool:
    """Whether unquoted words before ``Name verb`` are not the verb's: it takes a quote only, or an object follows."""
    following = site.tokens[site.cue[1]] if site.cue[1] < site.high else None
    if site.verb.frames == {"that"}:
        return True  # after the vote, many voiced concern
    if site.only_quote:
        goes_on = following is not None and is_comma(following)  # The plan, she continued, will …
        return not goes_on and not site.has_quote(site.cue[1], site.high)
    if "document" in site.verb.frames:
        alone = following is None or is_comma(following)  # in many areas, polls show a lead
        return not (alone or ends_sentence(site.tokens, site.cue[1], site.high, site.verb))
    if following is None or "person" in site.verb.frames:
        return False
    opens_object = following.lower in ARTICLES or following.lower in POSSESSIVES or following.lower in OBJECT_PRONOUNS
    return opens_object or (is_capital(following) and not is_time(following))


def _is_hearer(site: Site, first: int) -> bool:
    """Whether a hearer is all that follows the verb: ``…, Name warned | lawmakers``."""
    end = phrase_from(site.tokens, first, site.high)
    return end > first and all(token.kind == "punct" and token.text in ".,;" for token in site.tokens[end : site.high])


def _goes_on(site: Site, left: Content, right: Content) -> bool:
    """Whether the words before the subject go on behind the verb (``"A," Name said, "B"``)."""
    if right.how in ("quote", "colon"):
        return True
    if right.how == "that":
        return not left.quoted  # "…," she said that summer, she said of the plan that failed
    if right.how != "comma" or compares_with_forecast(site.tokens, right.first, site.high):
        return False
    joined = site.tokens[right.first].lower in CONJUNCTIONS and site.has_quote(right.first, site.high)
    return not left.quoted or joined


def _may_take(site: Site, subject: Subject, right: Content) -> bool:
    """Whether the verb's frames allow what stands behind it."""
    if right.how == "bare" and site.tokens[site.at].lower in _MOSTLY_NOUNS and not _is_plural(site, subject):
        return False
    if right.how == "bare" and site.verb.lemma in _MAKES_KNOWN and site.tokens[site.at - 1].lower in ("will", "would"):
        return False  # will announce his choice on Monday
    if right.how == "bare" and site.verb.lemma == "deny" and _is_mere_charge(site, right.first):
        return False
    short = site.high - right.first < _SHORTEST_CLAUSE and not site.has_quote(right.first, site.high)
    if site.verb.frames == {"that"} and (right.how != "that" or short):
        return False  # disputed that figure
    if right.how == "bare" and site.verb.lemma == "threaten" and site.tokens[right.first].lower != "to":
        return False  # threatens a rival with defeat
    if right.how == "quote" and "that" in site.verb.frames and any(clause.reports(site.at) for clause in site.earlier):
        return False  # said it had found "…": an object
    if site.only_quote and right.how not in ("quote", "colon-end"):
        return urges(site, right.first) or site.has_quote(
            right.first, site.high if site.verb.lemma in _APPEALS else right.first + 1
        )
    return right.how not in ("bare", "object") or bool(site.verb.frames & {"bare", "clause", "object", "person"})


def _is_mere_charge(site: Site, first: int) -> bool:
    """Whether nothing but ``the claim`` or ``wrongdoing`` is denied."""
    opener = site.tokens[first].lower
    last = first + (opener in ARTICLES or opener in POSSESSIVES or opener == "any")
    told = last + 1 < site.high and site.tokens[last + 1].kind == "word"  # any involvement | in the attack
    if told and site.tokens[last + 1].lower == "that":
        return False  # claims | that he knew
    return site.tokens[last].lower in _CHARGES or (site.tokens[last].lower in _PARTS_TAKEN and not told)


def _is_plural(site: Site, subject: Subject) -> bool:
    """Whether several speak, right before the verb, so that ``claim`` is one: ``critics claim``, ``they claim``."""
    last = site.tokens[subject.last - 1].lower
    if subject.last != site.at or last in ("they", "we", "i") or several_at_house(site.tokens, site.at):
        return subject.last == site.at
    return last.endswith("s") and (last in lexicon().speaker_nouns or last.rstrip("s") in lexicon().role_heads)


def inverted_clause(site: Site) -> Clause | None:
    """``…, said Name``, and ``said Name: …``."""
    tokens, high = site.tokens, site.high
    if not site.verb.frames & {"quote", "clause"} or site.verb.lemma == "tell":
        return None
    subject = right_subject(tokens, site.cue[1] - 1, high)
    if subject is None:
        return None
    if subject.last < high and tokens[subject.last].text == ":":
        words = ((subject.last + 1, high),) if subject.last + 1 < high else ()
        return Clause(site.cue, subject, words, "verb-colon", subject.sure, site.at, open=not words)
    if (aside := _inverted_aside(site, subject)) is not None:
        return aside
    if _is_enumerated(site, subject):
        return None
    ends = subject.last >= high or tokens[subject.last].text == "."
    left = content_before(tokens, site.low, site.at, alone=ends)
    if left is not None and not left.quoted and site.only_quote and not ends and is_comma(tokens[left.last]):
        return None  # A clerk, who was late, asked Reed about it
    if left is None or not (left.quoted or _only_circumstances(tokens, subject.last, high)):
        return None
    contents = [(left.first, left.last)]
    for k in range(subject.last, high - 1):
        joined = k + 2 < high and tokens[k + 1].lower in ("and", "but")
        if is_comma(tokens[k]) and tokens[k + 1 + joined].kind == "quote":
            contents.append((k + 1, high))
            break
    rule = "quote-verb-subject" if left.quoted else "content-verb-subject"
    return Clause(site.cue, subject, tuple(contents), rule, subject.sure, left.first)


def _is_enumerated(site: Site, subject: Subject) -> bool:
    """Whether the plain form only goes on a list: ``to save power, | add solar panels, and rest``."""
    plain = site.tokens[site.at].lower == site.verb.lemma and site.verb.lemma != "say"
    after = site.tokens[subject.last : subject.last + 2]
    return plain and len(after) == 2 and is_comma(after[0]) and after[1].lower in ("and", "or")


def _inverted_aside(site: Site, subject: Subject) -> Clause | None:
    """``The plan, says Name, will …``: the words go on with their verb behind the name."""
    tokens, after = site.tokens, subject.last
    if after + 1 >= site.high or not is_comma(tokens[after]) or not _is_finite(tokens, after + 1):
        return None
    left = content_before(tokens, site.low, site.at, parenthetical=True)
    if left is None or left.quoted:
        return None
    contents = ((left.first, left.last), (after + 1, site.high))
    return Clause(site.cue, subject, contents, "content-verb-subject", subject.sure, left.first)


def _only_circumstances(tokens: Sequence[Token], k: int, high: int) -> bool:
    """Whether what follows the subject of ``said Name`` is at most an apposition, a time or a place."""
    if k >= high or tokens[k].kind == "punct":
        return True
    saying = (j for j in range(k, high) if tokens[j].lower.endswith("ing") and tokens[j].lower in lexicon().verbs)
    high = next(saying, high)  # said a court in closing the port and | affirming that
    return all(
        t.lower not in AUXILIARIES and t.lower not in SUBJECT_PRONOUNS and t.kind != "quote" for t in tokens[k:high]
    )


def led_clause(site: Site) -> Clause | None:
    """``went on to say that``, ``made sure to add that``: the subject is that of the leading verb."""
    tokens, low = site.tokens, site.low
    lead = infinitive_lead(tokens, low, site.at - 1)
    if lead is None:
        return None
    site = site._replace(cue=(lead, site.at + 1))
    before = tokens[lead - 1] if lead > low else None
    joined = before is not None and (before.lower in CONJUNCTIONS or is_comma(before))
    if joined or tokens[lead].lower.endswith("ing"):
        return elliptic_clause(site)
    subject = left_subject(tokens, low, lead)
    return full_clause(site, subject) if subject is not None else None


def elliptic_clause(site: Site) -> Clause | None:
    """``… and added that``: the subject is that of the clause before, or of the sentence."""
    if site.verb.lemma == "advise" and site.tokens[site.at - 1].lower == "or":
        return None  # notices that mislead voters or advise them to stay at home
    right = content_after(site.tokens, site.cue[1], site.high, site.verb)
    if right is None or right.how in ("comma", "colon-end") or site.verb.lemma == "believe" or _is_joined_inside(site):
        return None
    if right.how == "bare" and site.tokens[site.at].lower in _MOSTLY_NOUNS:
        return None
    quoted_object = (urges(site, right.first) and not _is_in_perfect(site)) or (
        site.only_object
        and (_quotes_at_once(site, right.first) or reproaches(site.tokens, right.first, site.high, site.verb))
    )
    if site.verb.frames <= {"quote", "object"} and right.how not in ("quote", "colon") and not quoted_object:
        return None
    nearer = subject_in_contrast(site)
    last_subject = site.earlier[-1].subject if site.earlier else main_subject(site.tokens, site.low, site.at)
    subject = nearer or last_subject
    if subject is None:
        return None
    last = _object_end(site, right.first) if site.only_object else site.high
    start = subject.first if nearer is not None else site.at - goes_on_in_perfect(site)
    return Clause(site.cue, subject, ((right.first, last),), "shared-subject", 0.75, start)


def goes_on_in_perfect(site: Site) -> bool:
    """Whether the verb has its ``has`` with the one before it: ``has denied it and | has called her a liar``."""
    perfect, before = site.tokens[site.at - 1].lower, site.earlier[-1] if site.earlier else None
    return before is not None and perfect in _PERFECT and site.tokens[before.cue[0] - 1].lower == perfect


def subject_in_contrast(site: Site) -> Subject | None:
    """``the council`` in ``she raised it, but the council refused and | argued that``, behind a clause of another's."""
    tokens = site.tokens
    for k in range(site.at - 1, site.earlier[-1].cue[1] if site.earlier else site.high, -1):
        if tokens[k].lower not in CONTRASTS or not is_comma(tokens[k - 1]) or tokens[k + 1].lower == "that":
            continue
        end = phrase_from(tokens, k + 1, site.at)
        if end <= k + 1 or end >= site.at or not _is_finite(tokens, end):
            end = acting_verb(tokens, k + 1, site.at) or k + 1
        if may_speak(tokens, k + 1, end):
            return Subject(k + 1, end, k + 1, 0.9)
    return None


def _is_in_perfect(site: Site) -> bool:
    """Whether the form may be a participle of somebody's words: ``said the clerk had lost it and | urged``."""
    return any(
        token.lower in ("had", "has", "have") and any(clause.reports(k) for clause in site.earlier)
        for k, token in enumerate(site.tokens[site.low : site.at], start=site.low)
    )


def _is_joined_inside(site: Site) -> bool:
    """Whether the verb goes with one in somebody's words: ``said that in May, Reed laughed and | told her``."""
    before = site.at - 2
    if before - 1 < site.low or not may_be_past(site.tokens[before]):
        return False
    return is_capital(site.tokens[before - 1]) and any(clause.reports(before - 2) for clause in site.earlier)


def _quotes_at_once(site: Site, first: int) -> bool:
    """Whether a quote stands in the object that opens at ``first``, before any comma."""
    border = next((k for k in range(first, site.high) if is_comma(site.tokens[k])), site.high)
    return site.has_quote(first, border)


def is_embedded(site: Site, subject: Subject) -> bool:
    """Whether the clause is an embedded question, a comparison or the like: ``what she says``, ``let voters say``."""
    before = site.tokens[subject.outer - 1] if subject.outer > site.low else None
    if before is None or before.kind != "word":
        return False
    if before.lower in SUBJECT_PRONOUNS and site.tokens[subject.outer].lower in ("wish", "wishes", "wished"):
        return True  # what I wish Name would say
    if site.tokens[site.at].lower == site.verb.lemma and before.lower in _CAUSATIVES:
        return True
    return (before.lower in _EMBEDDING and subject.outer - 1 > site.low) or before.lower in ("everything", "anything")


def embedded_clause(site: Site, subject: Subject) -> Clause | None:
    """``what she calls a "dead end"`` and ``"…" is how she puts it``; other embedded clauses are no statements."""
    tokens, first = site.tokens, site.cue[1]
    how = subject.outer - 1
    if tokens[how].lower == "how" and site.verb.frames & {"quote", "object"}:
        told = how - 2 >= site.low and tokens[how - 1].lower in ("is", "was") and tokens[how - 2].kind == "quote"
        words = (site.low, how - 1)
        return Clause(site.cue, subject, (words,), "quote-how", subject.sure, site.low) if told else None
    if tokens[how].lower == "all" and site.verb.lemma == "say":
        told = how - 2 == site.low and tokens[how - 1].lower in ("is", "was") and tokens[site.low].kind == "quote"
        return Clause(site.cue, subject, ((site.low, how - 1),), "quote-how", subject.sure, site.low) if told else None
    if site.verb.lemma not in ("call", "describe") or tokens[subject.outer - 1].lower != "what":
        return None
    for k in range(first, min(site.high, first + 12)):
        if tokens[k].kind == "quote":
            return Clause(site.cue, subject, ((first, k + 1),), "what-name-calls", subject.sure, subject.outer)
        if tokens[k].kind == "punct":
            return None
    return None


def end_subordinate(site: Site, clause: Clause) -> Clause:
    """End the words of ``When she said that …, …`` and of ``Name, who said that …, is …`` at the comma."""
    tokens, subject = site.tokens, clause.subject
    if len(clause.contents) != 1 or clause.contents[0][0] < clause.cue[1] or clause.rule == "as-name-says":
        return clause
    first, last = clause.contents[0]
    before = tokens[subject.outer - 1].lower if subject.outer > site.low else ""
    between = tokens[subject.last : clause.cue[0]]
    relative = any(t.lower in ("who", "which") for t in between)
    set_off = relative and is_comma(between[0])
    soon = subject.outer - 3 == site.low and tokens[subject.outer - 2].lower == "soon"
    fronted = before in _OPENERS and (subject.outer - 2 <= site.low or soon)
    if not relative and not fronted and before != "which":
        return clause
    for k in range(first if tokens[first].kind == "quote" else first + 2, last - 1):
        following = tokens[k + 1]
        goes_on = following.lower in AUXILIARIES or (set_off and _is_finite(tokens, k + 1))
        if before == "which" and following.lower in ("a", "an"):
            continue  # an apposition
        if (is_comma(tokens[k]) or tokens[k].comma) and (goes_on if relative else _opens_main_clause(following)):
            return replace(clause, contents=((first, k + tokens[k].comma),))
    commas = [k for k in range(first + 2, last - 1) if is_comma(tokens[k])]
    if relative and not set_off and all(is_adverb(token) for token in tokens[site.low : subject.outer]):
        return replace(clause, contents=((first, main_verb(tokens, first, last)),))  # those who say so | are wrong
    return replace(clause, contents=((first, commas[0]),)) if fronted and len(commas) == 1 else clause


def _is_finite(tokens: Sequence[Token], k: int) -> bool:
    """Whether the main verb goes on at ``k``, not a mere participle: ``, declined to``, but ``, backed by``."""
    if tokens[k].lower in AUXILIARIES:
        return True
    following = tokens[k + 1].lower if k + 1 < len(tokens) else ""
    return may_be_past(tokens[k]) and (following == "to" or following not in PREPOSITIONS)


def _opens_main_clause(token: Token) -> bool:
    return (
        is_capital(token)
        or token.lower in SUBJECT_PRONOUNS | PRONOUN_CONTRACTIONS
        or token.lower in ARTICLES
        or token.lower in POSSESSIVES
    )


def unlisted_verb_clause(tokens: Sequence[Token], low: int, high: int, k: int) -> Clause | None:
    """``"…," Name interrupted.`` and ``"…," squealed Name``: a past tense right beside a quote counts as reporting."""
    following = tokens[k + 1] if k + 1 < high else None
    if k > low and tokens[k - 1].kind == "quote" and following is not None and is_capital(following):
        if k - 2 >= low and tokens[k - 2].kind == "word" and not tokens[k - 1].comma:
            return None  # what they call the "old guard" attacked Name
        subject = right_subject(tokens, k, high)
        if subject is None:
            return None
        return Clause((k, k + 1), subject, ((k - 1, k),), "quote-verb-subject", 0.8 * subject.sure, k - 1)
    if following is not None and following.kind != "punct":
        return None
    first = k - 1
    while first > low and tokens[first].kind == "word" and k - first < 5:
        first -= 1
    if first < low or tokens[first].kind != "quote" or first + 1 == k:
        return None
    subject = left_subject(tokens, first + 1, k)
    if subject is None or subject.first != first + 1:
        return None
    return Clause((k, k + 1), subject, ((first, first + 1),), "quote-subject-verb", 0.8 * subject.sure, first)
