"""How an indicator is judged: plain Python, exact fractions, dates handed in."""
