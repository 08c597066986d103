"""The parts that the scoring service is put together from: what each screen shows, and what each event must meet."""
