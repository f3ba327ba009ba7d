"""Worked examples, written for this plugin; "try this example" fills the form with them."""

from gptstore.sdk import Example

EXAMPLES = [
    Example(
        title="The longest word of a sentence",
        input={"task": "Write a function to find the longest word in a sentence.", "language": "python"},
    ),
    Example(
        title="The three largest numbers",
        input={"task": "Write a function that returns the three largest numbers of a list.", "language": "python"},
    ),
    Example(
        title="Leap years",
        input={"task": "Write a function to check if a year is a leap year.", "language": "python"},
    ),
]
