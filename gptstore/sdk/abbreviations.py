"""Words whose full stop doesn't end a sentence."""

from __future__ import annotations

import regex


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# In lower case. "etc.", "usw." and "Inc." are missing on purpose: they often end a sentence, and when they don't, a
# lower-case word follows, which shows it too.
ABBREVIATIONS = _words(
    """
    mr mrs ms dr prof rev hon gen col capt lt sgt cpl cmdr maj adm gov pres supt st mt ft messrs vs cf ca approx
    dept dist e.g i.e viz al
    m mm mme mmes mlle mlles mgr p.ex c.-à-d av env
    hr hrn fr frl z.b d.h u.a bzw bspw evtl ggf vgl inkl zzgl sog geb str o.ä i.d.r z.t u.u z.z dipl ing
    h.c kath evang ev röm dt frz engl griech hrsg gegr gest verh verw allg ehem eigtl einschl gem fa
    sr sra srta srtas sres dra d dña lic licdo ing arq ud uds vd vds p.ej ee ee.uu ej excmo ilmo avda depto
    dott sig sigg sig.ra sig.na avv egr spett
    napr tzv atd apod dhr mevr drs mej jhr bijv o.a d.w.z
    г-н г-жа проф акад им ул пр пл пер гр св см ср напр т.е
    डॉ प्रो श्री पं सं कु रु
    """
)
IN_LOWER_CASE = _words("med phil jur rer nat habil lat engl frz dt bes")  # a Phil and a Nat end sentences
BEFORE_NUMBERS = _words(
    """
    no nos nr nrs nro núm num n° nº № p pp pág págs pag vol vols fig figs sec secs ch chs chap cap art arts eq eqs abs
    bd bde s ff par para paras párr párrf abb tab tabl kap ziff anm z rn rz aufl jg lfg bl op cit str tel tél ext rs inv
    ed eds approx circa ca св с стр рис гл т п ст кв д
    jan feb mar apr jun jul aug sep sept oct nov dec
    janv févr avr juil sept oct nov déc
    jän mrz okt dez
    ene abr dic giu lug ott
    """
)
MONTHS_AND_WORDS = _words("ago set mag gen mar may")  # two years ago. 15 people came.
AFTER_NUMBERS = _words("mio mrd tsd")
WEEKDAYS = _words("Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun Lun Mar Mié Jue Vie Sáb Dom Mo Di Mi Do Fr Sa So")

# After a German ordinal, as in "am 3. Oktober", and what stands before one, as in "der 2. Weltkrieg".
AFTER_ORDINALS = regex.compile(
    r"""
    (?: januar | jänner | februar | feber | märz | april | mai | juni | juli | august | september | oktober | november
      | dezember | jahrhundert | jahrtausend | jahrestag | jhd?\b | apríl | máj | jún | júl | august | septemb
      | klasse | auflage | platz | stock | etage | kapitel | weltkrieg | lebensjahr | geburtstag )
    """,
    regex.VERBOSE | regex.IGNORECASE,
)
BEFORE_ORDINALS = _words(
    """
    der die das des dem den am im zum zur vom beim ans ins ein eine einen einem einer eines jeder jede jedes jedem
    jeden dieser diese dieses diesem diesen sein seine seinem seinen seiner ihr ihre ihrem ihren ihrer unser unsere
    unserem mein meine meinem meinen dein deine
    """
)

# Words that begin a sentence so often that initials before them, as in "the U.S. The", do end one.
STARTERS = _words(
    """
    The This That These Those There It He She They We You An In On At But And However When While After Before If As For
    So Then His Her Its Their Our My Your What Who Why How Where Which Is Are Was Were Do Does Did Has Have Had Can Will
    Would Could Should May Not Nobody Everyone Everybody Today Yesterday Tomorrow Later Now Here Also Only Some Many
    Der Die Das Es Er Sie Wir Ich Du Ihr Ein Eine Dort Hier Dann Danach Aber Und Doch Wenn Als Was Wer Wie Wo Warum
    Le La Les L Il Elle Ils Elles Nous Vous Je Tu Un Une Ce Cette Ces Mais Et Dans Pour Quand Où Comment Pourquoi Qui
    El Los Las Ella Ellos Ellas Pero Yo Nosotros Un Una Este Esta Cuando Como Qué Quién Cómo Dónde Por En Y Se
    """
)

