"""The record of one case on one page: content, HTML, PDF and paste-ready text."""
