// argolint3 is argolint of Argo 3.7: it checks manifests as `argo lint --offline --strict` does, without the parts of the
// argo command that need files its module does not carry (the web interface).
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/argoproj/argo-workflows/v3/cmd/argo/lint"
	"github.com/argoproj/argo-workflows/v3/pkg/apiclient"
	wf "github.com/argoproj/argo-workflows/v3/pkg/apis/workflow"
)

func main() {
	files := os.Args[1:]
	options := apiclient.Opts{Context: context.Background(), Offline: true, OfflineFiles: files}
	ctx, client, err := apiclient.NewClientFromOpts(options)
	if err == nil {
		kinds := []string{wf.WorkflowPlural, wf.WorkflowTemplatePlural, wf.CronWorkflowPlural, wf.ClusterWorkflowTemplatePlural}
		err = lint.RunLint(ctx, client, kinds, "simple", true, lint.LintOptions{Files: files, Strict: true, Printer: os.Stdout})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
