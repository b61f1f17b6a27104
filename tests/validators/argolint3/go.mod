module flowc.test/argolint3

go 1.25.7

require github.com/argoproj/argo-workflows/v3 v3.7.16

// As in Argo's own go.mod, whose replacements count only there.
replace github.com/olekukonko/tablewriter => github.com/olekukonko/tablewriter v0.0.5
