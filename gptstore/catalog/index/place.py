"""Where a tool stands among others that are found as well: how much it is used, and how new it is, in one number.

The index holds tools in this order, so that the first ones are read without the others. A number of runs counts by its
first digit alone: 10 to 19 are alike, and 100 to 199. So a tool that is run moves seldom.
"""

ID_BITS = 47
RUNS_BITS = 8


def place_of(runs_week: int, runs: int, tool_id: int) -> int:
    """Return the place of a tool; a greater one comes first. It fits into 63 bits."""
    return (step(runs_week) << ID_BITS + RUNS_BITS) | (step(runs) << ID_BITS) | tool_id


def step(number: int) -> int:
    """Return 0 to 9 for these, 10 for 10 to 19, 11 for 20 to 29, 19 for 100 to 199 and so on; at most 171."""
    digits = str(max(number, 0))
    return (len(digits) - 1) * 9 + int(digits[0])


def tool_at(place: int) -> int:
    """Return the id of the tool at this place."""
    return place & ((1 << ID_BITS) - 1)


def place_in_sql(row: str) -> str:
    """Return the place of a row of the table of tools, such as NEW, as an expression of both databases."""
    week, runs = step_in_sql(f"{row}.runs_week"), step_in_sql(f"{row}.runs")
    return f"(({week} << {ID_BITS + RUNS_BITS}) | ({runs} << {ID_BITS}) | {row}.id)"


def step_in_sql(column: str) -> str:
    digits = f"CAST({column} AS varchar(20))"
    return f"CAST((length({digits}) - 1) * 9 + CAST(substr({digits}, 1, 1) AS integer) AS bigint)"
