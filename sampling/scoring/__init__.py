"""Scoring, follow-up, moderation and sessions: shows state, hands typed events to the journal, decides nothing itself."""
