"""Worked examples, written for this plugin; "try this example" fills the form with them."""

from gptstore.sdk import Example

LETTER = """\
I am writing to you from Paris. The weather is very nice today. I have a small room near the station.

Yesterday we went to the village to buy bread. It often rains here, but I like the rain. Tomorrow we want to go to the \
sea. I hope it will not rain.

Can you come and visit us next week? I want to see you again."""

DAY = """\
Ich stehe jeden Morgen um sechs Uhr auf. Mein Bruder schläft noch. Um sieben fahre ich mit dem Bus zur Arbeit.

Am Abend bin ich müde. Wir essen zusammen und sprechen über den Tag. Nach dem Essen liest mein Vater ein Buch. Meine \
Schwester hört gern Musik."""

RAIN = """\
我每天早上喝一杯茶。我姐姐在医院工作。我会说一点中文。

昨天我和弟弟去了博物馆。今天下雨，我想待在家里。你明天有时间吗？我们一起吃晚饭吧。"""

EXAMPLES = [
    Example(title="A letter, into French", input={"text": LETTER, "target": "fr", "source": "en"}),
    Example(title="A day, from German", input={"text": DAY, "target": "en", "source": "de"}),
    Example(
        title="A rainy day in Chinese, language detected", input={"text": RAIN, "target": "en", "source": "detect"}
    ),
]
