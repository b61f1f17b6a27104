from __future__ import annotations
def check_nesting(graph, edges, nesting, back, sink):
    return all(nesting.agrees(e) for es in edges.out.values() for e in es)
def check_heads(graph, edges, nesting, back, sink): return True
def check_exits(graph, edges, nesting, loops, sink): return True
