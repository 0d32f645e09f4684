"""What commands print and leave on the terminal."""
