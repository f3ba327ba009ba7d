"""Worked examples, written for this plugin; "try this example" fills the form with them."""

from gptstore.sdk import Example

EXAMPLES = [
    Example(
        title="Count the words of a text",
        input={
            "task": "Write a function word_counts(text) that returns a dictionary from each word of the text to the "
            "number of times it occurs. Upper and lower case count as the same word.",
            "language": "python",
        },
    ),
    Example(
        title="The largest number of a list",
        input={"task": "Write a python function to find the largest number in a list.", "language": "python"},
    ),
    Example(
        title="Customers without an order",
        input={
            "task": "There is a table customers (id, name, email) and a table orders (id, customer_id, created_at, "
            "total). List the name and e-mail address of every customer who has placed no order in the last twelve "
            "months, sorted by name.",
            "language": "sql",
        },
    ),
    Example(
        title="Wait until typing stops",
        input={
            "task": "A function debounce(action, delay) that returns a function. However often the returned "
            "function is called, action runs only once, delay milliseconds after the last call, "
            "with the arguments of that call.",
            "language": "javascript",
        },
    ),
    Example(
        title="Keep the newest seven backups",
        input={
            "task": "A script that takes a directory as its argument, deletes all files in it that end in .tar.gz but "
            "the seven newest, and prints what it deletes. It stops with a message when the directory does not exist.",
            "language": "bash",
        },
    ),
]
