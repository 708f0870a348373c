"""Who and where: county, communities, schools, rooms, people, terminals."""
