from training.evaluation.report import MODEL, TOOL, Report, Result


def report() -> Report:
    qa = Result(
        2,
        figures={MODEL: {"f1": 50.123456, "sentence_rows": 1}, TOOL: {"f1": 62.0, "sentence_rows": 1}},
        baselines={"first": {"f1": 10.0}, "copy": {"f1": 20.0}},
    )
    prose = Result(3, figures={MODEL: {"perplexity": 9.0}, "before": {"perplexity": 99.5}})
    prose.baselines = {"unigram": {"perplexity": 500.0}, "worse": {"perplexity": 900.0}}
    return Report({MODEL: {"name": "mini"}}, {"qa": 3}, {"qa": 0}, ["A task."], {"qa": qa, "prose": prose})


def test_the_table_has_a_line_for_each_measure_and_the_best_baseline() -> None:
    assert report().as_markdown().splitlines() == [
        "| skill | rows | measure | model | through the tool | before | trivial baseline |",
        "| --- | ---: | --- | ---: | ---: | ---: | ---: |",
        "| qa | 2 | f1 | 50.1 | 62.0 |  | 20.0 (copy) |",
        "| prose | 3 | perplexity | 9.00 |  | 99.5 | 500.0 (unigram) |",
    ]


def test_the_json_has_all_figures_and_what_was_done_about_overlaps() -> None:
    found = report().as_json()
    assert found["models"] == {MODEL: {"name": "mini"}}
    assert found["decontamination"] == {
        "rows_dropped": {"qa": 3},
        "overlaps_left": {"qa": 0},
        "own_tasks_trained_on": ["A task."],
    }
    assert found["results"]["qa"] == {
        "rows": 2,
        "figures": {MODEL: {"f1": 50.1235, "sentence_rows": 1}, TOOL: {"f1": 62.0, "sentence_rows": 1}},
        "baselines": {"first": {"f1": 10.0}, "copy": {"f1": 20.0}},
    }
