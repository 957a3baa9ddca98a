"""The sandbox district: honest HTTP servers for PowerSchool and Otus, their state in memory, and districts to serve."""
