"""`cardcue model`: define models, see what they have learnt, hold them and bring them back."""
