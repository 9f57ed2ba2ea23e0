"""`cardcue fairness`: whom campaigns select, group by group."""
