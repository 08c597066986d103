"""Agreement between raters, and how far each applies the levels as the others do: pure functions, ratings in, frozen results out."""
