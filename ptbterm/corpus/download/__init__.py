"""Downloads the Penn Treebank: transfer, resume, verify, unpack."""
