"""A flow as a picture: nodes, edges and the boxes of its regions, in one neutral form for every format."""
