"""Which names of the SDK its reference shows, in groups: by module, since a name is imported from there."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """Names for one purpose. names: by the module from which authors import them."""

    title: str
    sentence: str
    names: dict[str, list[str]]


SDK = "gptstore.sdk"
GROUPS = [
    Group(
        "Tools",
        "What declares a tool. [The guide](tool-guide.md#tool-what-the-catalogue-shows) shows it.",
        {SDK: ["tool", "Tool", "Example", "hookimpl", "hookspec", "ToolDefinitionError", "PluginError"]},
    ),
    Group(
        "Inputs",
        "Types and limits of a tool's parameters. [The guide](tool-guide.md#the-signature-inputs) has all types.",
        {
            SDK: ["Field", "LongText", "Messages", "LastRole", "Document", "Table", "InputError", "DocumentError"],
            f"{SDK}.sampling": ["Temperature", "TopP", "MaxTokens", "Stop", "Seed", "Logprobs"],
        },
    ),
    Group(
        "Outputs",
        "What a tool gives back, and how it says that it cannot. [The guide](tool-guide.md#the-result) shows it.",
        {SDK: ["Columns", "File", "ToolError", "ToolOutputError", "Manifest", "ToolManifest"]},
    ),
    Group(
        "Model",
        "`ctx.model`, and prompts for it. [The guide](tool-guide.md#the-context-ctx) shows it.",
        {
            SDK: ["Model", "Sampling", "Message", "PromptTemplate", "TokenLogprob", "AnswerError", "ParameterError"],
            f"{SDK}.answer": ["Answer", "AnswerStream", "Piece"],
        },
    ),
    Group("Context", "The first argument of every tool.", {SDK: ["Context", "Canceled"]}),
    Group(
        "Text helpers",
        "Functions on texts, which ask no model.",
        {
            f"{SDK}.text": ["split_sentences", "split_parts", "join_lines", "storable", "is_storable"],
            f"{SDK}.pieces": ["strip_pieces", "drop_empty"],
            f"{SDK}.md": ["escape", "escape_pieces", "escape_quoted"],
            f"{SDK}.masks": ["Masks"],
            f"{SDK}.literals": ["find_literals", "find_numbers", "join_touching"],
            f"{SDK}.lines": ["split_lines", "split_paragraphs", "plain_breaks", "with_breaks", "in_one_line"],
            f"{SDK}.words": ["content_words", "all_words", "comparable", "IdfWeights"],
        },
    ),
    Group(
        "Testing",
        "A tool's tests, without a model. [The guide](tool-guide.md#testing) shows them.",
        {f"{SDK}.testing": ["run", "Run", "Progress", "ScriptedModel", "ScriptedContext"]},
    ),
]
