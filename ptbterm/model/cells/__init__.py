"""The recurrent cells, one a file. `cell.py` says what the stack asks of each."""
