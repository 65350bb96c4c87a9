package demo

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
)

// caller is who may register problems and submit programs through the facade.
const caller = "frontend"

// createCaller gives the facade's writes somebody to come from: in a cluster
// of one's own that is a person or the frontend's backend.
func (d *demo) createCaller(ctx context.Context) error {
	in := metav1.ObjectMeta{Namespace: namespace, Name: caller}
	for _, object := range []client.Object{
		&corev1.ServiceAccount{ObjectMeta: in},
		&rbacv1.Role{ObjectMeta: in, Rules: []rbacv1.PolicyRule{{
			APIGroups: []string{v1alpha1.GroupVersion.Group}, Resources: []string{"problems", "testsuites", "solutionjobs", "submissions"},
			Verbs: []string{"get", "list", "create", "delete"},
		}}},
		&rbacv1.RoleBinding{
			ObjectMeta: in,
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: caller},
			Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: caller}},
		},
	} {
		if err := d.client.Create(ctx, object); err != nil {
			return fmt.Errorf("create %T %s: %w", object, caller, err)
		}
	}
	return nil
}
