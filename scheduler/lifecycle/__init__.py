"""What happens to lessons as time goes by: due, reconcile, ending, answers, presence."""
