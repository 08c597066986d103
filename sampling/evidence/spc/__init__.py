"""Charts over time: the rules, limits and icons of statistical process control, each with the source it reproduces."""
