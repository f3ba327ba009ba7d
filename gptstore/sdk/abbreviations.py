"""Words whose full stop doesn't end a sentence."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# In lower case. "etc." and "Inc." are missing on purpose: they often end a sentence, and when they don't, a
# lower-case word follows, which shows it too.
ABBREVIATIONS = _words(
    """
    mr mrs ms dr prof rev hon gen col capt lt sgt st mt messrs vs cf ca approx dept e.g i.e viz al
    m mm mme mmes mlle mlles mgr p.ex c.-à-d av
    hr hrn fr frl z.b d.h u.a bzw bspw evtl ggf vgl inkl zzgl sog geb str o.ä i.d.r z.t u.u
    sr sra srta dra d dña ud uds p.ej ee.uu
    """
)
BEFORE_NUMBERS = _words(
    """
    no nos nr nro núm p pp pág vol fig figs sec ch chap art eq abs bd s
    jan feb mar apr jun jul aug sep sept oct nov dec
    """
)

# After a German ordinal, as in "am 3. Oktober".
MONTHS = _words("januar februar märz april mai juni juli august september oktober november dezember jahrhundert")

# Words that begin a sentence so often that initials before them, as in "the U.S. The", do end one.
STARTERS = _words(
    """
    The This That These Those There It He She They We You An In On At But And However When While After
    Der Die Das Es Er Sie Wir Le La Les Il Elle Ils Elles Nous Vous El Los Las Ella Ellos Pero
    """
)
