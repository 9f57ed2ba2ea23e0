"""`cardcue funnel`: where a bank's cards and customers stand."""
