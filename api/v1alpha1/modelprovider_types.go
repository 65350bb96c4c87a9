package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ProviderType is a vendor's wire format.
// +kubebuilder:validation:Enum=Gemini;OpenAI
type ProviderType string

// The wire formats.
const (
	ProviderGemini ProviderType = "Gemini"
	ProviderOpenAI ProviderType = "OpenAI"
)

// ProviderAPI is which of a vendor's APIs is used.
// +kubebuilder:validation:Enum=Auto;ChatCompletions
type ProviderAPI string

// The APIs.
const (
	// APIAuto is the one whose calls survive a restart, where there is one.
	APIAuto ProviderAPI = "Auto"
	// APIChatCompletions keeps nothing at the vendor.
	APIChatCompletions ProviderAPI = "ChatCompletions"
)

// AnswerSharing says who may use an answer that was paid for.
// +kubebuilder:validation:Enum=Cluster;Namespace
type AnswerSharing string

// The ranges of sharing.
const (
	ShareCluster   AnswerSharing = "Cluster"
	ShareNamespace AnswerSharing = "Namespace"
)

// ModelProviderSpec is a model that is reachable with these credentials.
type ModelProviderSpec struct {
	// type is the vendor's wire format. An OpenAI-compatible server or a
	// gateway is type OpenAI with an endpoint.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="type is immutable: create another ModelProvider"
	// +required
	Type ProviderType `json:"type,omitempty"`
	// model is the vendor's name of the model.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +required
	Model string `json:"model,omitempty"`
	// endpoint replaces the vendor's own base URL.
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="isURL(self) && url(self).getScheme() in ['http', 'https']",message="endpoint must be an http or https URL, for example https://gateway.example.com/v1"
	// +kubebuilder:validation:MinLength=1
	// +optional
	Endpoint string `json:"endpoint,omitempty"`
	// api Auto uses OpenAI's Responses API, whose calls go on at the vendor when
	// the operator dies and are resumed without paying again; it stores answers
	// at the vendor for that. Endpoints that do not know it get chat completions,
	// as all do with ChatCompletions. It means nothing for other types.
	// +kubebuilder:default=Auto
	// +optional
	API ProviderAPI `json:"api,omitempty"`
	// answers that were paid for are used by every object of the Cluster that
	// asks the same of the same model at the same endpoint, or only by those of
	// the Namespace.
	// +kubebuilder:default=Cluster
	// +optional
	Answers AnswerSharing `json:"answers,omitempty"`
	// credentialsSecretRef names the Secret that holds the API key.
	// +required
	CredentialsSecretRef SecretKeyReference `json:"credentialsSecretRef,omitzero"`
	// limits are kept by all replicas together, and shared fairly among the
	// namespaces whose providers use the same key for the same model; a value
	// left out is not limited.
	// +optional
	Limits ProviderLimits `json:"limits,omitzero"`
	// timeout bounds one call.
	// +kubebuilder:default="2m"
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1s') && duration(self) <= duration('30m')",message="timeout must be between 1s and 30m"
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:Type=string
	// +optional
	Timeout *metav1.Duration `json:"timeout,omitempty"`
	// pricing turns tokens into money.
	// +required
	Pricing Pricing `json:"pricing,omitzero"`
	// budget is never passed: a call whose worst case does not fit waits.
	// +optional
	Budget MonthlyBudget `json:"budget,omitzero"`
}

// SecretKeyReference names one entry of a Secret in the same namespace.
type SecretKeyReference struct {
	// name of the Secret.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	Name string `json:"name,omitempty"`
	// key inside the Secret.
	// +kubebuilder:default="apiKey"
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +optional
	Key string `json:"key,omitempty"`
}

// ProviderLimits bound how fast calls are sent.
// +kubebuilder:validation:MinProperties=1
type ProviderLimits struct {
	// requestsPerMinute bounds the calls started in a minute.
	// +kubebuilder:validation:Minimum=1
	// +optional
	RequestsPerMinute int32 `json:"requestsPerMinute,omitempty"`
	// tokensPerMinute bounds the tokens, estimated before a call.
	// +kubebuilder:validation:Minimum=1
	// +optional
	TokensPerMinute int32 `json:"tokensPerMinute,omitempty"`
	// concurrent bounds the calls in flight.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	// +optional
	Concurrent int32 `json:"concurrent,omitempty"`
}

