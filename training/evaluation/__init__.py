"""What the bundled model can do: what is asked, how answers are measured, and what a trivial answer would get."""
