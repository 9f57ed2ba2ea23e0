"""Measure what models reach: real answers, real purchases, and a bank whose truth is known."""
