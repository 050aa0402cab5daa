"""Runs as pages and tables: report, comparison, leaderboard."""
