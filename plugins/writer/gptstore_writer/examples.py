"""Worked examples, written for this plugin; "try this example" fills the form with them."""

from gptstore.sdk import Example

LIGHTHOUSE = (
    "The lighthouse had been dark for eleven years when the keeper's daughter came back to the island. "
    "She had the key on a string around her neck, and"
)
LETTER = "Dear neighbours,\n\non Saturday we will repaint the staircase. Please"

EXAMPLES = [
    Example("The beginning of a story", {"text": LIGHTHOUSE, "temperature": 0.9}),
    Example("A letter that has begun", {"text": LETTER, "max_tokens": 80, "stop": ["Yours"]}),
    Example("The likeliest words", {"text": "The three primary colours are", "temperature": 0, "max_tokens": 20}),
]
