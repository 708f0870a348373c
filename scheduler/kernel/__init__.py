"""What every room of the scheduler stands on: clock, database, columns, ids, errors, sentences."""
