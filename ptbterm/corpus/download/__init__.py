"""How the Penn Treebank is fetched: transfer, resume, verify, unpack."""
