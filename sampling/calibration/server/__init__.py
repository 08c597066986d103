"""The server of live calibration: three addresses with three queries, for the trainer, the wall and the raters."""
