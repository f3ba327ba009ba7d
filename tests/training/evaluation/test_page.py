from training.evaluation.page import write_page
from training.evaluation.report import MODEL, TOOL


def said(skill: str, row: dict[str, object], answer: str) -> dict[str, object]:
    return {"skill": skill, "row": row, "answers": {MODEL: answer, TOOL: answer}}


def question(answer: str) -> dict[str, object]:
    return said("qa", {"passage": "Ann <b> sings.", "question": "Who sings?", "gold": "Ann"}, answer)


def test_the_page_shows_what_people_see_and_what_people_said() -> None:
    page = write_page(
        [
            question("Ann\n\n**From the passage:**\n\n> Ann sings."),
            question("**Chosen from the text** (the model gave no answer):\n\n> Ann sings."),
            said("summarize", {"text": "Long.", "gold": "Short."}, "Sh_or_t."),
            *(
                said("translate en→fr", {"source": f"{n}|", "gold": ["x"], "languages": ["en", "fr"]}, "y")
                for n in range(9)
            ),
            said("code, held out", {"task": "Not shown."}, "no"),
            said("code, own tasks", {"task": "Add."}, "def add(a, b):\n    return a + b"),
            said("code, own tasks", {"task": "Multiply."}, ""),
        ]
    )
    assert "1. **Who sings?** → Ann  \n   people: Ann" in page
    assert "Ann &lt;b&gt; sings." in page
    assert "2. **Who sings?** → (chosen from the text) Ann sings." in page
    assert "1. Sh\\_or\\_t.  \n   people: Short." in page
    assert page.count("| en→fr | ") == 3
    assert "| en→fr | 0\\| | y | x |" in page
    assert "   def add(a, b):\n       return a + b\n" in page
    assert "no code that parses" in page
    assert "Not shown." not in page
