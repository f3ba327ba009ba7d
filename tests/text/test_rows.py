from tests.text.rows import FOLDER, read_rows

ROWS = 200


def test_each_row_says_what_is_right_and_by_which_rule() -> None:
    rows = [parameter.values[0] for path in FOLDER.glob("*.toml") for parameter in read_rows(path.stem)]

    assert len(rows) >= ROWS
    assert [row for row in rows if not {"input", "right", "source"} <= set(row)] == []
