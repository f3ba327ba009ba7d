"""What the store says of rollouts, in the reader's language."""

import pytest
from django.utils.translation import gettext, override

from gptstore.accounts.models import User
from gptstore.releases import outcomes
from gptstore.releases.canary import choose_worker, start_canary
from gptstore.releases.comparison import Side
from gptstore.releases.deploy import activate, deploy
from gptstore.releases.errors import ReleaseError
from gptstore.releases.outcomes import FORMS, in_words
from tests.releases.conftest import Approved

VALUES = {
    "worker": "w-1.example",
    "tool": "say",
    "minutes": 30,
    "title": "A word. Or two",
    "runs": 20,
    "failures": 3,
    "crashes": 1,
    "p95": "1.5",
    "error": "No. Never.",
    "reason": "It is broken. Really",
    "message": "No",
    "canary": str(Side(20, 3, 1, [1.5])),
    "live": str(Side(25, 0, 0, [])),
}


@pytest.mark.parametrize("form", FORMS)
def test_each_sentence_is_known_again_and_has_chinese_words(form: str) -> None:
    text = form % VALUES

    assert in_words(text) == text
    with override("zh-hans"):
        assert gettext(form) != form
        sides = {name: in_words(VALUES[name]) for name in ("canary", "live")}
        assert in_words(text) == gettext(form) % {**VALUES, **sides}


def test_what_a_plugin_says_is_not_taken_for_our_sentences() -> None:
    text = outcomes.REFUSED % {"worker": "w1", "reason": "w1 does not take it: " * 5000}

    with override("zh-hans"):
        assert in_words(text).count("does not take it") == 5000


def test_sentences_follow_each_other_and_what_is_not_ours_stays() -> None:
    text = f"{outcomes.FAILS_MORE} {outcomes.FIGURES % VALUES}"

    with override("zh-hans"):
        assert in_words(text) == f"{gettext(outcomes.FAILS_MORE)} {in_words(outcomes.FIGURES % VALUES)}"
        assert "failed" not in in_words(text)
        assert in_words("Somebody wrote this.") == "Somebody wrote this."
        refused = in_words(f"{outcomes.NOBODY_TAKES_IT} w1: no room")
        assert refused == f"{gettext(outcomes.NOBODY_TAKES_IT)} w1: no room"


@pytest.mark.django_db
def test_why_a_canary_cannot_begin_is_told_in_the_reader_s_language(approved: Approved, boss: User) -> None:
    first, second = approved("1.0"), approved("2.0")
    with override("zh-hans"), pytest.raises(ReleaseError, match="与另一个正在使用的发布包比较"):
        start_canary(second, boss)
    activate(deploy(first, boss))
    with override("zh-hans"), pytest.raises(ReleaseError, match="1% 到 50%"):
        start_canary(second, boss, share=90)
    with override("zh-hans"), pytest.raises(ReleaseError, match="没有接收发布包的工作进程在线"):
        choose_worker("")
