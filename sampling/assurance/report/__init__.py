"""The assurance report: coverage, audit, actions, patterns and effect of supervision, for governance, a commissioner and an inspector."""
