"""Nouns for what somebody is: those of the lists, and those that their ending tells (``entomologist``)."""

from expertstance.quotes.lexicon import lexicon

_ENDINGS = tuple("ologist ographer ician writer worker owner holder keeper woman person".split())
_SHORTEST_IST = 6  # "dentist", but not "twist"
_LOOSE_ENDINGS = tuple("er or ian ee ant ent man eur".split())
_NEVER_ROLES = ("ment", "over", "under", "ever", "dollar")
_SHORTEST_LOOSE = 5


def is_role(word: str) -> bool:
    """Whether a lower-case word is a noun for one person's work or place: ``minister``, ``glaciologist``."""
    lists = lexicon()
    if word in lists.role_heads:
        return True
    told = word.endswith(_ENDINGS) or (word.endswith("ist") and len(word) >= _SHORTEST_IST)
    return told and word not in lists.not_roles and word not in lists.company_nouns


def is_rank(role: str) -> bool:
    """Whether a role is a mere rank or fortune, so that another tells more: ``Lt. Col.``, ``Billionaire``."""
    ranks = lexicon().ranks
    return all(word.rstrip(".").lower() in ranks for word in role.split())


def is_role_or_plural(word: str) -> bool:
    """Whether a lower-case word is a noun for one person or for several: ``brewer``, ``brewers``."""
    return is_role(word) or is_role(word.rstrip("s"))


def is_speaker_noun(word: str) -> bool:
    """Whether a lower-case word is a noun for whoever may speak: ``teachers``, ``ministry``, ``glaciologist``."""
    nouns = lexicon().speaker_nouns
    return word in nouns or (word.endswith("s") and word[:-1] in nouns) or is_role_or_plural(word)


def may_be_role(word: str) -> bool:
    """Whether a lower-case word beside a person's full name may be a role: its ending is that of many roles.

    Far too loose by itself: ``water`` and ``summer`` end so as well.
    """
    lists = lexicon()
    if is_role(word) or word in lists.roles_beside_names:
        return True
    if len(word) < _SHORTEST_LOOSE or word in lists.not_roles or word.endswith(_NEVER_ROLES):
        return False
    return word.endswith(_LOOSE_ENDINGS)
