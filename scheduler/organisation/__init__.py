"""Who and where: county, communities, schools, campuses, rooms, classes, people."""
