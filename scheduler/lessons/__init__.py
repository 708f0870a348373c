"""The lesson: tables, states with their predicates, timing, rules, views."""