AT_THE_END = {("т.", "д"), ("т.", "п")}
"""The Russian "etc.", which ends a sentence more often than not."""

_INITIALS = regex.compile(r"(?:\p{L}\p{M}*\.)*\p{L}\p{M}*")
_CYRILLIC = regex.compile(r"\p{Cyrillic}")
_CASELESS_LETTER = regex.compile(r"[\p{Lo}--[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]]\p{M}*", regex.V1)
_SHORT_PARTS = regex.compile(r"(?:\p{L}{1,2}\.)+\p{L}{1,2}")
_NO_VOWEL = regex.compile(r"\p{L}[bcdfghjklmnpqrstvwxzß]{1,4}")
_VOWEL_FIRST = regex.compile(r"[aeiouyäöüáéíóúàèìòùâêîôû]", regex.IGNORECASE)
_ELIDED = regex.compile(r"^\p{L}+['’](?=\p{L})")  # the Italian l'Avv.
_HOURS = regex.compile(r"[ap]\.m", regex.IGNORECASE)
_ORDINAL = regex.compile(r"\d{1,3}|[IVX]{1,6}")
_NUMBER = regex.compile(r"[\d#(§]|[ivxlcIVXLC]{1,6}\b")
_WORD = regex.compile(r"\w[\w\p{M}]*")


def keeps_full_stop(words: list[str], following: str) -> bool:
    """Return whether a full stop belongs to the last of `words` and doesn't end their sentence.

    words: those of the sentence up to the full stop, at least the last four. following: the text behind it.
    """
    before = words[-2] if len(words) > 1 else ""
    word = _ELIDED.sub("", words[-1])
    lower = word.lower()
    found = _WORD.match(following)
    after = found.group() if found else ""
    if _ORDINAL.fullmatch(word) and word != "I":
        return _is_ordinal(before, after) or (word.isalpha() and len(word) == 1 and after not in STARTERS)
    if lower in BEFORE_NUMBERS and _NUMBER.match(following):
        return True
    if following[:1].isdigit() and (word in WEEKDAYS or (lower in MONTHS_AND_WORDS and _is_day(before))):
        return True
    if _HOURS.fullmatch(word):
        return len(words) < 4
    if lower in AFTER_NUMBERS and before[-1:].isdigit():
        return True
    if lower == "co" and after in ("KG", "KGaA", "OHG"):
        return True
    if lower == "ft" and before[-1:].isdigit():
        return not following[:1].isupper()
    if lower in ABBREVIATIONS or word in IN_LOWER_CASE:
        return True
    if _INITIALS.fullmatch(word):
        return _is_initial(word, before, after, following)
    if after in STARTERS:
        return False
    return _SHORT_PARTS.fullmatch(word) is not None or _has_no_vowel(word, before)


def _is_ordinal(before: str, after: str) -> bool:
    return AFTER_ORDINALS.match(after) is not None or (before.lower() in BEFORE_ORDINALS and after[:1].isupper())


def _is_day(before: str) -> bool:
    return before.lstrip("([").isdigit() or before in ("de", "di")


def _is_initial(word: str, before: str, after: str, following: str) -> bool:
    """Return whether these letters are initials or a part of an abbreviation such as "z. B."."""
    if word == "I":
        return before[:1].isupper() and after[:1].isupper() and after not in STARTERS
    if _CASELESS_LETTER.fullmatch(word):
        return True
    if len(after) == 1 and following[1:2] == ".":
        return True
    if len(word) == 1 and word.islower():
        if _CYRILLIC.match(word):
            return not before[-1:].isdigit() and (before, word) not in AT_THE_END
        return _is_single(before)
    if "." in word and word.islower():
        return after not in STARTERS
    return word[-1].isupper() and after not in STARTERS


def _is_single(before: str) -> bool:
    return len(before) == 2 and before[0].isalpha() and before[1] == "."


def _has_no_vowel(word: str, before: str) -> bool:
    """Return whether a word can't be spoken, as "hrsg" or "Bd"; behind a number it is a unit, alone an exclamation."""
    silent = _NO_VOWEL.fullmatch(word) is not None and not _VOWEL_FIRST.match(word)
    return silent and before != "" and not before[-1].isdigit()