// Amount is a decimal number of currency units, for example "0.15".
// +kubebuilder:validation:Pattern=`^[0-9]{1,9}(\.[0-9]{1,9})?$`
// +kubebuilder:validation:MaxLength=19
// +kubebuilder:validation:MinLength=1
type Amount string

// Pricing is the vendor's price list.
type Pricing struct {
	// currency is an ISO 4217 code.
	// +kubebuilder:default="USD"
	// +kubebuilder:validation:Pattern=`^[A-Z]{3}$`
	// +kubebuilder:validation:MaxLength=3
	// +kubebuilder:validation:MinLength=1
	// +optional
	Currency string `json:"currency,omitempty"`
	// inputPerMillionTokens is the price of a million prompt tokens.
	// +required
	InputPerMillionTokens Amount `json:"inputPerMillionTokens,omitempty"`
	// cachedInputPerMillionTokens is the price of a million prompt tokens the
	// vendor had cached; left out, they cost as much as the others.
	// +optional
	CachedInputPerMillionTokens Amount `json:"cachedInputPerMillionTokens,omitempty"`
	// outputPerMillionTokens is the price of a million tokens of answer,
	// thinking included.
	// +required
	OutputPerMillionTokens Amount `json:"outputPerMillionTokens,omitempty"`
	// batchPercent of these prices is what a call in a batch costs.
	// +kubebuilder:default=50
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	// +optional
	BatchPercent int32 `json:"batchPercent,omitempty"`
	// version is your name for this price list, for example the day it was
	// copied; it is recorded with every call.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +optional
	Version string `json:"version,omitempty"`
}

// MonthlyBudget bounds spending.
type MonthlyBudget struct {
	// monthly is the most that may be spent in a calendar month (UTC).
	// +required
	Monthly Amount `json:"monthly,omitempty"`
}

// MonthlyUsage is what a calendar month (UTC) has cost so far.
type MonthlyUsage struct {
	// month as 2006-01.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Month string `json:"month,omitempty"`
	// requests is the number of paid calls.
	// +optional
	Requests *int64 `json:"requests,omitempty"`
	// tokens of all kinds.
	// +optional
	Tokens *int64 `json:"tokens,omitempty"`
	// spent is a decimal number in the provider's currency.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Spent string `json:"spent,omitempty"`
	// reserved is held for calls in flight.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Reserved string `json:"reserved,omitempty"`
	// remaining is what the budget leaves; empty without a budget.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Remaining string `json:"remaining,omitempty"`
}

// ModelProviderStatus is what the controller knows of the provider.
type ModelProviderStatus struct {
	// observedGeneration is the generation the conditions speak of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// conditions are Ready, Reconciling, Stalled.
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
	// usage of the current month.
	// +optional
	Usage MonthlyUsage `json:"usage,omitzero"`
	// checked is a digest of what the last check used, so that it is repeated
	// when the specification or the key changes and not otherwise.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Checked string `json:"checked,omitempty"`
}

// ModelProvider is a model the operator may use.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=mp,categories=algoitny
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Type",type=string,JSONPath=`.spec.type`
// +kubebuilder:printcolumn:name="Model",type=string,JSONPath=`.spec.model`
// +kubebuilder:printcolumn:name="Requests",type=integer,JSONPath=`.status.usage.requests`
// +kubebuilder:printcolumn:name="Spent",type=string,JSONPath=`.status.usage.spent`
// +kubebuilder:printcolumn:name="Remaining",type=string,JSONPath=`.status.usage.remaining`
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type ModelProvider struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the standard one.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what is wanted.
	// +required
	Spec ModelProviderSpec `json:"spec,omitzero"`
	// status is what is.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status ModelProviderStatus `json:"status,omitzero"`
}

// ModelProviderList is a list of ModelProviders.
// +kubebuilder:object:root=true
type ModelProviderList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ModelProvider `json:"items"`
}

// IsReady tells whether the provider was found to work as it is now.
func (p *ModelProvider) IsReady() bool {
	return p.Status.ObservedGeneration == p.Generation && meta.IsStatusConditionTrue(p.Status.Conditions, ConditionReady)
}

// StatusConditions gives the finisher access to the conditions.
func (p *ModelProvider) StatusConditions() *[]metav1.Condition { return &p.Status.Conditions }

// SetObservedGeneration records the generation the status speaks of.
func (p *ModelProvider) SetObservedGeneration(g int64) { p.Status.ObservedGeneration = g }
