"""Worked examples, written for this plugin; "try this example" fills the form with them."""

from gptstore.sdk import Example

LETTER = """\
Dear Anna,

Thank you for your letter. We arrived here on Monday evening, and it has been raining ever since. The house is \
small, but it has a big kitchen and a view of the lake. In the morning we drink our coffee at the window and watch \
the boats.

Yesterday we walked to the village to buy bread and cheese. The woman in the shop asked us where we came from. She \
told us that her sister lives in our city! We talked for half an hour, and in the end she gave us a bag of apples.

The children are happy. They do not mind the rain, and they have made friends with the neighbour's dog. Can you \
come and visit us at the weekend? There is enough room for everyone.

See you soon,
Marie"""

STATION = """\
请问，去火车站怎么走？一直往前走，到第二个路口向左转。火车站就在银行对面。走路大概要十分钟。

你也可以坐公共汽车。三路车每五分钟一班。票价是两块钱。今天下雨，我建议你坐车去。"""

RECIPE = """\
Pfannkuchen für vier Personen

Man braucht drei Eier, einen halben Liter Milch und zweihundert Gramm Mehl. Alles wird gut gemischt und muss eine \
halbe Stunde stehen.
Dann macht man etwas Butter in der Pfanne heiß. Jeder Pfannkuchen wird auf beiden Seiten braun gebacken.
Dazu passen Zucker, Äpfel oder Marmelade. Guten Appetit!"""

NOTICE = """\
Chers voisins, l'eau sera coupée jeudi matin de huit heures à midi. Un tuyau doit être réparé dans la cave. Pensez \
à remplir quelques bouteilles la veille. Merci de votre patience."""

EXAMPLES = [
    Example(title="A letter from the lake, into French", input={"text": LETTER, "target": "fr", "source": "en"}),
    Example(title="The way to the station, from Chinese", input={"text": STATION, "target": "en", "source": "zh"}),
    Example(title="A German recipe, language detected", input={"text": RECIPE, "target": "en", "source": "detect"}),
    Example(
        title="A note in the stairwell, from French to Spanish", input={"text": NOTICE, "target": "es", "source": "fr"}
    ),
    Example(
        title="A question for Beijing, into Chinese",
        input={
            "text": "Where is the nearest library? I would like to read a book about the history of this city.",
            "target": "zh",
            "source": "en",
        },
    ),
]
