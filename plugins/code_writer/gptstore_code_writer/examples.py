"""Worked examples, written for this plugin; "try this example" fills the form with them."""

from gptstore.sdk import Example

EXAMPLES = [
    Example(
        title="The longest word of a sentence",
        input={"task": "Write a function to find the longest word in a sentence.", "language": "python"},
    ),
    Example(
        title="The numbers above a limit",
        input={
            "task": "Write a function to count how many numbers in a list are greater than a given limit.",
            "language": "python",
        },
    ),
    Example(
        title="The average of the positive numbers",
        input={
            "task": "Write a function to find the average of the positive numbers in a list.",
            "language": "python",
        },
    ),
]
