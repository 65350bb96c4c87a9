package config_test

import (
	"strings"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/internal/controlplane/controlplanetest"
)

const manager, facade = "manager", "facade"

// The API server is asked what each account may do once everything is
// installed: least privilege as it is, not as the files say.
func TestAccountsMayDoWhatTheyNeedAndNothingElse(t *testing.T) {
	c, all := controlplanetest.Client(t), rendered(t, "default")
	withNamespace(t, c, all)
	for _, object := range all {
		if strings.HasPrefix(object.GetAPIVersion(), "rbac.authorization.k8s.io/") {
			apply(t, c, object)
		}
	}
	for _, r := range []struct {
		account, verbs, group, resource, namespace string
		want                                       bool
	}{
		{manager, "list watch patch", "algoitny.dev", "problems", "team", true},
		{manager, "get create update delete deletecollection", "algoitny.dev", "problems", "team", false},
		{manager, "list watch create patch delete", "algoitny.dev", "solutionjobs", "team", true},
		{manager, "get update deletecollection", "algoitny.dev", "solutionjobs", "team", false},
		{manager, "list watch create patch delete", "algoitny.dev", "testsuites", "team", true},
		{manager, "get update deletecollection", "algoitny.dev", "testsuites", "team", false},
		{manager, "list watch delete", "algoitny.dev", "submissions", "team", true},
		{manager, "get create update patch deletecollection", "algoitny.dev", "submissions", "team", false},
		{manager, "list watch", "algoitny.dev", "modelproviders", "team", true},
		{manager, "get create update patch delete", "algoitny.dev", "modelproviders", "team", false},
		{manager, "patch", "algoitny.dev", "problems/status", "team", true},
		{manager, "patch", "algoitny.dev", "solutionjobs/status", "team", true},
		{manager, "patch", "algoitny.dev", "testsuites/status", "team", true},
		{manager, "patch", "algoitny.dev", "submissions/status", "team", true},
		{manager, "patch", "algoitny.dev", "modelproviders/status", "team", true},
		{manager, "get", "", "secrets", "team", true},
		{manager, "list watch create update patch delete", "", "secrets", "team", false},
		{manager, "get list watch create", "", "configmaps", "team", true},
		{manager, "update patch delete deletecollection", "", "configmaps", "team", false},
		{manager, "list watch create delete", "batch", "jobs", "team", true},
		{manager, "update patch deletecollection", "batch", "jobs", "team", false},
		{manager, "list watch", "", "pods", "team", true},
		{manager, "get create update patch delete deletecollection", "", "pods", "team", false},
		{manager, "get", "", "pods/log", "team", true},
		{manager, "create", "", "pods/exec", "team", false},
		{manager, "create", "", "pods/attach", "team", false},
		{manager, "list watch", "networking.k8s.io", "networkpolicies", "team", true},
		{manager, "create update patch delete", "networking.k8s.io", "networkpolicies", "team", false},
		{manager, "create list", "events.k8s.io", "events", "team", true},
		{manager, "update patch delete", "events.k8s.io", "events", "team", false},
		{manager, "get create update", "coordination.k8s.io", "leases", system, true},
		{manager, "get create update", "coordination.k8s.io", "leases", "team", false},
		{manager, "create", "", "events", system, true},
		{manager, "create", "", "events", "team", false},
		{manager, "create update patch delete", "admissionregistration.k8s.io", "validatingadmissionpolicies", "", false},
		{manager, "create update patch delete", "admissionregistration.k8s.io", "validatingadmissionpolicybindings", "", false},
		{manager, "create", "", "pods/exec", system, false},
		{manager, "create", "", "serviceaccounts/token", system, false},
		{manager, "create update patch escalate bind", "rbac.authorization.k8s.io", "clusterroles", "", false},
		{manager, "impersonate", "", "users", "", false},
		{facade, "get list watch", "algoitny.dev", "problems", "team", true},
		{facade, "get list watch", "algoitny.dev", "testsuites", "team", true},
		{facade, "get list watch", "algoitny.dev", "solutionjobs", "team", true},
		{facade, "get list watch", "algoitny.dev", "submissions", "team", true},
		{facade, "get list watch", "algoitny.dev", "modelproviders", "team", true},
		{facade, "create update patch delete", "algoitny.dev", "problems", "team", false},
		{facade, "create update patch delete", "algoitny.dev", "submissions", "team", false},
		{facade, "update patch", "algoitny.dev", "problems/status", "team", false},
		{facade, "get list", "", "configmaps", "team", false},
		{facade, "impersonate", "", "users", "", false},
		{facade, "get list", "", "secrets", system, false},
		{facade, "create", "authentication.k8s.io", "tokenreviews", "", false},
	} {
		for verb := range strings.FieldsSeq(r.verbs) {
			if got := settled(t, c, r.want, r.account, verb, r.group, r.resource, r.namespace); got != r.want {
				t.Errorf("may %s %s %s in %q: %t", r.account, verb, r.resource, r.namespace, got)
			}
		}
	}
}

// settled asks until the API server has seen the roles, which it caches. What
// is refused is asked once: the roles with rights come first.
func settled(t *testing.T, c client.Client, want bool, account, verb, group, resource, namespace string) bool {
	t.Helper()
	resource, sub, _ := strings.Cut(resource, "/")
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		review := &authorizationv1.SubjectAccessReview{
			Spec: authorizationv1.SubjectAccessReviewSpec{
				User:   "system:serviceaccount:" + system + ":" + account,
				Groups: []string{"system:serviceaccounts", "system:serviceaccounts:" + system, "system:authenticated"},
				ResourceAttributes: &authorizationv1.ResourceAttributes{
					Namespace: namespace, Verb: verb, Group: group, Resource: resource, Subresource: sub,
				},
			},
		}
		if err := c.Create(t.Context(), review); err != nil {
			t.Fatal(err)
		}
		if review.Status.Allowed || !want || time.Now().After(deadline) {
			return review.Status.Allowed
		}
	}
}
