"""What people see: pages, JSON API, terminal page. Imports `scheduler`, never `media`."""
