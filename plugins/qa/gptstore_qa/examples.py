"""Worked examples, written for this plugin; "try this example" fills the form with them."""

from gptstore.sdk import Example

MOON = """\
Apollo 11 left the Kennedy Space Center in Florida on 16 July 1969, at 9:32 in the morning. On board were the \
commander Neil Armstrong, the pilot of the command module Michael Collins, and the pilot of the lunar module Edwin \
Aldrin, whom everybody called Buzz. The Saturn V rocket put them into orbit around the Earth in less than twelve \
minutes. Two and a half hours later the engine of the third stage burned once more and sent them towards the Moon.

Four days after the launch, Armstrong and Aldrin went over to the lunar module, which was named Eagle, and began to \
descend. Collins stayed in orbit in the command module Columbia. The computer of the Eagle gave several alarms on \
the way down, because it had more to do than it could finish in time. When Armstrong saw that the chosen place was \
full of boulders, he took over and flew on by hand. They landed in the Sea of Tranquility on 20 July with fuel for \
less than a minute of flight left.

Six hours later Armstrong climbed down the ladder, and about six hundred million people watched him on television. \
Aldrin followed nineteen minutes after him. They put up a flag, set up instruments, among them a mirror that is \
still used to measure the distance to the Moon, and collected 21.5 kilograms of rock and dust. After two and a half \
hours they went back inside. On 24 July the three men came down in the Pacific Ocean and were picked up by the \
carrier Hornet. They then had to live for three weeks in quarantine, because nobody could be sure that there were \
no germs on the Moon."""

LIBRARY = """\
From 1 October the city library has new opening hours. The main building on Market Square is open from Tuesday to \
Friday between 10 am and 8 pm, and on Saturday between 9 am and 2 pm. It stays closed on Sunday and Monday. The \
branch in Riverside opens in the afternoon only, from 2 pm to 6 pm on working days.

A library card is free for everyone under eighteen. Adults pay 18 euros a year, students and pensioners half of \
that. With the card you can borrow up to twenty items at a time. Books may be kept for four weeks, films and games \
for one week. You can renew an item twice on the internet or by telephone, unless somebody else is waiting for it. \
For each item that comes back late we charge 20 cents a day.

The reading room on the second floor has forty desks, which cannot be booked. Bags and drinks have to stay in the \
lockers at the entrance, and the lockers take a one euro coin, which you get back. On the first Wednesday of each \
month a librarian shows newcomers around the building. The tour begins at 5 pm at the information desk and takes \
about three quarters of an hour."""

BEES = """\
When a honey bee has found a rich field of flowers, she flies home and dances on the comb. The other bees crowd \
around her in the dark hive and follow her movements with their antennae. If the flowers are near, within about \
fifty metres, she runs in small circles. This round dance only says that there is food close by, and the smell that \
clings to her tells what kind of flower to look for.

If the flowers are farther away, she dances the waggle dance. She runs straight ahead for a short way while she \
shakes her body from side to side, turns back in a half circle to the right, runs the straight line again, and \
turns back to the left. The straight run carries the message. Its length tells the distance: the longer she \
waggles, the farther the others have to fly. One second stands for roughly one kilometre. Its direction tells where \
to go. The comb hangs upright, and so straight up stands for the direction of the sun. A run that points forty \
degrees to the right of straight up means: fly forty degrees to the right of the sun.

The Austrian zoologist Karl von Frisch worked for decades on bees that he had marked with dots of paint, and \
published his explanation of the dance in the 1940s. Many of his colleagues did not believe that an insect could \
have a language of this kind. In 1973 he received the Nobel Prize for it, together with Konrad Lorenz and Nikolaas \
Tinbergen."""

EXAMPLES = [
    Example(
        title="The first landing on the Moon",
        input={"passage": MOON, "question": "Who was the commander of Apollo 11?"},
    ),
    Example(
        title="Opening hours of a library",
        input={"passage": LIBRARY, "question": "How much do adults pay for a library card?"},
    ),
    Example(
        title="How bees tell each other the way",
        input={"passage": BEES, "question": "What does the length of the straight run tell?"},
    ),
]
