"""A teacher's day and the booking grid."""
