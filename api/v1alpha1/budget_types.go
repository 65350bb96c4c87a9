package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// BudgetPeriod says when a budget begins anew.
// +kubebuilder:validation:Enum=Month;Total
type BudgetPeriod string

// The periods.
const (
	// BudgetMonth is a calendar month in UTC.
	BudgetMonth BudgetPeriod = "Month"
	// BudgetTotal never begins anew.
	BudgetTotal BudgetPeriod = "Total"
)

// BudgetSpec bounds what the Problems of a namespace cost, their suites and
// solutions included, whatever ModelProvider is paid.
type BudgetSpec struct {
	// amount is the most that may be spent in a period. It is never passed: a
	// call whose worst case does not fit waits.
	// +required
	Amount Amount `json:"amount,omitempty"`
	// currency is an ISO 4217 code. A call in another one is refused, because
	// the budget could not count it.
	// +kubebuilder:default="USD"
	// +kubebuilder:validation:Pattern=`^[A-Z]{3}$`
	// +kubebuilder:validation:MaxLength=3
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="currency is immutable: create another Budget"
	// +optional
	Currency string `json:"currency,omitempty"`
	// period is Month or Total. What was spent before the Budget was created
	// does not count.
	// +kubebuilder:default=Month
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="period is immutable: create another Budget"
	// +optional
	Period BudgetPeriod `json:"period,omitempty"`
	// problemSelector picks the Problems by their labels; left out, the budget
	// is for the whole namespace.
	// +optional
	ProblemSelector *metav1.LabelSelector `json:"problemSelector,omitempty"`
}

// BudgetStatus is what a budget has been used for.
type BudgetStatus struct {
	// observedGeneration is the generation the conditions speak of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// conditions are Ready, Reconciling, Stalled, Exceeded.
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
	// period that the numbers are of: a month as 2006-01, or total.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Period string `json:"period,omitempty"`
	// calls is the number of paid calls.
	// +optional
	Calls *int64 `json:"calls,omitempty"`
	// spent is a decimal number in the budget's currency.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Spent string `json:"spent,omitempty"`
	// reserved is held for calls in flight.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Reserved string `json:"reserved,omitempty"`
	// waiting is the number of questions that wait for this budget now.
	// +optional
	Waiting *int64 `json:"waiting,omitempty"`
	// remaining is what is left.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Remaining string `json:"remaining,omitempty"`
}

// Budget bounds what a namespace, or a set of its Problems, may cost.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=bud,categories=algoitny
// +kubebuilder:printcolumn:name="Amount",type=string,JSONPath=`.spec.amount`
// +kubebuilder:printcolumn:name="Currency",type=string,JSONPath=`.spec.currency`
// +kubebuilder:printcolumn:name="Period",type=string,JSONPath=`.status.period`
// +kubebuilder:printcolumn:name="Calls",type=integer,JSONPath=`.status.calls`
// +kubebuilder:printcolumn:name="Spent",type=string,JSONPath=`.status.spent`
// +kubebuilder:printcolumn:name="Remaining",type=string,JSONPath=`.status.remaining`
// +kubebuilder:printcolumn:name="Waiting",type=integer,JSONPath=`.status.waiting`
// +kubebuilder:printcolumn:name="Exceeded",type=string,JSONPath=`.status.conditions[?(@.type=="Exceeded")].status`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Budget struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the standard one.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what is wanted.
	// +required
	Spec BudgetSpec `json:"spec,omitzero"`
	// status is what is.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status BudgetStatus `json:"status,omitzero"`
}

// BudgetList is a list of Budgets.
// +kubebuilder:object:root=true
type BudgetList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Budget `json:"items"`
}

// StatusConditions gives the finisher access to the conditions.
func (b *Budget) StatusConditions() *[]metav1.Condition { return &b.Status.Conditions }

// SetObservedGeneration records the generation the status speaks of.
func (b *Budget) SetObservedGeneration(g int64) { b.Status.ObservedGeneration = g }

// ProblemBudget bounds what one Problem costs, its suite and solutions included.
type ProblemBudget struct {
	// amount is the most that may ever be spent. It is never passed: a call
	// whose worst case does not fit waits.
	// +required
	Amount Amount `json:"amount,omitempty"`
	// currency is an ISO 4217 code. A call in another one is refused.
	// +kubebuilder:default="USD"
	// +kubebuilder:validation:Pattern=`^[A-Z]{3}$`
	// +kubebuilder:validation:MaxLength=3
	// +kubebuilder:validation:MinLength=1
	// +optional
	Currency string `json:"currency,omitempty"`
}

// Delivery says how soon answers are wanted.
// +kubebuilder:validation:Enum=Immediate;Batch
type Delivery string

// The deliveries.
const (
	DeliveryImmediate Delivery = "Immediate"
	DeliveryBatch     Delivery = "Batch"
)

// CallTerms say how a model is asked on behalf of an object.
type CallTerms struct {
	// delivery Immediate asks at once. Batch collects questions and sends them
	// in batches, at the vendor's lower price, with each answer within a day;
	// providers without batches are asked at once. Left out, deadline decides.
	// +optional
	Delivery Delivery `json:"delivery,omitempty"`
	// deadline is when the work has to be done. One more than 26 hours away
	// lets questions go in batches, a nearer one keeps them from it.
	// +optional
	Deadline *metav1.Time `json:"deadline,omitempty"`
	// refresh asks anew what is recorded already, and pays again: any new
	// value will do.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +optional
	Refresh string `json:"refresh,omitempty"`
}
