"""Texts of tools that do not exist, made of those that do: titles, summaries, tags and Chinese translations."""

from random import Random
from typing import Any

AUDIENCES = (
    ("teachers", "教师"),
    ("nurses", "护士"),
    ("lawyers", "律师"),
    ("engineers", "工程师"),
    ("shops", "商店"),
    ("students", "学生"),
    ("editors", "编辑"),
    ("farmers", "农民"),
    ("chemists", "化学家"),
    ("travellers", "旅行者"),
    ("accountants", "会计"),
    ("musicians", "音乐家"),
)
SUBJECTS = (
    ("contracts", "合同"),
    ("meetings", "会议"),
    ("invoices", "发票"),
    ("letters", "信件"),
    ("reports", "报告"),
    ("recipes", "食谱"),
    ("lectures", "讲座"),
    ("reviews", "评论"),
    ("tickets", "工单"),
    ("poems", "诗歌"),
    ("minutes", "会议记录"),
    ("experiments", "实验"),
    ("manuals", "手册"),
    ("interviews", "采访"),
    ("tables", "表格"),
    ("patents", "专利"),
)
ENGLISH_QUERY, CHINESE_QUERY = "contracts lawyers", "合同"


def vary(real: dict[str, Any], number: int) -> dict[str, Any]:
    """Return the columns of a tool that is like a real one, for other people and things. real: its columns."""
    random = Random(number)  # the same tools in each run
    who, wer = random.choice(AUDIENCES)
    what, was = random.choice(SUBJECTS)
    chinese = real["translations"].get("zh-Hans", {})
    title = f"{real['title']} for {what}, {number}"[:80]
    summary = f"{real['summary']} Made for {who} who work with {what}."[:200]
    return {
        **real,
        "slug": f"{real['slug'][:40]}-{number}",
        "title": title,
        "summary": summary,
        "description": f"{real['description']}\n\nIt was tried by {random.randint(3, 900)} {who} on their {what}.",
        "tags": [*real["tags"][:3], what, who],
        "plugin": f"{real['plugin'][:60]}-{number // 3}",
        "author": f"The {who} of group {number % 500}",
        "runs": 0,
        "runs_week": 0,
        "translations": {
            "zh-Hans": {
                **chinese,
                title: f"{was}{chinese.get(real['title'], '工具')}{number}",
                summary: f"为{wer}处理{was}。{chinese.get(real['summary'], '')}",
            }
        },
    }
