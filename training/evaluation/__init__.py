"""The evaluation of the bundled model: the questions, the measures of its answers, and trivial baselines."""
