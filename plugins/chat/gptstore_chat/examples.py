"""Worked examples, written for this plugin; "try this example" fills the form with them."""

from gptstore.sdk import Example

TIDES: list[dict[str, str]] = [
    {"role": "user", "content": "Why does the sea rise twice a day?"},
    {
        "role": "assistant",
        "content": "The Moon pulls the water nearest to it a little more than the Earth, and the water farthest "
        "from it a little less. That makes two bulges of water, and the turning Earth carries each coast through both.",
    },
    {"role": "user", "content": "And why is it not at the same hour every day?"},
]
WEATHER_SCHEMA = """\
{
  "type": "object",
  "properties": {"city": {"type": "string"}, "degrees": {"type": "integer"}},
  "required": ["city", "degrees"],
  "additionalProperties": false
}"""

EXAMPLES = [
    Example("A question", {"messages": [{"role": "user", "content": "What can you tell me about the sea?"}]}),
    Example("A second question", {"messages": TIDES, "instructions": "You answer in one or two sentences.", "seed": 1}),
    Example(
        "An answer as JSON",
        {
            "messages": [{"role": "user", "content": "It is 21 degrees in Lisbon. Which city is it, and how warm?"}],
            "json_schema": WEATHER_SCHEMA,
            "temperature": 0,
        },
    ),
]
