"""A text on which a model with rounded weights is compared with itself before: prose, Chinese, code, JSON."""

SAMPLE_TEXT = '''
The ferry to the island leaves at seven in the morning, before the shops by the harbour open. Most of those who
wait for it know each other: a teacher with a bag of exercise books, two brothers who repair boats, a woman who carries
the post. In winter, when the wind comes from the north, the crossing can take twice as long, and sometimes the captain
turns back halfway. Nobody complains. The island has a school, a doctor who comes on Tuesdays, and a library of four
hundred books that the fishermen built in 1923 from the wood of a wrecked ship.

Heat moves from a warm body to a cold one until both have the same temperature. A metal spoon feels colder than a
wooden one, although both have lain in the same room, because metal carries the heat of the hand away faster. For the
same reason a house loses most of its warmth through windows and through the roof, and less through a thick wall of
brick. Engineers measure this loss in watts for each square metre and degree.

这座小城在河的两岸。早上,老人们在桥边打太极拳,孩子们背着书包走过石板路去上学。河水不深,夏天常有人在树下钓鱼。
城里最有名的是一家茶馆,已经开了一百多年,墙上挂着许多旧照片。人工智能可以帮助人们翻译文章、写代码和回答问题。

def average(numbers: list[float]) -> float:
    """Return the mean of some numbers; 0 for none."""
    if not numbers:
        return 0.0
    total = 0.0
    for number in numbers:
        total += number
    return total / len(numbers)

Question: Why did the council close the old bridge?
Answer: The council closed it because two of its pillars were damaged by the flood in March, and the repair would have
cost more than a new one.

{"name": "Maria", "age": 34, "city": "Lisbon", "languages": ["Portuguese", "English", "French"]}
'''
