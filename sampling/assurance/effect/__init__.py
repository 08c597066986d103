"""The quarterly review of what supervision does (seed A25): staff survey, incident themes, commissioner indicators, partner feedback,
training needs and balancing measures. reading.py is its edge; everything else is pure. `load_brought`, `effectiveness` and `released` are
the doors.
"""
