"""Tell whom campaigns reach, group by group."""
