"""Worked examples, written for this plugin; "try this example" fills the form with them."""

from gptstore.sdk import Example

LETTER = """\
Dear Mary,

How are you? I am in Paris now. The weather is very good today. I have a small room near the station. In the morning \
I drink coffee and read the newspaper.

Yesterday I went to the museum with my brother. It was very interesting. In the evening we ate in a small restaurant. \
My brother was tired, but he was happy.

Tomorrow we want to go to the sea. I hope that it does not rain. Can you come next week? I want to see you again.

Your friend,
Tom"""

DAY = """\
Ich stehe jeden Morgen um sechs Uhr auf. Dann trinke ich eine Tasse Tee. Mein Bruder schläft noch. Um sieben Uhr gehe \
ich zur Arbeit.

Am Abend bin ich müde. Wir essen zusammen und sprechen über den Tag. Nach dem Essen liest mein Vater ein Buch. Meine \
Schwester hört gern Musik. Um zehn Uhr gehen wir ins Bett."""

FAMILY = """\
Me llamo Ana y vivo en Madrid. Tengo dos hermanos y una hermana. Mi madre es médica. Mi padre trabaja en una escuela.

Los domingos comemos todos juntos. Después de comer damos un paseo por el parque. Mi hermano tiene un perro muy \
grande. No me gusta el frío, pero me gusta mucho la nieve."""

EXAMPLES = [
    Example(title="A letter from Paris, into French", input={"text": LETTER, "target": "fr", "source": "en"}),
    Example(title="A day, from German", input={"text": DAY, "target": "en", "source": "de"}),
    Example(title="A Spanish family, language detected", input={"text": FAMILY, "target": "en", "source": "detect"}),
]
