"""The schema's history. `run.upgrade(url)` brings a database to the newest revision."""
