"""The pages of administrators and supervisors: who is where, who took part, what happened."""
