"""Where a line of a compiled manifest comes from.

`spot` finds the value that the line writes, `steps` the steps of the flow it serves, `origin` the
flow file and the places in it, `reasons` why the field is there. Nothing is stored in manifests for
this: the flow is read again, so a manifest that is older than its flow is explained by the flow of
today.
"""
