"""What people paste into the tools."""

LIGHTHOUSE = """\
The old lighthouse on the northern cape was built in 1874, after a winter in which three ships were lost on the \
rocks below. The stones came by boat from a quarry on the mainland, and forty men worked for two summers to set \
them. The first keeper was a fisherman called Tomas Berg, who lived there with his wife and five children. Every \
evening he climbed one hundred and sixty steps with a can of oil, trimmed the wick and wound the clockwork that \
turned the lens.

Life on the cape was hard. The supply boat came once a month, and in bad weather it did not come at all. The \
family kept goats, grew potatoes behind a stone wall and collected rain water from the roof. The children \
learned to read from newspapers that were several weeks old. In the winter of 1889 a storm broke the windows of \
the lamp room. Berg and his eldest daughter stood there for nineteen hours and turned the lens by hand, because \
the clockwork was full of snow. Four ships passed that night, and none of them was lost.

The oil lamp was replaced by a gas light in 1911 and by electric light in 1938. With electricity came a radio, \
and the cape was no longer a lonely place. The last keeper left in 1972, when the light became automatic. For \
many years the house stood empty. Sheep slept in the kitchen, and the paint came off the doors.

Today the lighthouse belongs to the people of the village. They repaired the roof, put new glass in the lamp \
room and opened a small museum. Visitors can see the old lens, the clockwork and the diary in which Berg wrote \
down every ship. In summer a boat goes out twice a day, and those who want to can stay for the night. The light \
still turns, and sailors still trust it. On clear evenings people sit on the rocks below, drink tea and count \
the seconds between two flashes, as the children of the first keeper did."""


def long_text(parts: int) -> str:
    """A text that the model reads in many parts, so that its run goes on for a while."""
    return "\n\n".join(f"Chapter {number}.\n\n{LIGHTHOUSE}" for number in range(1, parts + 1))
