// Package v1alpha1 holds the API of the operator: what a person writes and
// what the controllers report.
// +kubebuilder:object:generate=true
// +groupName=algoitny.dev
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is the group and version of every kind here.
var GroupVersion = schema.GroupVersion{Group: "algoitny.dev", Version: "v1alpha1"}

// AddToScheme registers the kinds in a scheme.
func AddToScheme(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion,
		&ModelProvider{}, &ModelProviderList{},
		&Budget{}, &BudgetList{},
		&Problem{}, &ProblemList{},
		&TestSuite{}, &TestSuiteList{},
		&SolutionJob{}, &SolutionJobList{},
		&Submission{}, &SubmissionList{},
	)
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
