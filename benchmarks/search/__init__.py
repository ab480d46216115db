"""Configs that searches return, judged on tables of trained networks, beside other tuners."""
