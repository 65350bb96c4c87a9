package reconcile

import (
	"context"
	"fmt"

	ctrl "sigs.k8s.io/controller-runtime"
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

// Delete has leave remove what is stored for an object that is being deleted,
// and lets the object go then. Until leave succeeds, the status says why the
// object is still there.
func (f *Finisher) Delete(ctx context.Context, before, o Object, kind string, leave func(context.Context) error) (ctrl.Result, error) {
	if !controllerutil.ContainsFinalizer(o, v1alpha1.Finalizer) {
		return ctrl.Result{}, nil
	}
	if err := leave(ctx); err != nil {
		return f.Finish(ctx, before, o, kind, FromError(err))
	}
	return ctrl.Result{}, unguard(ctx, f.client, o.DeepCopyObject().(client.Object))
}

// unguard lets an object go. One that is gone already is success.
func unguard(ctx context.Context, c client.Client, o client.Object) error {
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
