"""Pure rules: what stands, what is missing, which actions and sessions follow from the events; no file, no clock."""
