"""Worked examples, written for this plugin; "try this example" fills the form with them."""

from gptstore.sdk import Example

TIDES = """\
Twice a day, on most coasts of the world, the sea rises and falls. The cause is the gravity of the Moon and, to a \
smaller degree, of the Sun. The Moon pulls a little more strongly on the water that lies on the near side of the \
Earth than on the Earth as a whole, and a little less strongly on the water of the far side. The result is two \
bulges of water, one that faces the Moon and one on the opposite side. As the Earth turns, a harbour passes through \
both bulges in the course of a day, and so sees two high tides and two low tides.

The Moon moves along its path in the same direction in which the Earth turns. The Earth therefore needs about fifty \
minutes more than a full day until the same harbour faces the Moon again, and high water comes about fifty minutes \
later each day. Fishermen knew this rule long before anyone could explain it.

The Sun adds its own, weaker tide. At new moon and at full moon, the Sun and the Moon pull along the same line. \
Their tides add up, and the difference between high and low water is large: these are the spring tides. At the \
first and the last quarter of the Moon they pull at right angles and partly cancel each other. The difference is \
then small, and people speak of neap tides.

How high the water really rises depends on the shape of the coast. In the open ocean the tide is less than a metre. \
In a bay that grows narrow and shallow, the water is pushed together, and the range can be more than ten metres. In \
almost closed seas, such as the Baltic, the tide is hardly noticed. Today the tides also give power: in a few \
places, dams and underwater turbines turn the moving water into electricity, at hours that are known years ahead."""

COUNCIL = """\
Minutes of the residents' meeting, Linden Street 12 to 18, 4 March. Present: 31 of 48 households. The chair, Ms \
Okafor, opened the meeting at 19:05.

The first item was the heating. Mr Brandt reported that the oil boiler is twenty-six years old and has failed three \
times this winter, the last time for four days. He had asked three companies for offers. A new oil boiler would \
cost 38,000 euros, a connection to the district heating network 52,000 euros, and a heat pump with new radiators on \
the ground floor 71,000 euros. The city pays 30 percent of the price of a heat pump and 15 percent of a connection \
to the network, but nothing for oil. Several residents were worried about the noise of a heat pump in the \
courtyard. Others said that the price of oil had doubled in six years. After a discussion of forty minutes the \
meeting decided, with 24 votes against 5 and 2 abstentions, to ask for the connection to the network. Mr Brandt \
will apply for the city's money before the end of April.

The second item was the bicycle cellar. It is full, and about twenty bicycles seem to belong to nobody. It was \
agreed that all bicycles get a paper tag in the first week of April. Bicycles that still carry the tag on 1 June \
will be given to the repair workshop on Garden Road.

Under other business, Ms Lindqvist asked for volunteers for the summer party on 20 June. Five people signed up. The \
meeting ended at 20:40. The next meeting is on 9 September."""

SQUARE = """\
The town council has decided to close the market square to cars from the first of May. For many years people who shop \
on the square have complained about noise and about cars that park on the pavement. In a survey last autumn, seven in \
ten residents were in favour of a square without cars.

Shops can still be supplied in the morning until ten o'clock. A new car park for two hundred cars behind the station \
is free for the first hour, and a small electric bus takes people from there to the square every ten minutes. The \
council pays for new trees, benches and a fountain.

Some shop owners fear that they will lose customers. The council will count visitors for a year and then decide \
whether the square stays closed."""

EXAMPLES = [
    Example(title="Why the sea rises twice a day", input={"text": TIDES, "length": "long"}),
    Example(title="Minutes of a residents' meeting", input={"text": COUNCIL, "length": "medium"}),
    Example(title="A square without cars, in one sentence", input={"text": SQUARE, "length": "short"}),
]
