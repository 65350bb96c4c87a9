package reconcile

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
)

// Guard gives an object our finalizer before anything is stored for it. The
// object is as the server has it then.
func Guard(ctx context.Context, c client.Client, o client.Object) error {
	before := o.DeepCopyObject().(client.Object)
	if !controllerutil.AddFinalizer(o, v1alpha1.Finalizer) {
		return nil
	}
	if err := c.Patch(ctx, o, onlyIfUnchanged(before)); err != nil {
		o.SetFinalizers(before.GetFinalizers())
		return fmt.Errorf("add the finalizer: %w", err)
	}
	return nil
}

// Guarded tells whether something may be stored for an object.
func Guarded(o client.Object) bool { return controllerutil.ContainsFinalizer(o, v1alpha1.Finalizer) }

// Unguard lets an object go. One that is gone already is success.
func Unguard(ctx context.Context, c client.Client, o client.Object) error {
	before := o.DeepCopyObject().(client.Object)
	controllerutil.RemoveFinalizer(o, v1alpha1.Finalizer)
	if err := c.Patch(ctx, o, onlyIfUnchanged(before)); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("remove the finalizer: %w", err)
	}
	return nil
}

func onlyIfUnchanged(before client.Object) client.Patch {
	return client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
}
