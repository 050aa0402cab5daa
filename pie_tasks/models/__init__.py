"""Models that need no network: recorded generations, replayed through a framework's own command line."""
