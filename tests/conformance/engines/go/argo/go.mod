module flowc.test/argo

go 1.25.7

// Argo's own go.mod replaces and excludes nothing, so `go mod tidy` selects what Argo was built with.
require github.com/argoproj/argo-workflows/v4 v4.0.7

tool (
	github.com/argoproj/argo-workflows/v4/cmd/argoexec
	github.com/argoproj/argo-workflows/v4/cmd/workflow-controller
)
